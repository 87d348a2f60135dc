#!/bin/sh
# yazl 3.3.1 (npm) can tell the length of a ZIP before its first byte. Once the directory at the archive's end has 65,535
# bytes (about a thousand files), that length is 76 bytes more than the archive has: the sum counts the ZIP64 end records
# from there on, the archive gets them only from 4 GiB (or 65,535 entries) on. Sent as Content-Length, it makes every
# client wait for bytes that never come. With `forceZip64Format` both sides agree.
# Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund yazl@3.3.1
cat > check.mjs <<'JS'
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

async function difference(count, options) {
  const zip = new ZipFile();
  for (let index = 0; index < count; index++) {
    zip.addReadStreamLazy(`${index}`, { size: 1, compress: false }, (done) => done(null, Readable.from([Buffer.alloc(1)])));
  }
  let told;
  zip.end(options, (size) => (told = size));
  let sent = 0;
  for await (const chunk of zip.outputStream) sent += chunk.length;
  return told - sent;
}

const seen = [await difference(1_000), await difference(2_000), await difference(2_000, { forceZip64Format: true })];
console.log(`told less sent: 1,000 files ${seen[0]}, 2,000 files ${seen[1]}, 2,000 files as ZIP64 ${seen[2]}`);
process.exit(String(seen) === '0,76,0' ? 0 : 1);
JS
node check.mjs
