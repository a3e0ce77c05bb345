// SPDX-License-Identifier: MIT
// Lines of a stream in batches: all that have arrived, but no more than `most`, so that a person
// who types gets an answer to each line and a file is translated in full batches.

/** Only '\n', alone or after '\r', ends a line: other separators belong to the text. */
export async function* lineBatches(
  chunks: AsyncIterable<string>,
  most: number,
): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (let next = 0; next < lines.length; next += most) {
      yield lines.slice(next, next + most).map((line) => line.replace(/\r$/, ''));
    }
  }
  if (rest !== '') yield [rest];
}
