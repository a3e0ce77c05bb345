// SPDX-License-Identifier: MIT
// The directions that the page translates in: one for each model that it knows and that is there.
import { models } from './engine.js';
import { sample, type Sample } from './sample.js';

export interface Direction {
  /** The model's. */
  readonly name: string;
  readonly source: 'en' | 'zh';
  readonly target: 'en' | 'zh';
  /** In the languages themselves, so that it reads alike on either page. */
  readonly label: string;
  /** Sentences to translate; the first is there from the beginning. */
  readonly examples: readonly [string, ...string[]];
  /** Sentences whose words are worth to be seen looking at each other. */
  readonly explored: readonly [string, ...string[]];
  /** What the model said of the first example, where it is recorded. */
  readonly sample?: Sample;
}

const KNOWN: readonly Direction[] = [
  {
    name: 'en-zh',
    source: 'en',
    target: 'zh',
    label: 'English → 中文',
    examples: [
      'Tom chases Jerry.',
      'The cat is sleeping on my bed.',
      'Do you want to drink some tea?',
    ],
    explored: [
      'Tom chases Jerry.',
      'The dog did not eat because it was tired.',
      'She gave him her book.',
    ],
    sample,
  },
  {
    name: 'zh-en',
    source: 'zh',
    target: 'en',
    label: '中文 → English',
    // the last one in traditional characters
    examples: ['汤姆追杰瑞。', '猫在我的床上睡觉。', '你想喝點茶嗎？'],
    explored: ['汤姆追杰瑞。', '那只狗没吃东西，因为它累了。', '她把她的书给了他。'],
  },
];

export const directions = KNOWN.filter(({ name }) => models.includes(name));
