// SPDX-License-Identifier: MIT
// The Node process in which contenders race: it is sent [name, ...arguments] and answers with the result.
import * as host from './host.mjs';

process.on('message', async ([name, ...values]) => {
  try {
    process.send({ result: await host[name](...values) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
