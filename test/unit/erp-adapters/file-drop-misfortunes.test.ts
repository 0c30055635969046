import { appendFileSync, cpSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { LateOutcome, RecordWrite, WriteResult } from '../../../src/erp-adapters/contract/adapter';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { fileDropAdapter } from '../../../src/erp-adapters/file-drop';
import { Pickup, pickupSettings } from '../../support/pickup';
import { recordOf } from './record-samples';
import { kindOf } from './sample-kit';

const pickups: Pickup[] = [];
afterAll(() => pickups.forEach((pickup) => pickup.remove()));

function opened(numbers: 'number' | 'erp' = 'number'): Pickup {
  const pickup = new Pickup(numbers);
  pickups.push(pickup);
  return pickup;
}

const create = (id: string, fields: Record<string, string | boolean | null>): RecordWrite => ({
  operationKey: `demo:vendor/${id}:1`,
  recordId: `vendor/${id}`,
  generation: 1,
  targetRevision: 'r',
  planHash: 'p',
  action: 'create',
  erpKey: null,
  record: recordOf(fields),
  expected: null,
});
const named = (name: string): RecordWrite => create(name, { name, isActive: true });
const numbered = (code: string): RecordWrite =>
  create(code, { code, name: `Vendor ${code}`, isActive: true });

async function write(pickup: Pickup, operation: RecordWrite): Promise<WriteResult | undefined> {
  return (await kindOf(pickup.open(), 'vendor').write([operation]))[0];
}
/** Hands one over, and answers with the reference that the ERP sees. */
async function handOver(pickup: Pickup, operation: RecordWrite): Promise<string> {
  expect(await write(pickup, operation)).toMatchObject({ status: 'accepted' });
  return [...pickup.takeAll().keys()][0] ?? '';
}
const outcomes = async (pickup: Pickup, io?: Io): Promise<readonly LateOutcome[]> =>
  (await pickup.open(io).outcomes?.(null, 100))?.outcomes ?? [];
const complaint = async (pickup: Pickup): Promise<string> =>
  (await pickup.open().check()).find(({ name }) => name === 'files of the ERP')?.detail ?? '';

test('two records never get one number, also not from one file of answers', async () => {
  const pickup = opened('erp');
  const [one, two] = [await handOver(pickup, named('Cedar')), await handOver(pickup, named('Alder'))];
  pickup.put('ack', 'both.csv', `${one},V9\r\n${two},V9\r\n`);
  expect(await outcomes(pickup)).toEqual([]);
  expect(await complaint(pickup)).toMatch(
    /^ack\/both\.csv: line 2: the number V9 belongs to WEST\|TB-\d+ already$/,
  );
});

test('a number with blanks around it is the one that exports show', async () => {
  const pickup = opened('erp');
  const reference = await handOver(pickup, named('Cedar'));
  pickup.put('ack', 'blank.csv', `${reference}, V9 \r\n`);
  await outcomes(pickup);
  pickup.exportVendors(['V9,Cedar,,,,,A']);
  const vendor = kindOf(pickup.open(), 'vendor');
  expect(await vendor.read(['WEST|V9'])).toEqual([]);
  expect(await vendor.findSame(recordOf({ code: 'V9' }))).toMatchObject([
    { key: expect.stringMatching(/TB-/) as string },
  ]);
});

test('an ERP that gives one record two numbers contradicts itself', async () => {
  const pickup = opened('erp');
  const reference = await handOver(pickup, named('Cedar'));
  pickup.acknowledge(reference, 'V9');
  await outcomes(pickup);
  pickup.acknowledge(reference, 'V10');
  const told = await outcomes(pickup);
  expect(told[0]?.contradiction).toBeNull();
  expect(told[1]?.contradiction).toMatch(
    /^ack\/ack-1\.csv acknowledged it as V9 .*, ack\/ack-2\.csv acknowledged it as V10 /,
  );
});

test('an empty file of answers is still being written', async () => {
  const pickup = opened();
  const reference = await handOver(pickup, numbered('V300'));
  writeFileSync(pickup.path('rejected', 'late.csv'), '');
  expect(await outcomes(pickup)).toEqual([]);
  expect(await complaint(pickup)).toMatch(/^rejected\/late\.csv: it is empty/);
  appendFileSync(pickup.path('rejected', 'late.csv'), `${reference},Terms code missing\r\n`);
  expect(await outcomes(pickup)).toMatchObject([{ outcome: 'rejected', words: 'Terms code missing' }]);
});

test('answers that the ERP writes over those that are being read are not lost', async () => {
  const pickup = opened();
  const [one, two] = [await handOver(pickup, numbered('V301')), await handOver(pickup, numbered('V302'))];
  pickup.put('ack', 'answers.csv', `${one},\r\n`);
  const io = (async (name: string, call: () => unknown) => {
    if (name === 'erp.files.archive') pickup.put('ack', 'answers.csv', `${two},\r\n`);
    return call();
  }) as unknown as Io;
  await outcomes(pickup, io);
  const told = await outcomes(pickup);
  expect(told.map(({ recordId, outcome }) => [recordId, outcome])).toEqual([
    ['vendor/V301', 'taken'],
    ['vendor/V302', 'taken'],
  ]);
});

test('answers that the ERP goes on writing are not lost', async () => {
  const pickup = opened();
  const [one, two] = [await handOver(pickup, numbered('V301')), await handOver(pickup, numbered('V302'))];
  pickup.put('ack', 'answers.csv', `${one},\r\n`);
  const io = (async (name: string, call: () => unknown) => {
    if (name === 'erp.files.archive') appendFileSync(pickup.path('ack', 'answers.csv'), `${two},\r\n`);
    return call();
  }) as unknown as Io;
  await outcomes(pickup, io);
  expect((await outcomes(pickup)).map(({ recordId }) => recordId)).toEqual(['vendor/V301', 'vendor/V302']);
});

test('a folder among the answers stops nobody', async () => {
  const pickup = opened();
  const reference = await handOver(pickup, numbered('V300'));
  mkdirSync(pickup.path('ack', 'done.csv'));
  pickup.acknowledge(reference);
  expect(await outcomes(pickup)).toHaveLength(1);
  expect(await complaint(pickup)).toMatch(/^ack\/done\.csv: it is no file/);
});

test('an export of everything with nothing in it takes nothing away', async () => {
  const pickup = opened();
  await outcomes(pickup);
  pickup.put('in', 'costtypes.csv', '');
  pickup.exportVendors([]);
  const adapter = pickup.open();
  expect(await kindOf(adapter, 'vendor').read(['WEST|V100'])).toHaveLength(1);
  expect(await adapter.lookUp([{ target: 'line_item_type', key: 'WEST|1' }])).toMatchObject([
    { state: 'active' },
  ]);
});

test('a ledger with a hole is damaged: no number of it is used again', async () => {
  const pickup = opened();
  await handOver(pickup, numbered('V301'));
  await handOver(pickup, numbered('V302'));
  const ledger = pickup.path('tieback', 'ledger');
  const [, hole = ''] = readdirSync(ledger).sort().slice(-3);
  rmSync(`${ledger}/${hole}`, { recursive: true });
  await expect(write(pickup, numbered('V303'))).rejects.toMatchObject({
    code: 'ERP_CONFIG',
    message: expect.stringContaining(`entry ${hole} of the ledger is missing`) as string,
  });
  expect(pickup.waiting).toEqual([]);
});

test('answers that were refused for what the ledger said are read when it says more', async () => {
  const pickup = opened('erp');
  const [one, two] = [await handOver(pickup, named('Cedar')), await handOver(pickup, named('Alder'))];
  const adapter = pickup.open();
  const told = async () => (await adapter.outcomes?.(null, 10))?.outcomes.map(({ recordId }) => recordId);
  pickup.put('ack', '1.csv', `${one},V9\r\n`);
  await told();
  pickup.put('ack', '2.csv', `${two},V9\r\n`);
  expect(await told()).toEqual(['vendor/Cedar']);
  pickup.put('ack', '3.csv', `${one},V8\r\n`);
  await told();
  expect(await told()).toEqual(['vendor/Cedar', 'vendor/Cedar', 'vendor/Alder']);
});

test('a file of answers under another name is being written; after an hour it is told', async () => {
  const pickup = opened();
  const reference = await handOver(pickup, numbered('V300'));
  pickup.put('ack', '17.csv.tmp', `${reference},\r\n`);
  expect(await outcomes(pickup)).toEqual([]);
  expect(await complaint(pickup)).toBe('all that lies there can be read');
  utimesSync(pickup.path('ack', '17.csv.tmp'), 1, 1);
  expect(await complaint(pickup)).toBe('ack/17.csv.tmp: no layout has files of this name');
});

test('answers whose end counts them are read wholly or not at all', async () => {
  const pickup = opened();
  const [one, two] = [await handOver(pickup, numbered('V301')), await handOver(pickup, numbered('V302'))];
  const settings = pickupSettings(pickup.folder) as { answers: Record<string, object> };
  const counted = {
    format: 'csv',
    files: '*.csv',
    complete: 'trailer',
    records: [
      { at: 'record', columns: [{ value: 'reference' }, { value: 'message' }] },
      { at: 'end', columns: [{ constant: 'END' }, { value: 'count' }] },
    ],
  };
  settings.answers['rejected'] = counted;
  const told = async () => {
    const adapter = fileDropAdapter.create({ connectionId: 'demo', settings });
    return ((await adapter.outcomes?.(null, 10))?.outcomes ?? []).map(({ recordId }) => recordId);
  };
  pickup.put('rejected', '1.csv', `${one},Period is closed\r\nEND,2\r\n`);
  expect(await told()).toEqual([]);
  pickup.put('rejected', '1.csv', `${one},Period is closed\r\n${two},Period is closed\r\nEND,2\r\n`);
  expect(await told()).toEqual(['vendor/V301', 'vendor/V302']);
});

test('a ledger that was put back uses no number again that a reader has seen', async () => {
  const pickup = opened('erp');
  const ledger = pickup.path('tieback', 'ledger');
  await handOver(pickup, named('Cedar'));
  cpSync(ledger, pickup.path('archive', 'backup'), { recursive: true });
  const reference = await handOver(pickup, named('Alder'));
  pickup.acknowledge(reference, 'V9');
  const cursor = (await pickup.open().outcomes?.(null, 10))?.cursor ?? null;
  rmSync(ledger, { recursive: true });
  cpSync(pickup.path('archive', 'backup'), ledger, { recursive: true });
  // Twice: a reader that dies before it has noted where it stands begins again as well.
  const older = await pickup.open().outcomes?.(cursor, 10);
  expect(older).toEqual({ outcomes: [], cursor });
  expect(await pickup.open().outcomes?.(cursor, 10)).toEqual(older);
  expect(await write(pickup, named('Birch'))).toMatchObject({
    erpKey: `WEST|TB-${Number(cursor?.split(' ')[0]) + 1}`,
  });
  expect(pickup.waiting[0]).not.toContain(`-0000000${Number(cursor?.split(' ')[0]) - 1}-`);
});

test('a document that is in the ledger is no matter of the set-up any more, which a person could give up', async () => {
  const pickup = opened();
  const io = (async (name: string, call: () => unknown) => {
    if (name === 'erp.vendor.write.publish') rmSync(pickup.path('out'), { recursive: true });
    return call();
  }) as unknown as Io;
  const operation = numbered('V300');
  await write(pickup, numbered('V301'));
  const vendor = kindOf(pickup.open(io), 'vendor');
  // Before it is in the ledger, nothing of it is there.
  await expect(vendor.write([operation])).rejects.toMatchObject({ code: 'ERP_CONFIG' });
  mkdirSync(pickup.path('out'));
  expect(await pickup.open().ledger.find([operation.operationKey])).toEqual([]);
  let publishing = 0;
  const second = (async (name: string, call: () => unknown) => {
    if (name === 'erp.vendor.write.publish' && (publishing += 1) === 2)
      rmSync(pickup.path('out'), { recursive: true });
    return call();
  }) as unknown as Io;
  await expect(kindOf(pickup.open(second), 'vendor').write([operation])).rejects.toMatchObject({
    code: 'ERP_OUTCOME_UNKNOWN',
  });
  await expect(write(pickup, operation)).rejects.toMatchObject({ code: 'ERP_OUTCOME_UNKNOWN' });
  mkdirSync(pickup.path('out'));
  expect(await write(pickup, operation)).toMatchObject({ status: 'accepted', replayed: true });
  expect(pickup.waiting).toHaveLength(1);
});
