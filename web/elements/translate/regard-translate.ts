// SPDX-License-Identifier: MIT
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Translation, Translator } from 'regard';
import { attentionOf, type Attention, type AttentionKind } from '../attention.js';
import { Environment } from '../environment.js';
import { Live } from '../live.js';
import { MOST_PIECES, cleaned, refusal, remarks } from '../limits.js';
import { field, fieldStyles } from '../field.js';
import { isChinese, languageName, languagesOf } from '../languages.js';
import { messages } from '../messages.js';
import { interventions, type HeadPlace } from '../off.js';
import { shared } from '../styles.js';
import { candidates } from './candidates.js';
import { consequences } from './consequences.js';
import { translateStyles } from './regard-translate.styles.js';

const KINDS: readonly AttentionKind[] = ['cross', 'encoder', 'decoder'];
const BEAMS = [1, 2, 4, 6];
/** A search that takes longer than this shows how far it has come. */
const LONG_MS = 300;

/**
 * A translator: the translation appears while one types, with the attention of every layer and head.
 * Languages and alignment heads are the model's; what is said of them here goes before, as is needed
 * for what is seen until the translator is there.
 *
 * @event regard-change - the reader typed or chose; `detail.text` is the sentence
 * @event regard-error - the engine failed; `detail` is its error
 */
export class RegardTranslateElement extends LitElement {
  static override styles = [shared, fieldStyles, translateStyles];
  static override properties = {
    translator: { attribute: false },
    sourceLang: { type: String, attribute: 'source-lang' },
    targetLang: { type: String, attribute: 'target-lang' },
    alignmentHeads: { attribute: false },
    sample: { attribute: false },
    examples: { attribute: false },
    text: { type: String },
    beams: { type: Number },
    result: { state: true },
    partial: { state: true },
    problem: { state: true },
    busy: { state: true },
    off: { state: true },
  };

  /** Absent until the model is there. */
  declare translator: Translator | undefined;
  /** `en`, `zh`: what is typed. Default: the translator's, else `en`. */
  declare sourceLang: string | undefined;
  /** What comes out. Default: the translator's, else `zh`. */
  declare targetLang: string | undefined;
  /** Which heads cross-attention opens with. Default: the translator's. */
  declare alignmentHeads: Translator['alignmentHeads'] | undefined;
  /** A recorded translation, shown until the first one is made. */
  declare sample: Translation | undefined;
  declare examples: readonly string[];
  declare text: string;
  declare beams: number;
  declare private result: Translation | undefined;
  declare private partial: string;
  declare private problem: string | undefined;
  declare private busy: boolean;
  /** Heads that the reader has switched off. */
  declare private off: readonly HeadPlace[];

  private readonly environment = new Environment(this);
  private milliseconds = 0;
  /** What the model says with nothing switched off, if something is. */
  private whole: Translation | undefined;
  private attentions: readonly Attention[] = [];
  private readonly live = new Live((text, signal) => this.answerTo(text, signal));

  constructor() {
    super();
    this.examples = [];
    this.text = '';
    this.beams = 4;
    this.partial = '';
    this.busy = false;
    this.off = [];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.cancel();
  }

  override willUpdate(changed: PropertyValues): void {
    if (['translator', 'text', 'beams', 'off'].some((name) => changed.has(name))) this.ask();
    if (changed.has('result') || changed.has('sample')) {
      const shown = this.result ?? this.sample;
      const drawable = shown && shown.source.pieces.length <= MOST_PIECES;
      const languages = languagesOf(this);
      this.attentions = drawable
        ? KINDS.flatMap((kind) => attentionOf(shown, kind, languages) ?? [])
        : [];
    }
  }

  override render(): TemplateResult {
    const { language } = this.environment;
    const say = messages[language];
    const languages = languagesOf(this);
    const { source, target } = languages;
    const name = languageName(source, language);
    const refused = refusal(this.text, languages, language);
    return html`
      <div class="sentences">
        <div class="source">
          ${field({
            label: name,
            lang: source,
            invitation: say.examples,
            placeholder: say.placeholder(name, isChinese(source)),
            text: this.text,
            examples: this.examples,
            change: (text) => this.change(text),
          })}
        </div>
        <div class="target">
          <span class="name" id="target">${languageName(target, language)}</span>
          <div class="answer" role="group" aria-labelledby="target" aria-live="polite">
            ${this.answer(refused, target)}
          </div>
          ${this.settings(refused === undefined, target)}
        </div>
      </div>
      ${this.picture(refused !== undefined && this.result !== undefined)}
    `;
  }

  private answer(refused: string | undefined, lang: string): TemplateResult {
    const say = messages[this.environment.language];
    if (refused) return html`<p class="message">${refused}</p>`;
    if (this.problem !== undefined) return html`<p class="message">${say.failed(this.problem)}</p>`;
    const shown = this.result ?? (this.text === this.sample?.source.text ? this.sample : undefined);
    if (!shown) return html`<p class="message">${say.waiting}</p>`;

    const text = this.busy && this.partial ? this.partial : shown.text;
    const notes = this.result ? [...remarks(this.text, shown.source, say), ...shown.notes] : [];
    return html`
      ${
        text
          ? html`<p class=${this.busy ? 'text busy' : 'text'} lang=${lang}>${text}</p>`
          : html`<p class="message">${say.emptyOutput}</p>`
      }
      ${notes.map((note) => html`<p class="note">${note}</p>`)}
      ${
        this.result && this.whole && this.off.length > 0
          ? consequences(this.result, this.whole, this.off.length, say)
          : nothing
      }
      ${this.result ? nothing : html`<p class="note recorded">${say.recorded}</p>`}
    `;
  }

  private settings(answered: boolean, lang: string): TemplateResult {
    const say = messages[this.environment.language];
    const choose = (event: Event) => {
      this.beams = Number((event.currentTarget as HTMLSelectElement).value);
    };
    return html`<div class="settings note">
      <label title=${say.beamsNote}
        >${say.beams}
        <select @change=${choose}>
          ${BEAMS.map(
            (beams) =>
              html`<option value=${beams} ?selected=${beams === this.beams}>
                ${beams === 1 ? say.greedy : beams}
              </option>`,
          )}
        </select></label
      >
      ${
        this.result && !this.busy
          ? html`<span class="took">${say.took(this.milliseconds.toFixed(0))}</span>`
          : nothing
      }
      ${answered && this.result ? candidates(this.result.alternatives, lang, say) : nothing}
    </div>`;
  }

  // Where there is nothing to draw it is hidden, not removed: it knows what the reader has chosen.
  private picture(hidden: boolean): TemplateResult {
    const change = (event: CustomEvent<readonly HeadPlace[]>) => {
      this.off = event.detail;
    };
    return html`<regard-picture
      part="picture"
      ?hidden=${hidden || this.attentions.length === 0}
      .attentions=${this.attentions}
      .alignmentHeads=${this.alignmentHeads ?? this.translator?.alignmentHeads ?? []}
      .off=${this.result ? this.off : undefined}
      @regard-off=${change}
    ></regard-picture>`;
  }

  private change(text: string): void {
    this.text = text;
    const options = { detail: { text }, bubbles: true, composed: true };
    this.dispatchEvent(new CustomEvent('regard-change', options));
  }

  private ask(): void {
    this.live.cancel();
    this.problem = undefined;
    this.partial = '';
    this.busy = false;
    if (!this.translator || refusal(this.text, languagesOf(this), 'en')) return;
    this.busy = true;
    const done = (result: Translation) => {
      this.result = result;
      this.busy = false;
    };
    const failed = (error: unknown) => {
      this.problem = error instanceof Error ? error.message : String(error);
      this.busy = false;
      const options = { detail: error, bubbles: true, composed: true };
      this.dispatchEvent(new CustomEvent('regard-error', options));
    };
    this.live.request(cleaned(this.text), done, failed);
  }

  private async answerTo(text: string, signal: AbortSignal): Promise<Translation> {
    const { translator, beams, off } = this;
    if (!translator) throw new Error('no model');
    const begin = performance.now();
    const onProgress = (partial: { text: string }) => {
      if (!signal.aborted && performance.now() - begin > LONG_MS) this.partial = partial.text;
    };
    const options = { beams, nBest: beams, attention: true, signal, onProgress };
    const result = await translator.translate(text, {
      ...options,
      interventions: interventions(off),
    });
    this.milliseconds = performance.now() - begin;
    this.whole = off.length > 0 ? await translator.translate(text, { beams, signal }) : undefined;
    return result;
  }
}
