import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** When to cut a connection: before what a client sends reaches the server, or after it but before any answer. */
export type Cut = 'before' | 'after';

/** A connection to a server that a test can cut at a chosen moment; emits `cut` when it does. */
export class TcpProxy extends EventEmitter {
  private readonly sockets = new Set<Socket>();
  private stalled = false;
  private fault: { pattern: string; cut: Cut } | undefined;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    super();
  }

  /** @param target a port on loopback @param port where it listens; without it any */
  static async start(target: number, port = 0): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (client) => proxy.join(client));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The connection that next sends these bytes is cut; later ones are not. */
  cutAt(pattern: string, cut: Cut): void {
    this.fault = { pattern, cut };
  }

  /** From now on no byte passes, and no connection ends: as when a cable is cut. */
  stall(): void {
    this.stalled = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** What was held back arrives, late. */
  resume(): void {
    this.stalled = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const upstream = connect(this.target, '127.0.0.1');
    const cut = () => {
      client.destroy();
      upstream.end();
    };
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      if (this.stalled) socket.pause();
      socket.on('error', cut).on('close', () => {
        this.sockets.delete(socket);
        cut();
      });
    }
    upstream.on('data', (data) => void (client.destroyed || client.write(data)));
    client.on('data', (data) => {
      const { fault } = this;
      if (!fault || !data.includes(fault.pattern)) return void upstream.write(data);
      this.fault = undefined;
      this.emit('cut');
      client.destroy();
      if (fault.cut === 'before') upstream.destroy();
      else upstream.end(data);
    });
  }
}
