import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger, PinoLoggerService, requestContext } from './logging.js';

const SECRET = 'never-in-a-line';
const NAMES = [
  ...['authorization', 'Authorization', 'cookie', 'set-cookie', 'password', 'currentPassword', 'newPassword'],
  ...['passwordHash', 'secret', 'token', 'link', 'hash'],
];

let lines: string[];
const destination = { write: (line: string) => void lines.push(line) };
const events = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

beforeEach(() => {
  lines = [];
});

describe('createLogger', () => {
  it('writes an event as one line of JSON with its level and time', () => {
    createLogger('info', destination).warn({ event: 'upload', size: 5, text: 'two\nlines' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
    expect(events()[0]).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      event: 'upload',
      size: 5,
      text: 'two\nlines',
    });
  });

  it.each([
    ['info', ['info', 'warn']],
    ['warn', ['warn']],
    ['silent', []],
  ])('writes at level %s only %j', (level, written) => {
    const logger = createLogger(level, destination);
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    expect(events().map((event) => event.level)).toEqual(written);
  });

  it('tells which request an event belongs to, also later and after waiting', async () => {
    const logger = createLogger('info', destination);
    await requestContext.run({ requestId: 'one' }, async () => {
      await new Promise(setImmediate);
      logger.info({ event: 'a' });
    });
    logger.info({ event: 'b' });
    expect(events().map(({ requestId }) => requestId)).toEqual(['one', undefined]);
  });

  it('keeps the fields of a line out of the other lines of its request', () => {
    const logger = createLogger('info', destination);
    requestContext.run({ requestId: 'one' }, () => {
      logger.info({ event: 'login', userId: 7 });
      logger.info({ event: 'request' });
    });
    expect(events()[1]).not.toHaveProperty('userId');
  });

  it.each(NAMES)('cuts out %s, wherever it stands', (name) => {
    const logger = createLogger('trace', destination);
    const secret = { [name]: SECRET };
    class Row {
      readonly nested = secret;
    }
    for (const fields of [
      secret,
      { headers: secret },
      { error: { config: { headers: secret } } },
      { a: { b: { c: { d: secret } } } },
      { list: [1, [secret]] },
      { row: new Row() },
    ])
      logger.info(fields);
    expect(lines).toHaveLength(6);
    expect(lines.join()).not.toContain(SECRET);
    expect(events()[0]![name]).toBe('[redacted]');
  });

  it('cuts secrets out of anything', () => {
    const logger = createLogger('trace', destination);
    const leaf = fc.constantFrom(...NAMES).map((name) => ({ [name]: SECRET }) as unknown);
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 12 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3 }),
      ),
    }));
    const property = fc.property(tree, (fields) => {
      lines = [];
      logger.info({ fields });
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toContain(SECRET);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('says of an error what it is and where it comes from, and nothing that hangs on it', () => {
    const logger = createLogger('info', destination);
    const error = Object.assign(new TypeError('wrong'), { parameters: [SECRET], request: { headers: {} } });
    logger.error(error);
    logger.error({ error });
    expect(lines.join()).not.toContain(SECRET);
    expect(events()[0]!.err).toMatchObject({ message: 'wrong', stack: expect.stringContaining('logging.spec') });
    expect(events()[1]!.error).toMatchObject({ name: 'TypeError', message: 'wrong' });
  });

  it('survives what goes round in circles', () => {
    const circle: Record<string, unknown> = { password: SECRET };
    circle.again = circle;
    createLogger('info', destination).info({ circle });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(SECRET);
  });

  it('writes neither requests nor replies', () => {
    const request = { headers: { authorization: SECRET }, url: `/link/${SECRET}`, body: { password: SECRET } };
    createLogger('info', destination).info({ req: request, res: request, event: 'request' });
    expect(events()[0]).toEqual({ level: 'info', time: expect.any(String), event: 'request' });
  });
});

describe('PinoLoggerService', () => {
  beforeEach(() => Logger.overrideLogger(new PinoLoggerService(createLogger('trace', destination))));
  afterEach(() => Logger.overrideLogger(false));

  it('writes what the loggers of Nest are given, with their name', () => {
    const logger = new Logger('FilesService');
    logger.log({ event: 'file-deleted', fileId: 42 });
    logger.warn('careful');
    logger.error('failed', 'Error: failed\n    at here');
    logger.fatal({ event: 'end', password: SECRET });
    logger.debug('detail');
    logger.verbose('more');
    expect(events()).toMatchObject([
      { level: 'info', context: 'FilesService', event: 'file-deleted', fileId: 42 },
      { level: 'warn', context: 'FilesService', msg: 'careful' },
      { level: 'error', context: 'FilesService', msg: 'failed', stack: 'Error: failed\n    at here' },
      { level: 'fatal', context: 'FilesService', event: 'end', password: '[redacted]' },
      { level: 'debug', context: 'FilesService', msg: 'detail' },
      { level: 'trace', context: 'FilesService', msg: 'more' },
    ]);
  });

  it("keeps Nest's own start to debugging", () => {
    new Logger('InstanceLoader').log('AppModule dependencies initialized');
    new Logger('InstanceLoader').error('cannot load');
    expect(events().map(({ level }) => level)).toEqual(['debug', 'error']);
  });
});
