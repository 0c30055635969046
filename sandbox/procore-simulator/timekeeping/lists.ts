import { ApiError, refused } from '../errors';
import type { Call, Reply } from '../http-kit';
import { readRange } from '../ranges';
import { ItemError } from '../sync-action';
import type { TimeEntry } from './books';

/** A range of calendar dates, both ends included; null: open. */
export interface Dates {
  from: string | null;
  to: string | null;
}

export const within = (date: unknown, { from, to }: Dates): boolean =>
  typeof date === 'string' && (from === null || date >= from) && (to === null || date <= to);

/** The calendar date of the simulator's clock. Inferred: Procore takes the zone of the project. */
export const today = (now: number): string => new Date(now).toISOString().slice(0, 10);

export const daysBefore = (now: number, days: number): string => today(now - days * 24 * 60 * 60 * 1000);

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** `start_date` and `end_date`, as a call gives them; `otherwise` where it gives neither. */
export function datesOf({ query }: Call, otherwise: Dates): Dates {
  const from = query.get('start_date');
  const to = query.get('end_date');
  for (const date of [from, to]) {
    if (date !== undefined && !DATE.test(date)) throw refused(400, `Invalid date: ${date}`);
  }
  if (from === undefined && to === undefined) return otherwise;
  return { from: from ?? null, to: to ?? null };
}

export const inRange = (at: number | null, range: string): boolean => {
  const [from, to] = readRange(range);
  return at !== null && at >= from && at <= to;
};

/** Which entries a list shows by `filters[deleted_at]` and `filters[updated_at]`: deleted ones only to who asks for them. */
export function changed({ query }: Call, entry: TimeEntry): boolean {
  const deleted = query.get('filters[deleted_at]');
  const updated = query.get('filters[updated_at]');
  if (deleted === undefined ? entry.deleted_at !== null : !inRange(entry.deleted_at, deleted)) return false;
  return updated === undefined || inRange(entry.updated_at, updated);
}

/** Documented parameters whose effect is not played. */
export function refuseUnplayed({ query }: Call, ...names: string[]): void {
  const asked = names.find((name) => query.has(name));
  if (asked !== undefined) throw refused(501, `Procore has ${asked}, but this simulator does not play it`);
}

/** The errors of the one record that a call is about are those of the call. */
export function asRequest(work: () => Reply, takenStatus: 409 | 422 = 422): Reply {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
    const taken = Object.values(error.errors).some((words) => words.includes('has already been taken'));
    throw new ApiError(taken ? takenStatus : 422, { errors: error.errors });
  }
}
