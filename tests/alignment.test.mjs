// SPDX-License-Identifier: MIT
// The heads that align words go into a model's config.json, and nothing else of it changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignmentHeads, withAlignmentHeads } from '../tools/alignment.mjs';

const config = '{\n "model_type": "marian",\n "dropout": 0.0,\n "heads": [1, 2]\n}\n';
const said = (value) => config.replace('\n}', `,\n "alignment_heads": ${value}\n}`);

test('a head stands for itself, a mean for all heads of its layer', () => {
  const model = { decoder_attention_heads: 3 };
  assert.deepEqual(alignmentHeads({ layer: 2, head: 0 }, model), [[2, 0]]);
  assert.deepEqual(alignmentHeads({ layer: 1, head: null }, model), [
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
});

test('they are added at the end, or take the place of those before', () => {
  const once = withAlignmentHeads(config, [[2, 0]]);
  assert.equal(once, said('[[2, 0]]'));
  const two = [
    [1, 0],
    [1, 1],
  ];
  assert.equal(withAlignmentHeads(once, two), said('[[1, 0], [1, 1]]'));
  assert.equal(withAlignmentHeads(said('null'), two), said('[[1, 0], [1, 1]]'));
  assert.equal(withAlignmentHeads(said('[ [ 1,0 ]\n ]'), two), said('[[1, 0], [1, 1]]'));
  assert.equal(withAlignmentHeads('{"a":0.0}', [[2, 0]]), '{"a":0.0,"alignment_heads": [[2, 0]]}');
  assert.equal(withAlignmentHeads('{}', [[2, 0]]), '{"alignment_heads": [[2, 0]]}');
});

test('a file in which they cannot be found is left alone', () => {
  const nested = '{"inner": {"alignment_heads": []}, "alignment_heads": []}';
  assert.throws(() => withAlignmentHeads(nested, [[2, 0]]), /not where they are looked for/);
  assert.throws(() => withAlignmentHeads(said('"2.0"'), [[2, 0]]), /not where they are/);
});
