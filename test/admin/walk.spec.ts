import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin, type Outcome } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';

const NOWHERE = { dataDir: '/nowhere' };
/** Every command that there is, with what must stand behind it: docs/ADMIN.md is made from their own help. */
const COMMANDS = [
  ...readFileSync('docs/ADMIN.md', 'utf8').matchAll(/^Usage: npm run admin -- ([a-z -]+?)(?: \[options\](.*))?$/gm),
].map(([, command, args = '']) => ({
  words: command!.trim().split(' '),
  required: [...args.matchAll(/<[^>]+>/g)].map(() => '1'),
}));
const named = (commands: typeof COMMANDS) => commands.map((command) => [command.words.join(' '), command] as const);

/** Commands that only look, and may find nothing. */
const LOOKS = COMMANDS.filter(
  ({ words, required }) =>
    required.length === 0 && /^(audit|(?!files).*(list|status|check|verify|removals|show))$/.test(words.join(' ')),
);

/** The same, of a user who has nothing. */
const LOOKS_AT_A_USER = [
  ...['users show alice', 'users sessions alice', 'tokens list alice', 'files list --user alice'],
  ...['receipts export --user alice', 'storage restore', 'links list --user alice'],
];

/** What an admin reads who did something that cannot be: one line that says it, and nothing of our inside. */
function expectReadable({ code, out, err }: Outcome): void {
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^error: \S.{5,400}\n/);
  expect(err).not.toMatch(/\n\s+at |undefined|\[object|NaN|node:internal/);
}

it('knows all commands', () => {
  const headings = [...readFileSync('docs/ADMIN.md', 'utf8').matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
  expect(COMMANDS.map(({ words }) => words.join(' '))).toEqual(headings);
});

describe('wrong use and refusal read well', () => {
  it.each(named(COMMANDS))('%s', async (_name, { words, required }) => {
    const [wrong, refused] = await Promise.all([
      admin(NOWHERE, [...words, ...required, '--nonsense']),
      admin(NOWHERE, [...words, ...required]),
    ]);
    expectReadable(wrong);
    expect(wrong.err).toMatch(/^error: (?:unknown option '--nonsense'|required option '--\S+ <\S+>' not specified)\n/);
    const { code, err } = refused;
    // How it is set is told without a drive.
    if (code === 0) expect([words.join(' '), err]).toEqual([expect.stringMatching(/^(config show|completion)/), '']);
    else expectReadable(refused);
  });
});

describe('an empty result reads well', () => {
  const drive = driveFixture();
  beforeAll(async () => {
    await drive.signUp('alice');
  });

  it.each([...named(LOOKS).map(([name]) => name), ...LOOKS_AT_A_USER])('%s', async (command) => {
    const { code, out, err } = await admin(drive.config, command.split(' '));
    expect([code, err]).toEqual([0, '']);
    expect(out.trim()).not.toBe('');
    expect(out).not.toMatch(/undefined|\[object|NaN|(?<![\d.])1 [a-z]+s\b/);
  });
});

describe('a wrong place reads well', () => {
  const drive = driveFixture();

  const FILE = join(import.meta.dirname, 'walk.spec.ts');
  const HERE = import.meta.dirname;
  it.each([
    [['database', 'backup', FILE], `${FILE} is there already, and is no directory`],
    [['database', 'backup', `${FILE}/x`, '--incremental'], `${FILE}/x is no directory, or in something that is none`],
    [['database', 'restore', FILE], `${FILE} is no directory, or in something that is none`],
    [['database', 'restore', '/nowhere'], 'The source is no backup: it holds no database that can be opened: /nowhere'],
    [['import', 'folder', FILE, '--user', 'alice'], `There is no directory ${FILE}`],
    [['import', 'folder', HERE, '--per-user', '--map', HERE], `--map ${HERE} cannot be read: it is a directory`],
    [['import', 'defdrive', FILE], `${FILE}/uploads is no directory, or in something that is none`],
    [['storage', 'restore', 'x', '--user', 'alice'], 'stop the server first'],
  ])('%j', async (args, said) => {
    const outcome = await admin(drive.config, args);
    expectReadable(outcome);
    expect(outcome.err).toContain(said);
  });
});
