// SPDX-License-Identifier: MIT
import { LitElement, html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { MEAN } from '../matrix.js';
import { view, type Attention, type View } from '../attention.js';
import { Environment } from '../environment.js';
import { measureIn } from '../measure.js';
import { messages } from '../messages.js';
import { spoken, written } from '../tick.js';
import { weightText } from '../format.js';
import { shared } from '../styles.js';
import { arcsStyles } from './regard-arcs.styles.js';
import {
  FAINT,
  arcPath,
  arcsOf,
  placeWords,
  rise,
  strokeOpacity,
  strokeWidth,
  type Arc,
  type Place,
} from './arcs.js';

const WORD_HEIGHT = 38;
const READ_OUT = 4;

/**
 * Self-attention as arcs between words: above the line to later words, below it to earlier ones,
 * a ring for a word that looks at itself. Pointing at a word or focusing it shows its own arcs.
 */
export class RegardArcsElement extends LitElement {
  static override styles = [shared, arcsStyles];
  static override properties = {
    attention: { attribute: false },
    layer: { type: Number },
    head: { type: Number },
    words: { type: Boolean },
    active: { state: true },
    current: { state: true },
  };

  declare attention: Attention | undefined;
  declare layer: number;
  declare head: number;
  declare words: boolean;
  /** The word whose arcs are shown; -1 shows all. */
  declare private active: number;
  /** The word that Tab leads to. */
  declare private current: number;

  private readonly environment = new Environment(this);
  private readonly measure = measureIn('17px system-ui, sans-serif');
  private shown: View | undefined;

  constructor() {
    super();
    this.layer = 0;
    this.head = MEAN;
    this.words = false;
    this.active = -1;
    this.current = 0;
  }

  override willUpdate(changed: PropertyValues): void {
    if (!['attention', 'layer', 'head', 'words'].some((name) => changed.has(name))) return;
    const { attention, layer, head, words } = this;
    this.shown = attention && view(attention, { layer, head, words });
    const last = (this.shown?.columns.length ?? 1) - 1;
    this.current = Math.max(0, Math.min(this.current, last));
    this.active = Math.min(this.active, last);
  }

  override render(): TemplateResult | typeof nothing {
    const { shown } = this;
    if (!shown) return nothing;
    const say = messages[this.environment.language];
    const places = placeWords(shown.columns, this.measure);
    const arcs = arcsOf(shown.matrix, FAINT, this.active < 0 ? undefined : this.active);
    const reach = (later: boolean) =>
      Math.max(
        24,
        ...arcsOf(shown.matrix, FAINT)
          .filter(({ from, to }) => to > from === later && to !== from)
          .map(({ from, to }) => rise(Math.abs(places[to]!.x - places[from]!.x))),
      ) + 10;
    const above = reach(true);
    const below = above + WORD_HEIGHT;
    const last = places[places.length - 1];
    const width = last ? last.x + last.width / 2 + 10 : 0;
    return html`
      <div class="scroll">
        <div
          class="plot"
          role="group"
          aria-label=${`${say.arcs}: ${say.layer(this.layer + 1)}`}
          .style=${`width:${width}px;height:${below + reach(false)}px`}
          @keydown=${this.move}
          @pointerleave=${() => (this.active = -1)}
        >
          <svg width="100%" height="100%" aria-hidden="true">
            ${arcs.map((arc) => drawArc(arc, places, above, below))}
          </svg>
          ${shown.columns.map((tick, i) => {
            const { x, width: wide } = places[i]!;
            const seen =
              this.active >= 0
                ? (shown.matrix.values[this.active * shown.matrix.columns + i] ?? 0)
                : 0;
            return html`<button
              type="button"
              class=${i === this.active ? 'here' : ''}
              tabindex=${i === this.current ? 0 : -1}
              aria-label=${tick.kind === 'word' ? nothing : `${tick.text} ${spoken(tick, say)}`}
              .style=${`left:${x - wide / 2}px;top:${above}px;width:${wide}px;--seen:${seen}`}
              @pointerenter=${() => this.show(i)}
              @focus=${() => this.show(i)}
              @blur=${() => (this.active = -1)}
              @click=${() => this.show(i)}
            >
              ${written(tick)}
            </button>`;
          })}
        </div>
      </div>
      <p class="readout" part="readout" aria-live="polite">${this.reading(shown)}</p>
      <p class="note">${say.arcsHelp}</p>
    `;
  }

  private reading({ rows, columns, matrix }: View): string {
    const say = messages[this.environment.language];
    const row = rows[this.active];
    if (!row) return '';
    const list = arcsOf(matrix, 0, this.active)
      .slice(-READ_OUT)
      .reverse()
      .map(({ to, weight }) => say.looks(spoken(columns[to]!, say), weightText(weight)));
    return say.arcReading(spoken(row, say), list.join(say.listSeparator));
  }

  private show(word: number): void {
    this.active = word;
    this.current = word;
  }

  private move(event: KeyboardEvent): void {
    const last = (this.shown?.columns.length ?? 1) - 1;
    const targets: Record<string, number> = {
      ArrowLeft: Math.max(0, this.current - 1),
      ArrowRight: Math.min(last, this.current + 1),
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.renderRoot.querySelectorAll('button')[target]?.focus();
  }
}

function drawArc(
  { from, to, weight }: Arc,
  places: readonly Place[],
  above: number,
  below: number,
): TemplateResult {
  const start = places[from];
  const end = places[to];
  if (!start || !end) return svg``;
  const width = strokeWidth(weight);
  const opacity = strokeOpacity(weight);
  if (from === to) {
    return svg`<rect class="self" x=${start.x - start.width / 2} y=${above + 2} rx="8"
      width=${start.width} height=${below - above - 4}
      stroke-width=${width / 2} stroke-opacity=${opacity}></rect>`;
  }
  return svg`<path d=${arcPath(start.x, end.x, above, below)}
    stroke-width=${width} stroke-opacity=${opacity}></path>`;
}
