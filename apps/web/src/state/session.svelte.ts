import { api, ask, onSessionEnd, type User } from '../api/client.js';
import type { ApiError } from '../api/api-error.js';
import { forgetOthersThan } from './last-person.js';

export interface NewAccount {
  username: string;
  password: string;
  name: string;
  email: string;
}

/** Who is asking: a cookie that no script can read says so to the server, and the server says it to us. */
class Session {
  /** Undefined while we are asking, null where nobody is logged in. */
  user = $state<User | null | undefined>();
  /** Whether somebody was logged in, until the server ended it. */
  ended = $state(false);
  /** Whether somebody has just come in by the form, which is gone now, and the focus with it. */
  entered = false;
  /** Why we could not ask. */
  fault = $state<ApiError>();

  constructor() {
    onSessionEnd(() => {
      if (this.user) this.ended = true;
      this.user = null;
    });
  }

  async open(): Promise<void> {
    this.fault = undefined;
    try {
      const { user } = await ask(api.GET('/api/user'));
      forgetOthersThan(user.id);
      this.user = user;
    } catch (error) {
      if ((error as ApiError).status === 401) this.user = null;
      else this.fault = error as ApiError;
    }
  }

  async logIn(username: string, password: string): Promise<void> {
    await ask(api.POST('/api/session', { body: { username, password } }));
    this.entered = true;
    await this.open();
    this.ended = false;
  }

  async signUp(account: NewAccount): Promise<void> {
    await ask(api.POST('/api/signup', { body: account }));
    await this.logIn(account.username, account.password);
  }

  async logOut(): Promise<void> {
    await ask(api.POST('/api/logout'));
    this.user = null;
  }
}

export const session = new Session();
