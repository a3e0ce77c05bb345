// SPDX-License-Identifier: MIT
// A reporter for `node --test`: what failed, in words, and last one line of JSON with the counts.
// A test that was skipped or left to do counts as failed: it did not say that anything works.
export default async function* report(events) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if (data?.details?.type === 'suite') continue;
    if (type === 'test:pass') {
      if (data.skip !== undefined || data.todo !== undefined) {
        ++failed;
        yield `SKIPPED ${data.name}\n`;
      } else {
        ++passed;
        yield `ok ${data.name} (${Math.round(data.details.duration_ms)} ms)\n`;
      }
    }
    if (type === 'test:fail') {
      ++failed;
      const error = data.details.error?.cause ?? data.details.error;
      yield `FAILED ${data.name}\n${error?.stack ?? error}\n`;
    }
  }
  yield `\n${JSON.stringify({ passed, failed })}\n`;
}
