import { TiebackError } from '../../domain/base/errors';
import type { KindSpec, Numbering } from './model';
import { keyColumn } from './model';
import { refused } from './refusals';
import type { Scope } from './scope';
import { ownerIn } from './scope';
import type { Asking, SqlSession, Statement } from './session';
import { change, query } from './session';

/** Numbers that nobody has, and the statement that moves the counter past them. */
export interface FreeNumbers {
  readonly numbers: readonly number[];
  readonly after: Statement | null;
}

/**
 * Asks for free numbers, as the form of the ERP would give them: from its counter, else one above the highest. Numbers that someone typed ahead of the
 * counter are passed over. Nobody else may take numbers until the transaction ends: it holds the write lock, or the lock of the application. A write
 * that is rolled back gives its numbers back. Throws `ERP_REFUSED` where there are no more, `ERP_CONFIG` where the counter is missing.
 */
export function askNumbers(
  session: SqlSession,
  asking: Asking,
  scope: Scope,
  spec: KindSpec,
  numbering: Numbering,
): (count: number) => FreeNumbers {
  const { dialect } = session;
  const owner = ownerIn(spec.owner, scope);
  const key = keyColumn(spec);
  const { counter } = numbering;
  const ofOwner = `FROM ${spec.table} WHERE ${spec.owner} = @owner`;
  if (counter === undefined) {
    const { from, to } = numbering.range ?? WHOLE;
    const highest = asking.add(
      query(`SELECT MAX(${key}) AS highest ${ofOwner} AND ${key} BETWEEN @from AND @to`, { owner, from, to }),
    );
    return (count) => {
      const first = Math.max(from, Number(highest()[0]?.['highest'] ?? from - 1) + 1);
      if (first + count - 1 > to)
        return refused(`no ${spec.noun} number up to ${to} is free above ${first - 1}: enter a lower one`);
      return { numbers: Array.from({ length: count }, (_, index) => first + index), after: null };
    };
  }
  const { table, next, from, to } = counter;
  const row = asking.add(
    query(
      `SELECT ${next} AS next_number, ${from} AS first_number, ${to} AS last_number FROM ${table} ${dialect.held} WHERE ${spec.owner} = @owner`,
      { owner },
    ),
  );
  const taken = asking.add(
    query(
      `SELECT ${key} AS number ${ofOwner} AND ${key} >= (SELECT ${next} FROM ${table} WHERE ${spec.owner} = @owner)`,
      { owner },
    ),
  );
  return (count) => {
    const [found] = row();
    if (found === undefined) throw noCounter(table, String(owner));
    const used = new Set(taken().map(({ number }) => Number(number)));
    const numbers: number[] = [];
    const last = Number(found['last_number']);
    const first = Math.max(Number(found['next_number']), Number(found['first_number']));
    for (let number = first; numbers.length < count; number += 1) {
      if (number > last)
        return refused(`no ${spec.noun} number up to ${last} is free: the range in ${table} is used up`);
      if (!used.has(number)) numbers.push(number);
    }
    const after = 1 + (numbers.at(-1) ?? 0);
    return {
      numbers,
      after: change(`UPDATE ${table} SET ${next} = @after WHERE ${spec.owner} = @owner`, { owner, after }),
    };
  };
}

const WHOLE = { from: 1, to: 999_999_999 };

/** The company names a group that has no counter. */
export const noCounter = (table: string, owner: string): TiebackError =>
  new TiebackError('ERP_CONFIG', { reason: `there is no row ${owner} in ${table}` });

/** The lock under which everything of ours is written to one ERP: numbers, batches and the ledger see no other writer of ours. */
export const writerLock = (connection: string): string => `tieback:${connection}`;
