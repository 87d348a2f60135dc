import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { PASSWORD } from '../../support/client.js';
import { tally } from './report.js';
import { outcomeOf, uniqueBytes, uploadHead } from './requests.js';
import type { FileRecord, LinkRecord, Outcome } from './ledger.js';
import { UploadRecorder } from './upload-recorder.js';

/** Whether its bytes are gathered and staged before there is a record, if they are few, or a record claims their name first. */
export type UploadWay = 'staged' | 'claimed';

/** A client that writes down what it asked for and what it was told. Its calls never throw for a server that dies. */
export class Recorder extends UploadRecorder {
  private uploads = 0;

  async signUp(username: string): Promise<Outcome> {
    const account = { username, password: 'correct horse battery', email: 'a@example.org', name: username };
    this.ledger.accounts.set(username, 'sent');
    const outcome = await outcomeOf(this.client.post('/api/signup', account));
    this.ledger.accounts.set(username, outcome);
    return outcome;
  }

  /** @param way by default now this, now that: a small body of which the length is known goes another way through the server */
  async upload(name: string, size = 100, way: UploadWay = this.nextWay()): Promise<FileRecord> {
    const bytes = uniqueBytes(size);
    const record = this.ledger.begin(this.client.username, name, bytes);
    const send = way === 'staged' ? this.client.upload(name, bytes) : this.client.uploadInChunks(name, bytes);
    record.upload = await outcomeOf(
      send.then((answer) => {
        record.id = answer.body.file?.id;
        return answer;
      }),
    );
    if (record.upload === 'acknowledged') tally.acknowledged += 1;
    return record;
  }

  private nextWay(): UploadWay {
    this.uploads += 1;
    return this.uploads % 2 === 1 ? 'staged' : 'claimed';
  }

  /** An upload whose client goes away before it is whole. */
  async abandon(name: string): Promise<void> {
    const record = this.ledger.begin(this.client.username, name, uniqueBytes(100));
    const { hostname, port } = new URL(this.client.url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve) => {
      socket.on('error', () => resolve()).on('close', () => resolve());
      socket.write(uploadHead(this.client.token!, name, 1000), () => socket.destroy());
    });
    record.upload = 'refused';
  }

  /** @param key by which the request is known again */
  async remove(record: FileRecord, key?: string): Promise<Outcome> {
    record.removal = 'sent';
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const request = this.client.request(`/api/files/${record.id}`, { method: 'DELETE', headers });
    // Whoever lost against another delete knows that the file is gone as well as the winner.
    const outcome = await outcomeOf(request, ({ status, body }) =>
      status === 404 || body.error === 'Failed to delete the physical file' ? 'acknowledged' : undefined,
    );
    if (outcome === 'acknowledged') tally.acknowledged += 1;
    if ((record.removal as Outcome) !== 'acknowledged') record.removal = outcome;
    return outcome;
  }

  /** Deletes several in one request. */
  async removeMany(records: readonly FileRecord[]): Promise<Outcome> {
    for (const record of records) record.removal = 'sent';
    const request = this.client.post('/api/files/delete', { ids: records.map(({ id }) => id) });
    const results = new Map<number, Outcome>();
    const outcome = await outcomeOf(
      request.then((answer) => {
        for (const { id, deleted, error } of answer.body.results ?? []) {
          const isGone = deleted || ['File not found', 'Failed to delete the physical file'].includes(error);
          results.set(id, isGone ? 'acknowledged' : 'refused');
        }
        return answer;
      }),
    );
    for (const record of records) {
      if ((record.removal as Outcome) !== 'acknowledged') record.removal = results.get(record.id!) ?? outcome;
    }
    if (outcome === 'acknowledged') tally.acknowledged += 1;
    return outcome;
  }

  /** Deletes the account with everything in it. */
  async leave(): Promise<Outcome> {
    this.ledger.leave(this.client.username);
    const body = JSON.stringify({ password: PASSWORD });
    const headers = { 'content-type': 'application/json' };
    return outcomeOf(this.client.request('/api/user', { method: 'DELETE', body, headers }));
  }

  async toggle(record: FileRecord, to: boolean): Promise<Outcome> {
    record.public.add(to);
    const outcome = await outcomeOf(this.client.put(`/api/files/${record.id}/access`, { public: to }));
    if (outcome === 'acknowledged') record.public.delete(!to);
    return outcome;
  }

  async download(record: FileRecord): Promise<void> {
    await this.receive(`/api/files/${record.id}/content`, record);
  }

  /** Makes a link that allows so many uses. */
  async share(record: FileRecord, limit: number): Promise<LinkRecord | undefined> {
    const terms = limit === 1 ? { oneTimeUse: true } : { enableTTL: true, ttl: limit };
    const request = this.client.post(`/api/files/${record.id}/accesses`, { public: true, ...terms });
    const answer = await request.catch(() => undefined);
    if (answer?.status !== 200) return undefined;
    const link: LinkRecord = { hash: answer.body.access.hash, limit, served: 0, asked: 0 };
    record.links.push(link);
    return link;
  }

  /** Downloads through a link, as a stranger: by turns at once, as a program does, and with a ticket, as its page does. */
  async use(record: FileRecord, link: LinkRecord): Promise<Outcome> {
    const withTicket = link.asked % 2 === 1;
    link.asked += 1;
    const gone = record.removal === 'acknowledged';
    const outcome = withTicket ? await this.useTicket(record, link) : await this.receive(`/link/${link.hash}`, record);
    if (outcome === 'acknowledged') link.served += 1;
    if (outcome === 'refused') link.asked -= 1;
    if (gone && outcome === 'acknowledged') this.ledger.seen.push(`I6 the link of deleted ${record.name} was served`);
    return outcome;
  }

  private async useTicket(record: FileRecord, { hash }: LinkRecord): Promise<Outcome> {
    const answer = await this.client.request(`/link/${hash}/use`, { method: 'POST' }).catch(() => undefined);
    if (answer?.status !== 200) return answer && answer.status < 500 ? 'refused' : 'unknown';
    // From here on a use is taken, whatever becomes of the bytes.
    const outcome = await this.receive(answer.body.content, record);
    return outcome === 'acknowledged' ? outcome : 'unknown';
  }

  private async receive(path: string, { name, sha256 }: FileRecord): Promise<Outcome> {
    try {
      const response = await this.client.fetch(path);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.status !== 200) return response.status < 500 ? 'refused' : 'unknown';
      const right = createHash('sha256').update(bytes).digest('hex') === sha256;
      if (!right) this.ledger.seen.push(`I5 ${path} gave other bytes than those of ${name}`);
      return 'acknowledged';
    } catch {
      return 'unknown';
    }
  }
}
