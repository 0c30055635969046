import { contentHash } from '../base/identity';
import type { ProcoreId } from '../kinds/record';
import type { TimecardEntry } from './entry';

/**
 * Content hash of what pay depends on in an entry. Descriptions, names and our own marks are no part of it: a project that is renamed sends no payroll
 * back.
 */
export const entryRevision = (entry: TimecardEntry): string =>
  contentHash({
    date: entry.date,
    hours: entry.hours,
    clock: [entry.timeIn, entry.timeOut, entry.lunchMinutes],
    person: entry.person?.id ?? null,
    project: entry.project?.id ?? null,
    subJob: entry.subJob?.id ?? null,
    costCode: entry.costCode?.id ?? null,
    costType: entry.costTypeId,
    timeType: entry.timeType?.id ?? null,
    workClassification: entry.workClassificationId,
    status: entry.status,
    inProgress: entry.inProgress,
    isDeleted: entry.deletedAt !== null,
  });

/** Revisions by entry, as a plan keeps them. */
export type Revisions = Readonly<Record<string, string>>;

export const revisionsOf = (entries: readonly TimecardEntry[]): Revisions =>
  Object.fromEntries(
    entries
      .filter(({ deletedAt }) => deletedAt === null)
      .map((entry) => [String(entry.id), entryRevision(entry)]),
  );

/** Entries that are not as a plan saw them: edited, new or gone; ascending. */
export function movedSince(planned: Revisions, entries: readonly TimecardEntry[]): readonly ProcoreId[] {
  const now = revisionsOf(entries);
  return [...new Set([...Object.keys(planned), ...Object.keys(now)])]
    .filter((id) => planned[id] !== now[id])
    .map(Number)
    .sort((one, two) => one - two);
}
