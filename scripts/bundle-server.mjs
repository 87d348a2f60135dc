// Puts the built server and all that it loads into few files, dist/server/: a start reads a dozen files instead of two
// thousand (docs/decisions/0221-the-server-in-few-files.md). dist/apps stays as it is, for Nest's own command line and for profiles.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TARGET = `${ROOT}dist/server`;
/** What has machine code beside it, is no code, or is loaded only where it is used. */
const EXTERNAL = [/^better-sqlite3/, /^@node-rs\//, 'crawler-user-agents', /^@aws-sdk\//, 'openid-client'];

/** V8 keeps the source of what runs, in two bytes a character as soon as one of them needs it. */
const ascii = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') chunk.code = chunk.code.replaceAll(/[^\0-\x7F]/g, escaped);
    }
  },
};

rmSync(TARGET, { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: `${ROOT}dist/apps/api/src/main.js` },
  cwd: ROOT,
  platform: 'node',
  external: EXTERNAL,
  plugins: [ascii],
  // Drivers and platforms that could be there, and of which nothing is wanted, are asked for when they are needed: never.
  logLevel: 'silent',
});
await bundle.write({
  dir: TARGET,
  format: 'esm',
  entryFileNames: '[name].js',
  // Names are what the log and the API's document say.
  keepNames: true,
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
});
