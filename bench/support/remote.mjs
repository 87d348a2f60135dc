// Functions in a process of their own, so that what loads a server, or competes with it, has its own event loop.
import { fork } from 'node:child_process';

/**
 * @typedef {{ id: number, name: string, args: unknown[] }} Call
 * @typedef {{ id: number, result?: any, error?: string }} Answer
 */

/** In the child: answers the parent's calls with these functions. @param {Record<string, Function>} functions */
export function answerCalls(functions) {
  const answer = async (/** @type {Call} */ { id, name, args }) => {
    try {
      return { id, result: await functions[name]?.(...args) };
    } catch (error) {
      return { id, error: error instanceof Error ? error.stack : String(error) };
    }
  };
  process.on('message', async (/** @type {Call} */ call) => void process.send?.(await answer(call)));
  process.on('disconnect', () => process.exit());
}

/** In the parent: the child and its functions. */
export class Remote {
  #child;
  /** By the id of the call. @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #calls = new Map();
  #lastId = 0;

  /** @param module URL of a module that calls `answerCalls` */
  constructor(module) {
    this.#child = fork(module);
    this.#child.on('message', (/** @type {Answer} */ { id, result, error }) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(error));
    });
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`${module} ended: ${code ?? signal}`));
    });
  }

  /** @param {string} name @returns {Promise<any>} what the function gives */
  call(name, ...args) {
    return new Promise((resolve, reject) => {
      const id = (this.#lastId += 1);
      this.#calls.set(id, { resolve, reject });
      this.#child.send({ id, name, args });
    });
  }

  close() {
    this.#child.kill('SIGKILL');
  }
}
