import type { Warning } from '../base/warning';
import { warning } from '../base/warning';
import type { ColumnRule } from './column-rules';
import { fitText, shown } from './column-rules';
import type { CustomColumns } from './custom-fields';
import type { FieldDefinition, Kind, KindDefinition, LineDefinition, LineKind } from '.';
import { definitionOf } from '.';
import { isDecimal, isRoundingDifference, multiply, roundTo, sameAmount, subtract, sum } from '../base/money';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from './record';

/**
 * What a planner must know about the columns of one kind of record; the ERP adapter reads it from the live system. Fields that are
 * absent have no column in this ERP: they are not carried, and the plan says so. References need no rule.
 */
export interface RecordColumns {
  readonly fields: Readonly<Record<string, ColumnRule>>;
  readonly lines: Readonly<Partial<Record<LineKind, Readonly<Record<string, ColumnRule>>>>>;
  /** Columns beside those of the kind, which custom fields of Procore may be mapped to; absent: none. */
  readonly custom?: {
    readonly fields: CustomColumns;
    readonly lines: Readonly<Partial<Record<LineKind, CustomColumns>>>;
  };
  /** The one currency that amounts are kept in, ISO 4217 such as `USD`; absent: the ERP keeps several, or does not say. */
  readonly currency?: string;
  /** Fingerprint of the mapping in whose terms the rules are told; absent: in the ERP's own. */
  readonly mappedAs?: string;
}

export interface FittedRecord {
  readonly record: CanonicalRecord;
  /** Why it cannot be written. */
  readonly problems: readonly string[];
  /** What an approver must know: a value is written differently from how Procore has it. */
  readonly warnings: readonly Warning[];
  /** What is not carried. */
  readonly notes: readonly string[];
}

/** Decimals of money where the ERP does not say. */
const CENTS = 2;

/**
 * Fits a record to the columns of the ERP, header and lines. Nothing is cut: text that does not fit is a problem. Numbers with more
 * decimals than the ERP keeps are rounded half up, with a warning each; then the header is written as the sum of its rounded lines,
 * with a warning where Procore says otherwise: because of rounding, of tax, or of nothing that explains the difference. `definition`: that
 * of the kind, with custom fields where the record has any (see `withCustomColumns`).
 */
export function fitRecord(
  kind: Kind,
  record: CanonicalRecord,
  columns: RecordColumns,
  definition: KindDefinition = definitionOf(kind),
): FittedRecord {
  const { total } = definition;
  const sentences = new Sentences(total && definition.fields[total.field]);
  const header = fitFields('', definition.fields, record.fields, columns.fields, sentences);
  const lines = record.lines.map((line) => {
    const lineDefinition = definition.lines[line.kind];
    if (!lineDefinition) throw new Error(`a ${kind} has no lines of kind ${line.kind}`);
    const where = `${lineDefinition.label} ${line.number}: `;
    const fields = fitFields(
      where,
      lineDefinition.fields,
      line.fields,
      columns.lines[line.kind] ?? {},
      sentences,
    );
    checkUnits(where, fields, sentences);
    checkParts(where, lineDefinition, fields, sentences);
    return { ...line, fields };
  });
  const taxes = record.lines.map(({ fields: { taxAmount } }) => taxAmount).filter(isText);
  const totalled = checkTotal(definition, header, lines, taxes, columns, sentences);
  const sources = record.lines.map((line, index) => withFitted(line, lines[index]));
  const fields = checkDerived(definition, totalled, sources, columns, sentences);
  return {
    record: { fields, lines },
    problems: sentences.problems,
    warnings: [...sentences.warnings, ...sentences.droppedAmounts()],
    notes: sentences.summarisedNotes(),
  };
}

class Sentences {
  readonly problems: string[] = [];
  readonly warnings: Warning[] = [];
  /** Field label → how often blanks stand for line breaks or tabs. */
  readonly folded = new Map<string, number>();
  /** Field label → how often and the first value: forty lines with a tax code are one note. */
  private readonly dropped = new Map<string, { first: string; count: number; isMoney: boolean }>();

  /** `total`: what the lines carry all the same. */
  constructor(private readonly total: FieldDefinition | undefined) {}

  notCarried(definition: FieldDefinition, value: string): void {
    const { label, type } = definition;
    const known = this.dropped.get(label);
    if (known) known.count += 1;
    else {
      const isMoney = type === 'money' && definition !== this.total;
      this.dropped.set(label, { first: value, count: 1, isMoney });
    }
  }

  summarisedNotes(): readonly string[] {
    const folded = [...this.folded].map(([label, count]) => {
      const often = count > 1 ? ` (${count} times)` : '';
      return `${label} is written with blanks for its line breaks and tabs${often}.`;
    });
    return [...folded, ...this.summarised(false)];
  }

  /** Money that the ERP never hears of is for an approver to know. */
  droppedAmounts(): readonly Warning[] {
    return this.summarised(true).map((words) => warning('amount_not_carried', words));
  }

  private summarised(isMoney: boolean): readonly string[] {
    return [...this.dropped]
      .filter(([, field]) => field.isMoney === isMoney)
      .map(([label, { first, count }]) => {
        const more = count > 1 ? ` (and ${count - 1} more)` : '';
        return `${label} "${shown(first)}"${more} is not carried: the ERP has no such field.`;
      });
  }
}

function fitFields(
  where: string,
  definitions: Readonly<Record<string, FieldDefinition>>,
  fields: Fields,
  columns: Readonly<Record<string, ColumnRule>>,
  sentences: Sentences,
): Fields {
  const fitted: Record<string, FieldValue> = {};
  for (const [field, definition] of Object.entries(definitions)) {
    fitted[field] = fitField(where, definition, fields[field] ?? null, columns[field], sentences);
  }
  return fitted;
}

function fitField(
  where: string,
  definition: FieldDefinition,
  given: FieldValue,
  rule: ColumnRule | undefined,
  sentences: Sentences,
): FieldValue {
  const { label, type } = definition;
  const value = asSaid(type, given);
  if (type === 'reference') return value;
  if (type === 'flag' || typeof value === 'boolean')
    return fitFlag(`${where}${label}`, type, value, sentences);
  if (!rule) {
    // A zero amount says no more than an empty one.
    if (value !== null && !(isNumber(type) && isDecimal(value) && sameAmount(value, '0'))) {
      sentences.notCarried(definition, value);
    }
    return null;
  }
  if (value === null) {
    if (rule.required && !isMade(definition, rule))
      sentences.problems.push(`${where}${label} is missing; the ERP requires it.`);
    return null;
  }
  if (type === 'date') {
    if (isDate(value)) return value;
    sentences.problems.push(`${where}${label} "${shown(value)}" is not a date such as 2026-03-31.`);
    return value;
  }
  if (!isNumber(type)) {
    const { text, problems, warnings, isFolded } = fitText(`${where}${label}`, value, rule);
    sentences.problems.push(...problems);
    sentences.warnings.push(...warnings);
    if (isFolded) sentences.folded.set(label, (sentences.folded.get(label) ?? 0) + 1);
    return text;
  }
  return fitNumber(`${where}${label}`, value, rule, sentences);
}

function asSaid(type: FieldDefinition['type'], given: FieldValue): FieldValue {
  if (typeof given === 'boolean' && type === 'text') return given ? 'Yes' : 'No';
  // Blanks alone say nothing, and must not pass for a value where one is required.
  return typeof given === 'string' && type !== 'reference' && given.trim() === '' ? null : given;
}

/** Only custom fields of Procore may come as another type than their column has. */
function fitFlag(
  label: string,
  type: FieldDefinition['type'],
  value: FieldValue,
  sentences: Sentences,
): FieldValue {
  if (typeof value === 'boolean') {
    if (type === 'flag') return value;
    sentences.problems.push(`${label} is a yes or no in Procore, for which the column has no place.`);
    return value;
  }
  if (value === null) return null;
  if (/^(yes|true)$/iu.test(value)) return true;
  if (/^(no|false)$/iu.test(value)) return false;
  sentences.problems.push(`${label} "${shown(value)}" is neither yes nor no.`);
  return value;
}

/** What nobody enters is given out by the ERP, or made. */
const isMade = ({ shortNameOf }: FieldDefinition, { assigned }: ColumnRule): boolean =>
  assigned === true || shortNameOf !== undefined;

function fitNumber(label: string, value: string, rule: ColumnRule, sentences: Sentences): string {
  if (!isDecimal(value)) {
    sentences.problems.push(`${label} "${shown(value)}" is not a number.`);
    return value;
  }
  const decimals = rule.decimals ?? CENTS;
  const rounded = roundTo(value, decimals);
  if (!sameAmount(rounded, value)) {
    sentences.warnings.push(
      warning(
        'number_rounded',
        `${label} ${value} is written as ${rounded}: the ERP keeps ${decimals} decimals.`,
      ),
    );
  }
  if (rounded.length > rule.maxLength) {
    sentences.problems.push(`${label} ${rounded} is too large; the ERP takes ${rule.maxLength} characters.`);
  }
  return rounded;
}

/** Units that do not make the amount: said, not mended, because the amount is what was agreed. */
function checkUnits(where: string, fields: Fields, sentences: Sentences): void {
  const { basis, quantity, unitCost, amount } = fields;
  if (basis !== 'unit' || !isText(quantity) || !isText(unitCost) || !isText(amount)) return;
  if (![quantity, unitCost, amount].every(isDecimal)) return;
  const product = roundTo(multiply(quantity, unitCost), CENTS);
  if (sameAmount(product, amount)) return;
  const words = `${where}${quantity} × ${unitCost} is ${product}, but the amount is ${amount}; the amount is written.`;
  sentences.warnings.push(warning('units_differ', words));
}

/** Parts that do not make the amount, such as work and materials of an invoice: said, not mended. */
function checkParts(
  where: string,
  { parts = [], fields: definitions }: LineDefinition,
  fields: Fields,
  sentences: Sentences,
): void {
  const { amount } = fields;
  const values = parts.map((part) => fields[part]).filter(isText);
  if (!isText(amount) || values.length < parts.length || values.length === 0) return;
  if (![amount, ...values].every(isDecimal)) return;
  const made = sum(values);
  if (isRoundingDifference(subtract(amount, made), values.length, CENTS)) return;
  const labels = parts.map((part) => definitions[part]?.label.toLowerCase() ?? part).join(' and ');
  const words = `${where}${labels} make ${made}, but the amount is ${amount}; the amount is written.`;
  sentences.warnings.push(warning('total_differs', words));
}

/** A line as it is written, with what the ERP has no column for as Procore sent it: the header carries that all the same. */
const withFitted = (given: RecordLine, fitted: RecordLine | undefined): RecordLine => {
  const written = Object.entries(fitted?.fields ?? {}).filter(([, value]) => value !== null);
  return { ...given, fields: { ...given.fields, ...Object.fromEntries(written) } };
};

/** The other figures that the lines make, such as the payment due of an invoice: one of a line may have been rounded, or corrected. */
function checkDerived(
  { total, derived = [], fields: definitions }: KindDefinition,
  header: Fields,
  lines: readonly RecordLine[],
  columns: RecordColumns,
  sentences: Sentences,
): Fields {
  const counted = lines.filter(({ kind }) => total?.lines.includes(kind) === true);
  const made = Object.fromEntries(
    derived.flatMap(({ field, adds, takes }) => {
      const rule = columns.fields[field];
      const stated = header[field];
      const values = (names: readonly string[]): readonly string[] =>
        counted.flatMap(({ fields }) => names.map((name) => fields[name]).filter(isText));
      const all = [...values(adds), ...values(takes)];
      if (!rule || !isText(stated) || ![stated, ...all].every(isDecimal)) return [];
      const decimals = rule.decimals ?? CENTS;
      const ofLines = roundTo(subtract(sum(values(adds)), sum(values(takes))), decimals);
      if (sameAmount(stated, ofLines)) return [];
      const label = definitions[field]?.label ?? field;
      const difference = subtract(stated, ofLines);
      const isRounding = isRoundingDifference(difference, all.length, decimals);
      const why = isRounding ? ': rounding' : '';
      const words = `${label} ${stated} is not what the lines make, ${ofLines} (difference ${difference})${why}; what they make is written.`;
      sentences.warnings.push(warning(isRounding ? 'total_rounded' : 'total_differs', words));
      return [[field, fitNumber(label, ofLines, rule, sentences)] as const];
    }),
  );
  return { ...header, ...made };
}

function checkTotal(
  { total, fields: definitions }: KindDefinition,
  header: Fields,
  lines: readonly RecordLine[],
  /** As Procore sent them: the ERP may have no column for tax, and the header includes it all the same. */
  taxes: readonly string[],
  columns: RecordColumns,
  sentences: Sentences,
): Fields {
  if (!total) return header;
  const counted = lines.filter(({ kind }) => total.lines.includes(kind));
  const amounts = counted.map(({ fields }) => fields[total.lineField]).filter(isText);
  const rule = columns.fields[total.field];
  if (!rule || !amounts.every(isDecimal)) return header;
  const decimals = rule.decimals ?? CENTS;
  const ofLines = roundTo(sum(amounts), decimals);
  const label = definitions[total.field]?.label ?? total.field;
  const stated = header[total.field];
  const written = (): Fields => ({ ...header, [total.field]: fitNumber(label, ofLines, rule, sentences) });
  if (!isText(stated)) return counted.length === 0 ? header : written();
  if (!isDecimal(stated) || sameAmount(stated, ofLines)) return header;
  const tax = taxes.every(isDecimal) ? sum(taxes) : '0';
  const withTax = subtract(stated, sum([ofLines, tax]));
  if (!sameAmount(tax, '0') && isRoundingDifference(withTax, counted.length, decimals)) {
    const words = `${label} ${stated} includes tax of ${tax}; the sum of the lines without tax, ${ofLines}, is written.`;
    sentences.warnings.push(warning('tax_not_in_total', words));
    return written();
  }
  const difference = subtract(stated, ofLines);
  const count = counted.length === 1 ? 'line' : `${counted.length} lines`;
  const sentence = `${label} ${stated} is not the sum of its ${count}, ${ofLines} (difference ${difference})`;
  if (counted.length > 0 && isRoundingDifference(difference, counted.length, decimals)) {
    sentences.warnings.push(
      warning('total_rounded', `${sentence}: rounding; the sum of the lines is written.`),
    );
    return written();
  }
  if (counted.length === 0) {
    sentences.problems.push(`${sentence}. Correct the record in Procore and send it again.`);
    return header;
  }
  sentences.warnings.push(warning('total_differs', `${sentence}; the sum of the lines is written.`));
  return written();
}

const isNumber = (type: FieldDefinition['type']): boolean =>
  type === 'money' || type === 'quantity' || type === 'unit_cost' || type === 'percent';

const isText = (value: FieldValue | undefined): value is string => typeof value === 'string';

/** A calendar date that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}
