import type { Kind, RefTarget } from '../../kinds';
import { definitionOf } from '../../kinds';
import type { ColumnRule } from '../../kinds/column-rules';
import type { RecordColumns } from '../../kinds/fit-record';
import type { CanonicalRecord, Fields, FieldValue, KnownRecord, RecordLine } from '../../kinds/record';
import type { FieldMapping } from './field';
import { canonicalValue, erpValue, roundTripProblem } from './field';

/** How the records of one kind are led from the ERP to Procore and back. */
export interface KindMapping {
  readonly fields: Readonly<Record<string, FieldMapping>>;
  /**
   * Which records of the ERP are carried: all of these fields must hold one of the values, as the ERP holds them. One that ends with `*` is the
   * beginning of a value. Records outside are not carried, and linked ones outside are left alone.
   */
  readonly only: Readonly<Record<string, readonly string[]>>;
}

export type Mapping = Readonly<Partial<Record<Kind, KindMapping>>>;

/** The mapping of cost codes holds for the cost codes of jobs and sub jobs as well: they are the same codes. */
const codesOf = (mapping: Mapping): FieldMapping | undefined => mapping.standard_cost_code?.fields['code'];

const hasCodes = (kind: Kind): boolean => kind === 'project' || kind === 'sub_job';

/** Whether records of a kind are changed, or chosen, by the mapping at all. */
export const isMapped = (mapping: Mapping, kind: Kind): boolean =>
  mapping[kind] !== undefined || (hasCodes(kind) && codesOf(mapping) !== undefined);

/** A record of the ERP as it is compared: its values in the form of Procore. */
export function toCanonical(
  mapping: Mapping,
  kind: Kind,
  { fields, lines }: CanonicalRecord,
): CanonicalRecord {
  const translate = (field: FieldMapping, value: FieldValue): FieldValue => canonicalValue(field, value);
  return {
    fields: translated(mapping[kind]?.fields ?? {}, fields, translate),
    lines: hasCodes(kind) ? lines.map((line) => withCode(codesOf(mapping), line, translate)) : lines,
  };
}

/** A record of the ERP as it is compared, marked where it is not carried. */
export function knownCanonical(mapping: Mapping, kind: Kind, known: KnownRecord): KnownRecord {
  return {
    ...known,
    record: toCanonical(mapping, kind, known.record),
    ...(isWithin(mapping, kind, known.record) ? {} : { outside: true as const }),
    ...codeProblem(mapping, kind, known.record),
  };
}

/** A record is told by its code: one that would come back as the code of another record is not carried. */
function codeProblem(
  mapping: Mapping,
  kind: Kind,
  { fields: { code } }: CanonicalRecord,
): Pick<KnownRecord, 'unfit'> {
  const own = mapping[kind]?.fields['code'];
  const problem = own === undefined || code === undefined ? null : roundTripProblem(own, code);
  return problem === null
    ? {}
    : {
        unfit: `The ${definitionOf(kind).label.toLowerCase()} is not carried, because its code ${problem} Mend the mapping of the connection.`,
      };
}

/** A compared record in the values of the ERP, and why some of them have no way back: a sentence each. */
export function toErp(
  mapping: Mapping,
  kind: Kind,
  { fields, lines }: CanonicalRecord,
): { readonly record: CanonicalRecord; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const translate = (field: FieldMapping, value: FieldValue): FieldValue => {
    const back = erpValue(field, value);
    if ('value' in back) return back.value;
    problems.push(back.problem);
    return value;
  };
  const record = {
    fields: translated(mapping[kind]?.fields ?? {}, fields, translate),
    lines: hasCodes(kind) ? lines.map((line) => withCode(codesOf(mapping), line, translate)) : lines,
  };
  return { record, problems };
}

/** Whether a record, as the ERP holds it, is carried. */
export const isWithin = (mapping: Mapping, kind: Kind, { fields }: CanonicalRecord): boolean =>
  Object.entries(mapping[kind]?.only ?? {}).every(([field, wanted]) => {
    const value = fields[field];
    const text = typeof value === 'string' ? value : '';
    return wanted.some((one) => (one.endsWith('*') ? text.startsWith(one.slice(0, -1)) : text === one));
  });

/** What the columns of the ERP hold, told of compared values. What has no place there once it is led back, the adapter refuses. */
export function canonicalColumns(mapping: Mapping, kind: Kind, columns: RecordColumns): RecordColumns {
  const own = mapping[kind]?.fields ?? {};
  const codes = hasCodes(kind) ? codesOf(mapping) : undefined;
  const rule = columns.lines.cost_code?.['code'];
  return {
    ...columns,
    fields: Object.fromEntries(
      Object.entries(columns.fields).map(([field, one]) => [field, canonicalRule(own[field], one)]),
    ),
    ...(codes === undefined || rule === undefined
      ? {}
      : {
          lines: {
            ...columns.lines,
            cost_code: { ...columns.lines.cost_code, code: canonicalRule(codes, rule) },
          },
        }),
  };
}

/** Number of a record or of a cost code, as `ErpAdapter.lookUp` tells it. */
export function canonicalNumber<T extends string | null | undefined>(
  mapping: Mapping,
  target: RefTarget,
  number: T,
): T {
  const field = target === 'cost_code' ? codesOf(mapping) : mapping[target as Kind]?.fields['code'];
  if (field === undefined || typeof number !== 'string') return number;
  return canonicalValue(field, number) as T;
}

type Translate = (field: FieldMapping, value: FieldValue) => FieldValue;

const translated = (mappings: KindMapping['fields'], fields: Fields, translate: Translate): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const mapping = mappings[name];
      return [name, mapping === undefined ? value : translate(mapping, value)];
    }),
  );

/** Lines of a job are recognised by their code, or by their code and a cost type. */
function withCode(codes: FieldMapping | undefined, line: RecordLine, translate: Translate): RecordLine {
  if (codes === undefined) return line;
  const end = line.kind === 'cost_code' ? -1 : line.number.lastIndexOf('/');
  const [code, rest] = end < 0 ? [line.number, ''] : [line.number.slice(0, end), line.number.slice(end)];
  return {
    ...line,
    number: `${String(translate(codes, code))}${rest}`,
    fields: translated({ [line.kind === 'cost_code' ? 'code' : 'costCode']: codes }, line.fields, translate),
  };
}

function canonicalRule(mapping: FieldMapping | undefined, rule: ColumnRule): ColumnRule {
  if (mapping === undefined) return rule;
  const { pairs, table, mask } = mapping;
  if (pairs.length === 0 && table === undefined && mask === undefined) return rule;
  const longest = Math.max(
    ...[rule.maxLength, mask?.procore.length ?? 0, ...pairs.map(({ procore }) => procore.length)],
  );
  const { allowed } = rule;
  const kept = Object.entries(rule).filter(([name]) => !OF_ERP_VALUES.has(name));
  return {
    ...(Object.fromEntries(kept) as unknown as ColumnRule),
    maxLength: longest,
    ...(allowed && { allowed: [...new Set(allowed.map((value) => String(canonicalValue(mapping, value))))] }),
  };
}

/** These tell of the values of the ERP, and not of those they are compared as. */
const OF_ERP_VALUES: ReadonlySet<string> = new Set(['pattern', 'upperCase', 'range', 'allowed']);
