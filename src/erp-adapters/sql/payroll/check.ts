import { TiebackError } from '../../../domain/base/errors';
import { liveColumns } from '../columns';
import type { SqlCheck } from '../model';
import type { Scope } from '../scope';
import type { PayrollSpec } from './spec';

/**
 * Whether the tables of payroll are as they are needed: every column that is read is there, and whatever a new line must have it gets from us or by itself.
 * A rate that Vista wants and does not make would show here, before a batch is refused for it.
 */
export const payrollCheck = (spec: PayrollSpec): SqlCheck => ({
  name: 'payroll',
  hint:
    'Timecards are neither read nor written as they are: compare the tables of payroll with docs/vista.md. A column that has no default must get its value ' +
    'from the ERP itself (a trigger, a default): Tieback knows no rates.',
  async ask(session, scope) {
    const { reads } = spec.rights;
    const live = await liveColumns(session, Object.keys(reads));
    const missing = Object.entries(reads).flatMap(([table, columns]) => {
      const there = live.get(table)?.map(({ name }) => name);
      if (there === undefined) return [`there is no table ${table}, or we may not see it`];
      return columns
        .filter((column) => !there.includes(column))
        .map((column) => `there is no column ${table}.${column}`);
    });
    const filled = filledColumns(spec, scope);
    const unfilled = (live.get(spec.table) ?? [])
      .filter(({ name, nullable, hasDefault }) => !nullable && !hasDefault && !filled.includes(name))
      .map(({ name }) => `${spec.table}.${name} must have a value, and has no default`);
    const problems = [...missing, ...unfilled];
    if (problems.length > 0) throw new TiebackError('ERP_CONFIG', { reason: problems.join('; ') });
    return `all columns of ${Object.keys(reads).length} tables are there`;
  },
});

/** The columns that a new line gets from us, whatever it says. */
function filledColumns(spec: PayrollSpec, scope: Scope): readonly string[] {
  const period = { group: '1', end: '2026-01-31', run: 1 };
  const { values } = spec.rowOf(
    {
      ...{
        key: '',
        employee: '',
        date: period.end,
        earnCode: '1',
        family: 'worked',
        certified: false,
        hours: '0.00',
      },
      ...{ job: null, phase: null, craft: null, class: null, shift: null, department: null, equipment: null },
      ...{ entries: [], memo: '', ids: { employee: '1', job: null, phase: null, equipment: null } },
    },
    { period, purpose: 'period', month: '2026-01', begins: '2026-01-25', batch: 1, sequence: 1 },
    scope,
  );
  return Object.keys(values);
}
