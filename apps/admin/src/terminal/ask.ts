import { text } from 'node:stream/consumers';
import { read } from 'read';
import { PASSWORD_RULE } from '@app/accounts';
import { AdminError } from '../exit.js';

/**
 * A new password: the whole standard input without its last line break, or asked for twice on the terminal, unseen.
 * Never an argument, which every user of the machine could read in the list of processes.
 */
export async function readNewPassword(fromStdin: boolean): Promise<string> {
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, '');
  requireTerminal('give the password with --password-stdin');
  const password = await askUnseen(`Password (${PASSWORD_RULE}): `);
  if ((await askUnseen('Again: ')) !== password) throw new AdminError('The passwords differ');
  return password;
}

/** Asks for a text to be typed exactly, before something that cannot be undone. Without a terminal nobody is asked. */
export async function confirm(question: string, expected: string): Promise<void> {
  if (!process.stdin.isTTY) return;
  const answer = await read({ prompt: question, input: process.stdin, output: process.stderr });
  if (answer.trim() !== expected) throw new AdminError('Nothing was done');
}

/** Nothing of what is typed is shown. */
async function askUnseen(prompt: string): Promise<string> {
  try {
    return await read({ prompt, silent: true, input: process.stdin, output: process.stderr });
  } catch {
    // Ctrl-C, or the terminal is gone.
    throw new AdminError('Nothing was done');
  }
}

function requireTerminal(instead: string): void {
  if (!process.stdin.isTTY) throw new AdminError(`There is no terminal to ask on: ${instead}`);
}
