// Functions in a process of their own, so that what loads a server, or competes with it, has its own event loop.
import { fork } from 'node:child_process';

/** In the child: answers the parent's calls with these functions. */
export function answerCalls(functions) {
  process.on('message', async ({ id, name, args }) => {
    try {
      process.send({ id, result: await functions[name](...args) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
}

/** In the parent: the child and its functions. */
export class Remote {
  #child;
  #calls = new Map();
  #lastId = 0;

  /** @param module URL of a module that calls `answerCalls` */
  constructor(module) {
    this.#child = fork(module);
    this.#child.on('message', ({ id, result, error }) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) call.resolve(result);
      else call.reject(new Error(error));
    });
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`${module} ended: ${code ?? signal}`));
    });
  }

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
