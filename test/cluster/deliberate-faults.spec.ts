import { describe, expect, it } from 'vitest';
import { describeWith, skipVisibly } from '../support/engines.js';
import { type Mistake, MistakenBuild, placesOf } from '../support/mistaken-build.js';

const CONFIG = ['--config', 'test/cluster/vitest.config.ts'];
/** Milliseconds for engines, servers and some faults. */
const PATIENCE_MS = 600_000;

const MISTAKES: Mistake[] = [
  {
    title: 'a use is read, then counted',
    file: 'libs/sharing/src/links.service.js',
    right: 'taken = await this.units.run((unit) => takeUse(unit, access));',
    wrong: `taken = await this.units.run((unit) =>
      unit.change('UPDATE accesses SET uses = ? WHERE id = ?', [access.uses + 1, access.id])) === 1;`,
    finding: 'I8 a link for ',
  },
  {
    title: 'a delete leaves the object',
    file: 'libs/files/src/removals/removals.service.js',
    right: 'await storage.exclusively(removal.storageKey, () => this.removeAlone(removal, storage));',
    wrong: ';',
    finding: 'belong to no record',
  },
  {
    title: 'a file is counted with a byte too many',
    file: 'libs/accounts/src/usage.js',
    right: "usedBytes = usedBytes + ? WHERE id = ?', [bytes, ownerId]",
    wrong: "usedBytes = usedBytes + ? WHERE id = ?', [bytes + 1, ownerId]",
    finding: 'I4 the counters of ',
  },
  {
    title: 'the chain of receipts goes on from nowhere',
    file: 'libs/files/src/receipts/receipt-chain.js',
    right: 'const previousHash = head.receiptHash;',
    wrong: 'const previousHash = null;',
    finding: 'I10 the receipts of ',
  },
];

describe('a deliberate fault has its place in the build', () => {
  it.each(MISTAKES)('where $title', (mistake) => expect(placesOf(mistake)).toBe(1));
});

describeWith(['haproxy', 'ceph', 'mariadb'], 'a deliberate fault in the servers is found', () => {
  if (process.env.CLUSTER !== 'full')
    return skipVisibly('skipped: a deliberate fault in the servers is found needs npm run test:cluster');

  it.each(MISTAKES)(
    'where $title',
    async (mistake) => {
      const build = new MistakenBuild(mistake);
      const { code, output } = await build.test(
        [...CONFIG, 'test/cluster/faults.spec.ts', '-t', 'keep every promise'],
        {
          CLUSTER_FAULTS: '2',
        },
      );
      build.remove();
      expect(output).toContain(mistake.finding);
      expect(code).toBe(1);
    },
    PATIENCE_MS,
  );
});
