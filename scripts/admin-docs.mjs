// Writes docs/ADMIN.md from the help of the commands themselves; with --check it only tells whether the page is fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import 'reflect-metadata';
import { CommandFactory, CommandRunnerService } from 'nest-commander';
import { format, resolveConfig } from 'prettier';

const { AdminModule } = await import(new URL('../dist/apps/admin/src/admin.module.js', import.meta.url).href);
const app = await CommandFactory.createWithoutRunning(AdminModule, { logger: false });
const root = app.get(CommandRunnerService)['commander'];
await app.close();

const INTRODUCTION = `# The admin command line

\`npm run admin -- <command>\`, also \`nest start admin -- <command>\` or, where DefDrive is built, \`node dist/apps/admin/src/main.js <command>\`.
It reads the same environment (or \`.env\`) as the server and works beside it, on the same \`DATA_DIR\` and database, as the same user.
\`npm run --silent\` keeps npm's own lines out of what a script reads.

Exit codes: **0** fine, **1** failed or refused (the reason is on the error output), **2** findings: the command did its work, and
what it looked at is not in order. With \`--json\` the output is one JSON object a line.

This page is made from the commands' own help by \`npm run admin-docs\`.
`;

function* sections(command, depth) {
  for (const child of command.commands) {
    if (child.name() === 'help') continue;
    const path = command.parent ? `${command.name()} ${child.name()}` : child.name();
    yield `${'#'.repeat(child.commands.length > 0 ? depth : 3)} ${path}\n`;
    if (child.commands.length > 0) {
      yield `${child.description()}.\n`;
      yield* sections(child, depth + 1);
    } else {
      child.configureHelp({ helpWidth: 110 });
      yield `\`\`\`text\n${child.helpInformation().trim()}\n\`\`\`\n`;
    }
  }
}

const path = new URL('../docs/ADMIN.md', import.meta.url);
const options = await resolveConfig(path);
const page = await format([INTRODUCTION, '## The drive\n', ...sections(root, 2)].join('\n'), {
  ...options,
  parser: 'markdown',
});
if (!process.argv.includes('--check')) writeFileSync(path, page);
else if (readFileSync(path, 'utf8') !== page) {
  process.stderr.write('docs/ADMIN.md is out of date: npm run admin-docs\n');
  process.exitCode = 1;
}
