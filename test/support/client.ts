/** What a request was answered with. */
export interface Answer<Body = Record<string, any>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** What an answer tells in short: its status, and its error or else its message. */
export const told = ({ status, body }: Answer): unknown[] => [status, body.error ?? body.message];

export const PASSWORD = 'correct horse battery';

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(headers: Headers): string {
  return headers.getSetCookie()[0]!.split(';')[0]!;
}

/** A client of the drive's wire contract, over real sockets. */
export class Client {
  username = '';

  constructor(
    readonly url: string,
    readonly token?: string,
    /** What every request says beside. */
    readonly headers: Readonly<Record<string, string | undefined>> = {},
  ) {}

  /** Makes an account and logs in. */
  async signUp(username: string): Promise<Client> {
    const account = { username, password: PASSWORD, email: `${username}@example.org`, name: username };
    const { status, body } = await this.post('/api/signup', account);
    if (status !== 200) throw new Error(`Sign-up of ${username}: ${JSON.stringify(body)}`);
    return this.logIn(username);
  }

  async logIn(username: string, password = PASSWORD): Promise<Client> {
    const { status, body } = await this.post('/api/login', { username, password });
    if (status !== 200) throw new Error(`Log-in of ${username}: ${JSON.stringify(body)}`);
    const client = new Client(this.url, body.token);
    client.username = username;
    return client;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.headers)) if (value !== undefined) headers.set(name, value);
    if (this.token && !headers.has('authorization')) headers.set('authorization', `Bearer ${this.token}`);
    return fetch(new URL(path, this.url), { ...init, headers });
  }

  /** A request whose answer is JSON. */
  async request(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await this.fetch(path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  }

  /** Logs in as a browser does, and says of each request what a browser says of a page's own. */
  async openSession(username: string, password = PASSWORD): Promise<Client> {
    const { status, body, headers } = await this.post('/api/session', { username, password });
    if (status !== 200) throw new Error(`Log-in of ${username}: ${JSON.stringify(body)}`);
    const client = new Client(this.url, undefined, {
      cookie: cookieOf(headers),
      'sec-fetch-site': 'same-origin',
    });
    client.username = username;
    return client;
  }

  /** The same client, that says something else beside, or with `undefined` no more. */
  with(headers: Record<string, string | undefined>): Client {
    const client = new Client(this.url, this.token, { ...this.headers, ...headers });
    client.username = this.username;
    return client;
  }

  get(path: string): Promise<Answer> {
    return this.request(path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.withBody('POST', path, body);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.withBody('PUT', path, body);
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.withBody('PATCH', path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.request(path, { method: 'DELETE' });
  }

  upload(name: string, bytes: string | Uint8Array<ArrayBuffer> = `bytes of ${name}`): Promise<Answer> {
    const form = new FormData();
    form.append('file', new Blob([bytes]), name);
    return this.request('/api/upload', { method: 'POST', body: form });
  }

  /** Uploads without saying how much there is: a small body is then gathered by nobody, but written as it comes. */
  uploadInChunks(name: string, bytes: string | Uint8Array<ArrayBuffer> = `bytes of ${name}`): Promise<Answer> {
    const form = new FormData();
    form.append('file', new Blob([bytes]), name);
    const { body, headers } = new Response(form);
    const stream = { method: 'POST', body, headers: { 'content-type': headers.get('content-type')! }, duplex: 'half' };
    return this.request('/api/upload', stream as RequestInit);
  }

  /** Uploads and gives the file. */
  async file(
    name: string,
    bytes?: string | Uint8Array<ArrayBuffer>,
  ): Promise<{ id: number; name: string; [field: string]: any }> {
    const { status, body } = await this.upload(name, bytes);
    if (status !== 200) throw new Error(`Upload of ${name}: ${JSON.stringify(body)}`);
    return body.file;
  }

  private withBody(method: string, path: string, body: unknown): Promise<Answer> {
    return this.request(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  }
}
