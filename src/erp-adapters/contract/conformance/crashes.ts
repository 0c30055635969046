import { isTiebackError } from '../../../domain/base/errors';
import type { VendorCapability, VendorWrite } from '../adapter';
import { crashAt, recordCalls } from './faults';
import type { ConformanceKit, ConformanceQuestion } from './kit';
import { ensure, question, QuestionSkipped } from './kit';
import { withAdapter } from './reading';
import type { TestVendors } from './test-vendors';
import { asWritten, named, say, writeOne } from './test-vendors';

/** Exactly once, whatever breaks and whenever. */
export function crashQuestions(kit: ConformanceKit, test: TestVendors): readonly ConformanceQuestion[] {
  const writing = (id: string, title: string, see: () => Promise<string>): ConformanceQuestion =>
    question('writing', id, title, see);
  return [
    writing(
      'crash-create',
      'a new vendor is written exactly once, with a crash before or after any call',
      async () => {
        const rules = await withAdapter(kit, (_adapter, vendors) => vendors.rules());
        return everyCrash(kit, async () => {
          const fields = test.fields(rules);
          return { operation: test.create(fields), name: fields.name };
        });
      },
    ),
    writing(
      'crash-update',
      'a change is written exactly once, with a crash before or after any call',
      async () => {
        const rules = await withAdapter(kit, (_adapter, vendors) => vendors.rules());
        return everyCrash(kit, async () => {
          const before = await withAdapter(kit, (_adapter, vendors) =>
            test.written(vendors, test.create(test.fields(rules))),
          );
          const name = `Tieback check ${test.tag()}`;
          return { operation: test.update(before.erpKey, { name }, { name: before.record.name }), name };
        });
      },
    ),
    writing(
      'outcome-unknown',
      'when the answer of the commit is lost it says so, and the ledger tells the truth',
      async () => {
        const rules = await withAdapter(kit, (_adapter, vendors) => vendors.rules());
        const commit = (await callsOfWrite(kit, test.create(test.fields(rules)))).findIndex((n) =>
          n.endsWith('.commit'),
        );
        if (commit < 0)
          throw new QuestionSkipped('no call whose name ends in ".commit" goes through the io hook');
        for (const when of ['before', 'after'] as const) {
          const fields = test.fields(rules);
          const operation = test.create(fields);
          const error = await failingWrite(kit, operation, commit, when);
          ensure(
            isTiebackError(error) && error.class === 'unknown_outcome',
            `a crash ${when} the commit was reported as ${error instanceof Error ? error.message : 'a success'}`,
          );
          await withAdapter(kit, async (adapter) => {
            const told = (await adapter.ledger.find(operation.operationKey)) !== null;
            const rows = (await named(adapter, fields.name)).length;
            ensure(
              told === (when === 'after'),
              `after a crash ${when} the commit the ledger says ${told ? 'written' : 'not written'}`,
            );
            ensure(
              rows === (told ? 1 : 0),
              `the ledger says ${told ? 'written' : 'not written'}, the vendor is there ${rows} times`,
            );
          });
        }
        return 'the ledger told the truth both times';
      },
    ),
    writing(
      'crash-in-batch',
      'a crash in the middle of a batch leaves the operations before it written, and all once after a retry',
      async () => {
        const rules = await withAdapter(kit, (_adapter, vendors) => vendors.rules());
        const all = [test.fields(rules), test.fields(rules), test.fields(rules)];
        const operations = all.map((fields) => test.create(fields));
        const perWrite = (await callsOfWrite(kit, test.create(test.fields(rules)))).length;
        const middle = crashAt(Math.floor(perWrite * 1.5), 'before');
        const error = await errorOf(() =>
          withAdapter(kit, (_adapter, vendors) => vendors.write(operations), middle),
        );
        ensure(error !== null, 'the crash was swallowed');
        return withAdapter(kit, async (adapter, vendors) => {
          const told: boolean[] = [];
          for (const { operationKey } of operations)
            told.push((await adapter.ledger.find(operationKey)) !== null);
          ensure(
            told[0] === true && told[2] === false,
            `the ledger has ${told.filter(Boolean).length} of 3 operations`,
          );
          for (const result of await vendors.write(operations)) asWritten(result);
          for (const { name } of all) {
            const rows = (await named(adapter, name)).length;
            ensure(rows === 1, `"${name}" is there ${rows} times`);
          }
          return 'three vendors, once each';
        });
      },
    ),
  ];
}

/** Crashes before and after every call of a write, each time with a new operation, and looks at what is left. */
async function everyCrash(
  kit: ConformanceKit,
  make: () => Promise<{ readonly operation: VendorWrite; readonly name: string }>,
): Promise<string> {
  const calls = await callsOfWrite(kit, (await make()).operation);
  ensure(calls.length > 0, 'no call of a write goes through the io hook: crashes cannot be tried out');
  for (const [index, call] of calls.entries()) {
    for (const when of ['before', 'after'] as const) {
      const { operation, name } = await make();
      await failingWrite(kit, operation, index, when);
      await withAdapter(kit, async (adapter, vendors) => {
        const at = `after a crash ${when} ${call}`;
        const told = (await adapter.ledger.find(operation.operationKey)) !== null;
        const before = (await named(adapter, name)).length;
        ensure(
          before === (told ? 1 : 0),
          `${at}: ${before} rows, but the ledger says ${told ? 'written' : 'not written'}`,
        );
        await ensureOnce(vendors, operation, told, at);
        const rows = (await named(adapter, name)).length;
        ensure(rows === 1, `${at} and a retry, the vendor is there ${rows} times`);
        ensure(
          (await adapter.ledger.find(operation.operationKey)) !== null,
          `${at} and a retry, the ledger has no entry`,
        );
      });
    }
  }
  return `${calls.length * 2} crashes, one row each`;
}

async function ensureOnce(
  vendors: VendorCapability,
  operation: VendorWrite,
  told: boolean,
  at: string,
): Promise<void> {
  const retry = await writeOne(vendors, operation);
  ensure(
    'replayed' in retry && retry.replayed === told,
    `${at} the ledger says ${told ? 'written' : 'not written'}, but the retry was answered ${say(retry)}`,
  );
}

async function callsOfWrite(kit: ConformanceKit, operation: VendorWrite): Promise<readonly string[]> {
  const { io, calls } = recordCalls();
  await withAdapter(kit, (_adapter, vendors) => vendors.write([operation]), io);
  return calls;
}

/** The error of a write that crashed, or null when the adapter swallowed the crash. */
const failingWrite = (
  kit: ConformanceKit,
  operation: VendorWrite,
  index: number,
  when: 'before' | 'after',
): Promise<unknown> =>
  errorOf(() => withAdapter(kit, (_adapter, vendors) => vendors.write([operation]), crashAt(index, when)));

async function errorOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act();
    return null;
  } catch (error) {
    return error;
  }
}
