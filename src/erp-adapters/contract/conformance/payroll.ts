import { isTiebackError } from '../../../domain/base/errors';
import { lineHash } from '../../../domain/payroll/line-hash';
import type { Employee } from '../../../domain/payroll/employee';
import { periodName } from '../../../domain/payroll/period';
import type { PayBatchResult, PayBatchWrite } from '../payroll';
import { crashAt, recordCalls } from './faults';
import type { Promised } from './kit';
import { ensure, ensureNone, QuestionSkipped } from './kit';
import type { PayrollRoom } from './payroll-room';
import { isWritten, sayResult, unlike } from './payroll-room';

/** A question about the payroll of an adapter that keeps one. */
export interface PayrollQuestion extends Pick<Promised, 'name' | 'title'> {
  see(room: PayrollRoom): Promise<string>;
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const MARY = 'Mary Lindqvist';

/** These only read. */
export const PAYROLL_READING: readonly PayrollQuestion[] = [
  {
    name: 'payroll-employees',
    title: 'employees come whole, each once, whatever the size of a page, in pay groups that there are',
    async see({ payroll }) {
      const large = await allOf(payroll.employees(500));
      const small = await allOf(payroll.employees(3));
      const keysOf = (of: readonly Employee[]): string =>
        of
          .map(({ key }) => key)
          .sort()
          .join();
      ensure(keysOf(large) === keysOf(small), 'in small pages there are other employees than in large ones');
      ensure(new Set(large.map(({ key }) => key)).size === large.length, 'an employee comes twice');
      const groups = new Set((await payroll.codes()).payGroups.map(({ code }) => code));
      ensureNone(
        large.filter(({ payGroup }) => !groups.has(payGroup)).map(({ key }) => `${key} is in no pay group`),
      );
      return `${large.length} employees`;
    },
  },
  {
    name: 'payroll-codes',
    title: 'earn codes, crafts and classes, departments and pay groups are there once each',
    async see({ payroll }) {
      const { earnCodes, classes, departments, payGroups } = await payroll.codes();
      const lists = {
        'earn codes': earnCodes.map(({ code }) => code),
        classes: classes.map((one) => `${one.craft} ${one.class}`),
        departments: departments.map(({ code }) => code),
        'pay groups': payGroups.map(({ code }) => code),
      };
      for (const [what, codes] of Object.entries(lists))
        ensure(new Set(codes).size === codes.length, `one of the ${what} is there twice`);
      ensureNone(
        earnCodes.flatMap(({ code, factor }) =>
          factor === null || /^\d+(\.\d+)?$/.test(factor) ? [] : [`the factor of ${code} is "${factor}"`],
        ),
      );
      return `${earnCodes.length} earn codes`;
    },
  },
  {
    name: 'payroll-periods',
    title:
      'pay periods have local dates in order, each period and run once, and none ends before the day asked for',
    async see({ payroll }) {
      const all = await payroll.periods('1900-01-01');
      const names = all.map(periodName);
      ensure(new Set(names).size === names.length, 'a period comes twice');
      ensureNone(
        all.flatMap((period) =>
          [period.begin, period.end, period.cutOff ?? period.end].every((day) => DATE.test(day)) &&
          period.begin <= period.end
            ? []
            : [`${periodName(period)} lasts from ${period.begin} to ${period.end}`],
        ),
      );
      const from = all.at(Math.floor(all.length / 2))?.end ?? '2000-01-01';
      const later = (await payroll.periods(from)).map(periodName).sort();
      const wanted = all
        .filter(({ end }) => end >= from)
        .map(periodName)
        .sort();
      ensure(
        later.join() === wanted.join(),
        `from ${from} on there are ${later.join()}, not ${wanted.join()}`,
      );
      return `${all.length} periods`;
    },
  },
];

/** These leave batches of timecards behind. */
export const PAYROLL_WRITING: readonly PayrollQuestion[] = [
  {
    name: 'payroll-batch',
    title: 'a batch is written once and whole, released, and neither validated nor posted',
    async see(room) {
      const batch = await room.batch(3);
      const { lines, outcome } = await room.written(batch);
      ensure(outcome === 'written', `it was answered ${outcome}`);
      ensureNone(unlike(batch.lines, lines), 'the answer: ');
      const there = await room.there(batch);
      ensureNone(unlike(batch.lines, there), 'read back: ');
      ensureNone(
        there.filter(({ state }) => state !== 'batch').map(({ key, state }) => `${key} is ${state}`),
      );
      return `${there.length} lines`;
    },
  },
  {
    name: 'payroll-rerun',
    title: 'the same operation again writes nothing and answers the same batch',
    async see(room) {
      const batch = await room.batch();
      const first = await room.written(batch);
      const again = await room.written(batch);
      ensure(again.outcome === 'already_written', `the second time it was answered ${again.outcome}`);
      ensure(again.batch === first.batch, `the second time it was batch ${again.batch}, not ${first.batch}`);
      ensureNone(unlike(batch.lines, await room.there(batch)));
      return first.batch;
    },
  },
  {
    name: 'payroll-crash',
    title: 'a crash before or after any call leaves a whole batch or none, and after a rerun one',
    see: (room) => everyCrash(room, (batch) => Promise.resolve(batch)),
  },
  {
    name: 'payroll-crash-change',
    title: 'a crash before or after any call of a change leaves the batch as it was or as it is to be',
    see: (room) =>
      everyCrash(room, async (batch) => {
        const { lines } = await room.written(batch);
        const [kept] = batch.lines;
        const { lines: added } = await room.batch(1);
        return room.batchOf([...(kept === undefined ? [] : [kept]), ...added], {
          expected: Object.fromEntries(lines.map((line) => [line.id, lineHash(line)])),
        });
      }),
  },
  {
    name: 'payroll-outcome-unknown',
    title: 'when the answer of the commit is lost it says so, and the ledger tells the truth',
    async see(room) {
      const calls = await callsOf(room, await room.batch());
      const commit = calls.findIndex((name) => name.endsWith('.commit'));
      if (commit < 0)
        throw new QuestionSkipped('no call whose name ends in ".commit" goes through the io hook');
      for (const when of ['before', 'after'] as const) {
        const batch = await room.batch();
        const error = await failure(room, batch, commit, when);
        const isUnknown = isTiebackError(error) && error.class === 'unknown_outcome';
        ensure(isUnknown, `a crash ${when} the commit was reported as ${error?.message ?? 'a success'}`);
        const told = await isTold(room, batch);
        ensure(
          told === (when === 'after'),
          `after a crash ${when} the commit the ledger says ${String(told)}`,
        );
      }
      return 'the ledger told the truth both times';
    },
  },
  {
    name: 'payroll-change',
    title: 'a changed batch holds exactly the lines it is to hold, and is the same batch',
    async see(room) {
      const batch = await room.batch(3);
      const { batch: name, lines } = await room.written(batch);
      const expected = Object.fromEntries(lines.map((line) => [line.id, lineHash(line)]));
      const [kept, , ...gone] = batch.lines;
      const { lines: added } = await room.batch(1);
      const wanted = [...(kept === undefined ? [] : [kept]), ...added];
      const changed = await room.written(room.batchOf(wanted, { expected }));
      ensure(changed.batch === name, `it went to batch ${changed.batch}, not ${name}`);
      ensureNone(unlike(wanted, changed.lines));
      const left = await room.there({ ...batch, lines: gone });
      ensure(left.length === 0, `${left.length} lines that were taken out are still there`);
      return name;
    },
  },
  {
    name: 'payroll-twice',
    title: 'a line that stands elsewhere already is named and not written again',
    async see(room) {
      const batch = await room.batch();
      await room.written(batch);
      const { lines: others } = await room.batch(1);
      const [again] = batch.lines;
      const result = await room.payroll.write(
        room.batchOf([...(again === undefined ? [] : [again]), ...others]),
      );
      ensureRefused(result, [again?.key ?? '']);
      const there = await room.there({ ...batch, lines: [...batch.lines, ...others] });
      ensure(
        there.length === batch.lines.length,
        `${there.length} lines are there, not ${batch.lines.length}`,
      );
      return 'refused';
    },
  },
  {
    name: 'payroll-refused',
    title: 'a line that the ERP does not take is named, and none of the batch is written',
    async see(room) {
      const bad = await room.stage.refused(room.tag());
      const good = await room.batch();
      const batch = { ...good, lines: [...good.lines, bad] };
      ensureRefused(await room.payroll.write(batch), [bad.key]);
      ensure((await room.there(batch)).length === 0, 'some of its lines are there');
      return 'refused';
    },
  },
  {
    name: 'payroll-in-use',
    title: 'a batch that somebody has open is not changed, and they are named',
    async see(room) {
      const batch = await room.batch();
      const { batch: name, lines } = await room.written(batch);
      const expected = Object.fromEntries(lines.map((line) => [line.id, lineHash(line)]));
      await room.people.hold(name, MARY);
      try {
        const { lines: added } = await room.batch(1);
        const result = await room.payroll.write(room.batchOf(added, { expected }));
        ensure(result.outcome === 'in_use' && result.by === MARY, `it was answered ${sayResult(result)}`);
        ensureNone(unlike(batch.lines, await room.there(batch)));
      } finally {
        await room.people.release(name);
      }
      return MARY;
    },
  },
  {
    name: 'payroll-closed',
    title: 'a period that is closed takes no batch, and the reason is given',
    async see(room) {
      const batch = await room.batch();
      await room.people.closePeriod();
      try {
        const result = await room.payroll.write(batch);
        ensure(result.outcome === 'not_open' && result.reason !== '', `it was answered ${sayResult(result)}`);
        ensure((await room.there(batch)).length === 0, 'lines of it are there');
      } finally {
        await room.people.reopenPeriod();
      }
      await room.written(batch);
      return 'it waits';
    },
  },
  {
    name: 'payroll-changed',
    title: 'what a person changed in the batch is not written over',
    async see(room) {
      const batch = await room.batch();
      const { lines } = await room.written(batch);
      const expected = Object.fromEntries(lines.map((line) => [line.id, lineHash(line)]));
      const [line] = lines;
      ensure(line !== undefined, 'the batch has no lines');
      await room.people.change(line);
      const before = await room.there(batch);
      ensure(
        before.some((now) => expected[now.id] !== lineHash(now)),
        'nobody changed anything',
      );
      const { lines: added } = await room.batch(1);
      const result = await room.payroll.write(room.batchOf(added, { expected }));
      ensure(result.outcome === 'changed', `it was answered ${sayResult(result)}`);
      ensureNone(
        unlike(
          before.map((now) => ({ ...now, key: now.key ?? '', entries: [] })),
          await room.there(batch),
        ),
      );
      return 'it is told';
    },
  },
  {
    name: 'payroll-posted',
    title: 'what the clerk posted is read back as posted, under our keys, and a rerun finds it',
    async see(room) {
      const batch = await room.batch();
      const { batch: name } = await room.written(batch);
      await room.people.post(name);
      const there = await room.there(batch);
      ensureNone(unlike(batch.lines, there));
      ensureNone(
        there.filter(({ state }) => state !== 'posted').map(({ key, state }) => `${key} is ${state}`),
      );
      const again = await room.payroll.write(batch);
      ensure(again.outcome === 'already_written', `a rerun was answered ${sayResult(again)}`);
      return name;
    },
  },
  {
    name: 'payroll-secrets',
    title: 'no social security number, birth, bank account or rate is in anything it answers',
    async see(room) {
      const secrets = await room.stage.secrets?.();
      if (secrets === undefined || secrets.length === 0) throw new QuestionSkipped('nobody told the secrets');
      const { payroll, stage } = room;
      const batch = await room.batch();
      const answers = JSON.stringify([
        await allOf(payroll.employees(50)),
        await payroll.codes(),
        await room.written(batch),
        await payroll.lines(stage.period),
        await payroll.write({ ...batch, operationKey: room.tag(), lines: [await stage.refused(room.tag())] }),
      ]);
      ensureNone(
        secrets.filter((secret) => answers.includes(secret)).map((_, index) => `secret ${index + 1}`),
      );
      return `${secrets.length} secrets`;
    },
  },
];

async function allOf(pages: AsyncIterable<readonly Employee[]>): Promise<readonly Employee[]> {
  const found: Employee[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

function ensureRefused(result: PayBatchResult, keys: readonly string[]): void {
  ensure(result.outcome === 'refused', `it was answered ${sayResult(result)}`);
  const named = result.problems.map(({ key }) => key);
  ensure(named.join() === keys.join(), `the lines named are ${named.join()}, not ${keys.join()}`);
  ensure(
    result.problems.every(({ reason }) => reason !== ''),
    'no reason is given',
  );
}

const isTold = async ({ adapter }: PayrollRoom, { operationKey }: PayBatchWrite): Promise<boolean> =>
  (await adapter.ledger.find([operationKey])).length === 1;

async function callsOf(room: PayrollRoom, batch: PayBatchWrite): Promise<readonly string[]> {
  const { io, calls } = recordCalls();
  await room.beside(io, (other) => other.written(batch));
  ensure(calls.length > 0, 'no call of a write goes through the io hook');
  return calls;
}

async function failure(
  room: PayrollRoom,
  batch: PayBatchWrite,
  index: number,
  when: 'before' | 'after',
): Promise<Error | null> {
  try {
    await room.beside(crashAt(index, when), (other) => other.payroll.write(batch));
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Crashes before and after every call of a write, each time of a new one, and looks at what is left. */
async function everyCrash(
  room: PayrollRoom,
  make: (batch: PayBatchWrite) => Promise<PayBatchWrite>,
): Promise<string> {
  const calls = await callsOf(room, await make(await room.batch()));
  for (const [index, call] of calls.entries()) {
    for (const when of ['before', 'after'] as const) {
      const batch = await make(await room.batch());
      const before = await room.there(batch);
      const at = `after a crash ${when} ${call}`;
      ensure((await failure(room, batch, index, when)) !== null, `${at}: the crash was swallowed`);
      const told = await isTold(room, batch);
      const there = await room.there(batch);
      const wanted = told ? batch.lines.length : before.length;
      ensure(
        there.length === wanted,
        `${at} the ledger says ${String(told)}, ${there.length} lines are there`,
      );
      const again = await room.payroll.write(batch);
      ensure(isWritten(again), `${at} a rerun was answered ${sayResult(again)}`);
      ensureNone(unlike(batch.lines, await room.there(batch)), `${at} and a rerun: `);
      ensure(await isTold(room, batch), `${at} and a rerun, the ledger has no entry`);
    }
  }
  return `${calls.length} calls, a crash before and after each`;
}
