import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ARROWS } from '../../scripts/arrows.mjs';
import { temporaryDirectory } from '../support/temporary-directory.js';

const LIBS = Object.keys(ARROWS);

const RESTRICTED = 'eslint(no-restricted-imports)';
const NODE_MODULES = 'import(no-nodejs-modules)';
const ENVIRONMENT = 'node(no-process-env)';
const CYCLE = 'import(no-cycle)';

interface Planted {
  file: string;
  code: string;
  /** The rule that must report the file; none where the file is right. */
  rule?: string;
}

const use = (specifier: string): string => `export { it } from '${specifier}';\n`;

const arrows: Planted[] = LIBS.flatMap((from) =>
  LIBS.filter((to) => to !== from).map((to) => ({
    file: `libs/${from}/src/to-${to}.ts`,
    code: use(`@app/${to}`),
    ...(ARROWS[from]!.includes(to) ? {} : { rule: RESTRICTED }),
  })),
);

const doors: Planted[] = [
  {
    file: 'apps/api/src/every-lib.ts',
    code: LIBS.map((lib) => use(`@app/${lib}`).replace('it', lib.replace('-', '_'))).join(''),
  },
  { file: 'apps/api/src/deep.ts', code: use('@app/files/src/files.service.js'), rule: RESTRICTED },
  { file: 'apps/api/src/round-the-door.ts', code: use('../../../libs/files/src/files.service.js'), rule: RESTRICTED },
  { file: 'libs/files/src/deep.ts', code: use('@app/database/src/entities/index.js'), rule: RESTRICTED },
  { file: 'libs/files/src/round-the-door.ts', code: use('../../database/src/index.js'), rule: RESTRICTED },
  { file: 'libs/files/src/dto/round-the-door.ts', code: use('../../../database/src/index.js'), rule: RESTRICTED },
  { file: 'libs/files/src/to-an-app.ts', code: use('../../../apps/api/src/api.module.js'), rule: RESTRICTED },
  { file: 'libs/files/src/type-only.ts', code: "export type { it } from '@app/sharing';\n", rule: RESTRICTED },
  { file: 'libs/files/src/late.ts', code: "export const it = await import('@app/sharing');\n", rule: RESTRICTED },
  { file: 'libs/files/src/within.ts', code: use('./dto/file.dto.js') },
];

const hands: Planted[] = [
  {
    file: 'libs/files/src/asks.controller.ts',
    code: use('./files.service.js') + use('@app/accounts').replace('it', 'a'),
  },
  { file: 'libs/files/src/typeorm.controller.ts', code: use('typeorm'), rule: RESTRICTED },
  { file: 'libs/accounts/src/typeorm.controller.ts', code: use('@nestjs/typeorm'), rule: RESTRICTED },
  { file: 'apps/api/src/health/typeorm.controller.ts', code: use('typeorm'), rule: RESTRICTED },
  { file: 'libs/files/src/storage.controller.ts', code: use('@app/storage'), rule: RESTRICTED },
  { file: 'libs/sharing/src/links.controller.ts', code: use('@app/storage'), rule: RESTRICTED },
  { file: 'apps/api/src/health/storage.controller.ts', code: use('@app/storage'), rule: RESTRICTED },
  { file: 'libs/storage/src/local/records.ts', code: use('typeorm'), rule: RESTRICTED },
  { file: 'libs/files/src/bytes.ts', code: use('node:fs'), rule: NODE_MODULES },
  { file: 'libs/storage/src/bytes.ts', code: use('node:fs/promises'), rule: NODE_MODULES },
  { file: 'libs/storage/src/local/bytes.ts', code: use('node:fs/promises') },
  { file: 'libs/files/src/bytes.spec.ts', code: use('node:fs') },
  { file: 'libs/files/src/hash.ts', code: use('node:crypto') },
  { file: 'libs/files/src/environment.ts', code: 'export const port = process.env.PORT;\n', rule: ENVIRONMENT },
  { file: 'apps/api/src/environment.ts', code: 'export const port = process.env.PORT;\n', rule: ENVIRONMENT },
  { file: 'libs/config/src/environment.ts', code: 'export const port = process.env.PORT;\n' },
  { file: 'libs/files/src/hen.ts', code: use('./egg.js'), rule: CYCLE },
  { file: 'libs/files/src/egg.ts', code: use('./hen.js'), rule: CYCLE },
  { file: 'libs/database/src/entities/hen.ts', code: use('./egg.js') },
  { file: 'libs/database/src/entities/egg.ts', code: use('./hen.js') },
];

describe('the dependency rule', () => {
  const planted = [...arrows, ...doors, ...hands];
  const reported = new Map<string, Set<string>>();
  let root: string;

  beforeAll(() => {
    root = temporaryDirectory();
    copyFileSync('.oxlintrc.json', join(root, '.oxlintrc.json'));
    for (const { file, code } of planted) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), code);
    }
    const oxlint = resolve('node_modules/oxlint/bin/oxlint');
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format=json', '.'], { cwd: root, encoding: 'utf8' });
    for (const { filename, code } of (JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] })
      .diagnostics)
      reported.set(filename, (reported.get(filename) ?? new Set()).add(code));
  });

  it.each(planted.filter(({ rule }) => rule !== undefined))('$rule refuses $file', ({ file, rule }) => {
    expect([...(reported.get(file) ?? [])]).toEqual([rule]);
  });

  it.each(planted.filter(({ rule }) => rule === undefined))('nothing is wrong with $file', ({ file }) => {
    expect([...(reported.get(file) ?? [])]).toEqual([]);
  });
});
