// SPDX-License-Identifier: MIT
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { MEAN } from '../matrix.js';
import { paint } from '../draw.js';
import { heads, layers, view, type Attention, type HeadChoice } from '../attention.js';
import { Environment } from '../environment.js';
import { messages } from '../messages.js';
import { isOff, type HeadPlace } from '../off.js';
import { shared } from '../styles.js';
import { headsStyles } from './regard-heads.styles.js';

/**
 * Every layer and head of an attention as a small picture: a row for each layer, first the mean of
 * its heads, then each head. A click or the arrow keys choose one.
 *
 * @event regard-change - the reader chose; `detail` is a `HeadChoice`
 */
export class RegardHeadsElement extends LitElement {
  static override styles = [shared, headsStyles];
  static override properties = {
    attention: { attribute: false },
    layer: { type: Number, reflect: true },
    head: { type: Number, reflect: true },
    words: { type: Boolean },
    off: { attribute: false },
  };

  declare attention: Attention | undefined;
  declare layer: number;
  declare head: number;
  declare words: boolean;
  /** Heads that are switched off; they are marked. */
  declare off: readonly HeadPlace[];

  private readonly environment = new Environment(this);

  constructor() {
    super();
    this.layer = 0;
    this.head = MEAN;
    this.words = false;
    this.off = [];
  }

  override render(): TemplateResult | typeof nothing {
    const { attention } = this;
    if (!attention) return nothing;
    const say = messages[this.environment.language];
    const columns = Array.from({ length: heads(attention) + 1 }, (_, i) => i - 1);
    const rows = Array.from({ length: layers(attention) }, (_, i) => i);
    const [, , height = 1, width = 1] = attention.weights.shape;
    const shape = Math.min(2, Math.max(0.5, width / height));
    return html`
      <div
        class="grid"
        role="radiogroup"
        aria-label=${say.heads}
        .style=${`--columns: ${columns.length}; --shape: ${shape}`}
        @keydown=${this.move}
      >
        <span aria-hidden="true"></span>
        ${columns.map(
          (head) =>
            html`<span class="name" aria-hidden="true"
              >${head === MEAN ? say.meanShort : head + 1}</span
            >`,
        )}
        ${rows.map(
          (layer) => html`
            <span class="name" aria-hidden="true">${layer + 1}</span>
            ${columns.map((head) => this.picture({ layer, head }))}
          `,
        )}
      </div>
    `;
  }

  private picture(choice: HeadChoice): TemplateResult {
    const say = messages[this.environment.language];
    const chosen = choice.layer === this.layer && choice.head === this.head;
    const head = choice.head === MEAN ? say.mean : say.head(choice.head + 1);
    const kind = this.attention?.kind;
    const off = kind !== undefined && isOff(this.off, { kind, ...choice });
    return html`<button
      type="button"
      class=${off ? 'off' : ''}
      role="radio"
      aria-checked=${chosen}
      aria-label=${`${say.layer(choice.layer + 1)} · ${head}${off ? ` · ${say.isOff}` : ''}`}
      tabindex=${chosen ? 0 : -1}
      @click=${() => this.choose(choice)}
    >
      <canvas data-layer=${choice.layer} data-head=${choice.head}></canvas>
    </button>`;
  }

  override updated(changed: PropertyValues<this>): void {
    // choosing another picture redraws none
    const cheap: readonly PropertyKey[] = ['layer', 'head', 'off'];
    const onlyChoice = changed.size > 0 && [...changed.keys()].every((key) => cheap.includes(key));
    const { attention, words } = this;
    if (!attention || onlyChoice) return;
    for (const canvas of this.renderRoot.querySelectorAll('canvas')) {
      const layer = Number(canvas.dataset['layer']);
      const head = Number(canvas.dataset['head']);
      paint(canvas, view(attention, { layer, head, words }).matrix, this.environment.dark);
    }
  }

  private move(event: KeyboardEvent): void {
    if (!this.attention) return;
    const [down, right] = STEPS[event.key] ?? [0, 0];
    if (down === 0 && right === 0) return;
    event.preventDefault();
    const layer = within(this.layer + down, 0, layers(this.attention) - 1);
    const head = within(this.head + right, MEAN, heads(this.attention) - 1);
    this.choose({ layer, head });
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[aria-checked="true"]')?.focus(),
    );
  }

  private choose(choice: HeadChoice): void {
    if (choice.layer === this.layer && choice.head === this.head) return;
    this.layer = choice.layer;
    this.head = choice.head;
    const options = { detail: choice, bubbles: true, composed: true };
    this.dispatchEvent(new CustomEvent<HeadChoice>('regard-change', options));
  }
}

const STEPS: Record<string, [down: number, right: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
