import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Debian has no Traefik that could be run. That the example is YAML is seen by `npm run format`. */
it('the example for Traefik names only what it defines, and a path that the drive has', () => {
  const text = readFileSync(join(import.meta.dirname, '../../deploy/traefik.yml'), 'utf8');
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
  const defined = all(/^ {4}([\w-]+):$/gm);
  const used = [...all(/^ {6}service: (.*)$/gm), ...all(/^ {6}middlewares: \[(.*)\]$/gm)];
  expect(used).toEqual(['drive', 'drive', 'without-drive']);
  expect(used.filter((name) => !defined.includes(name))).toEqual([]);
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: object };
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(all(/^ {10}path: (.*)$/gm)));
});
