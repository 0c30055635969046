import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type { OutcomePage, RecordWrite, WriteResult } from '../../../src/erp-adapters/contract/adapter';
import { isTiebackError } from '../../../src/domain/base/errors';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { Pickup } from '../../support/pickup';
import { recordOf } from './record-samples';
import { kindOf } from './sample-kit';

const pickups: Pickup[] = [];
afterAll(() => pickups.forEach((pickup) => pickup.remove()));

function opened(numbers: 'number' | 'erp' = 'number'): Pickup {
  const pickup = new Pickup(numbers);
  pickups.push(pickup);
  return pickup;
}

const create = (generation: number, fields: Record<string, string | boolean | null>): RecordWrite => ({
  operationKey: `demo:vendor/7:${generation}:${JSON.stringify(fields)}`,
  recordId: 'vendor/7',
  generation,
  targetRevision: 'r',
  planHash: 'p',
  action: 'create',
  erpKey: null,
  record: recordOf(fields),
  expected: null,
});

const NEW = { code: 'V300', name: 'Cedar "Dry" Wall, Inc', isActive: true };
const write = async (pickup: Pickup, operation: RecordWrite, io?: Io): Promise<WriteResult | undefined> =>
  (await kindOf(pickup.open(io), 'vendor').write([operation]))[0];
const read = async (pickup: Pickup, key: string) => (await kindOf(pickup.open(), 'vendor').read([key]))[0];
const onlyReference = (pickup: Pickup): string => [...pickup.takeAll().keys()][0] ?? '';

/** Dies before or after call number `index`, or never. */
function dying(index: number, when: 'before' | 'after'): { io: Io; count: () => number } {
  let count = 0;
  const io = (async (_name: string, call: () => unknown) => {
    const isIt = count++ === index;
    if (isIt && when === 'before') throw new Error('killed');
    const result = await call();
    if (isIt) throw new Error('killed');
    return result;
  }) as unknown as Io;
  return { io, count: () => count };
}

test('a crash at any call, with a program that takes files at once, hands over one document', async () => {
  const probe = opened();
  const counted = dying(-1, 'before');
  await write(probe, create(1, NEW), counted.io);
  for (let index = 0; index < counted.count(); index += 1) {
    for (const when of ['before', 'after'] as const) {
      const pickup = opened();
      await expect(write(pickup, create(1, NEW), dying(index, when).io)).rejects.toThrow();
      const first = pickup.takeAll();
      const result = await write(pickup, create(1, NEW));
      expect(result).toMatchObject({ status: 'accepted', erpKey: 'WEST|V300' });
      await write(pickup, create(1, NEW));
      const texts = [...first.values(), ...pickup.takeAll().values()];
      expect(texts).toHaveLength(1);
      expect(texts[0]).toContain('"Cedar ""Dry"" Wall, Inc"');
    }
  }
});

test('the checksum beside a document is that of its bytes, and the ledger keeps both', async () => {
  const pickup = opened();
  await write(pickup, create(1, NEW));
  const [name = ''] = pickup.waiting;
  const sum = readFileSync(pickup.path('out', `${name}.sha256`), 'utf8').split(' ')[0] ?? '';
  const { createHash } = await import('node:crypto');
  expect(sum).toBe(
    createHash('sha256')
      .update(readFileSync(pickup.path('out', name)))
      .digest('hex'),
  );
});

test('adapters on one folder that write at once hand over one document for each operation', async () => {
  const pickup = opened();
  const adapters = Array.from({ length: 6 }, () => kindOf(pickup.open(), 'vendor'));
  const results = await Promise.all(
    adapters.map(async (vendor) => (await vendor.write([create(1, NEW)]))[0]),
  );
  expect(results.map((result) => result?.status)).toEqual(results.map(() => 'accepted'));
  expect(pickup.waiting).toHaveLength(1);
  expect(readdirSync(pickup.path('tieback', 'tmp'))).toEqual([]);
});

test('what a dead writer left is no document, and is removed when it is old', async () => {
  const pickup = opened();
  mkdirSync(pickup.path('tieback', 'tmp', 'torn'));
  writeFileSync(pickup.path('tieback', 'tmp', 'torn', 'entry.json'), '{"type":"docu');
  await write(pickup, create(1, NEW));
  expect(pickup.waiting).toHaveLength(1);
  await outcomes(pickup);
  expect(readdirSync(pickup.path('tieback', 'tmp'))).toEqual(['torn']);
  utimesSync(pickup.path('tieback', 'tmp', 'torn'), 1, 1);
  await outcomes(pickup);
  expect(readdirSync(pickup.path('tieback', 'tmp'))).toEqual([]);
});

test('a damaged ledger stops everything, with the number of the entry', async () => {
  const pickup = opened();
  await read(pickup, 'x');
  const file = pickup.path('tieback', 'ledger', '00000001', 'entry.json');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('Labor', 'Lavor').replace('V100', 'V101').replace('Steel', 'Steal'),
  );
  const error: unknown = await write(pickup, create(1, NEW)).catch((reason: unknown) => reason);
  expect(isTiebackError(error) && error.message).toMatch(/entry 00000001 of the ledger is damaged/);
});

test('a missing ledger is no empty one', async () => {
  const pickup = opened();
  rmSync(pickup.path('tieback'), { recursive: true });
  await expect(write(pickup, create(1, NEW))).rejects.toMatchObject({ code: 'ERP_CONFIG' });
});

test('a number that the ERP gives out comes with its answer, the key stays, and an answer twice is one', async () => {
  const pickup = opened('erp');
  const fields = { name: 'Cedar Drywall', isActive: true };
  const result = await write(pickup, create(1, fields));
  const erpKey = result?.status === 'accepted' ? result.erpKey : '';
  expect(erpKey).toMatch(/^WEST\|TB-\d+$/);
  const reference = onlyReference(pickup);
  // The export comes before the answer: the new number may be that of our vendor.
  pickup.exportVendors(['V100,Harbor,HARBOR,,,,A', 'V9,Cedar Drywall,,,,,A']);
  expect(await read(pickup, 'WEST|V9')).toBeUndefined();
  pickup.acknowledge(reference, 'V9');
  await read(pickup, erpKey);
  const entries = readdirSync(pickup.path('tieback', 'ledger')).length;
  pickup.acknowledge(reference, 'V9');
  expect(await read(pickup, erpKey)).toMatchObject({ state: 'active', record: { fields: { code: 'V9' } } });
  expect(await read(pickup, 'WEST|V9')).toBeUndefined();
  expect(readdirSync(pickup.path('tieback', 'ledger')).length).toBeLessThanOrEqual(entries + 1);
  expect(readdirSync(pickup.path('ack'))).toEqual([]);
});

test('an answer that came before we handed over for certain is understood', async () => {
  const pickup = opened();
  const calls: string[] = [];
  const io = (async (name: string, call: () => unknown) => {
    calls.push(name);
    const result = await call();
    // The program takes the document the moment it is there, and we die.
    if (name.endsWith('.publish') && pickup.waiting.length > 0) {
      pickup.acknowledge(onlyReference(pickup));
      throw new Error('killed');
    }
    return result;
  }) as unknown as Io;
  await expect(write(pickup, create(1, NEW), io)).rejects.toThrow('killed');
  expect(await write(pickup, create(1, NEW))).toMatchObject({ status: 'accepted', replayed: true });
  expect(pickup.waiting).toEqual([]);
});

test('a rejection takes the record back with the words of the ERP, and its correction is another document', async () => {
  const pickup = opened();
  await write(pickup, create(1, NEW));
  const reference = onlyReference(pickup);
  pickup.reject(reference, 'Terms code missing for V300');
  expect(await read(pickup, 'WEST|V300')).toMatchObject({ state: 'void' });
  expect(await write(pickup, create(1, NEW))).toMatchObject({
    status: 'refused',
    error: { message: 'The ERP refused the record: Terms code missing for V300' },
  });
  expect(pickup.waiting).toEqual([]);
  expect(await write(pickup, create(2, { ...NEW, phone: '206-555-0100' }))).toMatchObject({
    erpKey: 'WEST|V300',
  });
  expect(pickup.waiting).toHaveLength(1);
  expect(onlyReference(pickup)).not.toBe(reference);
  expect(await read(pickup, 'WEST|V300')).toMatchObject({ state: 'active' });
});

/** As a daemon that was started just now: nothing is remembered but what is in the folder. */
async function outcomes(pickup: Pickup, after: string | null = null, size = 100): Promise<OutcomePage> {
  const page = await pickup.open().outcomes?.(after, size);
  if (page === undefined) throw new Error('it tells no outcomes');
  return page;
}

test('what the ERP decides comes once from where the reader stopped, and again from the beginning, whoever asks', async () => {
  const pickup = opened();
  expect(await outcomes(pickup)).toEqual({ outcomes: [], cursor: null });
  for (const [generation, code] of ['V301', 'V302', 'V303'].entries())
    await write(pickup, create(generation + 1, { ...NEW, code }));
  expect((await outcomes(pickup)).outcomes).toEqual([]);
  const [one = '', two = '', three = ''] = pickup.takeAll().keys();
  pickup.reject(two, 'Terms code missing for V302');
  const first = await outcomes(pickup, null, 1);
  expect(first.outcomes).toEqual([
    {
      operationKey: create(2, { ...NEW, code: 'V302' }).operationKey,
      kind: 'vendor',
      recordId: 'vendor/7',
      generation: 2,
      erpKey: 'WEST|V302',
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      outcome: 'rejected',
      words: 'Terms code missing for V302',
      contradiction: null,
    },
  ]);
  expect(await outcomes(pickup, first.cursor)).toEqual({ outcomes: [], cursor: first.cursor });
  // Both in one file: the place of the reader is between two answers of it.
  pickup.put('ack', 'both.csv', `${one},\r\n${three},\r\n`);
  const second = await outcomes(pickup, first.cursor, 1);
  const third = await outcomes(pickup, second.cursor, 1);
  const told = [...second.outcomes, ...third.outcomes].map(({ erpKey, outcome }) => [erpKey, outcome]);
  expect(told).toEqual([
    ['WEST|V301', 'taken'],
    ['WEST|V303', 'taken'],
  ]);
  // The ERP writes an answer once more: nothing is new.
  pickup.acknowledge(three);
  expect(await outcomes(pickup, third.cursor)).toEqual({ outcomes: [], cursor: third.cursor });
  const all = await outcomes(pickup);
  expect(all.outcomes).toEqual([...first.outcomes, ...second.outcomes, ...third.outcomes]);
  expect(all.cursor).toBe(third.cursor);
});

test('a crash at any call while answers are taken in loses none of them and doubles none', async () => {
  const answered = async (io?: Io): Promise<Pickup> => {
    const pickup = opened();
    await write(pickup, create(1, NEW));
    pickup.reject(onlyReference(pickup), 'Terms code missing');
    if (io === undefined) return pickup;
    await pickup
      .open(io)
      .outcomes?.(null, 10)
      .catch(() => undefined);
    return pickup;
  };
  const counted = dying(-1, 'before');
  await answered(counted.io);
  expect(counted.count()).toBeGreaterThan(5);
  for (let index = 0; index < counted.count(); index += 1) {
    for (const when of ['before', 'after'] as const) {
      const { outcomes: told } = await outcomes(await answered(dying(index, when).io));
      expect(told.map(({ words }) => words)).toEqual(['Terms code missing']);
    }
  }
});

test('an answer that takes another one back names both files', async () => {
  const pickup = opened();
  await write(pickup, create(1, NEW));
  const reference = onlyReference(pickup);
  pickup.acknowledge(reference);
  const { cursor } = await outcomes(pickup);
  pickup.reject(reference, 'Period is closed');
  const [told] = (await outcomes(pickup, cursor)).outcomes;
  expect(told).toMatchObject({ outcome: 'rejected', words: 'Period is closed' });
  expect(told?.contradiction).toMatch(
    /^ack\/ack-1\.csv acknowledged it \(read .*Z\), rejected\/rejected-2\.csv rejected it \(read .*Z\)$/,
  );
});

test('a ledger that was put back is told from its beginning', async () => {
  const pickup = opened();
  await write(pickup, create(1, NEW));
  pickup.acknowledge(onlyReference(pickup));
  expect((await outcomes(pickup, '99 0')).outcomes).toHaveLength(1);
});

test.each([
  ['cut in the middle', 'VENDOR,NAME,SHORT,EMAIL,PHONE,RETAINAGE,STATUS\r\nV100,Har', /does not end/],
  [
    'without its end',
    'VENDOR,NAME,SHORT,EMAIL,PHONE,RETAINAGE,STATUS\r\nV1,A,,,,,A\r\n',
    /line 2: 3 columns were expected \(end\), 7/,
  ],
  [
    'with another count',
    'VENDOR,NAME,SHORT,EMAIL,PHONE,RETAINAGE,STATUS\r\nEND,4,9\r\n',
    /4 records were announced, 0/,
  ],
  ['with other titles', 'VENDOR,NAME\r\nEND,0,9\r\n', /line 1: the titles must be/],
  [
    'with a column more',
    'VENDOR,NAME,SHORT,EMAIL,PHONE,RETAINAGE,STATUS\r\nV1,A,,,,,A,x\r\nEND,1,9\r\n',
    /line 2: 7 columns/,
  ],
  [
    'with a word not in the list',
    'VENDOR,NAME,SHORT,EMAIL,PHONE,RETAINAGE,STATUS\r\nV1,A,,,,,Q\r\nEND,1,9\r\n',
    /line 2: STATUS "Q" is none of/,
  ],
  [
    'that is older',
    'VENDOR,NAME,SHORT,EMAIL,PHONE,RETAINAGE,STATUS\r\nEND,0,0\r\n',
    /not newer than vendors-1.csv/,
  ],
])('an export %s is refused as a whole, and stays where it is', async (_what, text, why) => {
  const pickup = opened();
  await read(pickup, 'x');
  pickup.put('in', 'vendors-9.csv', text);
  const adapter = pickup.open();
  const check = (await adapter.check()).find(({ name }) => name === 'files of the ERP');
  expect(check).toMatchObject({ ok: false });
  expect(check?.detail).toMatch(why);
  expect(readdirSync(pickup.path('in'))).toEqual(['vendors-9.csv']);
  expect(await read(pickup, 'WEST|V100')).toMatchObject({ state: 'active' });
});

test('what the ERP shows after its answer is what holds; before it, what was handed over', async () => {
  const pickup = opened();
  await write(pickup, create(1, NEW));
  const reference = onlyReference(pickup);
  pickup.exportVendors(['V100,Harbor Steel,HARBOR,,,,A']);
  expect(await read(pickup, 'WEST|V300')).toMatchObject({ record: { fields: { name: NEW.name } } });
  pickup.acknowledge(reference);
  await read(pickup, 'x');
  pickup.exportVendors(['V100,Harbor Steel,HARBOR,,,,A', 'V300,Cedar Renamed,,,,,I']);
  expect(await read(pickup, 'WEST|V300')).toMatchObject({
    state: 'inactive',
    record: { fields: { name: 'Cedar Renamed' } },
  });
});

test('a check changes nothing, whatever lies there', async () => {
  const pickup = opened();
  await write(pickup, create(1, NEW));
  pickup.acknowledge(onlyReference(pickup));
  pickup.acknowledge('0123456789abcdef');
  pickup.exportVendors(['V100,Harbor Steel,HARBOR,,,,A']);
  mkdirSync(pickup.path('tieback', 'tmp', 'torn'));
  utimesSync(pickup.path('tieback', 'tmp', 'torn'), 1, 1);
  const everything = (): unknown =>
    readdirSync(pickup.folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => [name, statSync(pickup.path(name)).mtimeMs]);
  const before = everything();
  const checks = await pickup.open().check();
  expect(everything()).toEqual(before);
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([
    {
      name: 'files of the ERP',
      detail: expect.stringMatching(/^ack\/ack-2\.csv: line 1: no document/) as string,
    },
  ]);
});

test('a document that nobody answers is told with its age', async () => {
  const pickup = opened();
  await write(pickup, create(1, NEW));
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 30 * 3_600_000);
  const check = (await pickup.open().check()).find(({ name }) => name === 'answers');
  clock.mockRestore();
  expect(check).toMatchObject({ ok: false });
  expect(check?.detail).toMatch(
    /^1 document without an answer, 1 of them for more than 24 hours: vendor\/7 in AP-\d+-[0-9a-f]{16}\.csv \(30 hours\)$/,
  );
});
