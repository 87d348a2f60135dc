// The admin command line. Builds it where it is not built yet, and only then: a running server uses the same output.
import { existsSync } from 'node:fs';

const program = new URL('../dist/apps/admin/src/main.js', import.meta.url);
if (!existsSync(program)) await import('./build.mjs');
await import(program.href);
