// SPDX-License-Identifier: MIT
// Where the page's engine and model come from: files beside the page.
import { load, type Translator, type TranslatorOptions, type WorkerRegard } from 'regard';

export function startEngine(): Promise<WorkerRegard> {
  return load({ worker: true, modelsUrl: new URL('models/', document.baseURI) });
}

export function openModel(regard: WorkerRegard, options: TranslatorOptions): Promise<Translator> {
  return regard.translator('en-zh', options);
}
