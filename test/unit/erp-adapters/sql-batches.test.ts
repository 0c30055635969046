import fc from 'fast-check';
import type { Fields } from '../../../src/domain/kinds/record';
import type { RecordWrite, WriteResult } from '../../../src/erp-adapters/contract/adapter';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { recordOf } from './record-samples';
import type { SampleCompany } from './sample-kit';
import { kindOf, sampleCompany } from './sample-kit';

/** Many operations share a transaction; what comes of them is what would come of each alone. */

let company: SampleCompany;
beforeEach(() => {
  company = sampleCompany();
});
afterEach(() => company.remove());

function operation(index: number, fields: Fields, more: Partial<RecordWrite> = {}): RecordWrite {
  return {
    operationKey: `demo:vendor/${index}:1:r`,
    recordId: `vendor/${index}`,
    generation: 1,
    targetRevision: 'r',
    planHash: 'h',
    action: 'create',
    erpKey: null,
    record: recordOf(fields),
    expected: null,
    ...more,
  };
}

const create = (index: number, more: Fields = {}): RecordWrite =>
  operation(index, { name: `Batch ${index}`, sortName: `BATCH${index}`, ...more });

/** Writes, and tells how many calls reached the database. */
async function counted(
  write: (io: Io) => Promise<readonly WriteResult[]>,
): Promise<{ readonly results: readonly WriteResult[]; readonly calls: readonly string[] }> {
  const calls: string[] = [];
  const results = await write((name, call) => {
    calls.push(name.replace('erp.vendor.', ''));
    return call();
  });
  return { results, calls };
}

const statusesOf = (results: readonly WriteResult[]): readonly string[] => [
  ...new Set(results.map(({ status }) => status)),
];

test('a thousand records are written in six calls, whatever they are', async () => {
  const ops = Array.from({ length: 1_000 }, (_, index) => create(index));
  const calls: string[] = [];
  const io: Io = (name, call) => {
    calls.push(name);
    return call();
  };
  const vendors = kindOf(company.open({ io }), 'vendor');
  // The first call of all opens the file, and reads the settings of the company once.
  await vendors.read(['1|10001']);
  calls.length = 0;
  const written = await vendors.write(ops);
  expect(statusesOf(written)).toEqual(['written']);
  expect(calls.map((name) => name.replace('erp.vendor.write.', ''))).toEqual([
    ...['begin', 'look', 'locks', 'write', 'readBack', 'commit'],
  ]);

  calls.length = 0;
  const changed = await vendors.write(
    written.map((result, index) =>
      operation(
        index,
        { phone: `555-${index}` },
        {
          operationKey: `demo:vendor/${index}:2:r`,
          generation: 2,
          action: 'update',
          erpKey: result.status === 'written' ? result.erpKey : null,
        },
      ),
    ),
  );
  expect(statusesOf(changed)).toEqual(['written']);
  expect(calls).toHaveLength(6);

  calls.length = 0;
  let read = 0;
  for await (const { records } of vendors.readChanged(null, 10_000)) read += records.length;
  expect(read).toBeGreaterThan(1_000);
  expect(calls).toHaveLength(1);
});

test('one that is refused costs few transactions, and stops no other', async () => {
  const ops = Array.from({ length: 64 }, (_, index) =>
    create(index, index === 37 ? { email: 'nobody' } : {}),
  );
  const { results, calls } = await counted((io) => kindOf(company.open({ io }), 'vendor').write(ops));
  expect(
    results.map(({ status }, index) => [index, status]).filter(([, status]) => status !== 'written'),
  ).toEqual([[37, 'refused']]);
  // Every halving writes one half and tries the other.
  expect(calls.filter((name) => name === 'write.begin')).toHaveLength(1 + 2 * 6);
  expect(calls.filter((name) => name === 'write.commit')).toHaveLength(6);
});

test('a batch comes to what its operations come to one by one', async () => {
  const op = fc.record({
    sort: fc.integer({ min: 1, max: 6 }),
    sort2: fc.constantFrom('', 'A', 'B'),
    fault: fc.constantFrom('none', 'none', 'none', 'email', 'length', 'field'),
    number: fc.option(fc.integer({ min: 10_043, max: 10_047 }), { nil: null }),
    record: fc.integer({ min: 1, max: 5 }),
    generation: fc.integer({ min: 1, max: 2 }),
  });
  const faulty: Readonly<Record<string, Fields>> = {
    email: { email: 'nobody' },
    length: { name: 'x'.repeat(200) },
    field: { website: 'https://example.com' },
  };
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 1, maxLength: 12 }), async (drawn) => {
      const ops = drawn.map(({ sort, sort2, fault, number, record, generation }) =>
        operation(
          record,
          {
            name: `Name ${sort}`,
            sortName: `SORT${sort}${sort2}`,
            ...(number === null ? {} : { code: String(number) }),
            ...faulty[fault],
          },
          {
            operationKey: `demo:vendor/${record}:${generation}:${sort}${sort2}${fault}`,
            generation,
          },
        ),
      );
      const [together, apart] = [sampleCompany(), sampleCompany()];
      try {
        const batch = await kindOf(together.open(), 'vendor').write(ops);
        const single: WriteResult[] = [];
        const vendors = kindOf(apart.open(), 'vendor');
        for (const one of ops) single.push(...(await vendors.write([one])));
        const bare = (results: readonly WriteResult[]): unknown =>
          JSON.parse(JSON.stringify(results, (key, value: unknown) => (key === 'writtenAt' ? null : value)));
        expect(bare(batch)).toEqual(bare(single));
        // A batch may be tried more than once: its counter of changes and its clock are further on.
        const rows = ({ accounting }: SampleCompany): unknown =>
          accounting.vendors().map((row) => ({ ...row, Modified: null, RowVer: null }));
        expect(rows(together)).toEqual(rows(apart));
      } finally {
        together.remove();
        apart.remove();
      }
    }),
    { numRuns: 60 },
  );
});
