// SPDX-License-Identifier: MIT
// `npm start`: fetches what is missing, builds what has changed, serves the site, prints its address.
import { buildPackage, buildSite, withToolchain } from './build.mjs';
import { main, say } from './log.mjs';
import { site } from './paths.mjs';
import { isolation, serve } from './serve.mjs';

await main(async () => {
  await withToolchain(async (tools) => {
    await buildPackage(tools);
    await buildSite();
  });
  const wanted = Number(process.env.PORT ?? 8080);
  const { url, port } = await serve(site, wanted, isolation);
  if (port !== wanted) say(`Port ${wanted} is taken.`);
  say(`\nRegard is at ${url}   (Ctrl+C ends it)`);
});
