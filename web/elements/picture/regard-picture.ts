// SPDX-License-Identifier: MIT
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { MEAN } from '../matrix.js';
import { clearestLayer, heads, layers, type Attention, type AttentionKind } from '../attention.js';
import { Environment } from '../environment.js';
import { messages } from '../messages.js';
import { isOff, toggled, type HeadPlace } from '../off.js';
import { shared } from '../styles.js';
import { pictureStyles } from './regard-picture.styles.js';
import { segmented } from './segmented.js';
import type { HeadChoice } from '../heads/regard-heads.js';

export type PictureView = 'heatmap' | 'arcs';

/**
 * The attention of a sentence or a translation with everything to choose: which kind, which layer
 * and head, heat map or arcs, pieces or words. What the reader has chosen outlives a new sentence.
 *
 * @event regard-off - the reader switched a head off or on; `detail` is the list of those that are off
 */
export class RegardPictureElement extends LitElement {
  static override styles = [shared, pictureStyles];
  static override properties = {
    attentions: { attribute: false },
    kind: { type: String },
    layer: { type: Number },
    head: { type: Number },
    view: { type: String },
    words: { type: Boolean },
    off: { attribute: false },
  };

  /** One for each kind that can be chosen. */
  declare attentions: readonly Attention[];
  declare kind: AttentionKind;
  /** Counted from 0; -1 is the one that points most clearly. */
  declare layer: number;
  declare head: number;
  declare view: PictureView;
  declare words: boolean;
  /** Heads that are off; absent where none can be switched. */
  declare off: readonly HeadPlace[] | undefined;

  private readonly environment = new Environment(this);

  constructor() {
    super();
    this.attentions = [];
    this.kind = 'cross';
    this.layer = -1;
    this.head = MEAN;
    this.view = 'heatmap';
    this.words = false;
  }

  override willUpdate(changed: PropertyValues): void {
    const attention = this.chosen();
    if (!attention || !(changed.has('attentions') || changed.has('kind'))) return;
    const last = layers(attention) - 1;
    this.layer = this.layer < 0 ? clearestLayer(attention) : Math.min(this.layer, last);
    this.head = Math.min(this.head, heads(attention) - 1);
  }

  override render(): TemplateResult | typeof nothing {
    const attention = this.chosen();
    if (!attention) return nothing;
    const say = messages[this.environment.language];
    const { layer, head, words } = this;
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
        ${
          attention.kind !== 'cross' && view === 'arcs'
            ? say.arcNotes[attention.kind]
            : say.kindNotes[attention.kind]
        }
        ${words ? say.wordsNote : say.piecesNote}
        ${words && attention.kind !== 'encoder' ? say.chineseWordsNote : nothing}
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
          ${this.off && this.switches(attention, this.off)}
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

  private switches({ kind }: Attention, off: readonly HeadPlace[]): TemplateResult {
    const say = messages[this.environment.language];
    const { layer, head } = this;
    const place = { kind, layer, head };
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

  private choose(event: CustomEvent<HeadChoice>): void {
    this.layer = event.detail.layer;
    this.head = event.detail.head;
  }
}
