#!/bin/sh
# `aria2c -c` (1.36.0, Debian 12) with a part of the file on the disk does not begin by asking for the rest, as curl and
# wget do: its first GET is for the whole file, without Range. It reads the length in the answer, drops that connection
# without taking the body, and asks for the rest by Range in a second GET. So a server that counts a 200 as a download (a
# link that may be used once, statistics, a quota) counts one that nobody took, and refuses the one that was meant.
# Needs Debian 12 and node. Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
chmod 755 "$directory"
cd "$directory"
apt-get -q download aria2=1.36.0-1 libaria2-0=1.36.0-1 libc-ares2 libssh2-1 libsqlite3-0 libxml2 libicu72 > /dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
export PATH="$directory/root/usr/bin:$PATH"
LD_LIBRARY_PATH=$(echo "$directory"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
aria2c --version | head -n 1
cat > check.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const SIZE = 4_000_000;
const PART = 1_000_000;
const asked = [];
const server = createServer(({ method, headers: { range } }, response) => {
  asked.push(`${method} ${range ?? 'without Range'}`);
  const [, start] = /^bytes=(\d+)-/.exec(range) ?? [];
  const rest = SIZE - Number(start ?? 0);
  const of = start === undefined ? {} : { 'content-range': `bytes ${start}-${SIZE - 1}/${SIZE}` };
  response.writeHead(start === undefined ? 200 : 206, { 'accept-ranges': 'bytes', 'content-length': rest, ...of });
  response.end(Buffer.alloc(rest));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
writeFileSync('part', Buffer.alloc(PART));
const child = spawn('aria2c', ['-q', '-c', '-o', 'part', `http://127.0.0.1:${server.address().port}/file`]);
const [code] = await once(child, 'exit');
console.log(`${asked.join(', then ')}; exit code ${code}, ${statSync('part').size} of ${SIZE} bytes`);
server.close();
server.closeAllConnections();
process.exit(asked[0] === 'GET without Range' && /^GET bytes=\d+-/.test(asked[1]) && code === 0 ? 0 : 1);
JS
node check.mjs
