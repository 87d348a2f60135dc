import { api, ask, type Limits } from '../api/client.js';

/** How much of the account's room is taken. */
class Usage {
  limits = $state<Limits>();

  async refresh(): Promise<void> {
    this.limits = await ask(api.GET('/api/user/limits'));
  }
}

export const usage = new Usage();
