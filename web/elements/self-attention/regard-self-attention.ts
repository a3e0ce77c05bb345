// SPDX-License-Identifier: MIT
import { LitElement, html, type PropertyValues, type TemplateResult } from 'lit';
import type { Sentence, TensorData, Translator } from 'regard';
import type { Attention } from '../attention.js';
import { Environment } from '../environment.js';
import { Live } from '../live.js';
import { MOST_PIECES, cleaned, refusal, remarks } from '../limits.js';
import { field, fieldStyles } from '../field.js';
import { isChinese, languageName, languagesOf, type Languages } from '../languages.js';
import { messages } from '../messages.js';
import { shared } from '../styles.js';
import { selfAttentionStyles } from './regard-self-attention.styles.js';

/** What `Translator.selfAttention` answers. */
export interface SelfAttention {
  source: Sentence;
  attention: TensorData;
}

/**
 * An explorer of self-attention: how the encoder's pieces of one sentence look at each other.
 *
 * @event regard-change - the reader typed; `detail.text` is the sentence
 * @event regard-error - the engine failed; `detail` is its error
 */
export class RegardSelfAttentionElement extends LitElement {
  static override styles = [shared, fieldStyles, selfAttentionStyles];
  static override properties = {
    translator: { attribute: false },
    sourceLang: { type: String, attribute: 'source-lang' },
    targetLang: { type: String, attribute: 'target-lang' },
    sample: { attribute: false },
    examples: { attribute: false },
    text: { type: String },
    result: { state: true },
    problem: { state: true },
  };

  /** Absent until the model is there. */
  declare translator: Translator | undefined;
  /** `en`, `zh`: what is typed. Default: the translator's, else `en`. */
  declare sourceLang: string | undefined;
  /** What the model writes. Default: the translator's, else `zh`. */
  declare targetLang: string | undefined;
  /** A recorded answer, shown until the first one is made. */
  declare sample: SelfAttention | undefined;
  declare examples: readonly string[];
  declare text: string;
  declare private result: SelfAttention | undefined;
  declare private problem: string | undefined;

  private readonly environment = new Environment(this);
  private attentions: readonly Attention[] = [];
  private readonly live = new Live<SelfAttention>((text, signal) => {
    if (!this.translator) return Promise.reject(new Error('no model'));
    return this.translator.selfAttention(text, { signal });
  });

  constructor() {
    super();
    this.examples = [];
    this.text = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.cancel();
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has('translator') || changed.has('text')) this.ask();
    if (changed.has('result') || changed.has('sample')) {
      const shown = this.result ?? this.sample;
      this.attentions =
        shown && shown.source.pieces.length <= MOST_PIECES
          ? [ofEncoder(shown, languagesOf(this))]
          : [];
    }
  }

  override render(): TemplateResult {
    const { language } = this.environment;
    const say = messages[language];
    const languages = languagesOf(this);
    const name = languageName(languages.source, language);
    const refused = refusal(this.text, languages, language);
    return html`
      <div class="source">
        ${field({
          label: say.explore(name),
          lang: languages.source,
          invitation: say.examples,
          placeholder: say.placeholder(name, isChinese(languages.source)),
          text: this.text,
          examples: this.examples,
          change: (text) => this.change(text),
        })}
        <div class="remarks" aria-live="polite">
          ${this.remarks(refused).map((remark) => html`<p class="note">${remark}</p>`)}
        </div>
      </div>
      <regard-picture
        part="picture"
        kind="encoder"
        view="arcs"
        words
        ?hidden=${this.attentions.length === 0 || (refused !== undefined && this.result !== undefined)}
        .attentions=${this.attentions}
      ></regard-picture>
    `;
  }

  private remarks(refused: string | undefined): string[] {
    const say = messages[this.environment.language];
    if (refused) return [refused];
    if (this.problem !== undefined) return [say.failed(this.problem)];
    if (this.result) return remarks(this.text, this.result.source, say);
    return [this.text === this.sample?.source.text ? say.recorded : say.waiting];
  }

  private change(text: string): void {
    this.text = text;
    const options = { detail: { text }, bubbles: true, composed: true };
    this.dispatchEvent(new CustomEvent('regard-change', options));
  }

  private ask(): void {
    this.live.cancel();
    this.problem = undefined;
    if (!this.translator || refusal(this.text, languagesOf(this), 'en')) return;
    const done = (result: SelfAttention) => {
      this.result = result;
    };
    const failed = (error: unknown) => {
      this.problem = error instanceof Error ? error.message : String(error);
      const options = { detail: error, bubbles: true, composed: true };
      this.dispatchEvent(new CustomEvent('regard-error', options));
    };
    this.live.request(cleaned(this.text), done, failed);
  }
}

function ofEncoder({ source, attention }: SelfAttention, languages: Languages): Attention {
  const { source: sourceLang, target: targetLang } = languages;
  return { kind: 'encoder', weights: attention, source, sourceLang, targetLang };
}
