// SPDX-License-Identifier: MIT
// The shipped translator: sentences of eight words one at a time, and 32 sentences as a batch against one at a
// time, with beam 4.
import { race } from '../race.mjs';

const eightWords = [
  'I would like a cup of tea, please.',
  'She has lived in this town since 2010.',
  'The children are playing football in the park.',
  'Can you tell me where the station is?',
  'We will meet again in front of school.',
];
const more = [
  'Tom chases Jerry.',
  'It is raining again today.',
  'My brother works in a small shop.',
  'Who left the window open last night?',
  'The train to the airport leaves at nine.',
  'He forgot his keys and had to wait outside.',
  'Please speak a little more slowly.',
  'This soup needs some salt.',
  'I have never seen such a beautiful garden before.',
];
const batch = Array.from({ length: 32 }, (_, i) => [...eightWords, ...more][i % 14]);

/** { perSentence, int8, single, batch } in milliseconds; undefined what this build cannot do. */
export async function measure({ load, models, build, threads }, { seconds, warmMs }) {
  const engine = await load({ modelsUrl: models, build, threads });
  const translator = await engine.translator('en-zh');
  const each = (using) => async () => {
    for (const text of eightWords) await using.translate(text, { beams: 4 });
  };
  const runners = [{ name: 'perSentence', run: each(translator) }];
  const small = await engine.translator('en-zh', { precision: 'int8' });
  runners.push({ name: 'int8', run: each(small) });
  const alone = async () => {
    for (const text of batch) await translator.translate(text, { beams: 4 });
  };
  const together = () => translator.translate(batch, { beams: 4 });
  runners.push({ name: 'single', run: alone }, { name: 'batch', run: together });
  const timed = await race(runners, { seconds: 2 * seconds, warmMs: 2 * warmMs });
  engine.dispose();
  const per = { perSentence: eightWords.length, int8: eightWords.length };
  return Object.fromEntries(timed.map(({ name, ms, error }) => [name, error ?? ms / (per[name] ?? 32)])); // prettier-ignore
}
