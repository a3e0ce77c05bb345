// SPDX-License-Identifier: MIT
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { Translator } from 'regard';
import { MEAN } from '../matrix.js';
import {
  alignedHead,
  clearestLayer,
  heads,
  layers,
  type Attention,
  type AttentionKind,
  type HeadChoice,
} from '../attention.js';
import { Environment } from '../environment.js';
import { isChinese, languageName } from '../languages.js';
import { messages } from '../messages.js';
import { isOff, toggled, type HeadPlace } from '../off.js';
import { shared } from '../styles.js';
import { pictureStyles } from './regard-picture.styles.js';
import { segmented, segmentedStyles } from '../segmented.js';

export type PictureView = 'heatmap' | 'arcs';

/**
 * The attention of a sentence or a translation with everything to choose: which kind, which layer
 * and head, heat map or arcs, pieces or words. What the reader has chosen outlives a new sentence.
 * Until then cross-attention shows the model's alignment heads, and all else, or a model that does
 * not name any, the mean of the layer that points most clearly in the first sentence.
 *
 * @event regard-off - the reader switched a head off or on; `detail` is the list of those that are off
 */
export class RegardPictureElement extends LitElement {
  static override styles = [shared, segmentedStyles, pictureStyles];
  static override properties = {
    attentions: { attribute: false },
    kind: { type: String },
    layer: { type: Number },
    head: { type: Number },
    alignmentHeads: { attribute: false },
    view: { type: String },
    words: { type: Boolean },
    off: { attribute: false },
  };

  /** One for each kind that can be chosen. */
  declare attentions: readonly Attention[];
  declare kind: AttentionKind;
  /** Counted from 0; -1 until the reader has chosen. */
  declare layer: number;
  /** Counted from 0; -1 is the mean of all heads. */
  declare head: number;
  /**
   * The translator's `alignmentHeads`: what cross-attention opens with. All heads of a layer open its
   * mean; of any other list the first is shown.
   */
  declare alignmentHeads: Translator['alignmentHeads'];
  declare view: PictureView;
  declare words: boolean;
  /** Heads that are off; absent where none can be switched. */
  declare off: readonly HeadPlace[] | undefined;

  private readonly environment = new Environment(this);
  private readonly clearest = new Map<AttentionKind, number>();

  constructor() {
    super();
    this.attentions = [];
    this.kind = 'cross';
    this.layer = -1;
    this.head = MEAN;
    this.alignmentHeads = [];
    this.view = 'heatmap';
    this.words = false;
  }

  override render(): TemplateResult | typeof nothing {
    const attention = this.chosen();
    if (!attention) return nothing;
    const say = messages[this.environment.language];
    const { words } = this;
    const { layer, head } = this.shown(attention);
    const view = attention.kind === 'cross' ? 'heatmap' : this.view;
    return html`
      <div class="tools">
        ${
          this.attentions.length > 1
            ? segmented({
                label: say.attention,
                choices: this.attentions.map(({ kind }) => [kind, say.kinds[kind]]),
                chosen: attention.kind,
                choose: (kind) => (this.kind = kind),
              })
            : nothing
        }
        ${
          attention.kind === 'cross'
            ? nothing
            : segmented<PictureView>({
                label: say.view,
                choices: [
                  ['heatmap', say.heatmap],
                  ['arcs', say.arcs],
                ],
                chosen: view,
                choose: (chosen) => (this.view = chosen),
              })
        }
        ${segmented<'pieces' | 'words'>({
          label: say.units,
          choices: [
            ['pieces', say.pieces],
            ['words', say.words],
          ],
          chosen: words ? 'words' : 'pieces',
          choose: (chosen) => (this.words = chosen === 'words'),
        })}
      </div>
      <p class="note">
        ${this.note(attention, view)} ${words ? say.wordsNote : say.piecesNote}
        ${words && languagesOn(attention).some(isChinese) ? say.chineseWordsNote : nothing}
      </p>
      <div class="panes">
        <section class="choose">
          <h2>${say.heads}</h2>
          <p class="note">${say.headsHelp}</p>
          <regard-heads
            .attention=${attention}
            .layer=${layer}
            .head=${head}
            .words=${words}
            .off=${this.off ?? []}
            @regard-change=${this.choose}
          ></regard-heads>
        </section>
        <section class="chosen">
          <h2>${say.layer(layer + 1)} · ${head === MEAN ? say.mean : say.head(head + 1)}</h2>
          ${this.off && this.switches({ kind: attention.kind, layer, head }, this.off)}
          ${
            view === 'arcs'
              ? html`<regard-arcs
                  .attention=${attention}
                  .layer=${layer}
                  .head=${head}
                  .words=${words}
                ></regard-arcs>`
              : html`<regard-heatmap
                  .attention=${attention}
                  .layer=${layer}
                  .head=${head}
                  .words=${words}
                ></regard-heatmap>`
          }
        </section>
      </div>
    `;
  }

  private note(attention: Attention, view: PictureView): string {
    const { language } = this.environment;
    const { kindNotes, arcNotes } = messages[language];
    const { kind, sourceLang, targetLang } = attention;
    const note = kind !== 'cross' && view === 'arcs' ? arcNotes[kind] : kindNotes[kind];
    return note(languageName(sourceLang, language), languageName(targetLang, language));
  }

  private switches(place: HeadPlace, off: readonly HeadPlace[]): TemplateResult {
    const say = messages[this.environment.language];
    const { layer, head } = place;
    const name = head === MEAN ? say.allHeads(layer + 1) : say.head(head + 1);
    const now = (heads: readonly HeadPlace[]) => () => {
      const options = { detail: heads, bubbles: true, composed: true };
      this.dispatchEvent(new CustomEvent('regard-off', options));
    };
    const whole = head !== MEAN && isOff(off, { ...place, head: MEAN });
    return html`<p class="switches">
      <button type="button" ?disabled=${whole} @click=${now(toggled(off, place))}>
        ${isOff(off, place) ? say.switchOn(name) : say.switchOff(name)}
      </button>
      ${off.length > 0 ? html`<button type="button" @click=${now([])}>${say.allOn}</button>` : nothing}
    </p>`;
  }

  private chosen(): Attention | undefined {
    return this.attentions.find(({ kind }) => kind === this.kind) ?? this.attentions[0];
  }

  // What the reader has chosen, as far as this attention has it, or what it opens with. The clearest
  // layer is that of the first sentence, so that pictures do not jump while one types.
  private shown(attention: Attention): HeadChoice {
    const { kind } = attention;
    const last = { layer: layers(attention) - 1, head: heads(attention) - 1 };
    if (this.layer >= 0) {
      return { layer: Math.min(this.layer, last.layer), head: Math.min(this.head, last.head) };
    }
    const aligned = kind === 'cross' && alignedHead(attention, this.alignmentHeads);
    if (aligned) return aligned;
    const clearest = this.clearest.get(kind) ?? clearestLayer(attention);
    this.clearest.set(kind, clearest);
    return { layer: Math.min(clearest, last.layer), head: Math.min(this.head, last.head) };
  }

  private choose(event: CustomEvent<HeadChoice>): void {
    this.layer = event.detail.layer;
    this.head = event.detail.head;
  }
}

/** Those of the sentences along the edges. */
function languagesOn({ kind, sourceLang, targetLang }: Attention): string[] {
  if (kind === 'cross') return [sourceLang, targetLang];
  return [kind === 'encoder' ? sourceLang : targetLang];
}
