import type { Employee } from '../../../domain/payroll/employee';
import { TiebackError } from '../../../domain/base/errors';
import type { Folder } from '../folder';
import { readdir, readFile, stat } from '../folder';
import { keyOfNumber } from '../keys';
import { FileRefused, readRows } from '../rows';
import { matches } from '../take-in';
import { fromDate } from '../values';
import type { PayrollFiles } from './settings';
import { layoutOf } from './settings';

/** All employees of the newest file that the ERP exported. Throws `ERP_CONFIG` where there is none, or it does not read. */
export async function readEmployees(
  folder: Folder,
  company: string,
  layout: PayrollFiles['employees'],
): Promise<readonly Employee[]> {
  const newest = await folder.call('erp.payroll.employees', async () => {
    const names = (await readdir(folder.path('in'))).filter((name) => matches(layout.files, name));
    const files = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(folder.path('in', name))).mtimeMs })),
    );
    const [first] = files.sort((a, b) => b.at - a.at || b.name.localeCompare(a.name));
    return first && { name: first.name, bytes: await readFile(folder.path('in', first.name)) };
  });
  if (newest === undefined)
    throw new TiebackError('ERP_CONFIG', {
      reason: `the ERP has exported no employees (in/${layout.files})`,
    });
  try {
    return employeesIn(layout, company, newest.bytes);
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    throw new TiebackError('ERP_CONFIG', { reason: `in/${newest.name}: ${error.message}` }, { cause: error });
  }
}

function employeesIn(
  layout: PayrollFiles['employees'],
  company: string,
  bytes: Uint8Array,
): readonly Employee[] {
  return readRows(layoutOf(layout), bytes).map(({ at, cells }) => {
    const cell = (wanted: string): string | null => {
      const index = layout.columns.findIndex(({ value }) => value === wanted);
      const text = (cells[index] ?? '').trim();
      return text === '' ? null : text;
    };
    const dateOf = (wanted: string): string | null => {
      const text = cell(wanted);
      const day = text === null ? null : fromDate(text, layout.dates);
      if (text !== null && day === null)
        throw new FileRefused(`line ${at}: "${text}" is no date such as ${layout.dates}`);
      return day;
    };
    const number = cell('number');
    if (number === null) throw new FileRefused(`line ${at}: an employee has no number`);
    const yes = layout.columns.find(({ value }) => value === 'active')?.values?.['true'] ?? 'Y';
    return {
      key: keyOfNumber(company, [number]),
      number,
      firstName: cell('first_name') ?? '',
      lastName: cell('last_name') ?? '',
      email: cell('email'),
      payGroup: cell('pay_group') ?? '',
      department: cell('department'),
      craft: cell('craft'),
      class: cell('class'),
      hiredOn: dateOf('hired_on'),
      endedOn: dateOf('ended_on'),
      isActive: (cell('active') ?? yes) === yes,
    };
  });
}
