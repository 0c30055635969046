import type { KnownLine, PayLine } from '../../../domain/payroll/line';
import type { PayBatchResult, PayBatchWrite } from '../../contract/payroll';
import type { Surroundings } from '../model';
import { idOfKey } from '../scope';
import type { Outcome } from '../session';
import { changeOf } from './change';
import type { LineProblem, NamedLine } from './checks';

/** Rolls back: nothing was written, and nothing is left of looking. */
export const undone = <T>(value: T): Outcome<T> => ({ keep: false, value });

export const notOpen = (reason: string): PayBatchResult => ({ outcome: 'not_open', reason });

/** The ERP's numbers of employees and equipment, as far as keys can be of this company. */
export function namedLine(line: PayLine, { catalogue, scope }: Surroundings): NamedLine {
  const employee = idOfKey(scope.company, line.employee, 'number');
  const of = (target: 'project' | 'cost_code', key: string | null): string | null =>
    key === null ? null : (catalogue.idOf(target, key, scope) ?? 'foreign');
  return {
    line,
    ids: {
      // Longer than any number of an employee.
      employee: employee === null || employee.length > 9 ? 'foreign' : employee,
      job: of('project', line.job),
      phase: of('cost_code', line.phase),
      equipment:
        line.equipment === null ? null : (idOfKey(scope.company, line.equipment, 'text') ?? 'foreign'),
    },
  };
}

/** Ids that the ERP may be asked for. */
export const idsAmong = (named: readonly NamedLine[], of: keyof NamedLine['ids']): readonly string[] => [
  ...new Set(named.flatMap(({ ids }) => (ids[of] === null || ids[of] === 'foreign' ? [] : [ids[of]]))),
];

/**
 * The batch that holds exactly what is to be written, although the ledger does not tell of it: it was written, and the ledger or its answer was lost. Null:
 * there is none.
 */
export function adoptable(
  lines: readonly KnownLine[],
  twins: readonly KnownLine[],
  { lines: wanted }: Pick<PayBatchWrite, 'lines'>,
): string | null {
  const [name, ...others] = new Set(twins.map(({ batch }) => batch));
  if (typeof name !== 'string' || others.length > 0) return null;
  const { gone, added } = changeOf(
    lines.filter(({ batch }) => batch === name),
    wanted,
  );
  return gone.length + added.length === 0 ? name : null;
}

/** Why a line is not written again. */
export const isThere = ({ key, batch, state }: KnownLine): LineProblem => ({
  key: key ?? '',
  reason: `it is there already, ${state === 'posted' ? 'posted' : 'in a batch'}${batch === null ? '' : ` (${batch})`}: written twice it would be paid twice`,
});
