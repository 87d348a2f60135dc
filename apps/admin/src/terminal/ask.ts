import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AdminError } from '../exit.js';

/**
 * A new password: the whole standard input without its last line break, or asked for twice on the terminal, unseen.
 * Never an argument, which every user of the machine could read in the list of processes.
 */
export async function readNewPassword(fromStdin: boolean): Promise<string> {
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, '');
  requireTerminal('give the password with --password-stdin');
  const password = await askUnseen('Password: ');
  if ((await askUnseen('Again: ')) !== password) throw new AdminError('The passwords differ');
  return password;
}

/** Asks for a text to be typed exactly, before something that cannot be undone. Without a terminal nobody is asked. */
export async function confirm(question: string, expected: string): Promise<void> {
  if (!process.stdin.isTTY) return;
  const readline = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await readline.question(question);
  readline.close();
  if (answer.trim() !== expected) throw new AdminError('Nothing was done');
}

async function askUnseen(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const readline = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Only now that the terminal no longer shows what is typed.
  process.stderr.write(question);
  const answer = await new Promise<string>((resolve, reject) => {
    readline.once('SIGINT', () => reject(new AdminError('Nothing was done')));
    readline.question('').then(resolve, reject);
  }).finally(() => readline.close());
  process.stderr.write('\n');
  return answer;
}

function requireTerminal(instead: string): void {
  if (!process.stdin.isTTY) throw new AdminError(`There is no terminal to ask on: ${instead}`);
}
