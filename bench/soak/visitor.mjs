// A client of the drive's API as people's programs are: `fetch`, and a function for each thing that is done. Every answer that
// is not as it should be is an error.

/** @typedef {{ method?: string, path: string, headers?: Record<string, string>, body?: BodyInit }} Asked */

export class Visitor {
  /** How often what was done. @type {Record<string, number>} */
  done = {};
  #url;
  #authorization;

  /** @param {{ url: string, token: string }} drive */
  constructor({ url, token }) {
    this.#url = url;
    this.#authorization = { authorization: `Bearer ${token}` };
  }

  /** @param {string} what */
  did(what) {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  /** @param {string} name @param {Blob} bytes @returns the file's id */
  async upload(name, bytes, what = 'small uploads', key = '') {
    const body = new FormData();
    body.append('file', bytes, name);
    const headers = key === '' ? {} : { 'idempotency-key': key };
    const { file } = await this.#json({ method: 'POST', path: '/api/upload', headers, body });
    this.did(what);
    return file.id;
  }

  /** @returns the id of the file of that name */
  async idOf(name) {
    return (await this.search(name))[0].id;
  }

  async search(part) {
    const { files } = await this.#json({ path: `/api/files?q=${part}` });
    this.did('searches');
    return files;
  }

  async download(id, size) {
    const answer = await this.#ask({ path: `/api/files/${id}/content` });
    const { byteLength } = await answer.arrayBuffer();
    if (byteLength !== size) throw new Error(`${byteLength} bytes of ${size}`);
    this.did('downloads of 10 MiB');
  }

  /** Takes the first bytes and hangs up, as people do. */
  async breakOff(id) {
    const answer = await fetch(`${this.#url}/api/files/${id}/content`, { headers: this.#authorization });
    // Its delete may come first.
    if (answer.status === 404) return void (await answer.arrayBuffer());
    if (answer.status !== 200) throw new Error(`${answer.status} from a download`);
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    this.did('downloads, broken off');
  }

  async get(path, what) {
    await (await this.#ask({ path })).arrayBuffer();
    this.did(what);
  }

  async remove(id) {
    await this.#json({ method: 'DELETE', path: `/api/files/${id}` });
    this.did('deletes');
  }

  async removeMany(ids) {
    await this.#json({ method: 'POST', path: '/api/files/delete', ...json({ ids, confirm: ids.length }) });
    this.did('deletes of 20 in one request');
  }

  async openToAll(id) {
    await this.#json({ method: 'PUT', path: `/api/files/${id}/access`, ...json({ public: true }) });
  }

  async makeLink(id, settings) {
    const body = json({ public: true, ...settings });
    const { access, link } = await this.#json({ method: 'POST', path: `/api/files/${id}/accesses`, ...body });
    this.did('links made');
    return { accessId: access.id, link };
  }

  /** As a stranger does. */
  async useLink(link) {
    const answer = await fetch(link);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${answer.status} from a link`);
    this.did('links used');
  }

  /** One use for a download in parts, as programs do that go on with what was broken off. */
  async useLinkInParts(link) {
    const { content } = await this.#json({ method: 'POST', path: `${new URL(link).pathname}/use` });
    const part = await this.#ask({ path: content, headers: { range: 'bytes=0-9' } }, 206);
    await part.arrayBuffer();
    this.did('links used for a download in parts');
  }

  async endLink(accessId) {
    await this.#json({ method: 'DELETE', path: `/api/accesses/${accessId}` });
    this.did('links ended');
  }

  /** Logs in, by token or as a browser does, and out again. */
  async enterAndLeave(path, account) {
    const answer = await this.#ask({ method: 'POST', path, ...json(account) });
    const { token } = await answer.json();
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    const headers = token ? { authorization: `Bearer ${token}` } : { authorization: '', cookie, origin: this.#url };
    await this.#json({ method: 'POST', path: '/api/logout', headers });
    this.did('log-ins and log-outs');
  }

  async #json(asked) {
    return (await this.#ask(asked)).json();
  }

  /** @param {Asked} asked @param {number} status of the answer */
  async #ask({ path, headers = {}, ...init }, status = 200) {
    const all = Object.entries({ ...this.#authorization, ...headers }).filter(([, value]) => value !== '');
    const answer = await fetch(this.#url + path, { ...init, headers: Object.fromEntries(all) });
    if (answer.status !== status) throw new Error(`${answer.status} from ${path}: ${await answer.text()}`);
    return answer;
  }
}

const json = (value) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });
