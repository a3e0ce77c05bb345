// SPDX-License-Identifier: MIT
// What the page says of its model: how much has arrived, and what can be done about it.
import { html, nothing, type TemplateResult } from 'lit';
import { megabytes } from '../elements/format.js';
import type { Language } from '../elements/messages.js';
import { siteMessages, type SiteMessages } from './messages.js';
import type { Model } from './model.js';

/** `recorded` says whether something is seen without the model. */
export function download(model: Model, language: Language, recorded: boolean): TemplateResult {
  const say = siteMessages[language];
  return html`<section class="model" aria-label=${say.model} data-phase=${model.phase}>
    <p role=${model.phase === 'loading' ? 'presentation' : 'status'}>
      ${sentence(model, language, recorded)}
    </p>
    ${model.phase === 'loading' ? bar(model, say) : nothing} ${action(model, say)}
  </section>`;
}

function sentence(model: Model, language: Language, recorded: boolean): string {
  const say = siteMessages[language];
  const size = (bytes: number) => megabytes(bytes, language);
  switch (model.phase) {
    case 'idle':
      return say.idle;
    case 'starting':
      return say.starting;
    case 'loading':
      return model.total > 0
        ? say.loading(size(model.loaded), size(model.total))
        : say.loadingUnknown(size(model.loaded));
    case 'ready':
      return model.fromCache
        ? say.readyFromCache(model.build)
        : say.ready(size(model.loaded), model.build);
    case 'cancelled':
      return say.cancelled(recorded);
    case 'failed':
      return say.failed(model.problem);
    case 'stopped':
      return say.stopped;
  }
}

function bar({ loaded, total }: Model, say: SiteMessages): TemplateResult {
  return total > 0
    ? html`<progress aria-label=${say.model} max=${total} .value=${loaded}></progress>`
    : html`<progress aria-label=${say.model}></progress>`;
}

function action(model: Model, say: SiteMessages): TemplateResult | typeof nothing {
  const start = () => void model.start();
  switch (model.phase) {
    case 'idle':
    case 'cancelled':
      return html`<button type="button" @click=${start}>${say.download}</button>`;
    case 'failed':
      return html`<button type="button" @click=${start}>${say.retry}</button>`;
    case 'stopped':
      return html`<button type="button" @click=${start}>${say.restart}</button>`;
    case 'starting':
    case 'loading':
      return html`<button type="button" @click=${() => model.cancel()}>${say.cancel}</button>`;
    case 'ready':
      return nothing;
  }
}
