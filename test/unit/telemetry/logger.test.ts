import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { createLogger, type LogLevel, type LoggerOptions } from '../../../src/telemetry/logger';
import { forgetSecrets, registerSecret } from '../../../src/telemetry/redaction';
import { anyWritten } from '../../support/any-text';

/** A destination that keeps what it is given. */
function sink(isTTY = false) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, destination: Object.assign(stream, { isTTY }) };
}

function written(
  options: LoggerOptions,
  write: (logger: ReturnType<typeof createLogger>) => void,
): unknown[] {
  const { lines, destination } = sink();
  write(createLogger({ ...options, destination }));
  return lines.map((line) => JSON.parse(line) as unknown);
}

afterEach(() => forgetSecrets());

test('an event is one JSON line', () => {
  const { lines, destination } = sink();
  createLogger({ destination }).info('plan made', { plan: 'p1', rows: 3, lines: 'a\nb' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{"timestamp":"[^"]+","level":"info","message":"plan made",.*\}\n$/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ plan: 'p1', rows: 3, lines: 'a\nb' });
});

test.each<[LogLevel, LogLevel[]]>([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['error', ['error']],
])('level %s writes %p', (level, expected) => {
  const events = written({ level }, (logger) => {
    for (const each of ['debug', 'info', 'warn', 'error'] as const) logger[each](each);
  });
  expect(events).toEqual(
    expected.map((each) => expect.objectContaining({ level: each, message: each }) as object),
  );
});

test('children add their fields; the fields of the event win', () => {
  const [event] = written({}, (logger) =>
    logger.child({ connection: 'acme', part: 'a' }).child({ request: 7 }).warn('slow', { part: 'b' }),
  );
  expect(event).toMatchObject({ connection: 'acme', request: 7, part: 'b', message: 'slow' });
});

test('fields named like ours do not replace them', () => {
  const [event] = written({}, (logger) =>
    logger.info('ours', { message: 'theirs', level: 'x', timestamp: 'y' }),
  );
  expect(event).toMatchObject({
    message: 'ours',
    message_: 'theirs',
    level: 'info',
    level_: 'x',
    timestamp_: 'y',
  });
});

test('an event may have happened earlier', () => {
  const [event] = written({}, (logger) =>
    logger.info('late', { timestamp: new Date('2026-01-02T03:04:05Z') }),
  );
  expect(event).toMatchObject({ timestamp: '2026-01-02T03:04:05.000Z' });
  expect(event).not.toHaveProperty('timestamp_');
});

test('errors are written with their cause', () => {
  const error = new Error('outer', { cause: new Error('inner') });
  expect(written({}, (logger) => logger.error('failed', { error }))).toMatchObject([
    { message: 'failed', error: { message: 'outer', cause: { message: 'inner' } } },
  ]);
});

test('on a terminal a line is for people', () => {
  const { lines, destination } = sink(true);
  createLogger({ destination }).info('plan made', { plan: 'p1', rows: [1, 2] });
  expect(stripVTControlCharacters(lines[0] ?? '')).toMatch(
    /^\d\d:\d\d:\d\d INFO {2}plan made plan=p1 rows=\[1,2\]\n$/,
  );
});

test('a file is appended to', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'log-'));
  const destination = path.join(dir, 'logs', 'tieback.jsonl');
  createLogger({ destination }).info('one');
  createLogger({ destination }).info('two');
  const read = () => (fs.existsSync(destination) ? fs.readFileSync(destination, 'utf8') : '');
  while (read().split('\n').length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  const messages = read()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { message: string }).message);
  expect(messages.sort()).toEqual(['one', 'two']);
  fs.rmSync(dir, { recursive: true });
});

test('a registered secret never shows, wherever it is', () => {
  const secrets = anyWritten({ minLength: 12, maxLength: 40 }).filter((text) => text.trim().length >= 12);
  const places = (secret: string) => {
    const text = fc.tuple(fc.string(), fc.string()).map(([before, after]) => before + secret + after);
    const leaf = fc.oneof(
      text,
      text.map((value) => new Error(value)),
      text.map((value) => new Error('outer', { cause: { value } })),
      text.map((value) => new Map([[value, value]])),
      text.map((value) => new Set([value])),
      text.map((value) => Buffer.from(value)),
      text.map((value) => ({ toJSON: () => value })),
      text.map((value) => Object.assign(new Error('x'), { config: { headers: { 'x-custom': value } } })),
      text.map((value) => Symbol(value)),
    );
    const { node } = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.array(fc.oneof(tie('node'), fc.jsonValue()), { maxLength: 4 }),
        fc.dictionary(fc.oneof(text, fc.string()), tie('node'), { maxKeys: 4 }),
      ),
    }));
    return fc.record({
      message: fc.oneof(text, fc.string()),
      node,
      format: fc.constantFrom('json', 'pretty'),
    });
  };
  fc.assert(
    fc.property(
      secrets.chain((secret) => fc.record({ secret: fc.constant(secret), place: places(secret) })),
      ({ secret, place: { message, node, format } }) => {
        forgetSecrets();
        registerSecret(secret);
        const { lines, destination } = sink();
        createLogger({ destination, format: format }).child({ node }).info(message, { again: node });
        expect(lines).toHaveLength(1);
        expect(lines[0]).not.toContain(secret);
        expect(lines[0]).not.toContain(JSON.stringify(secret).slice(1, -1));
      },
    ),
    { numRuns: 500 },
  );
});

test('a registered secret that is a number never shows', () => {
  registerSecret('40718253');
  expect(
    JSON.stringify(written({}, (logger) => logger.info('x', { pin: 1, n: 40718253, big: 40718253n }))),
  ).not.toContain('40718253');
});
