#!/usr/bin/env bash
# A ZIP that is made while it is sent has stored files with their sizes behind them (data descriptors), as yazl 3.3.1 (npm),
# archiver and many drives send it. Where a file in it is such a ZIP itself, two readers of streams take the inner one's
# descriptor for the end of the file, and raise no error. unzipper 0.12.5 `Parse` cuts the inner ZIP off, gives a file of the
# inner one as one of the outer, and loses the file that comes last. fflate 0.8.3 `Unzip` gives the inner ZIP (273 bytes)
# as 551 and its files as further ones. unzip-stream 0.3.4 and @zip.js/zip.js 2.24.0 `ZipReaderStream` compare the descriptor with
# what they have counted, and are right; so are all that read the directory at the end (fflate's own `unzipSync` for one).
# Where files are packed (deflate), or have their CRC in front, nobody errs.
# Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund yazl@3.3.1 unzipper@0.12.5 fflate@0.8.3 unzip-stream@0.3.4 @zip.js/zip.js@2.24.0
cat > check.mjs <<'JS'
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZipReaderStream } from '@zip.js/zip.js';
import { Unzip, UnzipInflate, unzipSync } from 'fflate';
import unzipStream from 'unzip-stream';
import unzipper from 'unzipper';
import { ZipFile } from 'yazl';

function archiveOf(files, compress) {
  const zip = new ZipFile();
  for (const [name, bytes] of files) zip.addReadStream(Readable.from([bytes]), name, { size: bytes.length, compress });
  zip.end();
  return buffer(zip.outputStream);
}

const READERS = {
  async 'unzipper Parse'(archive) {
    const found = [];
    for await (const entry of Readable.from([archive]).pipe(unzipper.Parse({ forceStream: true })))
      found.push(`${entry.path} ${(await entry.buffer()).length}`);
    return found;
  },
  async 'fflate Unzip'(archive) {
    const found = [];
    const reader = new Unzip((file) => {
      let size = 0;
      file.ondata = (error, data, final) => {
        if (error) throw error;
        size += data.length;
        if (final) found.push(`${file.name} ${size}`);
      };
      file.start();
    });
    reader.register(UnzipInflate);
    reader.push(archive, true);
    return found;
  },
  async 'unzip-stream'(archive) {
    const found = [];
    const reader = Readable.from([archive]).pipe(unzipStream.Parse());
    reader.on('entry', (entry) => found.push(buffer(entry).then(({ length }) => `${entry.path} ${length}`)));
    await once(reader, 'close');
    return Promise.all(found);
  },
  async 'zip.js ZipReaderStream'(archive) {
    const found = [];
    for await (const entry of Readable.toWeb(Readable.from([archive])).pipeThrough(new ZipReaderStream()))
      found.push(`${entry.filename} ${(await buffer(entry.readable)).length}`);
    return found;
  },
  async 'fflate unzipSync'(archive) {
    return Object.entries(unzipSync(archive)).map(([name, bytes]) => `${name} ${bytes.length}`);
  },
};

const inner = await archiveOf([
  ['one.txt', Buffer.from('first\n')],
  ['two.txt', Buffer.from('the second\n')],
]);
const files = [
  ['letter.txt', Buffer.from('hello\n')],
  ['photos.zip', inner],
  ['last.txt', Buffer.from('last\n')],
];
const right = files.map(([name, bytes]) => `${name} ${bytes.length}`).join(', ');
console.log(`in the archive: ${right}`);
const seen = [];
for (const [how, compress] of [['stored', false], ['packed', true]]) {
  const archive = await archiveOf(files, compress);
  for (const [name, read] of Object.entries(READERS)) {
    const found = (await read(archive)).join(', ');
    console.log(`${how}, ${name}: ${found === right ? 'right' : found}`);
    if (found !== right) seen.push(`${how}, ${name}: ${found}`);
  }
}
const expected = [
  `stored, unzipper Parse: letter.txt 6, photos.zip 45, two.txt 11`,
  `stored, fflate Unzip: letter.txt 6, photos.zip 551, one.txt 6, two.txt 11, last.txt 5`,
];
process.exit(String(seen) === String(expected) ? 0 : 1);
JS
node check.mjs
