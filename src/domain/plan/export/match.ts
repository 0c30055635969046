import { isDecimal, plain, sameAmount } from '../../base/money';
import { shorten } from '../../base/text';
import type { Warning } from '../../base/warning';
import { warning } from '../../base/warning';
import type { LineKind } from '../../kinds';
import { isCustomField } from '../../kinds/custom-fields';
import { likenessOf, normaliseName } from '../../kinds/likeness';
import type { CanonicalRecord, FieldValue, KnownRecord, RecordLine } from '../../kinds/record';
import { lineKeyOf, textIn } from '../../kinds/record';
import { makeShortName, nextShortName } from '../../kinds/short-name';
import type { Subject } from './subject';

/** Every ERP record that was found beside the own one, each once. */
export const othersOf = ({ side, own }: Pick<Subject, 'side' | 'own'>): readonly KnownRecord[] => [
  ...new Map(
    [...side.same, ...side.similar].filter(({ key }) => key !== own?.key).map((known) => [known.key, known]),
  ).values(),
];

/** What two people would call the same: documents by their money, the others by their name. */
export function isSame({ record, definition }: Subject, known: KnownRecord): boolean {
  const compared = definition.reexport === 'update' ? { ...record, lines: known.record.lines } : record;
  if (!sameContent(known.record, compared)) return false;
  if ('amount' in definition.fields) return true;
  const [a, b] = [textIn(known.record, 'name'), textIn(record, 'name')];
  return normaliseName(a) === normaliseName(b) && (normaliseName(a) !== '' || a === b);
}

/** An ERP record belongs to one record of Procore only. */
export function otherOwner({ input, draft, definition }: Subject, known: KnownRecord): readonly string[] {
  const link = input.links.find(
    ({ kind, erpKey, state }) => kind === draft.kind && erpKey === known.key && state === 'linked',
  );
  if (!link || link.procoreId === null || link.procoreId === draft.procoreId) return [];
  return [
    `${definition.label} ${textIn(known.record, 'code') || known.key} of the ERP is already linked to another record in Procore (id ${link.procoreId}). Choose another code.`,
  ];
}

/** Warnings about ERP records that may be the same under another number. */
export const possibleTwins = (
  { definition }: Subject,
  record: CanonicalRecord,
  others: readonly KnownRecord[],
) =>
  others.flatMap(({ key, state, record: other }): readonly Warning[] => {
    const reasons = likenessOf(definition, record, other);
    if (reasons.length === 0) return [];
    const words = [...reasons, ...(state === 'inactive' ? ['inactive'] : [])].join(', ');
    const name = nameOf({ definition }, { key, record: other });
    return [warning('possible_duplicate', `Possible duplicate: ${name} (${words}).`)];
  });

/** Short names of a new record: its own, or made; another one where it is taken. */
export function withShortNames(
  subject: Subject,
  others: readonly KnownRecord[],
): {
  readonly record: CanonicalRecord;
  readonly problems: readonly string[];
  readonly warnings: readonly Warning[];
} {
  const problems: string[] = [];
  const warnings: Warning[] = [];
  const fields: Record<string, FieldValue> = { ...subject.record.fields };
  for (const [field, { label, shortNameOf }] of Object.entries(subject.definition.fields)) {
    const rule = subject.input.columns.fields[field];
    if (shortNameOf === undefined || rule === undefined) continue;
    const wanted =
      textIn(subject.record, field) || makeShortName(textIn(subject.record, shortNameOf), rule.maxLength);
    if (wanted === '') {
      problems.push(`No ${label.toLowerCase()} can be made from the name; enter one.`);
      continue;
    }
    const taken = new Map(others.map((other) => [textIn(other.record, field).toUpperCase(), other]));
    const owner = taken.get(wanted.toUpperCase());
    fields[field] = wanted;
    if (rule.unique !== true || owner === undefined) continue;
    const free = nextShortName(wanted, rule.maxLength, (name) => taken.has(name.toUpperCase()));
    if (free === null) problems.push(`${label} ${wanted} and its variants are all taken; enter another one.`);
    else {
      fields[field] = free;
      const words = `${label} ${wanted} belongs to ${nameOf(subject, owner)}; ${free} is used.`;
      warnings.push(warning('short_name_taken', words));
    }
  }
  return { record: { ...subject.record, fields }, problems, warnings };
}

/** What is different in an ERP record that is tied to and not written. */
export function keptByErp({ definition, record }: Subject, held: CanonicalRecord): readonly Warning[] {
  const header = Object.entries(definition.fields)
    .filter(
      ([field, { type, shortNameOf }]) =>
        (type !== 'flag' || isCustomField(field)) &&
        field !== 'code' &&
        field !== 'accountingDate' &&
        shortNameOf === undefined,
    )
    .filter(
      ([field]) => (record.fields[field] ?? null) !== null && record.fields[field] !== held.fields[field],
    )
    .map(
      ([field, { label }]) =>
        `The ERP keeps its ${label} "${show(held.fields[field])}"; Procore has "${show(record.fields[field])}".`,
    );
  const none = record.lines.length === 0 && held.lines.length === 0;
  const agree = record.lines.length === held.lines.length && sameContent(record, held);
  const lines =
    none || agree ? [] : [`The ERP keeps its ${held.lines.length} lines; those in Procore differ.`];
  return [...header, ...lines].map((words) => warning('erp_keeps', words));
}

const show = (value: FieldValue | undefined): string =>
  value === null || value === undefined
    ? '(empty)'
    : typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : shorten(value, 100);

/** `vendor 10442 "Cobalt Mechanical"`: a record as the ERP has it. */
export function nameOf(
  { definition }: Pick<Subject, 'definition'>,
  { key, record }: Pick<KnownRecord, 'key' | 'record'>,
): string {
  const name = textIn(record, 'name') || textIn(record, 'description');
  return `${definition.label.toLowerCase()} ${textIn(record, 'code') || key}${name === '' ? '' : ` "${name}"`}`;
}

/** Same money to the same places: what two people would call the same document. */
function sameContent(a: CanonicalRecord, b: CanonicalRecord): boolean {
  const shape = ({ fields, lines }: CanonicalRecord): string =>
    JSON.stringify([
      ['job', 'vendor', 'commitment', 'primeContract', 'requisition'].map((field) => fields[field] ?? null),
      amountOf(fields['amount']),
      lines.map(contentOf).sort(),
    ]);
  return shape(a) === shape(b);
}

const contentOf = ({ kind, fields }: RecordLine): string =>
  [kind, fields['costCode'] ?? null, fields['costType'] ?? null, amountOf(fields['amount'])].join(' ');

const amountOf = (value: FieldValue | undefined): string =>
  typeof value === 'string' && isDecimal(value) && !sameAmount(value, '0') ? plain(value) : '';

/** Lines whose number is what they are: `23-050` is never another code. */
const NUMBER_IS_IDENTITY: ReadonlySet<LineKind> = new Set([
  'cost_code',
  'cost_type_assignment',
  'job_cost',
  'budget_line',
]);

const sameCosts = (a: RecordLine, b: RecordLine): boolean =>
  (a.fields['costCode'] ?? null) === (b.fields['costCode'] ?? null) &&
  (a.fields['costType'] ?? null) === (b.fields['costType'] ?? null);

const sameMoney = (a: RecordLine, b: RecordLine): boolean =>
  amountOf(a.fields['amount']) === amountOf(b.fields['amount']);

/** How a line of Procore finds the same line in the ERP, the surest way first. */
const PARTNERS: readonly ((a: RecordLine, b: RecordLine) => boolean)[] = [
  (a, b) => a.number === b.number && sameCosts(a, b),
  (a, b) => !NUMBER_IS_IDENTITY.has(a.kind) && sameCosts(a, b) && sameMoney(a, b),
  (a, b) => a.number === b.number,
  (a, b) => !NUMBER_IS_IDENTITY.has(a.kind) && sameCosts(a, b),
];

/** The ERP record with the line numbers and ids of Procore, so that each line finds its partner; one without a partner stays untied. */
export function numberedAs(known: KnownRecord, wanted: CanonicalRecord): KnownRecord {
  const left = new Set(known.record.lines);
  const partners = new Map<RecordLine, RecordLine>();
  for (const isPartner of PARTNERS) {
    for (const line of wanted.lines) {
      if (partners.has(line)) continue;
      const partner = [...left].find(
        (candidate) => candidate.kind === line.kind && isPartner(line, candidate),
      );
      if (!partner) continue;
      partners.set(line, partner);
      left.delete(partner);
    }
  }
  const lines = wanted.lines.flatMap((line): RecordLine[] => {
    const partner = partners.get(line);
    return partner ? [{ ...partner, number: line.number, procoreId: line.procoreId }] : [];
  });
  const taken = new Set(lines.map(lineKeyOf));
  // What the ERP alone has is no line of Procore, even where it bears the number of one.
  const others = [...left].map((line) =>
    taken.has(lineKeyOf(line)) ? { ...line, number: `${line.number} (ERP only)` } : line,
  );
  return { ...known, record: { fields: known.record.fields, lines: [...lines, ...others] } };
}
