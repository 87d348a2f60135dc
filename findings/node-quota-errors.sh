#!/usr/bin/env bash
# A disk quota that is used up, and a stale handle of NFS, have no name in Node's file system errors: libuv does not translate
# EDQUOT and ESTALE. What is told instead goes by the way of asking: `fs.writeSync` has `code: 'UNKNOWN'` for both, which tells
# them apart from nothing; streams and `fs.promises` have `code: 'Unknown system error -122'`. `os.constants.errno.EDQUOT` is
# there all the while. So `code === 'EDQUOT'` beside `code === 'ENOSPC'` is never true, and a full quota becomes an unknown
# error; `errno === -os.constants.errno.EDQUOT` is the one test that holds everywhere.
# Node.js 20.20.2, 22.22.0 and 24.21.0 (npm). The errors come from strace, in place of an NFS server or a file system with quotas.
# Needs strace (Linux) and npm. Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund node20@npm:node@20.20.2 node22@npm:node@22.22.0 node24@npm:node@24.21.0
cat > check.mjs <<'JS'
import { createWriteStream, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { constants } from 'node:os';

const name = process.argv[2];
const WAYS = {
  sync: () => writeSync(openSync('sync', 'w'), 'x', 0),
  async stream() {
    const stream = createWriteStream('stream', { start: 0 });
    stream.write('x');
    await once(stream, 'close');
  },
  async promises() {
    const handle = await open('promises', 'w');
    try {
      await handle.write('x', 0);
    } finally {
      await handle.close();
    }
  },
};
const seen = [];
for (const [way, write] of Object.entries(WAYS)) {
  try {
    await write();
    seen.push(`${way}: no error`);
  } catch ({ code, errno }) {
    seen.push(`${way}: ${code}${errno === -constants.errno[name] ? '' : `, errno ${errno}`}`);
  }
}
console.log(`${process.version} ${name} ${seen.join('; ')}`);
const other = `Unknown system error -${constants.errno[name]}`;
const expected = `sync: UNKNOWN; stream: ${other}; promises: ${other}`;
process.exit(seen.join('; ') === expected ? 0 : 1);
JS
for node in node20 node22 node24; do
  for error in EDQUOT ESTALE; do
    strace -f -o /dev/null -e trace=pwrite64 -e "inject=pwrite64:error=$error" "node_modules/$node/bin/node" check.mjs "$error"
  done
done
