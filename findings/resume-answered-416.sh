#!/bin/sh
# A download is gone on with (`Range: bytes=1000-`), and the server answers 416 with `Content-Range: bytes */5000`: it has
# 5,000 bytes, and 1,000 are here. `curl -C -` 7.88.1 and `wget -c` 1.21.3 (Debian 12) both take any 416 for "you have it
# all": exit code 0, and a fifth of the file is left for the whole. Neither looks at the length in Content-Range. A server
# that refuses to resume by 416, as some do for links that may be used once, makes torsos that scripts take for success;
# with 403 both fail (curl 33, wget 8), and the part stays as it was. Only `curl -f` makes an error of the 416, too.
# Needs Debian 12 and node. Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
chmod 755 "$directory"
cd "$directory"
apt-get -q download curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15 wget=1.21.3-1+deb12u1 > /dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
export PATH="$directory/root/usr/bin:$PATH"
LD_LIBRARY_PATH=$(echo "$directory"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
curl --version | head -n 1 | cut -d' ' -f1,2
wget --version | head -n 1
cat > check.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const status = Number(request.url.slice(1));
  response.writeHead(status, status === 416 ? { 'content-range': 'bytes */5000' } : {}).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const COMMANDS = { curl: ['-sS', '-C', '-', '-o', 'part'], wget: ['-q', '-c', '-O', 'part'] };
const seen = [];
for (const status of [416, 403]) {
  for (const [program, options] of Object.entries(COMMANDS)) {
    writeFileSync('part', Buffer.alloc(1000));
    const child = spawn(program, [...options, `http://127.0.0.1:${server.address().port}/${status}`]);
    const [code] = await once(child, 'exit');
    console.log(`${program}, ${status}: exit code ${code}, ${statSync('part').size} of 5000 bytes`);
    seen.push(`${program} ${status} ${code} ${statSync('part').size}`);
  }
}
server.close();
process.exit(seen.join() === 'curl 416 0 1000,wget 416 0 1000,curl 403 33 1000,wget 403 8 1000' ? 0 : 1);
JS
node check.mjs
