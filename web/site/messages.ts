// SPDX-License-Identifier: MIT
// Every sentence of the page, in both languages. The type keeps the two complete. Sentences that speak
// of the model's languages take their names.
import { a } from '../elements/format.js';
import type { Language } from '../elements/messages.js';

export interface SiteMessages {
  title: string;
  headline: string;
  lead: (source: string, target: string) => string;
  privacy: string;
  otherLanguage: string;
  languageLabel: string;
  themes: Record<'auto' | 'light' | 'dark', string>;
  themeLabel: string;
  direction: string;
  /** Belongs to the title. */
  from: (source: string, target: string) => string;
  tabs: string;
  translator: string;
  explorer: string;
  explorerLead: (source: string) => string;
  model: string;
  starting: string;
  loading: (loaded: string, total: string) => string;
  loadingUnknown: (loaded: string) => string;
  ready: (size: string, build: string) => string;
  readyFromCache: (build: string) => string;
  /** `recorded`: whether something is seen without the model. */
  cancelled: (recorded: boolean) => string;
  idle: string;
  failed: (message: string) => string;
  stopped: string;
  download: string;
  cancel: string;
  retry: string;
  restart: string;
  about: string;
  aboutText: readonly string[];
}

const en: SiteMessages = {
  title: 'Regard: attention you can look at',
  headline: 'Attention you can look at',
  lead: (source, target) =>
    `Type ${a(source)} sentence. Its ${target} translation appears as you type, and with it where the model looked while writing each word.`,
  privacy: 'Everything runs in this tab: nothing you type leaves it.',
  otherLanguage: '中文',
  languageLabel: 'Switch the page to Chinese',
  themes: { auto: 'System', light: 'Light', dark: 'Dark' },
  themeLabel: 'Colours',
  direction: 'Direction of translation',
  from: (source, target) => `${source} to ${target}`,
  tabs: 'What to look at',
  translator: 'Translator',
  explorer: 'Self-attention',
  explorerLead: (source) =>
    `Before it translates, the model lets the words of the ${source} sentence look at each other. Each head learns its own habit: the word before, the verb, the end of the sentence.`,
  model: 'The translation model',
  starting: 'Starting the engine …',
  loading: (loaded, total) => `Downloading the model: ${loaded} of ${total} MB`,
  loadingUnknown: (loaded) => `Downloading the model: ${loaded} MB`,
  ready: (size, build) => `The model is here (${size} MB) and runs in this tab · ${build} build`,
  readyFromCache: (build) =>
    `The model is here, kept from an earlier visit, and runs in this tab · ${build} build`,
  cancelled: (recorded) =>
    `The download was stopped.${recorded ? ' What you see below was recorded earlier with the same model.' : ''}`,
  idle: 'Your browser asks to save data, so the model is downloaded only if you say so.',
  failed: (message) => `The model did not arrive: ${message}`,
  stopped: 'The engine stopped and cannot go on.',
  download: 'Download the model',
  cancel: 'Cancel',
  retry: 'Try again',
  restart: 'Start it again',
  about: 'About this page',
  aboutText: [
    'The model is a Transformer with an encoder and a decoder, small enough for a browser. It was trained from nothing with this project’s own C++ code on short everyday sentences, and it runs here as WebAssembly on one processor core. It is at home in sentences like the examples; expect mistakes in long or literary ones.',
    'Attention shows where a head gathers information from, not why the model decided as it did. Many heads do nothing that has a name.',
  ],
};

const zh: SiteMessages = {
  title: 'Regard：看得见的注意力',
  headline: '看得见的注意力',
  lead: (source, target) =>
    `输入一句${source}，${target}译文随之出现，同时可以看到模型写下每个词时看向了哪里。`,
  privacy: '一切都在这个标签页里运行：您输入的内容不会离开它。',
  otherLanguage: 'English',
  languageLabel: '将页面切换为英文',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  themeLabel: '配色',
  direction: '翻译方向',
  from: (source, target) => `${source}译${target}`,
  tabs: '看什么',
  translator: '翻译',
  explorer: '自注意力',
  explorerLead: (source) =>
    `翻译之前，模型先让${source}句子里的词彼此相看。每个头学会自己的习惯：有的看前一个词，有的看动词，有的看句尾。`,
  model: '翻译模型',
  starting: '正在启动引擎……',
  loading: (loaded, total) => `正在下载模型：${loaded} / ${total} MB`,
  loadingUnknown: (loaded) => `正在下载模型：${loaded} MB`,
  ready: (size, build) => `模型已就绪（${size} MB），在这个标签页里运行 · ${build} 构建`,
  readyFromCache: (build) => `模型已就绪（上次访问时已保存），在这个标签页里运行 · ${build} 构建`,
  cancelled: (recorded) => `下载已停止。${recorded ? '下面所示是预先用同一模型录下的。' : ''}`,
  idle: '您的浏览器要求节省流量，因此只有您同意时才会下载模型。',
  failed: (message) => `模型未能到达：${message}`,
  stopped: '引擎已停止，无法继续。',
  download: '下载模型',
  cancel: '取消',
  retry: '重试',
  restart: '重新启动',
  about: '关于本页',
  aboutText: [
    '这个模型是带编码器和解码器的 Transformer，小到可以放进浏览器。它由本项目自己的 C++ 代码从零训练，语料是日常短句，在这里以 WebAssembly 运行于一个处理器核心。它擅长与示例相似的句子；遇到长句或文学性的句子难免出错。',
    '注意力显示一个头从哪里汲取信息，并不说明模型为何作出这样的决定。许多头所做的事并没有名字。',
  ],
};

export const siteMessages: Record<Language, SiteMessages> = { en, zh };
