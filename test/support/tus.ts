import type { Answer, Client } from './client.js';
import type { Drive } from './drive.js';
import { RawClient } from './raw.js';

export const TUS = { 'tus-resumable': '1.0.0' };
export const PART_TYPE = 'application/offset+octet-stream';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What `Upload-Metadata` is for a name. */
export const metadataOf = (name: string) => `filename ${base64(name)}`;

/** The id of an upload, by its address. */
export const idOf = (path: string) => path.split('/').at(-1)!;

/** A client of resumable uploads, on top of one of the drive. */
export class TusClient {
  constructor(readonly client: Client) {}

  /** Asks for an upload. */
  create(name: string, length: number, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const given = { ...TUS, 'upload-length': String(length), 'upload-metadata': metadataOf(name), ...headers };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': PART_TYPE };
    return this.client.request('/api/uploads', { method: 'POST', body, headers: { ...type, ...given } });
  }

  /** Begins an upload that can be gone on with. @returns its address */
  async begin(name: string, length: number): Promise<string> {
    const { status, headers, body } = await this.create(name, length);
    if (status !== 201) throw new Error(`Begin of ${name}: ${JSON.stringify(body)}`);
    return headers.get('location')!;
  }

  append(path: string, offset: number, bytes: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    const given = { ...TUS, 'content-type': PART_TYPE, 'upload-offset': String(offset), ...headers };
    return this.client.request(path, { method: 'PATCH', body: Buffer.from(bytes as string), headers: given });
  }

  /**
   * A connection on which a part is under way.
   * @param headers lines beside those that each part has, such as its length
   * @param sent lines of the body that are sent at once; none ends with a line end but by being followed by another
   */
  async sending(path: string, offset: number, headers: string[], ...sent: string[]): Promise<RawClient> {
    const raw = await RawClient.connect(this.client.url);
    const head = [
      `PATCH ${path} HTTP/1.1`,
      `Host: ${new URL(this.client.url).host}`,
      `Authorization: Bearer ${this.client.token}`,
      `Tus-Resumable: ${TUS['tus-resumable']}`,
      `Content-Type: ${PART_TYPE}`,
      `Upload-Offset: ${offset}`,
    ];
    raw.send(...head, ...headers, '', ...(sent.length === 0 ? [''] : sent));
    return raw;
  }

  look(path: string): Promise<Answer> {
    return this.client.request(path, { method: 'HEAD', headers: TUS });
  }

  /** The offset that a look tells. */
  async offset(path: string): Promise<number> {
    const { status, headers } = await this.look(path);
    if (status !== 200) throw new Error(`A look at ${path}: ${status}`);
    return Number(headers.get('upload-offset'));
  }

  end(path: string): Promise<Answer> {
    return this.client.request(path, { method: 'DELETE', headers: TUS });
  }
}

/** Somebody who was not here before, and uploads in parts. */
export async function tusNewcomer(drive: Drive): Promise<{ client: Client; tus: TusClient }> {
  const client = await drive.newcomer();
  return { client, tus: new TusClient(client) };
}
