import type { Socket } from 'node:net';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; the last bucket is for uploads and downloads, which take as long as they take. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
/** Fields of an event whose values are few, so that each may have a counter of its own. */
const REASONS = ['reason', 'error'] as const;
/** Names of the catalogue and of reasons; anything else, such as the text of an error, is no label. */
const NAME = /^[a-zA-Z-]{1,40}$/;

const REQUESTS = {
  name: 'defdrive_http_request_duration_seconds',
  help: 'Requests that were answered, and how long each took',
  labelNames: ['method', 'route', 'status'],
  buckets: DURATIONS,
};
const BYTES = {
  name: 'defdrive_http_bytes_total',
  help: 'Bytes of connections that answered requests',
  labelNames: ['direction'],
};
const EVENTS = {
  name: 'defdrive_events_total',
  help: 'Events as the log has them: deletes, uploads, links used and refused, log-ins that failed, faults',
  labelNames: ['event', 'reason'],
};

const STATEMENTS = {
  name: 'defdrive_database_statement_duration_seconds',
  help: 'Statements of the database, and how long each took; with MariaDB and MySQL the way there and back included',
  labelNames: ['kind'],
  buckets: [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 10],
};
const TRANSFERS = {
  name: 'defdrive_transfers_under_way',
  help: 'Uploads and downloads under way',
  labelNames: ['direction'],
};

/** One request that has been answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern, never the URL. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly socket: Socket;
}

/** Something to be looked up when somebody asks: its name, what it is, and how it is read. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  /** NaN where it cannot be told now. */
  readonly read: () => Promise<number>;
}

/** What the drive tells a Prometheus: what it has answered, what it has told its log, and how it is. */
export class Metrics {
  private readonly requests: Histogram;
  private readonly bytes: Counter;
  private readonly events: Counter;
  private readonly statements: Histogram;
  private readonly transfers: Gauge;
  /** Bytes of a connection that are counted already. */
  private readonly counted = new WeakMap<Socket, { read: number; written: number }>();

  private constructor(
    private readonly prometheus: typeof import('prom-client'),
    private readonly registry: Registry,
  ) {
    const registers = [registry];
    this.requests = new prometheus.Histogram({ ...REQUESTS, registers });
    this.bytes = new prometheus.Counter({ ...BYTES, registers });
    this.events = new prometheus.Counter({ ...EVENTS, registers });
    this.statements = new prometheus.Histogram({ ...STATEMENTS, registers });
    this.transfers = new prometheus.Gauge({ ...TRANSFERS, registers });
    for (const direction of ['up', 'down']) this.transfers.set({ direction }, 0);
    prometheus.collectDefaultMetrics({ register: registry });
  }

  /** The library is loaded here and not before: most drives are never asked. */
  static async create(): Promise<Metrics> {
    const { default: prometheus } = await import('prom-client');
    return new Metrics(prometheus, new prometheus.Registry());
  }

  countRequest({ method, route, status, seconds, socket }: AnsweredRequest): void {
    this.requests.observe({ method, route, status }, seconds);
    const { bytesRead: read, bytesWritten: written } = socket;
    const before = this.counted.get(socket) ?? { read: 0, written: 0 };
    this.bytes.inc({ direction: 'received' }, read - before.read);
    this.bytes.inc({ direction: 'sent' }, written - before.written);
    this.counted.set(socket, { read, written });
  }

  /** A file's bytes are on their way. @returns what is to be called when they are not any more */
  beginTransfer(direction: 'up' | 'down'): () => void {
    this.transfers.inc({ direction });
    return () => this.transfers.dec({ direction });
  }

  /** @param kind such as `select` */
  readonly timeStatement = (kind: string, seconds: number): void => {
    this.statements.observe({ kind }, seconds);
  };

  /** Counts what is told to the log, whatever its level lets through. @param fields of the line */
  countEvent(fields: object): void {
    const { event, ...others } = fields as Record<string, unknown>;
    if (typeof event !== 'string') return;
    const reason = REASONS.map((name) => others[name]).find((value) => typeof value === 'string' && NAME.test(value));
    this.events.inc({ event, reason: (reason as string | undefined) ?? '' });
  }

  /** Reads it whenever somebody asks. */
  add({ name, help, read }: Reading): void {
    const { Gauge } = this.prometheus;
    void new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read().catch(() => Number.NaN));
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The text that Prometheus reads. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
