import type { ProcoreHttp } from '../client/http';
import { completeOf } from './completing';
import { peopleOf, timeTypesOf, workClassificationsOf, writePeopleOf } from './directory';
import { changedEntriesOf, entriesByIdOf, entriesOf } from './entries';
import type { ProcorePayroll } from './port';

/** The timekeeping of one company. */
export const payrollOf = (http: ProcoreHttp): ProcorePayroll => ({
  entries: entriesOf(http),
  changedEntries: changedEntriesOf(http),
  entriesById: entriesByIdOf(http),
  timeTypes: timeTypesOf(http),
  workClassifications: workClassificationsOf(http),
  people: peopleOf(http),
  complete: completeOf(http),
  writePeople: writePeopleOf(http),
});
