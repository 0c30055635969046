import { erpKeyOfOriginId, originIdOf } from '../../../domain/base/identity';
import { sameAmount } from '../../../domain/base/money';
import { lengthIn, parting } from '../../../domain/base/text';
import type { FieldDefinition, Kind, KindDefinition } from '../../../domain/kinds';
import { definitionOf } from '../../../domain/kinds';
import type { CustomColumns } from '../../../domain/kinds/custom-fields';
import type { ColumnRule } from '../../../domain/kinds/column-rules';
import type { RecordColumns } from '../../../domain/kinds/fit-record';
import { isDate } from '../../../domain/kinds/fit-record';
import type { CanonicalRecord, Fields, FieldValue } from '../../../domain/kinds/record';
import { lineKeyOf } from '../../../domain/kinds/record';
import type { ErpRecord, ErpRef } from '../adapter';
import { some } from './kit';
import { notThe } from './unlike';

type Rules = Readonly<Record<string, ColumnRule>>;
type Known = Readonly<Record<string, FieldDefinition>>;

const NUMBERS: readonly FieldDefinition['type'][] = ['money', 'quantity', 'unit_cost', 'percent'];
export const isNumber = ({ type }: FieldDefinition): boolean => NUMBERS.includes(type);

/** Whether a field of this type has a rule where it has a column. */
export const isRuled = ({ type }: FieldDefinition): boolean => type !== 'reference' && type !== 'flag';

/** Rules that cannot be met, or are about no field. */
export function columnProblems(
  { fields, lines, custom, currency }: RecordColumns,
  definition: KindDefinition,
): readonly string[] {
  const check = (where: string, rules: Rules, known: Known): readonly string[] => [
    ...Object.entries(known).flatMap(([field, of]) =>
      of.required && isRuled(of) && rules[field] === undefined
        ? [`there is no rule for ${where}${field}`]
        : [],
    ),
    ...Object.entries(rules).flatMap(([field, rule]) =>
      known[field] === undefined
        ? [`${where}${field} is no field`]
        : ruleProblems(rule).map((problem) => `${where}${field}: ${problem}`),
    ),
  ];
  const known = new Map<string, Known>(
    Object.entries(definition.lines).map(([kind, line]) => [kind, line.fields]),
  );
  const ofLines = Object.entries(lines).flatMap(([kind, rules]) => {
    const line = known.get(kind);
    return line === undefined ? [`${kind} is no kind of line`] : check(`${kind} `, rules, line);
  });
  const ofCustom = [
    ...customProblems('', custom?.fields),
    ...Object.entries(custom?.lines ?? {}).flatMap(([kind, columns]) =>
      known.has(kind) ? customProblems(`${kind} `, columns) : [`${kind} is no kind of line`],
    ),
  ];
  const ofCurrency =
    currency === undefined || /^[A-Z]{3}$/.test(currency)
      ? []
      : [`the currency "${currency}" is no ISO code`];
  return [...check('', fields, definition.fields), ...ofLines, ...ofCustom, ...ofCurrency];
}

/** What is wrong with columns that custom fields may be mapped to. */
const customProblems = (where: string, columns: CustomColumns = {}): readonly string[] =>
  Object.entries(columns).flatMap(([name, { label, rule }]) => [
    ...(/^\w+$/.test(name) ? [] : [`${where}"${name}" is more than letters, digits and underscores`]),
    ...(label.trim() === '' ? [`${where}${name} has no label`] : []),
    ...ruleProblems(rule).map((problem) => `${where}${name}: ${problem}`),
  ]);

/** Why a rule cannot be met. */
function ruleProblems({
  maxLength,
  unit,
  charset,
  allowed,
  pattern,
  decimals,
  range,
}: ColumnRule): readonly string[] {
  const problems: string[] = [];
  if (!Number.isInteger(maxLength) || maxLength < 1) problems.push(`a length of ${maxLength} holds nothing`);
  if (allowed?.length === 0) problems.push('the list of valid values is empty');
  const tooLong = (allowed ?? []).filter((value) => lengthIn(value, unit, charset) > maxLength);
  if (tooLong.length > 0) problems.push(`valid values are longer than the column: ${some(tooLong)}`);
  if (decimals !== undefined && (!Number.isInteger(decimals) || decimals < 0))
    problems.push(`${decimals} decimals`);
  if (range !== undefined && range.from > range.to) problems.push('the range is empty');
  if (pattern === undefined) return problems;
  if (pattern.explains.trim() === '') problems.push('the pattern is not explained');
  try {
    new RegExp(pattern.source, 'u');
  } catch {
    problems.push(`the pattern ${pattern.source} is no regular expression`);
  }
  return problems;
}

const KEY = /^[^|\s]+\|[^|\s]+$/;

/** What is not canonical about a record that was read. */
export function shapeProblems(
  kind: Kind,
  { key, record }: ErpRecord,
  rules: RecordColumns,
): readonly string[] {
  const definition = definitionOf(kind);
  const problems = [...fieldProblems(key, record.fields, rules.fields, definition.fields)];
  const seen = new Set<string>();
  for (const line of record.lines) {
    const at = `${key} ${lineKeyOf(line)}`;
    if (seen.has(lineKeyOf(line))) problems.push(`${at} comes twice`);
    seen.add(lineKeyOf(line));
    const { erpKey, procoreId } = line;
    if (erpKey === null || !erpKey.split('/').every((part) => KEY.test(part)))
      problems.push(
        `${at} has the key "${String(erpKey)}", which is not "<company or group>|<id>" without blanks`,
      );
    if (procoreId !== null) problems.push(`${at} claims to know Procore`);
    const known = definition.lines[line.kind]?.fields;
    if (known === undefined) problems.push(`${at} is no line of this record`);
    else problems.push(...fieldProblems(at, line.fields, rules.lines[line.kind] ?? {}, known));
  }
  return problems;
}

/** Whether a key can stand in an `origin_id` and be found in it again. */
export const isKey = (kind: Kind, key: string): boolean =>
  erpKeyOfOriginId(kind, originIdOf(kind, key)) === key && KEY.test(key);

function fieldProblems(where: string, fields: Fields, rules: Rules, known: Known): readonly string[] {
  return Object.entries(known)
    .flatMap(([field, { required }]) =>
      required && (fields[field] ?? null) === null ? [`${where} ${field} is empty`] : [],
    )
    .concat(
      Object.entries(fields).flatMap(([field, value]) => {
        const problem = valueProblem(value, known[field], rules[field]);
        return problem === null ? [] : [`${where} ${field} ${JSON.stringify(value)} ${problem}`];
      }),
    );
}

function valueProblem(
  value: FieldValue,
  of: FieldDefinition | undefined,
  rule: ColumnRule | undefined,
): string | null {
  if (of === undefined) return 'is no field';
  if (of.type === 'flag') return typeof value === 'boolean' ? null : 'is not true or false';
  if (value === null) return null;
  if (typeof value !== 'string') return 'is not text';
  if (of.type === 'reference') return KEY.test(value) ? null : 'is no key';
  if (rule === undefined) return 'has no rule';
  if (value === '' || value !== value.trim()) return 'is not trimmed; empty text must be null';
  const composed = value.normalize('NFC');
  if (value !== composed) return `is not composed (NFC)${parting(value, composed)}`;
  if (of.type === 'date') return isDate(value) ? null : 'is no date';
  if (rule.decimals !== undefined && !decimalShape(rule.decimals).test(value))
    return `has not ${rule.decimals} decimals`;
  return lengthIn(value, rule.unit, rule.charset) > rule.maxLength ? 'is longer than its column' : null;
}

const decimalShape = (decimals: number): RegExp =>
  new RegExp(decimals === 0 ? '^-?\\d+$' : `^-?\\d+\\.\\d{${decimals}}$`);

/** What was sent and is not there. Null was left to the ERP. */
export function differences(kind: Kind, sent: CanonicalRecord, held: CanonicalRecord): readonly string[] {
  const definition = definitionOf(kind);
  const compare = (where: string, wanted: Fields, found: Fields, known: Known): readonly string[] =>
    Object.entries(wanted).flatMap(([field, value]) =>
      value === null || isEqual(known[field], value, found[field] ?? null)
        ? []
        : [`${where}${field} is ${notThe(found[field], value)}`],
    );
  const lines = sent.lines.flatMap((line) => {
    const found = held.lines.find((other) => lineKeyOf(other) === lineKeyOf(line));
    const where = `${lineKeyOf(line)}: `;
    return found === undefined
      ? [`${where}it is not there`]
      : compare(where, line.fields, found.fields, definition.lines[line.kind]?.fields ?? {});
  });
  const counts = `${held.lines.length} lines are there, ${sent.lines.length} were sent`;
  const extra = held.lines.length > sent.lines.length ? [counts] : [];
  return [...compare('', sent.fields, held.fields, definition.fields), ...lines, ...extra];
}

const isEqual = (of: FieldDefinition | undefined, a: FieldValue, b: FieldValue): boolean =>
  of && isNumber(of) && typeof a === 'string' && typeof b === 'string' ? sameAmount(a, b) : a === b;

/** Everything a record refers to. */
export function refsOf(kind: Kind, record: CanonicalRecord): readonly ErpRef[] {
  const definition = definitionOf(kind);
  const of = (fields: Fields, known: Known): readonly ErpRef[] =>
    Object.entries(fields).flatMap(([field, key]) => {
      const target = known[field]?.refersTo;
      return target !== undefined && typeof key === 'string' ? [{ target, key }] : [];
    });
  return [
    ...of(record.fields, definition.fields),
    ...record.lines.flatMap((line) => of(line.fields, definition.lines[line.kind]?.fields ?? {})),
  ];
}
