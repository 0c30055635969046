import * as fc from 'fast-check';
import type { Known } from '../../../src/activities/sweep/look';
import { sweepOver } from '../../../src/activities/sweep/look';
import type { StepStore } from '../../../src/activities/store-steps';
import type { KindCapability, RecordPage } from '../../../src/erp-adapters/contract/adapter';
import { knownVendor } from '../domain/vendors';

const PAGE = 3;

/** No sync has run: then our store is not asked for links, so any would do. */
const store: StepStore = {
  read: () => Promise.reject(new Error('nobody has to ask')),
  transaction: () => Promise.reject(new Error('nobody has to ask')),
  isPassing: () => false,
};

const known = (linked: readonly string[]): Known => ({
  linked: new Set(linked),
  cursor: null,
  parked: new Set(),
  goneSince: new Map(),
  hasOpen: false,
  listId: null,
});

function* pages(keys: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start <= keys.length; start += PAGE) yield keys.slice(start, start + PAGE);
}

/** An ERP with these records; `hidden` ones are on no page of its lists, because rows move while they are read. */
function erpOf(there: readonly string[], hidden: ReadonlySet<string>, hasKeys: boolean): KindCapability {
  const listed = there.filter((key) => !hidden.has(key));
  const unused = () => Promise.reject(new Error('a sweep does not ask this'));
  return {
    rules: unused,
    findSame: unused,
    write: unused,
    read: (keys) => Promise.resolve(keys.filter((key) => there.includes(key)).map((key) => knownVendor(key))),

    async *readChanged(): AsyncGenerator<RecordPage> {
      for (const keys of pages(listed)) yield { records: keys.map((key) => knownVendor(key)), cursor: 'x' };
    },
    ...(hasKeys && {
      async *keys() {
        yield* pages(listed);
      },
    }),
  };
}

const numbers = fc.uniqueArray(fc.integer({ min: 10_000, max: 10_030 }).map((number) => `1|${number}`));

test('missing is what is linked and not there, however the ERP lists and whatever moves meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(numbers, numbers, numbers, fc.boolean(), async (linked, there, hidden, hasKeys) => {
      const capability = erpOf(there, new Set(hidden), hasKeys);
      const looking = { store, connectionId: 'acme', kind: 'vendor' as const, capability, pageSize: PAGE };
      const seen = await sweepOver(looking, known(linked));
      expect([...seen.missing].sort()).toEqual(linked.filter((key) => !there.includes(key)).sort());
      expect(seen.listed).toBe(there.filter((key) => !hidden.includes(key)).length);
      expect(seen.missed).toEqual([]);
    }),
  );
});

test('a list that breaks off proves nothing', async () => {
  const whole = erpOf(['1|10001', '1|10002', '1|10003', '1|10004'], new Set(), true);
  const capability: KindCapability = {
    ...whole,

    async *keys() {
      yield ['1|10001', '1|10002', '1|10003'];
      throw new Error('the connection was reset');
    },
  };
  const looking = { store, connectionId: 'acme', kind: 'vendor' as const, capability, pageSize: PAGE };
  await expect(sweepOver(looking, known(['1|10009']))).rejects.toThrow('the connection was reset');
});
