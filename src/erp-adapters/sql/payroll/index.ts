import { plain } from '../../../domain/base/money';
import type { Employee } from '../../../domain/payroll/employee';
import type { KnownLine } from '../../../domain/payroll/line';
import type { PayPeriod } from '../../../domain/payroll/period';
import type {
  EarnCode,
  PayBatchResult,
  PayBatchWrite,
  PayCodes,
  PayrollCapability,
} from '../../contract/payroll';
import type { Surroundings } from '../model';
import type { Scope } from '../scope';
import { keyOf } from '../scope';
import type { Asking, Row, SqlSession } from '../session';
import type { SqlParts } from '../writer';
import { knownLines } from './lines';
import { askPeriod } from './period';
import { askRows, textIn, textOf } from './rows';
import type { PayrollSpec } from './spec';
import { PayBatchWriter } from './write';

/** Payroll of one company, as its spec describes it. */
export class SqlPayroll implements PayrollCapability {
  readonly can;

  constructor(
    private readonly spec: PayrollSpec,
    private readonly parts: SqlParts,
  ) {
    this.can = spec.can;
  }

  async *employees(pageSize: number): AsyncIterable<readonly Employee[]> {
    if (!Number.isInteger(pageSize) || pageSize < 1)
      throw new RangeError('pageSize must be a whole number above 0');
    const { employees } = this.spec;
    const key = employees.columns.number.sql;
    for (let after = 0; ;) {
      const page = await this.ask('employees', (session, asking, { company }) => {
        const bound = { company: Number(company), after, size: pageSize };
        const rows = asking.add(
          askRows(session.dialect, employees, bound, { and: `${key} > @after`, limit: 'size' }),
        );
        return () => rows().map((row) => employeeOf(row, company));
      });
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
      after = Number(page.at(-1)?.number);
    }
  }

  codes(): Promise<PayCodes> {
    const { spec } = this;
    return this.ask('codes', (session, asking, scope) => {
      const bound = { company: Number(scope.company) };
      const ask = (rows: Parameters<typeof askRows>[1]) => asking.add(askRows(session.dialect, rows, bound));
      const earnCodes = ask(spec.earnCodes);
      const classes = ask(spec.classes);
      const departments = ask(spec.departments);
      const payGroups = ask(spec.payGroups);
      const shifts = 'from' in spec.shifts ? ask(spec.shifts) : null;
      return () => ({
        earnCodes: earnCodes().map((row) => this.earnCodeOf(row, scope)),
        classes: classes().map((row) => ({
          craft: textOf(row, 'craft'),
          class: textOf(row, 'craft_class'),
          name: textOf(row, 'name'),
        })),
        departments: departments().map(codeAndName),
        shifts: shifts?.().map((row) => textOf(row, 'code')) ?? (spec.shifts as readonly string[]),
        payGroups: payGroups().map(codeAndName),
      });
    });
  }

  periods(from: string): Promise<readonly PayPeriod[]> {
    const { spec } = this;
    return this.ask('periods', (session, asking, { company }) => {
      const rows = asking.add(
        askRows(
          session.dialect,
          spec.periods,
          { company: Number(company), from },
          { and: `${spec.periods.columns.ends.sql} >= @from` },
        ),
      );
      return () =>
        rows().map((row) => ({
          group: textOf(row, 'pay_group'),
          run: Number(row['run']),
          begin: textOf(row, 'begins'),
          end: textOf(row, 'ends'),
          cutOff: textIn(row['cut_off']),
          state: spec.periodStates[textOf(row, 'status')] ?? 'closed',
          frequency: spec.frequencies[textOf(row, 'frequency')] ?? 'weekly',
        }));
    });
  }

  write(batch: PayBatchWrite): Promise<PayBatchResult> {
    return new PayBatchWriter(this.spec, this.parts).write(batch);
  }

  lines(period: Pick<PayPeriod, 'group' | 'end' | 'run'>): Promise<readonly KnownLine[]> {
    return this.ask('lines', (session, asking, scope) => {
      const read = askPeriod(session, asking, this.spec, scope, period);
      return () => knownLines(this.spec, this.around(scope), read());
    });
  }

  private earnCodeOf(row: Row, scope: Scope): EarnCode {
    const [factor, costType] = [textIn(row['factor']), textIn(row['cost_type'])];
    return {
      code: textOf(row, 'code'),
      name: textOf(row, 'name'),
      factor: factor === null ? null : plain(factor),
      costType: costType === null ? null : this.parts.catalogue.keyOf('line_item_type', costType, scope),
      isActive: textOf(row, 'active') !== 'N',
    };
  }

  private around(scope: Scope): Surroundings {
    return { scope, catalogue: this.parts.catalogue };
  }

  /** One reading, whose questions go out together. */
  private ask<T>(
    name: string,
    prepare: (session: SqlSession, asking: Asking, scope: Scope) => () => T,
  ): Promise<T> {
    const { database, scopes } = this.parts;
    return database.read(`erp.payroll.${name}`, async (session) => {
      const { value } = await scopes.ask(session, name, (scope, asking) => prepare(session, asking, scope));
      return value;
    });
  }
}

const codeAndName = (row: Row): { readonly code: string; readonly name: string } => ({
  code: textOf(row, 'code'),
  name: textOf(row, 'name'),
});

const employeeOf = (row: Row, company: string): Employee => ({
  key: keyOf(company, textOf(row, 'number'), 'number'),
  number: textOf(row, 'number'),
  firstName: textOf(row, 'first_name'),
  lastName: textOf(row, 'last_name'),
  email: textIn(row['email']),
  payGroup: textOf(row, 'pay_group'),
  department: textIn(row['dept']),
  craft: textIn(row['craft']),
  class: textIn(row['craft_class']),
  hiredOn: textIn(row['hired_on']),
  endedOn: textIn(row['ended_on']),
  isActive: textOf(row, 'active') === 'Y',
});
