// SPDX-License-Identifier: MIT
// The shipped translator from Chinese, which reads traditional characters too.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Regard, Translator } from '../../bindings/js/index.node.js';
import { start } from './engine.js';

let regard: Regard;
let translator: Translator;
beforeAll(async () => {
  regard = await start();
  translator = await regard.translator('zh-en');
});
afterAll(() => regard.dispose());

async function pieces(text: string, side: 'source' | 'target' = 'source'): Promise<number[]> {
  return (await translator.tokenize(text, side)).pieces.map(({ id }) => id);
}

describe('zh-en', () => {
  test('translates "汤姆追逐杰瑞。"', async () => {
    const { text } = await translator.translate('汤姆追逐杰瑞。');
    for (const word of ['Tom', 'Jerry', 'chas']) expect(text).toContain(word);
  });

  test.each([
    ['他們說這裡的學生都喜歡吃麵條。', '他们说这里的学生都喜欢吃面条。'],
    ['我後天還要去醫院看頭髮。', '我后天还要去医院看头发。'],
    ['你喜歡喝什麼茶？', '你喜欢喝什么茶？'],
  ])('reads %s as %s', async (traditional, simplified) => {
    expect(await pieces(traditional)).toEqual(await pieces(simplified));
    const [one, other] = await translator.translate([traditional, simplified]);
    expect(one!.text).toBe(other!.text);
    expect(one!.source.text).toBe(traditional);
  });

  test('takes the marks of either keyboard', async () => {
    expect(await pieces('你好吗?')).toEqual(await pieces('你好吗？'));
    expect(await pieces('好, 走!')).not.toEqual(await pieces('好走!'));
  });

  test('says where in the traditional text a piece stands', async () => {
    const text = '這裡有麵條。';
    const { pieces: found } = await translator.tokenize(text);
    const covered = found.map(({ begin, end }) => text.slice(begin, end)).join('');
    expect(covered).toBe(text);
  });

  test('answers in English letters', async () => {
    const texts = ['我很喜欢这本书。', '他昨天没有去学校。', '你能帮我一下吗？'];
    for (const { text } of await translator.translate(texts)) {
      expect(text).toMatch(/^[\x20-\x7e]+$/);
      expect(text.split(' ').length).toBeGreaterThan(2);
    }
  });
});
