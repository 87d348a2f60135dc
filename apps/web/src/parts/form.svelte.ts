import type { ApiError } from '../api/api-error.js';

/** Something that is sent: under way, refused, or done. */
export class Sending {
  busy = $state(false);
  done = $state(false);
  error = $state.raw<ApiError>();

  /** @returns whether it went well */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    this.done = false;
    this.error = undefined;
    try {
      await work();
      this.done = true;
    } catch (cause) {
      this.error = cause as ApiError;
    } finally {
      this.busy = false;
    }
    return this.done;
  }
}
