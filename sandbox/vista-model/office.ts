import type { SqliteModel, TsqlModel, Work } from './database';
import { BATCHES } from './batches';
import { MASTERS } from './masters';
import { PAYABLES } from './payables';
import { postCost } from './posting';
import { SEED } from './seed';
import { TIMECARDS } from './timecards';

/** Everything that the people of the office do at their screens. */
const OFFICE = { ...MASTERS, ...BATCHES, ...PAYABLES, ...TIMECARDS, ...SEED, postCost };

type Works = typeof OFFICE;
type Result<K extends keyof Works> = Works[K] extends (...args: never) => Work<infer T> ? T : never;

/** The office on SQLite. Each call is one transaction. */
export type Office = { readonly [K in keyof Works]: (...args: Parameters<Works[K]>) => Result<K> };

/** The office on SQL Server. */
export type OfficeThere = {
  readonly [K in keyof Works]: (...args: Parameters<Works[K]>) => Promise<Result<K>>;
};

const playing = (play: (work: Work<unknown>) => unknown): unknown =>
  Object.fromEntries(
    Object.entries(OFFICE).map(([name, work]) => [
      name,
      (...args: never[]) => play((work as (...args: never[]) => Work<unknown>)(...args)),
    ]),
  );

export const officeOf = (model: SqliteModel): Office => playing((work) => model.play(work)) as Office;
export const officeThere = (model: TsqlModel): OfficeThere =>
  playing((work) => model.play(work)) as OfficeThere;
