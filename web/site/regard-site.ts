// SPDX-License-Identifier: MIT
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { languageName } from '../elements/languages.js';
import type { Language } from '../elements/messages.js';
import { segmented, segmentedStyles } from '../elements/segmented.js';
import { shared } from '../elements/styles.js';
import { directions, type Direction } from './direction.js';
import { download } from './download.js';
import { siteMessages } from './messages.js';
import { Model } from './model.js';
import {
  applyLanguage,
  applyTheme,
  keepModel,
  preferredLanguage,
  preferredModel,
  preferredTheme,
  savesData,
  type Theme,
} from './preferences.js';
import { siteStyles } from './regard-site.styles.js';

type Tab = 'translator' | 'explorer';

const TABS: readonly Tab[] = ['translator', 'explorer'];

/** The page: what it is, the direction, the model's download, the translator and the explorer. */
export class RegardSiteElement extends LitElement {
  static override styles = [shared, segmentedStyles, siteStyles];
  static override properties = {
    language: { state: true },
    theme: { state: true },
    tab: { state: true },
    direction: { state: true },
  };

  declare private language: Language;
  declare private theme: Theme;
  declare private tab: Tab;
  declare private direction: Direction;

  private readonly model: Model;
  /** What the reader has written, by direction and tab. */
  private readonly texts = new Map<string, string>();

  constructor() {
    super();
    this.language = preferredLanguage();
    this.theme = preferredTheme();
    this.tab = 'translator';
    const kept = preferredModel();
    this.direction = directions.find(({ name }) => name === kept) ?? directions[0]!;
    this.model = new Model(this, this.direction.name);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!savesData()) void this.model.start();
  }

  override willUpdate(): void {
    applyLanguage(this.language);
    applyTheme(this.theme);
    const say = siteMessages[this.language];
    document.title =
      directions.length > 1 ? `${say.title} · ${say.from(...this.languages())}` : say.title;
  }

  override render(): TemplateResult {
    const say = siteMessages[this.language];
    const { name, source, target, sample, examples, explored } = this.direction;
    const { translator } = this.model;
    const [from, to] = this.languages();
    return html`
      <header>${this.bar()}</header>
      <main>
        <div class="hero">
          <h1>${say.headline}</h1>
          <p class="lead">${say.lead(from, to)} <span class="privacy">${say.privacy}</span></p>
        </div>
        <div class="strip">
          ${this.tabs()} ${download(this.model, this.language, sample !== undefined)}
        </div>
        ${this.directions()}
        <div
          role="tabpanel"
          id="translator"
          aria-labelledby="tab-translator"
          ?hidden=${this.tab !== 'translator'}
        >
          ${keyed(
            name,
            html`<regard-translate
              source-lang=${source}
              target-lang=${target}
              .translator=${translator}
              .sample=${sample?.translation}
              .alignmentHeads=${translator ? undefined : sample?.alignmentHeads}
              .examples=${examples}
              .text=${this.text('translator', examples[0])}
              @regard-change=${this.typed('translator')}
              @regard-error=${this.failed}
            ></regard-translate>`,
          )}
        </div>
        <div
          role="tabpanel"
          id="explorer"
          aria-labelledby="tab-explorer"
          ?hidden=${this.tab !== 'explorer'}
        >
          <p class="lead">${say.explorerLead(from)}</p>
          ${keyed(
            name,
            html`<regard-self-attention
              source-lang=${source}
              target-lang=${target}
              .translator=${translator}
              .sample=${sample?.selfAttention}
              .examples=${explored}
              .text=${this.text('explorer', explored[0])}
              @regard-change=${this.typed('explorer')}
              @regard-error=${this.failed}
            ></regard-self-attention>`,
          )}
        </div>
      </main>
      <footer>
        <h2>${say.about}</h2>
        ${say.aboutText.map((paragraph) => html`<p>${paragraph}</p>`)}
      </footer>
    `;
  }

  private bar(): TemplateResult {
    const say = siteMessages[this.language];
    const other: Language = this.language === 'zh' ? 'en' : 'zh';
    const chooseTheme = (event: Event) => {
      this.theme = (event.currentTarget as HTMLSelectElement).value as Theme;
    };
    return html`
      <span class="brand"><i aria-hidden="true"></i>Regard</span>
      <label class="theme"
        ><span class="hidden">${say.themeLabel}</span>
        <select @change=${chooseTheme}>
          ${(['auto', 'light', 'dark'] as const).map(
            (theme) =>
              html`<option value=${theme} ?selected=${theme === this.theme}>
                ${say.themes[theme]}
              </option>`,
          )}
        </select></label
      >
      <button
        type="button"
        class="language"
        lang=${other === 'zh' ? 'zh-CN' : 'en'}
        title=${say.languageLabel}
        @click=${() => (this.language = other)}
      >
        ${say.otherLanguage}
      </button>
    `;
  }

  private tabs(): TemplateResult {
    const say = siteMessages[this.language];
    return html`<div class="tabs" role="tablist" aria-label=${say.tabs} @keydown=${this.moveTab}>
      ${TABS.map(
        (tab) =>
          html`<button
            type="button"
            role="tab"
            id=${`tab-${tab}`}
            aria-controls=${tab}
            aria-selected=${tab === this.tab}
            tabindex=${tab === this.tab ? 0 : -1}
            @click=${() => (this.tab = tab)}
          >
            ${say[tab]}
          </button>`,
      )}
    </div>`;
  }

  private directions(): TemplateResult | typeof nothing {
    if (directions.length < 2) return nothing;
    return html`<div class="direction">
      ${segmented({
        label: siteMessages[this.language].direction,
        choices: directions.map(({ name, label }) => [name, label]),
        chosen: this.direction.name,
        choose: (name) => this.turnTo(name),
      })}
    </div>`;
  }

  private turnTo(name: string): void {
    const direction = directions.find((one) => one.name === name);
    if (!direction || direction === this.direction) return;
    this.direction = direction;
    keepModel(name);
    this.model.turnTo(name);
    if (!savesData()) void this.model.start();
  }

  /** As the reader of this page names them. */
  private languages(): [source: string, target: string] {
    const { source, target } = this.direction;
    return [languageName(source, this.language), languageName(target, this.language)];
  }

  private text(tab: Tab, first: string): string {
    return this.texts.get(`${this.direction.name} ${tab}`) ?? first;
  }

  // Heads that are chosen within say `regard-change`, too, and have no text.
  private typed(tab: Tab): (event: CustomEvent<{ text?: string }>) => void {
    const key = `${this.direction.name} ${tab}`;
    return ({ detail }) => {
      if (detail.text !== undefined) this.texts.set(key, detail.text);
    };
  }

  private moveTab(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(this.tab) + step + TABS.length) % TABS.length];
    if (!next) return;
    this.tab = next;
    this.renderRoot.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  }

  private failed(event: CustomEvent<unknown>): void {
    this.model.stop(event.detail);
  }
}
