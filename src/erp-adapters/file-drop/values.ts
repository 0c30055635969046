import { canonicalText } from '../../domain/base/text';
import type { FieldDefinition } from '../../domain/kinds';
import { fitDecimal, shown } from '../../domain/kinds/column-rules';
import { isDate } from '../../domain/kinds/fit-record';
import type { FieldValue } from '../../domain/kinds/record';
import type { Column, Layout } from './layout';
import { isNumber, nameOf } from './layout';
import { FileRefused, Misfit } from './rows';

/** A canonical value as it stands in a file; of a reference the number of what it refers to. Throws `Misfit`. */
export function toCell(column: Column, of: FieldDefinition, value: FieldValue, { dates }: Layout): string {
  if (value === null) return '';
  const { values, decimals = 0, impliedPoint } = column;
  if (values !== undefined) {
    const cell = values[String(value)];
    if (cell === undefined)
      throw new Misfit(`${nameOf(column)} "${shown(String(value))}" is not in the list of the layout`);
    return cell;
  }
  const text = String(value);
  if (of.type === 'date')
    return dates
      .replace('YYYY', text.slice(0, 4))
      .replace('MM', text.slice(5, 7))
      .replace('DD', text.slice(8));
  if (!isNumber(of)) return text;
  const exact = fitDecimal(text, decimals);
  if (exact === null)
    throw new Misfit(`${nameOf(column)} "${shown(text)}" is no number with at most ${decimals} decimals`);
  return impliedPoint ? exact.replace('.', '').replace(/^(-?)0+(?=\d)/, '$1') : exact;
}

/** The canonical value of a cell; of a reference the number of what it refers to. Throws `FileRefused`. */
export function fromCell(
  column: Column,
  of: FieldDefinition,
  cell: string,
  { dates }: Layout,
  at: number,
): FieldValue {
  const refuse = (expected: string): never => {
    throw new FileRefused(`line ${at}: ${nameOf(column)} "${shown(cell)}" ${expected}`);
  };
  const { values, decimals = 0, impliedPoint, width, required } = column;
  if (values !== undefined) {
    const word = Object.keys(values).find((one) => values[one] === cell);
    if (word !== undefined) return of.type === 'flag' ? word === 'true' : word;
    if (cell === '' && of.type !== 'flag') return required ? refuse('is empty') : null;
    return refuse(`is none of ${Object.values(values).join(', ')}`);
  }
  const text = canonicalText(cell);
  if (text === null) return required || of.required ? refuse('is empty') : null;
  if (width !== undefined && [...text].length > width) return refuse(`is longer than ${width}`);
  if (of.type === 'date') return fromDate(text, dates) ?? refuse(`is no date such as ${dates}`);
  if (!isNumber(of)) return text;
  const pointed = impliedPoint && decimals > 0 ? withPoint(text, decimals) : text;
  return fitDecimal(pointed, decimals) ?? refuse(`is no number with at most ${decimals} decimals`);
}

const withPoint = (text: string, decimals: number): string =>
  text.replace(/^(-?)(\d+)$/, (_, sign: string, digits: string) => {
    const padded = digits.padStart(decimals + 1, '0');
    return `${sign}${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
  });

/** The local date of a text written like this; null: it is none. */
export function fromDate(text: string, dates: string): string | null {
  const part = (name: string): string => text.slice(dates.indexOf(name), dates.indexOf(name) + name.length);
  const date = `${part('YYYY')}-${part('MM')}-${part('DD')}`;
  const again = dates.replace('YYYY', part('YYYY')).replace('MM', part('MM')).replace('DD', part('DD'));
  return again === text && isDate(date) ? date : null;
}
