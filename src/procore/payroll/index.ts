import type { ProcoreHttp } from '../client/http';
import { completeOf } from './completing';
import { timeTypesOf, workClassificationsOf } from './codes';
import { changedEntriesOf, entriesByIdOf, entriesOf } from './entries';
import { peopleOf } from './people';
import { writePeopleOf } from './people-writing';
import type { ProcorePayroll } from './port';

/** The timekeeping of one company. */
export const payrollOf = (http: ProcoreHttp): ProcorePayroll => ({
  now: () => new Date(http.theirNow()).toISOString(),
  entries: entriesOf(http),
  changedEntries: changedEntriesOf(http),
  entriesById: entriesByIdOf(http),
  timeTypes: timeTypesOf(http),
  workClassifications: workClassificationsOf(http),
  people: peopleOf(http),
  complete: completeOf(http),
  writePeople: writePeopleOf(http),
});
