// SPDX-License-Identifier: MIT
// Where the page's engine and models come from: files beside the page.
import { load, type Translator, type TranslatorOptions, type WorkerRegard } from 'regard';

/** The folders of web/models, as the build found them. */
declare const MODELS: readonly string[];

export const models = MODELS;

export function startEngine(): Promise<WorkerRegard> {
  return load({ worker: true, modelsUrl: new URL('models/', document.baseURI) });
}

export function openModel(
  regard: WorkerRegard,
  name: string,
  options: TranslatorOptions,
): Promise<Translator> {
  return regard.translator(name, options);
}
