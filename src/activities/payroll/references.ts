import { textIn } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import type { Dates, UnreadableEntry } from '../../procore/payroll/port';
import type { ActivityDeps } from '../deps';
import type { PayrollParts } from './parts';
import { readPeople } from './people';
import { knownHere, referencesOf } from './sides';

/** Both sides as they are now, as far as they turn timecards into codes of payroll. */
export interface ReadReferences {
  readonly references: PayrollReferences;
  /** Labels of jobs and sub jobs, by key of the ERP. */
  readonly jobs: ReadonlyMap<string, string>;
  /** Their numbers, by key of the ERP, as far as the ERP told them. */
  readonly jobNumbers: ReadonlyMap<string, string>;
  /** What is wrong with people and the mapping, a sentence each. */
  readonly problems: readonly string[];
}

/** Reads people, codes and links. Throws what the sides throw. */
export async function payrollReferences(
  { store }: Pick<ActivityDeps, 'store'>,
  parts: PayrollParts,
): Promise<ReadReferences> {
  const { connection, settings, erp } = parts;
  const [both, codes, { company }] = await Promise.all([
    readPeople(parts),
    erp.codes(),
    connection.erp.describe(),
  ]);
  const known = await store.read('payroll.known', (t) => knownHere(t, connection.id));
  const links = [...known.projects, ...known.subJobs];
  const { references, problems } = referencesOf({ company, codes, ...both }, known, settings);
  return {
    references,
    jobs: new Map(
      [...references.jobs.values(), ...references.subJobs.values()].map(({ key, label }) => [key, label]),
    ),
    jobNumbers: new Map(
      links.map(({ erpKey, erp: record, procore }) => [erpKey, numberIn(record ?? procore)]),
    ),
    problems,
  };
}

/** Entries of these dates of work, of everybody. Throws what Procore throws, also where any may be missing. */
export async function entriesOf(
  { connection }: PayrollParts,
  { begin, end }: Dates,
): Promise<{ readonly entries: readonly TimecardEntry[]; readonly unreadable: readonly UnreadableEntry[] }> {
  const entries: TimecardEntry[] = [];
  const unreadable: UnreadableEntry[] = [];
  for await (const page of connection.procore.payroll.entries({ begin, end })) {
    entries.push(...page.entries);
    unreadable.push(...page.unreadable);
  }
  return { entries, unreadable };
}

const numberIn = (record: RecordLink['erp']): string => (record === null ? '' : textIn(record, 'code'));
