// SPDX-License-Identifier: MIT
// The languages of a model: how they are named, written and recognized.
import type { Translator } from 'regard';
import type { Language } from './messages.js';

/** What a model reads and what it writes, as `lang` attributes have it. */
export interface Languages {
  readonly source: string;
  readonly target: string;
}

export const ENGLISH_TO_CHINESE: Languages = { source: 'en', target: 'zh-CN' };

/** What an element is told about the languages, before its translator is there or against it. */
interface Told {
  readonly translator: Pick<Translator, 'sourceLang' | 'targetLang'> | undefined;
  readonly sourceLang: string | undefined;
  readonly targetLang: string | undefined;
}

/** What an element is told comes first, then what its model says of itself, then English and Chinese. */
export function languagesOf({ translator, sourceLang, targetLang }: Told): Languages {
  const { source, target } = ENGLISH_TO_CHINESE;
  return {
    source: tag(sourceLang ?? translator?.sourceLang ?? source),
    target: tag(targetLang ?? translator?.targetLang ?? target),
  };
}

/** The name that a reader of `language` has for the language `named`. */
export function languageName(named: string, language: Language): string {
  const code = primary(named);
  return NAMES[language][code] ?? displayName(code, language) ?? named;
}

export function isChinese(named: string): boolean {
  return primary(named) === 'zh';
}

/** Whether a text with letters has none that a model of this language could know. */
export function isForeign(text: string, named: string): boolean {
  const script = SCRIPTS[primary(named)];
  return script !== undefined && /\p{L}/u.test(text) && !script.test(text);
}

const NAMES: Record<Language, Partial<Record<string, string>>> = {
  en: { en: 'English', zh: 'Chinese' },
  zh: { en: '英文', zh: '中文' },
};

const SCRIPTS: Partial<Record<string, RegExp>> = {
  en: /\p{Script=Latin}/u,
  zh: /\p{Script=Han}/u,
};

// What models write is simplified Chinese; a bare `zh` leaves the choice of glyphs to the browser.
function tag(named: string): string {
  return named === 'zh' ? 'zh-CN' : named.replaceAll('_', '-');
}

// `eng` and `en_GB` are `en`; what is no language stays as it is.
function primary(named: string): string {
  try {
    return new Intl.Locale(tag(named)).language;
  } catch {
    return named;
  }
}

function displayName(code: string, language: Language): string | undefined {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(code);
  } catch {
    return undefined;
  }
}
