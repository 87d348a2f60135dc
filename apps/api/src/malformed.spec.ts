import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { published } from '../../../test/support/published.js';
import { refuseMalformed } from './malformed.js';

describe('refuseMalformed', () => {
  let server: Server;
  let client: Socket;

  beforeEach(async () => {
    server = createServer({ headersTimeout: 200, connectionsCheckingInterval: 50 }, (_request, response) =>
      response.end('ok'),
    );
    server.on('clientError', refuseMalformed).listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  });
  afterEach(async () => {
    client.destroy();
    server.close();
    await once(server, 'close');
  });

  async function answerTo(text: string): Promise<{ head: string; body: { error: string; requestId: string } }> {
    let received = '';
    client.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    client.write(text);
    await once(client, 'close');
    const [head = '', body = ''] = received.split('\r\n\r\n');
    return { head, body: JSON.parse(body) };
  }

  it.each([
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\n', 408, 'Request timeout'],
    ['headers that are too many', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`, 431, 'Request header fields too large'],
    ['what is no HTTP', 'GARBAGE\r\n\r\n', 400, 'Bad request'],
  ])('answers %s, and closes', async (_what, text, status, error) => {
    const { head, body } = await answerTo(text);
    expect(body).toEqual({ ...published(error), requestId: expect.any(String) });
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain(`x-request-id: ${body.requestId}`);
    expect(head).toContain('connection: close');
  });
});
