import type { Clock } from './clock';
import type { SimRecord } from './records/record';
import type { Company } from './state';
import type { RecordState } from './types';
import type { World } from './world';

/** Who acts, and in which company; the first one when none is named. */
export interface Actor {
  userId?: number;
  companyId?: number;
}

/** One company of the simulated world, and everything that works on it. */
export interface Place extends World {
  company: Company;
  /** A record as people and tests look at it. */
  show: (record: SimRecord) => RecordState;
}

/** What every action is played on. */
export interface Stage {
  readonly clock: Clock;
  /** Replaced as a whole by a reset. */
  readonly world: World;
  /** The first company when none is named. */
  at(companyId?: number): Place;
  reset(): Promise<void>;
}

/**
 * A part of the table of actions. `this` is the stage. Arguments and result of an action must be plain data: another process may play
 * it through the control door.
 */
export function actions<Table>(table: Table & ThisType<Stage>): Table {
  return table;
}
