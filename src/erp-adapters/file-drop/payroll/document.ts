import type { PayLine } from '../../../domain/payroll/line';
import type { RefTarget } from '../../../domain/kinds';
import { idOf } from '../keys';
import type { References } from '../references';
import { Misfit, writeRows } from '../rows';
import type { PayrollFiles } from './settings';
import { layoutOf } from './settings';

/** What a file of timecards says beside its lines. */
export interface CardEnvelope {
  readonly sequence: number;
  readonly group: string;
  readonly end: string;
}

type CardColumn = PayrollFiles['outgoing']['columns'][number];

/** A line that has no place in its file. */
export interface CardMisfit {
  readonly key: string;
  readonly reason: string;
}

/** The bytes of a file of timecards, or which lines do not fit into it, and why: nothing is ever cut. */
export function writeCards(
  outgoing: PayrollFiles['outgoing'],
  lines: readonly PayLine[],
  envelope: CardEnvelope,
  references: References,
): Buffer | readonly CardMisfit[] {
  const layout = layoutOf(outgoing);
  const [record] = layout.records;
  if (record === undefined) throw new Error('a layout of timecards has one record');
  const misfits: CardMisfit[] = [];
  const rows = lines.map((line, index) => {
    try {
      const cells = outgoing.columns.map((column) =>
        cellOf(column, line, { ...envelope, line: index + 1 }, outgoing.dates, references),
      );
      const row = { record, cells };
      writeRows(layout, [row]);
      return row;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      misfits.push({ key: line.key, reason: error.message });
      return { record, cells: [] };
    }
  });
  return misfits.length > 0 ? misfits : writeRows(layout, rows);
}

function cellOf(
  { constant, value, values }: CardColumn,
  line: PayLine,
  { sequence, group, end, line: number }: CardEnvelope & { readonly line: number },
  dates: string,
  references: References,
): string {
  if (value === undefined) return constant ?? '';
  const refer = (target: RefTarget, key: string | null): string => {
    const found = key === null ? { number: '', waits: false } : references.numberOf(target, key);
    if (found === null || found.waits)
      throw new Misfit(`${value} ${key ?? ''} is not there, or has no number yet`);
    return found.number;
  };
  const cells: Readonly<Record<typeof value, () => string>> = {
    date: () => dated(line.date, dates),
    employee: () => idOf(line.employee),
    job: () => refer('project', line.job),
    phase: () => refer('cost_code', line.phase),
    earn_code: () => line.earnCode,
    craft: () => line.craft ?? '',
    class: () => line.class ?? '',
    shift: () => line.shift ?? '',
    department: () => line.department ?? '',
    certified: () => String(line.certified),
    equipment: () => (line.equipment === null ? '' : idOf(line.equipment)),
    hours: () => line.hours,
    key: () => line.key,
    line: () => String(number),
    sequence: () => String(sequence),
    period_end: () => dated(end, dates),
    pay_group: () => group,
  };
  const text = cells[value]();
  if (values === undefined || text === '') return text;
  const coded = values[text];
  if (coded === undefined) throw new Misfit(`${value} "${text}" is not in the list of the layout`);
  return coded;
}

const dated = (date: string, dates: string): string =>
  dates.replace('YYYY', date.slice(0, 4)).replace('MM', date.slice(5, 7)).replace('DD', date.slice(8));
