import { isDecimal, plain, withSeparators } from '../domain/base/money';
import type { FieldDefinition } from '../domain/kinds';
import { definitionOf } from '../domain/kinds';
import type { LineKind } from '../domain/kinds';
import type { FieldChange, Operation } from '../domain/plan/operation';
import { showValue } from './format';

/** `1,234.00 USD`: an amount for people, with two decimals at least, and its currency where it is known. */
export function amountWords(amount: string, currency?: string): string {
  if (!isDecimal(amount)) return amount;
  const [whole = '', fraction = ''] = plain(amount).split('.');
  const words = withSeparators(`${whole}.${fraction.padEnd(2, '0')}`);
  return currency === undefined ? words : `${words} ${currency}`;
}

type FieldType = FieldDefinition['type'];

/** What stands below each other digit by digit. */
export const isNumber = (type: FieldType | undefined): boolean =>
  type === 'money' || type === 'quantity' || type === 'unit_cost' || type === 'percent';

/** A value of a field, for people. */
export function fieldWords(value: FieldChange['new'], type: FieldType | undefined): string {
  if (typeof value !== 'string' || !isDecimal(value)) return showValue(value);
  if (type === 'money' || type === 'unit_cost') return amountWords(value);
  return type === 'quantity' ? withSeparators(plain(value)) : value;
}

/** Where a change of an operation is: in the header, or in a line of this kind and number. */
export interface Place {
  readonly line: { readonly kind: string; readonly number: string } | null;
  /** Without the line it is in. */
  readonly label: string;
  readonly type: FieldType | undefined;
}

const LINE = /^(\w+)\[(.*)\]\.(\w+)$/;

/** `commitment_line[2].amount`, labelled `Line 2 · Amount`. */
export function placeOf({ kind }: Pick<Operation, 'kind'>, { field, label }: FieldChange): Place {
  const definition = kind === null ? undefined : definitionOf(kind);
  const [, lineKind = '', number = '', name = ''] = LINE.exec(field) ?? [];
  if (lineKind === '') return { line: null, label, type: definition?.fields[field]?.type };
  const fields = definition?.lines[lineKind as LineKind]?.fields;
  return {
    line: { kind: lineKind, number },
    label: fields?.[name]?.label ?? label.split(' · ').at(-1) ?? label,
    type: fields?.[name]?.type,
  };
}
