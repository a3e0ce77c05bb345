// SPDX-License-Identifier: MIT
// Where a model says which heads align words: `alignment_heads` of its config.json, by the name and form that Hugging
// Face's Whisper has in its generation config.
import { Trouble } from './log.mjs';

/** The heads `[[layer, head], …]` that a choice of regard_align stands for: one, or all of a layer for their mean. */
export function alignmentHeads({ layer, head }, { decoder_attention_heads: count }) {
  return head === null ? Array.from({ length: count }, (_, i) => [layer, i]) : [[layer, head]];
}

/** The text of a config.json with these heads in it, and all else as it was, spaces and all. */
export function withAlignmentHeads(text, heads) {
  const config = JSON.parse(text);
  const value = JSON.stringify(heads).replaceAll(',', ', ');
  const result =
    'alignment_heads' in config
      ? text.replace(/("alignment_heads"\s*:\s*)(?:null|\[[-\d\s,[\]]*\])/, `$1${value}`)
      : withMember(text, `"alignment_heads": ${value}`);
  const wanted = JSON.stringify({ ...config, alignment_heads: heads });
  if (JSON.stringify(JSON.parse(result)) === wanted) return result;
  throw new Trouble('config.json: its alignment_heads are not where they are looked for.');
}

function withMember(text, member) {
  const body = text.slice(0, text.lastIndexOf('}')).trimEnd();
  const [, space] = /^\s*\{(\s*)/.exec(text);
  return `${body}${body.endsWith('{') ? '' : ','}${space}${member}${text.slice(body.length)}`;
}
