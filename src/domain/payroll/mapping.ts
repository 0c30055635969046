import type { EarnCode, PayCodes } from './codes';
import { isOvertimeCode } from './codes';
import type { Family } from './line';

/*
 * How what the field enters becomes codes of payroll: data, by ids of Procore as text, because names are changed. What it does not name is a gap, and a
 * gap is an exception; nothing is guessed.
 */

/** What becomes of hours of one time type. */
export interface TimeTypeRule {
  readonly earnCode: string;
  readonly family: Exclude<Family, 'equipment'>;
  /** Shift of the ERP whose hours these are. */
  readonly shift?: string;
  /** Costed to the job and phase of the entry; absent: worked time is, leave is not, and an allowance is. */
  readonly isCosted?: boolean;
  /** Of an allowance: the ERP has its rate and pays units; without it there would be units and no amount, so it is held. */
  readonly paysUnits?: true;
  /** Of an allowance: it may be paid more than once a day (mileage); absent: once (per diem), on the job with the most hours. */
  readonly isRepeatable?: true;
}

/** A Procore person that stands for a machine: its hours are nobody's, and payroll wants a stand-in employee for them. */
export interface EquipmentRule {
  /** Keys of the ERP. */
  readonly equipment: string;
  readonly standIn: string;
  readonly earnCode: string;
}

export interface CraftClass {
  readonly craft: string;
  readonly class: string;
}

/** The payroll mapping of a connection. */
export interface PayrollMapping {
  readonly timeTypes: Readonly<Record<string, TimeTypeRule>>;
  readonly workClassifications: Readonly<Record<string, CraftClass>>;
  /** Line item types by the ERP's cost type: held against that of the earn code, which rules. */
  readonly costTypes: Readonly<Record<string, string>>;
  /** Departments by project; absent: that of the employee. */
  readonly departments: Readonly<Record<string, string>>;
  /** Projects whose hours go on a certified payroll. */
  readonly certifiedProjects: readonly number[];
  readonly equipment: Readonly<Record<string, EquipmentRule>>;
}

/** A row of the mapping that the ERP cannot take: one sentence each, for `doctor` and the start. */
export interface MappingProblem {
  /** `timeTypes.17`: where it stands. */
  readonly path: string;
  readonly text: string;
}

/** Everything that is wrong with a mapping by the codes that the ERP has now. Whose overtime is the ERP's has no overtime types: see `resolve`. */
export function problemsOf(mapping: PayrollMapping, codes: PayCodes): readonly MappingProblem[] {
  const earnCodes = new Map(codes.earnCodes.map((code) => [code.code, code]));
  return [
    ...Object.entries(mapping.timeTypes).flatMap(([id, rule]) => [
      ...told(`timeTypes.${id}.earnCode`, earnCodeProblem(rule.earnCode, earnCodes)),
      ...told(`timeTypes.${id}.family`, familyProblem(rule, earnCodes.get(rule.earnCode))),
      ...told(`timeTypes.${id}.shift`, unknown('shift', rule.shift, codes.shifts)),
    ]),
    ...Object.entries(mapping.workClassifications).flatMap(([id, { craft, class: classCode }]) => {
      const pairs = codes.classes.map((one) => `${one.craft}/${one.class}`);
      return told(`workClassifications.${id}`, unknown('craft and class', `${craft}/${classCode}`, pairs));
    }),
    ...Object.entries(mapping.departments).flatMap(([id, department]) => {
      const known = codes.departments.map(({ code }) => code);
      return told(`departments.${id}`, unknown('department', department, known));
    }),
    ...Object.entries(mapping.equipment).flatMap(([id, { earnCode }]) =>
      told(`equipment.${id}.earnCode`, earnCodeProblem(earnCode, earnCodes)),
    ),
  ];
}

const told = (path: string, text: string | null): readonly MappingProblem[] =>
  text === null ? [] : [{ path, text }];

const unknown = (what: string, code: string | undefined, known: readonly string[]): string | null =>
  code === undefined || known.includes(code) ? null : `The ERP has no ${what} ${code}.`;

function earnCodeProblem(code: string, known: ReadonlyMap<string, EarnCode>): string | null {
  const earnCode = known.get(code);
  if (earnCode === undefined) return `The ERP has no earn code ${code}.`;
  return earnCode.isActive ? null : `Earn code ${code} "${earnCode.name}" is inactive in the ERP.`;
}

function familyProblem({ family, earnCode }: TimeTypeRule, code: EarnCode | undefined): string | null {
  if (code === undefined) return null;
  if (family === 'worked' && code.factor === null)
    return `Earn code ${earnCode} "${code.name}" is no worked time in the ERP: it has no factor.`;
  return family !== 'worked' && isOvertimeCode(code)
    ? `Earn code ${earnCode} "${code.name}" is overtime in the ERP, and overtime is worked time.`
    : null;
}
