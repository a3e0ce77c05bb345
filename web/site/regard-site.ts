// SPDX-License-Identifier: MIT
import { LitElement, html, type TemplateResult } from 'lit';
import type { Language } from '../elements/messages.js';
import { shared } from '../elements/styles.js';
import { download } from './download.js';
import { siteMessages } from './messages.js';
import { Model } from './model.js';
import {
  applyLanguage,
  applyTheme,
  preferredLanguage,
  preferredTheme,
  savesData,
  type Theme,
} from './preferences.js';
import { sample } from './sample.js';
import { siteStyles } from './regard-site.styles.js';

type Tab = 'translator' | 'explorer';

const TABS: readonly Tab[] = ['translator', 'explorer'];
const EXAMPLES = [
  'Tom chases Jerry.',
  'The cat is sleeping on my bed.',
  'Do you want to drink some tea?',
];
const EXPLORED = [
  'Tom chases Jerry.',
  'The dog did not eat because it was tired.',
  'She gave him her book.',
];

/** The page: what it is, the model's download, the translator and the explorer. */
export class RegardSiteElement extends LitElement {
  static override styles = [shared, siteStyles];
  static override properties = {
    language: { state: true },
    theme: { state: true },
    tab: { state: true },
  };

  declare private language: Language;
  declare private theme: Theme;
  declare private tab: Tab;

  private readonly model = new Model(this);
  private readonly selfSample = sample.attention && {
    source: sample.source,
    attention: sample.attention.encoder,
  };

  constructor() {
    super();
    this.language = preferredLanguage();
    this.theme = preferredTheme();
    this.tab = 'translator';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!savesData()) void this.model.start();
  }

  override willUpdate(): void {
    applyLanguage(this.language);
    applyTheme(this.theme);
    document.title = siteMessages[this.language].title;
  }

  override render(): TemplateResult {
    const say = siteMessages[this.language];
    return html`
      <header>${this.bar()}</header>
      <main>
        <div class="hero">
          <h1>${say.headline}</h1>
          <p class="lead">${say.lead} <span class="privacy">${say.privacy}</span></p>
        </div>
        <div class="strip">${this.tabs()} ${download(this.model, this.language)}</div>
        <div
          role="tabpanel"
          id="translator"
          aria-labelledby="tab-translator"
          ?hidden=${this.tab !== 'translator'}
        >
          <regard-translate
            .translator=${this.model.translator}
            .sample=${sample}
            .examples=${EXAMPLES}
            text=${sample.source.text}
            @regard-error=${this.failed}
          ></regard-translate>
        </div>
        <div
          role="tabpanel"
          id="explorer"
          aria-labelledby="tab-explorer"
          ?hidden=${this.tab !== 'explorer'}
        >
          <p class="lead">${say.explorerLead}</p>
          <regard-self-attention
            .translator=${this.model.translator}
            .sample=${this.selfSample}
            .examples=${EXPLORED}
            text=${sample.source.text}
            @regard-error=${this.failed}
          ></regard-self-attention>
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
