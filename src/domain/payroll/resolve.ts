import type { ProcoreId } from '../kinds/record';
import type { EarnCode, PayCodes } from './codes';
import { isOvertimeCode } from './codes';
import type { Employee } from './employee';
import type { Named, TimecardEntry } from './entry';
import type { Family, PayLine } from './line';
import type { CraftClass, PayrollMapping } from './mapping';

/** Who splits the hours of a pay group into regular and overtime: the field sends the split, or the ERP makes it. */
export type OvertimeOwner = 'field' | 'erp';

/** Something of the ERP that Procore is linked to. */
export interface Place {
  /** Key of the ERP. */
  readonly key: string;
  /** For people: `26-014 Harbor View`. */
  readonly label: string;
  readonly isActive: boolean;
}

/** A job, and the IANA zone of its clocks; null: not known. */
export interface JobPlace extends Place {
  readonly timeZone: string | null;
}

/** All that turns entries into codes: the mapping, the codes of the ERP, and the links. */
export interface PayrollReferences {
  /** Key of the ERP's company. */
  readonly company: string;
  readonly mapping: PayrollMapping;
  readonly codes: PayCodes;
  /** Key of the employee by Procore person. */
  readonly people: ReadonlyMap<ProcoreId, string>;
  /** By key. */
  readonly employees: ReadonlyMap<string, Employee>;
  /** By Procore project, and by sub job where it is a job of its own in the ERP. */
  readonly jobs: ReadonlyMap<ProcoreId, JobPlace>;
  readonly subJobs: ReadonlyMap<ProcoreId, JobPlace>;
  /** Phases of jobs by Procore cost code. */
  readonly phases: ReadonlyMap<ProcoreId, Place>;
  readonly overtimeOwner: (payGroup: string) => OvertimeOwner;
}

/** Why an entry has no codes. */
export const GAPS = {
  no_person: 'it names nobody',
  unmatched_person: 'the person is no employee of the ERP yet',
  no_time_type: 'it has no time type',
  time_type: 'the time type has no earn code',
  earn_code: 'the earn code is not there, or inactive',
  overtime_type: 'the ERP splits overtime itself, and this is an overtime type',
  work_classification: 'the work classification has no craft and class',
  no_project: 'it is costed, and has no project',
  job: 'the project is no job of the ERP yet',
  no_phase: 'it is on a job and has no cost code: it would be paid and never costed',
  phase: 'the cost code is no phase of the ERP yet',
} as const;
export type GapCode = keyof typeof GAPS;

/** What an entry lacks. */
export interface Gap {
  readonly entry: ProcoreId;
  readonly code: GapCode;
  /** Of Procore, what has no counterpart: `time type "Night" (17)`; null: the entry lacks it itself. */
  readonly of: string | null;
  readonly person: string;
  readonly date: string;
  /** A sentence that names person, date and code. */
  readonly text: string;
}

/** An entry in codes of the ERP. */
export interface EntryCodes extends Pick<
  PayLine,
  | 'employee'
  | 'job'
  | 'phase'
  | 'earnCode'
  | 'family'
  | 'craft'
  | 'class'
  | 'shift'
  | 'department'
  | 'certified'
  | 'equipment'
> {
  readonly payGroup: string;
  readonly isOvertime: boolean;
  readonly jobPlace: JobPlace | null;
  readonly phasePlace: Place | null;
  /** Of an allowance: the ERP knows what a unit pays. */
  readonly paysUnits: boolean;
  readonly isRepeatable: boolean;
  /** Where the field meant the cost to go elsewhere than the earn code sends it; null: nowhere else. */
  readonly costTypeConflict: string | null;
}

export type Resolved =
  | { readonly kind: 'codes'; readonly codes: EntryCodes }
  | { readonly kind: 'gaps'; readonly gaps: readonly Gap[]; readonly payGroup: string | null };

/** The person as a sentence names them. */
export const personOf = ({ person }: Pick<TimecardEntry, 'person'>): string => person?.name ?? 'Nobody';

const shown = (what: string, { id, name }: Named): string => `${what} "${name}" (${id})`;

/** Turns entries into codes of the ERP; made once for many entries. Every gap of an entry is told, not only the first. */
export function resolver(references: PayrollReferences): (entry: TimecardEntry) => Resolved {
  const earnCodes = new Map(references.codes.earnCodes.map((code) => [code.code, code]));
  const certified = new Set(references.mapping.certifiedProjects);
  return (entry) => resolve(entry, references, earnCodes, certified);
}

/** Everything that these entries lack. */
export const gapsIn = (entries: readonly TimecardEntry[], references: PayrollReferences): readonly Gap[] => {
  const resolveOne = resolver(references);
  return entries.flatMap((entry) => {
    const resolved = resolveOne(entry);
    return resolved.kind === 'gaps' ? resolved.gaps : [];
  });
};

/** What an entry is by its time type, or by the machine that it is of. */
interface EntryKind {
  readonly earnCode: string;
  readonly family: Family;
  readonly shift: string | null;
  readonly equipment: string | null;
  readonly isCosted: boolean;
  readonly paysUnits: boolean;
  readonly isRepeatable: boolean;
}

function resolve(
  entry: TimecardEntry,
  references: PayrollReferences,
  earnCodes: ReadonlyMap<string, EarnCode>,
  certified: ReadonlySet<ProcoreId>,
): Resolved {
  const gaps: Gap[] = [];
  const lacks = (code: GapCode, of: string | null = null): null => {
    const [person, because] = [personOf(entry), GAPS[code]];
    const about = of === null ? '' : `${of}: `;
    gaps.push({
      entry: entry.id,
      code,
      of,
      person,
      date: entry.date,
      text: `${person}, ${entry.date}: ${about}${because}.`,
    });
    return null;
  };
  const { mapping } = references;
  const machine = entry.person === null ? undefined : mapping.equipment[String(entry.person.id)];
  const employee = employeeOf(entry, machine?.standIn, references, lacks);
  const kind = machine === undefined ? ofTimeType(entry, mapping, lacks) : ofMachine(machine);
  const earnCode = kind === null ? undefined : earnCodes.get(kind.earnCode);
  if (kind !== null && earnCode?.isActive !== true) lacks('earn_code', `earn code ${kind.earnCode}`);
  const isOvertime = earnCode !== undefined && isOvertimeCode(earnCode);
  if (isOvertime && employee !== null && references.overtimeOwner(employee.payGroup) === 'erp')
    lacks('overtime_type', entry.timeType === null ? null : shown('time type', entry.timeType));
  const place = kind?.isCosted === false ? NOWHERE : placeOf(entry, kind, references, lacks);
  const craftClass = craftClassOf(entry, employee, mapping, lacks);
  if (gaps.length > 0 || kind === null || employee === null)
    return { kind: 'gaps', gaps, payGroup: employee?.payGroup ?? null };
  const { paysUnits, isRepeatable } = kind;
  return {
    kind: 'codes',
    codes: {
      employee: employee.key,
      job: place.jobPlace?.key ?? null,
      phase: place.phasePlace?.key ?? null,
      earnCode: kind.earnCode,
      family: kind.family,
      ...(kind.family === 'equipment' ? { craft: null, class: null } : craftClass),
      shift: kind.shift,
      department:
        (entry.project === null || !kind.isCosted
          ? undefined
          : mapping.departments[String(entry.project.id)]) ?? employee.department,
      certified: kind.isCosted && entry.project !== null && certified.has(entry.project.id),
      equipment: kind.equipment,
      payGroup: employee.payGroup,
      isOvertime,
      ...place,
      paysUnits,
      isRepeatable,
      costTypeConflict: kind.isCosted ? costTypeConflict(entry, earnCode, mapping) : null,
    },
  };
}

type Lacks = (code: GapCode, of?: string | null) => null;

function employeeOf(
  { person }: TimecardEntry,
  standIn: string | undefined,
  { people, employees }: PayrollReferences,
  lacks: Lacks,
): Employee | null {
  if (person === null) return lacks('no_person');
  const key = standIn ?? people.get(person.id);
  const employee = key === undefined ? undefined : employees.get(key);
  return employee ?? lacks('unmatched_person', shown('person', person));
}

function ofTimeType({ timeType }: TimecardEntry, mapping: PayrollMapping, lacks: Lacks): EntryKind | null {
  if (timeType === null) return lacks('no_time_type');
  const rule = mapping.timeTypes[String(timeType.id)];
  if (rule === undefined) return lacks('time_type', shown('time type', timeType));
  return {
    earnCode: rule.earnCode,
    family: rule.family,
    shift: rule.shift ?? null,
    equipment: null,
    isCosted: rule.isCosted ?? rule.family !== 'leave',
    paysUnits: rule.paysUnits === true,
    isRepeatable: rule.isRepeatable === true,
  };
}

const ofMachine = ({ earnCode, equipment }: { earnCode: string; equipment: string }): EntryKind => ({
  earnCode,
  family: 'equipment',
  shift: null,
  equipment,
  isCosted: true,
  paysUnits: false,
  isRepeatable: false,
});

type Placed = Pick<EntryCodes, 'jobPlace' | 'phasePlace'>;
const NOWHERE: Placed = { jobPlace: null, phasePlace: null };

function placeOf(
  { project, subJob, costCode }: TimecardEntry,
  kind: EntryKind | null,
  { jobs, subJobs, phases }: PayrollReferences,
  lacks: Lacks,
): Placed {
  if (project === null) {
    if (kind?.family === 'equipment') lacks('no_project');
    return NOWHERE;
  }
  const job = (subJob === null ? undefined : subJobs.get(subJob.id)) ?? jobs.get(project.id);
  if (job === undefined) lacks('job', shown('project', project));
  if (costCode === null) lacks('no_phase', shown('project', project));
  const phase = costCode === null ? undefined : phases.get(costCode.id);
  if (costCode !== null && phase === undefined) lacks('phase', shown('cost code', costCode));
  return { jobPlace: job ?? null, phasePlace: phase ?? null };
}

function craftClassOf(
  { workClassificationId: id }: TimecardEntry,
  employee: Employee | null,
  { workClassifications }: PayrollMapping,
  lacks: Lacks,
): { readonly craft: string | null; readonly class: string | null } {
  const own = { craft: employee?.craft ?? null, class: employee?.class ?? null };
  if (id === undefined || id === null) return own;
  const mapped: CraftClass | undefined = workClassifications[String(id)];
  if (mapped === undefined) lacks('work_classification', `work classification ${id}`);
  return mapped === undefined ? own : { craft: mapped.craft, class: mapped.class };
}

/** The earn code rules where hours are costed; hours that somebody meant for another cost type must not end there unseen. */
function costTypeConflict(
  { costTypeId }: TimecardEntry,
  earnCode: EarnCode | undefined,
  { costTypes }: PayrollMapping,
): string | null {
  if (costTypeId === null || earnCode === undefined || earnCode.costType === null) return null;
  const entered = costTypes[String(costTypeId)];
  return entered === earnCode.costType
    ? null
    : `cost type ${entered ?? `(${costTypeId} of Procore, not mapped)`} was entered, and earn code ${earnCode.code} costs to ${earnCode.costType}`;
}
