import { setTimeout } from 'node:timers/promises';
import { isTiebackError } from '../../../domain/base/errors';
import type { VendorCapability, VendorWrite, WriteResult } from '../adapter';
import { atCall, recordCalls } from './faults';
import type { ConformanceKit, ConformanceQuestion } from './kit';
import { ensure, question } from './kit';
import { withAdapter } from './reading';
import type { TestVendors } from './test-vendors';
import { asWritten, named, writeOne } from './test-vendors';

const MOST_TRIES = 20;
const LONGEST_WAIT_MS = 50;

/** Two workers at once: the second begins at every possible moment of the first. */
export function raceQuestions(kit: ConformanceKit, test: TestVendors): readonly ConformanceQuestion[] {
  const writing = (id: string, title: string, see: () => Promise<string>): ConformanceQuestion =>
    question('writing', id, title, see);
  return [
    writing('race-same', 'two workers with the same operation write it once', async () => {
      const rules = await withAdapter(kit, (_adapter, vendors) => vendors.rules());
      const make = (): { operation: VendorWrite; name: string } => {
        const fields = test.fields(rules);
        return { operation: test.create(fields), name: fields.name };
      };
      return everyMoment(kit, make().operation, async (race) => {
        const { operation, name } = make();
        const [one, two] = await race(operation, operation);
        const keys = [asWritten(one).erpKey, asWritten(two).erpKey];
        ensure(keys[0] === keys[1], `one worker wrote ${keys[0]}, the other ${keys[1]}`);
        const rows = await withAdapter(kit, async (adapter) => (await named(adapter, name)).length);
        ensure(rows === 1, `the vendor is there ${rows} times`);
      });
    }),
    writing(
      'race-generation',
      'of two workers with different operations of one generation, one is turned away',
      async () => {
        const rules = await withAdapter(kit, (_adapter, vendors) => vendors.rules());
        return everyMoment(kit, test.create(test.fields(rules)), async (race) => {
          const first = test.create(test.fields(rules));
          const second = test.create(test.fields(rules), { recordId: first.recordId });
          const statuses = (await race(first, second)).map(({ status }) => status).sort();
          ensure(statuses.join() === 'taken,written', `they were answered ${statuses.join(' and ')}`);
        });
      },
    ),
    writing('race-numbers', 'two workers that take the next number get different ones', async () => {
      const rules = await withAdapter(kit, (_adapter, vendors) => vendors.rules());
      const make = (): VendorWrite => test.create(test.fields(rules, { code: null }));
      return everyMoment(kit, make(), async (race) => {
        const [one, two] = await race(make(), make());
        const codes = [asWritten(one).record.code, asWritten(two).record.code];
        ensure(codes[0] !== codes[1], `both got number ${codes[0]}`);
      });
    }),
  ];
}

type Race = (first: VendorWrite, second: VendorWrite) => Promise<readonly [WriteResult, WriteResult]>;

/** Counts the calls of a write, then runs the race once for each of them, the second worker starting just before it. */
async function everyMoment(
  kit: ConformanceKit,
  example: VendorWrite,
  run: (race: Race) => Promise<void>,
): Promise<string> {
  const { io, calls } = recordCalls();
  await withAdapter(kit, (_adapter, vendors) => vendors.write([example]), io);
  ensure(calls.length > 0, 'no call of a write goes through the io hook: a race cannot be arranged');
  for (const index of calls.keys()) {
    await run((first, second) =>
      withAdapter(kit, async (_other, others) => {
        let answer: Promise<WriteResult> | undefined;
        const start = atCall(index, () => {
          answer = writePatiently(others, second);
        });
        const one = await withAdapter(kit, (_adapter, vendors) => writePatiently(vendors, first), start);
        return [one, await (answer ?? writePatiently(others, second))] as const;
      }),
    );
  }
  return `${calls.length} moments`;
}

/** Writes as the workflow does: a busy ERP and a passing fault are tried again. */
async function writePatiently(vendors: VendorCapability, operation: VendorWrite): Promise<WriteResult> {
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await writeOne(vendors, operation);
      if (result.status !== 'busy' || tries === MOST_TRIES) return result;
      await setTimeout(Math.min(result.retryAfterMs, LONGEST_WAIT_MS));
    } catch (error) {
      const passing =
        isTiebackError(error) && (error.class === 'transient' || error.class === 'unknown_outcome');
      if (!passing || tries === MOST_TRIES) throw error;
    }
  }
}
