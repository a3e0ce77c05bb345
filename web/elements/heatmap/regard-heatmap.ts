// SPDX-License-Identifier: MIT
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { MEAN, at, strongest } from '../matrix.js';
import { paint, plan, type Plan } from '../draw.js';
import { view, type Attention, type View } from '../attention.js';
import { Environment } from '../environment.js';
import { measureIn } from '../measure.js';
import { messages } from '../messages.js';
import { spoken } from '../tick.js';
import { gradient, MAP_NAME } from '../scale.js';
import { weightText } from '../format.js';
import { shared } from '../styles.js';
import { heatmapStyles } from './regard-heatmap.styles.js';
import { rowBars } from './bars.js';
import { arrowTarget, type Cell } from './cell.js';
import { box, gridLines, names } from './plot.js';
import { weightTable } from './table.js';

/** From this width on the bars of a row stand beside the picture, and take this much of it. */
const WIDE = 640;
const BARS = 264;

/**
 * One attention matrix as a heat map, with the pieces or words of both sentences along its edges.
 * A cell is read by pointing, tapping, or with the arrow keys; a table holds the same numbers.
 *
 * @csspart plot - the picture with its names
 * @csspart readout - the sentence that reads the current cell
 */
export class RegardHeatmapElement extends LitElement {
  static override styles = [shared, heatmapStyles];
  static override properties = {
    attention: { attribute: false },
    layer: { type: Number },
    head: { type: Number },
    words: { type: Boolean },
    cell: { state: true },
    available: { state: true },
    tableOpen: { state: true },
    focused: { state: true },
  };

  declare attention: Attention | undefined;
  /** Counted from 0. */
  declare layer: number;
  /** Counted from 0; -1 is the mean of all heads. */
  declare head: number;
  /** Sum pieces to words. */
  declare words: boolean;
  declare private cell: Cell;
  declare private available: number;
  declare private tableOpen: boolean;
  declare private focused: boolean;

  private readonly environment = new Environment(this);
  private readonly measure = measureIn('14px system-ui, sans-serif');
  private resize: ResizeObserver | undefined;
  private shown: View | undefined;
  private painted: { canvas: HTMLCanvasElement; shown: View; dark: boolean } | undefined;

  constructor() {
    super();
    this.layer = 0;
    this.head = MEAN;
    this.words = false;
    this.cell = { row: 0, column: 0 };
    this.available = 0;
    this.tableOpen = false;
    this.focused = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.resize = new ResizeObserver(([entry]) => {
      if (entry) this.available = Math.floor(entry.contentRect.width);
    });
    this.resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resize?.disconnect();
  }

  override willUpdate(changed: PropertyValues): void {
    const { attention, layer, head, words } = this;
    const another = ['attention', 'layer', 'head', 'words'].some((name) => changed.has(name));
    if (!another) return;
    this.shown = attention && view(attention, { layer, head, words });
    // the reader's own cell stays where it is while there is one
    if (this.shown && !this.focused) {
      this.cell = { row: 0, column: strongest(this.shown.matrix, 0) };
    }
    if (this.shown) this.cell = clamped(this.cell, this.shown);
  }

  override updated(): void {
    const canvas = this.renderRoot.querySelector('canvas');
    const { shown } = this;
    const { dark } = this.environment;
    if (!canvas || !shown) return;
    if (
      canvas === this.painted?.canvas &&
      shown === this.painted.shown &&
      dark === this.painted.dark
    )
      return;
    paint(canvas, shown.matrix, dark);
    this.painted = { canvas, shown, dark };
  }

  override render(): TemplateResult | typeof nothing {
    const { shown, attention } = this;
    if (!shown || !attention || this.available === 0) return nothing;
    const say = messages[this.environment.language];
    const beside = this.available >= WIDE;
    const room = beside ? this.available - BARS : this.available;
    const place = plan(shown.rows, shown.columns, room, this.measure);
    const head = this.head === MEAN ? say.mean : say.head(this.head + 1);
    const title = [say.kinds[attention.kind], say.layer(this.layer + 1), head].join(' · ');
    return html`
      <figure>
        <div class=${beside ? 'sides beside' : 'sides'}>
          <div class="left">
            <div class="scroll">${this.plot(shown, place, title)}</div>
            <p class="readout" part="readout" aria-live=${this.focused ? 'polite' : 'off'}>
              ${this.reading(shown, attention)}
            </p>
          </div>
          ${rowBars(shown, this.cell.row, attention.kind, say)}
        </div>
        <figcaption class="note">
          <span class="ramp"
            >0 <i .style=${`background: ${gradient(this.environment.dark)}`}></i> 1</span
          >
          ${say.scale(MAP_NAME)}. ${place.named ? say.heatmapHelp : say.tooSmall}
        </figcaption>
        <details @toggle=${this.toggleTable}>
          <summary>${say.table}</summary>
          ${this.tableOpen ? weightTable(shown, title, say) : nothing}
        </details>
      </figure>
    `;
  }

  private plot(shown: View, place: Plan, title: string): TemplateResult {
    const { rows, columns } = shown.matrix;
    const area = box(place, { row: 0, column: 0 }, rows, columns);
    const here = box(place, this.cell, 1, 1);
    const say = messages[this.environment.language];
    return html`
      <div
        class="plot"
        part="plot"
        .style=${`width:${place.width}px;height:${place.height}px`}
        @pointermove=${(event: PointerEvent) => this.point(event, place)}
        @pointerdown=${(event: PointerEvent) => this.point(event, place)}
      >
        <canvas .style=${area} role="img" aria-label=${`${say.heatmap}: ${title}`}></canvas>
        <svg width=${place.width} height=${place.height} aria-hidden="true">
          ${gridLines(rows, columns, place)}
          ${place.named ? names(shown, place, this.cell) : nothing}
        </svg>
        <div
          role="grid"
          aria-label=${title}
          aria-rowcount=${rows}
          aria-colcount=${columns}
          @keydown=${this.move}
          @focusin=${() => (this.focused = true)}
          @focusout=${() => (this.focused = false)}
        >
          <div role="row" aria-rowindex=${this.cell.row + 1}>
            <div
              role="gridcell"
              class="cell"
              tabindex="0"
              aria-colindex=${this.cell.column + 1}
              aria-label=${this.reading(shown, this.attention)}
              .style=${here}
            ></div>
          </div>
        </div>
      </div>
    `;
  }

  private reading(shown: View, attention: Attention | undefined): string {
    const row = shown.rows[this.cell.row];
    const column = shown.columns[this.cell.column];
    if (!row || !column || !attention) return '';
    const say = messages[this.environment.language];
    const weight = weightText(at(shown.matrix, this.cell.row, this.cell.column));
    return say.reading(attention.kind, spoken(row, say), spoken(column, say), weight);
  }

  private point(event: PointerEvent, place: Plan): void {
    if (!this.shown) return;
    const edge = (event.currentTarget as Element).getBoundingClientRect();
    const row = Math.floor((event.clientY - edge.top - place.top) / place.cellHeight);
    const column = Math.floor((event.clientX - edge.left - place.left) / place.cellWidth);
    const { rows, columns } = this.shown.matrix;
    if (row < 0 || row >= rows || column < 0 || column >= columns) return;
    if (row === this.cell.row && column === this.cell.column) return;
    this.cell = { row, column };
  }

  private move(event: KeyboardEvent): void {
    if (!this.shown) return;
    const next = arrowTarget(event, this.cell, this.shown.matrix);
    if (!next) return;
    event.preventDefault();
    this.cell = next;
    void this.updateComplete.then(() =>
      this.renderRoot
        .querySelector('.cell')
        ?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    );
  }

  private toggleTable(event: Event): void {
    this.tableOpen = (event.currentTarget as HTMLDetailsElement).open;
  }
}

function clamped(cell: Cell, { matrix }: View): Cell {
  return {
    row: Math.max(0, Math.min(cell.row, matrix.rows - 1)),
    column: Math.max(0, Math.min(cell.column, matrix.columns - 1)),
  };
}
