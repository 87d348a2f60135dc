import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Loads a TypeScript module as the tests load it, in a Node process of its own. */
const RUN = `
  const { runnerImport } = await import('vite');
  await runnerImport(process.argv[1], { resolve: { tsconfigPaths: true }, logLevel: 'error', configFile: false });
`;

/** The command that runs a TypeScript module of this repository, from its root. @param path from there */
export function scriptCommand(path: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, '--input-type=module', '-e', RUN, `./${path}`, ...args];
}

/** Runs a TypeScript module of this repository in a process of its own. @param path from the repository's root */
export function startScript(path: string, ...args: string[]): ChildProcess {
  const [command, ...rest] = scriptCommand(path, ...args);
  return spawn(command, rest, {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Resolves with what a process wrote when it has ended. @throws Error when it did not exit with 0 */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit ${code ?? signal}: ${output}`);
  return output;
}
