import { randomBytes } from 'node:crypto';
import { Client, type WorkflowFailedError } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import * as fc from 'fast-check';
import { buildWorkflowBundle } from '../../../src/temporal/bundle';
import { createDataConverter, EncryptionCodec, type PayloadKey } from '../../../src/temporal/payload-codec';
import { mainWorkerOptions } from '../../../src/temporal/worker-options';
import { testTemporal, uniqueName, type TestTemporal } from '../../support/temporal';

const key = (id: string): PayloadKey => ({ id, key: randomBytes(32).toString('base64') });
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload<unknown>(value);
const valueOf = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload as Payload);

describe('codec', () => {
  test('whatever goes in comes out, and does not show in between', async () => {
    const codec = new EncryptionCodec([key('a')]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue({ noUnicodeString: false })), async (values) => {
        const payloads = values.map(payloadOf);
        const encoded = await codec.encode(payloads);
        const shown = encoded.map((payload) => Buffer.from(payload.metadata?.['encoding'] ?? []).toString());
        expect(shown).toEqual(values.map(() => 'binary/encrypted'));
        expect((await codec.decode(encoded)).map(valueOf)).toEqual(payloads.map(valueOf));
      }),
    );
  });

  test('keys rotate: old payloads stay readable, new ones use the new key', async () => {
    const [old, fresh] = [key('2025'), key('2026')];
    const before = await new EncryptionCodec([old]).encode([payloadOf('before')]);
    const rotated = new EncryptionCodec([fresh, old]);
    const after = await rotated.encode([payloadOf('after')]);
    expect((await rotated.decode([...before, ...after])).map(valueOf)).toEqual(['before', 'after']);
    await expect(new EncryptionCodec([old]).decode(after)).rejects.toThrow(
      'encrypted with key "2026", which is not among the configured ones (2025)',
    );
  });

  test('every altered bit is noticed', async () => {
    const codec = new EncryptionCodec([key('a')]);
    const [encoded] = await codec.encode([payloadOf({ amount: '100.00' })]);
    const data = Buffer.from(encoded?.data ?? []);
    await fc.assert(
      fc.asyncProperty(fc.nat(data.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const altered = Buffer.from(data);
        altered[at] = (altered[at] ?? 0) ^ (1 << bit);
        await expect(codec.decode([{ ...encoded, data: altered }])).rejects.toThrow('cannot be decrypted');
      }),
    );
    await expect(codec.decode([{ ...encoded, data: data.subarray(0, 20) }])).rejects.toThrow(
      'cannot be decrypted',
    );
  });

  test('a payload cannot be passed off as one of another key', async () => {
    const shared = randomBytes(32).toString('base64');
    const codec = new EncryptionCodec([
      { id: 'a', key: shared },
      { id: 'b', key: shared },
    ]);
    const [encoded] = await codec.encode([payloadOf(1)]);
    const metadata = { ...encoded?.metadata, 'encryption-key-id': Buffer.from('b') };
    await expect(codec.decode([{ ...encoded, metadata }])).rejects.toThrow('cannot be decrypted');
  });

  test('payloads from before encryption pass through', async () => {
    const plain = payloadOf('plain');
    expect(await new EncryptionCodec([key('a')]).decode([plain])).toEqual([plain]);
  });

  test.each([
    ['too short', 'c2hvcnQ='],
    ['not base64', '!'.repeat(44)],
  ])('a key that is %s is refused without being shown', (_what, bad) => {
    const create = () => new EncryptionCodec([{ id: 'a', key: bad }]);
    expect(create).toThrow('Payload key "a" is not 32 bytes in base64');
    expect(create).not.toThrow(bad);
  });

  test('without keys nothing is encrypted', () => expect(createDataConverter()).toEqual({}));
});

describe('on a server', () => {
  let temporal: TestTemporal;
  beforeAll(async () => {
    temporal = await testTemporal();
  });
  afterAll(() => temporal.close());

  test('neither arguments, results nor failures of a workflow can be read there', async () => {
    const dataConverter = createDataConverter({ keys: [key('a')] });
    const { connection, namespace, nativeConnection } = temporal;
    const client = new Client({ connection, namespace, dataConverter });
    const taskQueue = uniqueName('codec');
    const worker = await Worker.create({
      ...mainWorkerOptions(taskQueue),
      connection: nativeConnection,
      namespace,
      dataConverter,
      workflowBundle: await buildWorkflowBundle({
        workflowsPath: require.resolve('../../support/sample-workflows'),
        outDir: '.cache/test-bundles',
        encodeFailures: true,
      }),
      activities: {
        noted: async (text: string) => {
          throw new Error(`cannot note ${text}`);
        },
      },
    });
    const run = async (type: string): Promise<unknown> => {
      const options = { workflowId: uniqueName(type), taskQueue, args: ['Ada Lovelace'] };
      const handle = await client.workflow.start(type, options);
      const outcome: unknown = await handle.result().catch((error: unknown) => error);
      const stored = readable(await handle.fetchHistory());
      expect(stored).toContain('binary/encrypted');
      expect(stored).not.toContain('Lovelace');
      return outcome;
    };
    await worker.runUntil(async () => {
      expect(await run('greet')).toBe('Hello Ada Lovelace');
      expect(causesOf(await run('refuse'))).toContain('Ada Lovelace');
      expect(causesOf(await run('note'))).toContain('cannot note Ada Lovelace');
    });
  });
});

/** Everything a history holds; its JSON has bytes in base64. */
const readable = (history: unknown): string =>
  JSON.stringify(history, (key, value: unknown) =>
    ['data', 'encoding'].includes(key) && typeof value === 'string'
      ? Buffer.from(value, 'base64').toString('latin1')
      : value,
  );

function causesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...causesOf((error as WorkflowFailedError).cause)] : [];
}
