import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Client } from './client.js';

/** One part of a form whose boundary is `b`. */
export const part = (name: string, bytes: string, field = 'file') =>
  `--b\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${bytes}\r\n`;

export function postRaw(
  client: Client,
  body: string | Buffer,
  contentType: string | undefined = 'multipart/form-data; boundary=b',
) {
  const headers: Record<string, string> = contentType === '' ? {} : { 'content-type': contentType };
  return client.request('/api/upload', { method: 'POST', body: Buffer.from(body as string), headers });
}

/** Opens a socket and sends the head of an upload whose body is to follow. */
export async function beginUpload(client: Client, headers: string[]): Promise<Socket> {
  const { hostname, port } = new URL(client.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const head = [
    'POST /api/upload HTTP/1.1',
    `Host: ${hostname}`,
    `Authorization: Bearer ${client.token}`,
    'Content-Type: multipart/form-data; boundary=b',
    ...headers,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return socket;
}
