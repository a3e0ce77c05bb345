// SPDX-License-Identifier: MIT
// Every sentence that the elements say, in both languages. The type keeps the two complete. Where a
// sentence speaks of the model's languages, it takes their names in the reader's: `languageName`.
import type { AttentionKind } from './attention.js';
import { a } from './format.js';

export type Language = 'en' | 'zh';

export interface Messages {
  kinds: Record<AttentionKind, string>;
  kindNotes: Record<AttentionKind, (source: string, target: string) => string>;
  arcNotes: Record<Exclude<AttentionKind, 'cross'>, (source: string) => string>;
  layer: (layer: number) => string;
  head: (head: number) => string;
  mean: string;
  meanShort: string;
  start: string;
  end: string;
  /** Row `row` gives column `column` this weight. */
  reading: (kind: AttentionKind, row: string, column: string, weight: string) => string;
  /** Heads the list of what a row looks at. */
  rowLooks: (kind: AttentionKind, row: string) => string;
  heatmap: string;
  heatmapHelp: string;
  tooSmall: string;
  scale: (map: string) => string;
  table: string;
  tableCut: (shown: number, rows: number, columns: number) => string;
  heads: string;
  headsHelp: string;
  isOff: string;
  switchOff: (head: string) => string;
  switchOn: (head: string) => string;
  allHeads: (layer: number) => string;
  allOn: string;
  changed: (places: number) => string;
  unchanged: (text: string) => string;
  scores: (before: string, now: string) => string;
  arcs: string;
  arcsHelp: string;
  arcReading: (word: string, list: string) => string;
  looks: (word: string, weight: string) => string;
  listSeparator: string;
  attention: string;
  view: string;
  units: string;
  pieces: string;
  words: string;
  wordsNote: string;
  chineseWordsNote: string;
  piecesNote: string;
  /** Chinese may be typed in either of its scripts. */
  placeholder: (source: string, chinese: boolean) => string;
  examples: string;
  beams: string;
  beamsNote: string;
  greedy: string;
  waiting: string;
  working: string;
  took: (milliseconds: string) => string;
  alternatives: string;
  score: string;
  explore: (source: string) => string;
  emptyInput: (source: string) => string;
  emptyOutput: string;
  tooLong: (length: number, limit: number) => string;
  tooManyPieces: (pieces: number, limit: number) => string;
  foreign: (source: string, target: string) => string;
  controls: string;
  simplified: string;
  unknown: (texts: string) => string;
  failed: (message: string) => string;
  recorded: string;
}

const en: Messages = {
  kinds: {
    cross: 'Translation → source',
    encoder: 'Within the source',
    decoder: 'Within the translation',
  },
  kindNotes: {
    cross: (source, target) =>
      `Each row is the step that writes one ${target} piece; its columns say where in the ${source} sentence the model looked while writing it.`,
    encoder: (source) =>
      `Each row is one place in the ${source} sentence; its columns say from which places of the same sentence it gathers.`,
    decoder: (_, target) =>
      `Each row is the step that writes one ${target} piece; its columns are the start mark and the pieces already written.`,
  },
  arcNotes: {
    encoder: (source) =>
      `An arc joins a place in the ${source} sentence to one that it gathers from: the thicker, the more.`,
    decoder: () =>
      'Each place on the line writes the piece to its right; its arcs lead to what it looks at for that: the thicker, the more.',
  },
  layer: (layer) => `layer ${layer}`,
  head: (head) => `head ${head}`,
  mean: 'mean of all heads',
  meanShort: 'mean',
  start: 'start mark',
  end: 'end mark',
  reading: (kind, row, column, weight) =>
    kind === 'encoder'
      ? `${row} looks at ${column}: ${weight}`
      : `writing ${row}, looking at ${column}: ${weight}`,
  rowLooks: (kind, row) =>
    kind === 'encoder' ? `${row} looks most at` : `Writing ${row}, it looks most at`,
  heatmap: 'Heat map',
  heatmapHelp: 'Point at a cell, tap it, or move with the arrow keys.',
  tooSmall: 'Too many pieces to name each one: point at a cell to read it.',
  scale: (map) => `weight, always from 0 to 1 · colours: ${map}`,
  table: 'The same numbers as a table',
  tableCut: (shown, rows, columns) =>
    `The first ${shown} rows and columns of ${rows} × ${columns}.`,
  heads: 'All layers and heads',
  headsHelp: 'Choose one with a click or the arrow keys.',
  isOff: 'off',
  switchOff: (head) => `Switch ${head} off`,
  switchOn: (head) => `Switch ${head} on again`,
  allHeads: (layer) => `all heads of layer ${layer}`,
  allOn: 'All on again',
  changed: (places) =>
    places === 1
      ? 'Translated with a part of the attention switched off.'
      : `Translated with ${places} parts of the attention switched off.`,
  unchanged: (text) => `With all on: ${text}`,
  scores: (before, now) => `Score with all on ${before}, now ${now}.`,
  arcs: 'Arcs',
  arcsHelp:
    'Arcs above lead to later words, arcs below to earlier ones; a ring is a word looking at itself. Point at a word or move with the arrow keys.',
  arcReading: (word, list) => `${word} looks at ${list}`,
  looks: (word, weight) => `${word} ${weight}`,
  listSeparator: ', ',
  attention: 'Attention',
  view: 'Picture',
  units: 'Along the edges',
  pieces: 'Pieces',
  words: 'Words',
  wordsNote:
    'A word’s column is the sum of its pieces, its row their mean, so each row still adds up to 1.',
  chineseWordsNote: 'Where a Chinese word ends is this browser’s opinion.',
  piecesNote: '▁ marks the beginning of a word; </s> is the end of the sentence.',
  placeholder: (source, chinese) =>
    chinese ? `Type ${source}, simplified or traditional` : `Type ${a(source)} sentence`,
  examples: 'Try',
  beams: 'Beams',
  beamsNote: 'How many half-finished translations are kept at every step',
  greedy: '1 (greedy)',
  waiting: 'Your sentence will be translated as soon as the model is here.',
  working: 'translating',
  took: (milliseconds) => `${milliseconds} ms`,
  alternatives: 'Other candidates of the search',
  score: 'score',
  explore: (source) => `${source} sentence`,
  emptyInput: (source) => `Nothing to translate yet: type ${a(source)} sentence above.`,
  emptyOutput: 'The model’s answer to this is an empty sentence.',
  tooLong: (length, limit) =>
    `That is ${length} characters; this page takes up to ${limit} at a time, a few sentences. Shorten the text to go on.`,
  tooManyPieces: (pieces, limit) =>
    `The sentence has ${pieces} pieces; pictures are drawn up to ${limit}.`,
  foreign: (source, target) =>
    `This model reads ${source} only. Type ${a(source)} sentence, and it will answer in ${target}.`,
  controls: 'Control characters were left out.',
  simplified: 'Traditional characters were read as simplified ones.',
  unknown: (texts) => `Not in the model’s vocabulary, read as “unknown”: ${texts}`,
  failed: (message) => `The engine could not answer: ${message}`,
  recorded: 'Recorded with this model; yours comes live when the model is here.',
};

const zh: Messages = {
  kinds: {
    cross: '译文 → 原文',
    encoder: '原文内部',
    decoder: '译文内部',
  },
  kindNotes: {
    cross: (source, target) =>
      `每一行是写出一个${target}词片的那一步；各列表示写它时模型看向${source}句子的何处。`,
    encoder: (source) =>
      `每一行是${source}句子里的一个位置；各列表示它从同一句的哪些位置汲取信息。`,
    decoder: (_, target) => `每一行是写出一个${target}词片的那一步；各列是起始符和已经写出的词片。`,
  },
  arcNotes: {
    encoder: (source) => `弧线把${source}句子里的一个位置和它汲取信息的位置连起来：越粗，越多。`,
    decoder: () => '线上的每个位置写出它右边的词片；它的弧线通向为此所看的位置：越粗，越多。',
  },
  layer: (layer) => `第 ${layer} 层`,
  head: (head) => `第 ${head} 头`,
  mean: '所有头的平均',
  meanShort: '平均',
  start: '起始符',
  end: '结束符',
  reading: (kind, row, column, weight) =>
    kind === 'encoder'
      ? `「${row}」看向「${column}」：${weight}`
      : `写「${row}」时看向「${column}」：${weight}`,
  rowLooks: (kind, row) => (kind === 'encoder' ? `「${row}」最关注` : `写「${row}」时最关注`),
  heatmap: '热力图',
  heatmapHelp: '指向或点按一个格子，也可以用方向键移动。',
  tooSmall: '词片太多，无法逐一标出：指向格子即可读数。',
  scale: (map) => `权重，刻度始终为 0 到 1 · 配色：${map}`,
  table: '以表格查看同样的数字',
  tableCut: (shown, rows, columns) => `共 ${rows} × ${columns}，此处为前 ${shown} 行与列。`,
  heads: '所有的层与头',
  headsHelp: '点击或用方向键选择。',
  isOff: '已关闭',
  switchOff: (head) => `关闭${head}`,
  switchOn: (head) => `重新打开${head}`,
  allHeads: (layer) => `第 ${layer} 层的所有头`,
  allOn: '全部打开',
  changed: (places) => `此译文是在关闭 ${places} 处注意力后得到的。`,
  unchanged: (text) => `全部打开时：${text}`,
  scores: (before, now) => `全部打开时得分 ${before}，现在 ${now}。`,
  arcs: '弧线',
  arcsHelp:
    '上方的弧指向后面的词，下方的弧指向前面的词，圆环表示看向自己。指向一个词，或用方向键移动。',
  arcReading: (word, list) => `「${word}」看向 ${list}`,
  looks: (word, weight) => `「${word}」${weight}`,
  listSeparator: '、',
  attention: '注意力',
  view: '图形',
  units: '单位',
  pieces: '词片',
  words: '词',
  wordsNote: '词的列是其词片之和，行是其词片的平均，因此每一行之和仍为 1。',
  chineseWordsNote: '中文词的切分由浏览器决定。',
  piecesNote: '▁ 表示一个词的开头；</s> 是句子的结尾。',
  placeholder: (source, chinese) => `输入一句${source}${chinese ? '，简体繁体均可' : ''}`,
  examples: '试试',
  beams: '束宽',
  beamsNote: '每一步保留多少个未完成的译文',
  greedy: '1（贪心）',
  waiting: '模型一到，就会翻译您的句子。',
  working: '翻译中',
  took: (milliseconds) => `${milliseconds} 毫秒`,
  alternatives: '搜索中的其他候选',
  score: '得分',
  explore: (source) => `${source}句子`,
  emptyInput: (source) => `还没有可翻译的内容：请在上面输入一句${source}。`,
  emptyOutput: '模型对此给出的译文是空句。',
  tooLong: (length, limit) =>
    `共 ${length} 个字符；本页一次最多接受 ${limit} 个，约几句话。请缩短后继续。`,
  tooManyPieces: (pieces, limit) => `这句话有 ${pieces} 个词片；图形最多画到 ${limit} 个。`,
  foreign: (source, target) => `这个模型只读${source}。请输入一句${source}，它会用${target}回答。`,
  controls: '控制字符已略去。',
  simplified: '繁体字已按简体字读入。',
  unknown: (texts) => `不在模型的词表里，按“未知”读入：${texts}`,
  failed: (message) => `引擎未能回答：${message}`,
  recorded: '这是用同一模型预先录下的；模型到达后即为实时结果。',
};

export const messages: Record<Language, Messages> = { en, zh };
