import { setTimeout } from 'node:timers/promises';
import { isTiebackError } from '../../../domain/base/errors';
import type { RecordWrite, WriteResult } from '../adapter';
import type { Io } from '../definition';
import { atCall, crashAt, recordCalls } from './faults';
import { ensure, ensureNone, QuestionSkipped } from './kit';
import type { KindQuestion, Room, Subject } from './room';
import { asWritten, changesOf, isWritten, say, valueOf, withFields } from './room';
import { differences } from './shapes';

const MOST_TRIES = 20;
const LONGEST_WAIT_MS = 50;

const changing = ({ kind, kit }: Subject): boolean => changesOf(kit, kind) !== undefined;

/** Exactly once, whatever breaks and whenever. */
export const CRASH_QUESTIONS: readonly KindQuestion[] = [
  {
    name: 'crash-create',
    title: 'a new record is written once and whole, with a crash before or after any call',
    see: (room) => everyCrash(room, async () => room.create(await room.sample())),
  },
  {
    name: 'crash-update',
    title: 'a change is written exactly once, with a crash before or after any call',
    where: changing,
    see: (room) =>
      everyCrash(room, async () => {
        const { erpKey, record } = await room.newRecord();
        const field = room.changes;
        const expected = { [field]: valueOf(record, field) };
        return room.update(erpKey, { [field]: `Again ${room.tag()}` }, { expected });
      }),
  },
  {
    name: 'outcome-unknown',
    title: 'when the answer of the commit is lost it says so, and the ledger tells the truth',
    async see(room) {
      const calls = await callsOf(room, room.create(await room.sample()));
      const commit = calls.findIndex((name) => name.endsWith('.commit'));
      if (commit < 0)
        throw new QuestionSkipped('no call whose name ends in ".commit" goes through the io hook');
      for (const when of ['before', 'after'] as const) {
        const operation = room.create(await room.sample());
        const mark = await room.mark();
        const error = await failingWrite(room, [operation], crashAt(commit, when));
        const isUnknown = isTiebackError(error) && error.class === 'unknown_outcome';
        ensure(isUnknown, `a crash ${when} the commit was reported as ${error?.message ?? 'a success'}`);
        const told = await room.told(operation);
        const at = `after a crash ${when} the commit the ledger says ${told ? 'written' : 'not written'}`;
        ensure(told === (when === 'after'), at);
        const there = await room.countSince(mark);
        ensure(there === (told ? 1 : 0), `${at}, it is there ${there} times`);
      }
      return 'the ledger told the truth both times';
    },
  },
  {
    name: 'crash-in-batch',
    title:
      'a crash in the middle of a batch leaves what the ledger tells and nothing else, and all once after a retry',
    async see(room) {
      const operations: RecordWrite[] = [];
      for (let count = 0; count < 3; count += 1) operations.push(room.create(await room.sample()));
      const mark = await room.mark();
      const calls = (await callsOf(room, room.create(await room.sample()))).length;
      const before = await room.countSince(mark);
      // Operations may commit one by one or several together: the call before the last one of all is in the middle for both.
      const error = await failingWrite(room, operations, crashAt(Math.max(1, calls - 2), 'before'));
      ensure(error !== null, 'the crash was swallowed');
      const keys = operations.map(({ operationKey }) => operationKey);
      const told = (await room.adapter.ledger.find(keys)).length;
      const left = (await room.countSince(mark)) - before;
      ensure(told < 3, 'the ledger has all of them in spite of the crash');
      ensure(left === told, `the ledger has ${told} of 3 operations, and ${left} are there`);
      for (const result of await room.records.write(operations)) asWritten(result);
      const there = (await room.countSince(mark)) - before;
      ensure(there === 3, `after a retry ${there} are there`);
      const known = (await room.adapter.ledger.find(keys)).length;
      ensure(known === 3, `after a retry the ledger has ${known} of 3 operations`);
      return 'three records, once each';
    },
  },
];

/** Two workers at once: the second begins at every possible moment of the first. */
export const RACE_QUESTIONS: readonly KindQuestion[] = [
  {
    name: 'race-same',
    title: 'two workers with the same operation write it once',
    see: (room) =>
      everyMoment(room, async (race) => {
        const operation = room.create(await room.sample());
        const mark = await room.mark();
        const [one, two] = await race(operation, operation);
        const keys = [asWritten(one).erpKey, asWritten(two).erpKey];
        ensure(keys[0] === keys[1], `one worker wrote ${keys.join(', the other ')}`);
        const there = await room.countSince(mark);
        ensure(there === 1, `it is there ${there} times`);
      }),
  },
  {
    name: 'race-generation',
    title: 'of two workers with different operations of one generation, one is turned away',
    see: (room) =>
      everyMoment(room, async (race) => {
        const first = room.create(await room.sample());
        const second = room.create(await room.sample(), { recordId: first.recordId });
        const results = await race(first, second);
        const isOne = results.some(isWritten) && results.some(({ status }) => status === 'taken');
        ensure(isOne, `they were answered ${results.map(say).join(' and ')}`);
      }),
  },
  {
    name: 'race-numbers',
    title: 'two workers that take the next number get different ones',
    async see(room) {
      const { fields: rules } = await room.records.rules();
      const field = Object.keys(rules).find((name) => rules[name]?.assigned);
      if (field === undefined) throw new QuestionSkipped('the ERP gives out no numbers here');
      const make = async (): Promise<RecordWrite> => {
        const sent = await room.sample();
        return room.create(withFields(sent, { [field]: null }));
      };
      return everyMoment(room, async (race) => {
        const numbers = (await race(await make(), await make())).map((one) =>
          valueOf(asWritten(one).record, field),
        );
        ensure(numbers[0] !== numbers[1], `both got number ${String(numbers[0])}`);
      });
    },
  },
];

/** Crashes before and after every call of a write, each time with a new operation, and looks at what is left. */
async function everyCrash(room: Room, make: () => Promise<RecordWrite>): Promise<string> {
  const calls = await callsOf(room, await make());
  for (const [index, call] of calls.entries()) {
    for (const when of ['before', 'after'] as const) {
      const operation = await make();
      const mark = await room.mark();
      const at = `after a crash ${when} ${call}`;
      const error = await failingWrite(room, [operation], crashAt(index, when));
      ensure(error !== null, `${at}: the crash was swallowed`);
      const told = await room.told(operation);
      const said = `${at} the ledger says ${told ? 'written' : 'not written'}`;
      const there = await room.countSince(mark);
      ensure(there === (told ? 1 : 0), `${said}, it is there ${there} times`);
      const { record, replayed } = await room.written(operation);
      ensure(replayed === told, `${said}, but the retry says ${replayed ? 'replayed' : 'written'}`);
      ensureNone(
        differences(room.kind, operation.record, record).filter((d) => isAbout(operation, d)),
        `${at}: `,
      );
      const after = await room.countSince(mark);
      ensure(after === 1, `${at} and a retry, it is there ${after} times`);
      ensure(await room.told(operation), `${at} and a retry, the ledger has no entry`);
    }
  }
  return `${calls.length} calls, a crash before and after each`;
}

/** An update names some lines only. */
const isAbout = ({ action }: RecordWrite, difference: string): boolean =>
  action === 'create' || !difference.endsWith(' were sent');

/** The names of the calls of a write. */
async function callsOf(room: Room, operation: RecordWrite): Promise<readonly string[]> {
  const { io, calls } = recordCalls();
  await room.beside((other) => other.written(operation), io);
  ensure(calls.length > 0, 'no call of a write goes through the io hook');
  return calls;
}

/** The error of a write that crashed, or null when the adapter swallowed the crash. */
async function failingWrite(room: Room, operations: readonly RecordWrite[], io: Io): Promise<Error | null> {
  try {
    await room.beside((other) => other.records.write(operations), io);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

type Race = (first: RecordWrite, second: RecordWrite) => Promise<readonly [WriteResult, WriteResult]>;

/** Counts the calls of a write, then runs the race once for each of them, the second worker starting just before it. */
async function everyMoment(room: Room, run: (race: Race) => Promise<void>): Promise<string> {
  const calls = await callsOf(room, room.create(await room.sample()));
  for (const index of calls.keys()) {
    await run(async (first, second) => {
      let answer: Promise<WriteResult> | undefined;
      const start = atCall(index, () => {
        answer = writePatiently(room, second);
      });
      const one = await room.beside((other) => writePatiently(other, first), start);
      return [one, await (answer ?? writePatiently(room, second))] as const;
    });
  }
  return `${calls.length} moments`;
}

/** Writes as the workflow does: a busy ERP and a passing fault are tried again, after ever longer waits. */
async function writePatiently(room: Room, operation: RecordWrite): Promise<WriteResult> {
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await room.write(operation);
      if (result.status !== 'busy' || tries === MOST_TRIES) return result;
      await setTimeout(Math.min(result.retryAfterMs, LONGEST_WAIT_MS, 2 ** tries));
    } catch (error) {
      const isPassing = isTiebackError(error) && ['transient', 'unknown_outcome'].includes(error.class);
      if (!isPassing || tries === MOST_TRIES) throw error;
    }
  }
}
