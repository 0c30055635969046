import { erpKeyOfOriginId, isTyped, recordIdOf } from '../../base/identity';
import { sameAmount } from '../../base/money';
import { capital, shorten } from '../../base/text';
import type { Warning } from '../../base/warning';
import { warning } from '../../base/warning';
import type { FieldDefinition, FieldType, Kind, KindDefinition } from '../../kinds';
import { definitionOf, isKind } from '../../kinds';
import type { RecordColumns } from '../../kinds/fit-record';
import { normaliseName } from '../../kinds/likeness';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../../kinds/record';
import { lineKeyOf } from '../../kinds/record';
import type { RecordLink } from '../../kinds/record-link';
import { definitionOfDraft } from '../../request/draft-definition';
import type { DraftLine, RecordDraft, RecordExport } from '../../request/intent';
import type { Wait } from '../plan';
import type { Batch, RefResolver, RefState, ResolvedRef } from '../references';
import { lineLabel, notOurs, pendingKeyOf } from '../references';

/** A draft with its references resolved as far as they can be. */
export interface ResolvedDraft {
  readonly record: CanonicalRecord;
  readonly waits: readonly Wait[];
  readonly problems: readonly string[];
  /** What is written without a reference that it has in Procore. */
  readonly warnings: readonly Warning[];
  /** References that are ours only if the ERP knows them, by `<target>:<key>`, with the sentence for those that it does not. */
  readonly untyped: ReadonlyMap<string, string>;
}

/** The records of a batch that are written by the same request, and so may refer to each other. */
export const batchOf = (intent: RecordExport): Batch =>
  new Map(
    intent.records.map(({ kind, procoreId }) => {
      const recordId = recordIdOf(kind, procoreId);
      return [recordId, { key: pendingKeyOf(recordId) }];
    }),
  );

/** What a correction of a line is known by: `commitment_line[3].description`, as in `FieldChange.field`. */
export const lineFieldOf = ({ kind, number }: Pick<DraftLine, 'kind' | 'number'>, field: string): string =>
  `${kind}[${number}].${field}`;

/** Resolves what a draft refers to; corrections replace values of the header (`code`) and of lines (see `lineFieldOf`). */
export function resolveDraft(draft: RecordDraft, resolver: RefResolver, corrections: Fields): ResolvedDraft {
  const definition = definitionOfDraft(draft);
  const found = new Findings();
  const header = resolveFields(
    { where: '', definitions: definition.fields, holder: draft },
    draft,
    resolver,
    found,
  );
  const lines = draft.lines.map((line): RecordLine => {
    const definitions = definition.lines[line.kind]?.fields ?? {};
    const place = { where: `${lineLabel(line)}: `, definitions, holder: line };
    const fields = resolveFields(place, draft, resolver, found);
    const { kind, procoreId } = line;
    const corrected = {
      ...fields,
      ...entered(definitions, corrections, (field) => lineFieldOf(line, field)),
    };
    return { kind, number: numberOf(line, fields), fields: corrected, erpKey: null, procoreId };
  });
  for (const name of Object.keys(corrections).filter((one) => !isIn(draft, definition, one))) {
    const words = `What was entered for "${shorten(name, 100)}" is not written: the record has no such field or line any more.`;
    found.warnings.push(warning('correction_unused', words));
  }
  return {
    record: {
      fields: { ...header, ...entered(definition.fields, corrections, (field) => field) },
      lines,
    },
    waits: [...new Map(found.waits.map((wait) => [wait.recordId, wait])).values()],
    problems: [...new Set(found.problems)],
    warnings: [...new Map(found.warnings.map((one) => [one.text, one])).values()],
    untyped: found.untyped,
  };
}

/** Whether a correction by this name is about something that the record has. */
const isIn = ({ lines }: RecordDraft, definition: KindDefinition, name: string): boolean =>
  Object.hasOwn(definition.fields, name) ||
  lines.some((line) => {
    const start = lineFieldOf(line, '');
    const fields = definition.lines[line.kind]?.fields ?? {};
    return name.startsWith(start) && Object.hasOwn(fields, name.slice(start.length));
  });

/** What a person entered for these fields. References are never corrected: they are what Procore says. */
const entered = (
  definitions: Readonly<Record<string, FieldDefinition>>,
  corrections: Fields,
  keyOf: (field: string) => string,
): Fields =>
  Object.fromEntries(
    Object.entries(definitions).flatMap(([field, { type }]) => {
      const value = corrections[keyOf(field)];
      return value === undefined || type === 'reference' ? [] : [[field, value]];
    }),
  );

const IS_NUMBER: ReadonlySet<FieldType> = new Set(['money', 'quantity', 'unit_cost', 'percent']);

/** Figures that a person entered instead of those that Procore sent: whoever approves must see that the two sides will differ. */
export function enteredFigures(
  kind: Kind,
  sent: CanonicalRecord,
  wanted: CanonicalRecord,
): readonly Warning[] {
  const { fields: ofHeader, lines: ofLines } = definitionOf(kind);
  const told = (
    where: string,
    definitions: Readonly<Record<string, FieldDefinition>>,
    before: Fields,
    now: Fields,
  ): readonly Warning[] =>
    Object.entries(definitions).flatMap(([field, { label, type }]) => {
      const [was, is] = [before[field] ?? null, now[field] ?? null];
      if (!IS_NUMBER.has(type) || was === is) return [];
      const words = `${where}${label} was sent as ${figure(was)}; ${figure(is)} was entered instead.`;
      return [warning('figure_entered', words)];
    });
  return [
    ...told('', ofHeader, sent.fields, wanted.fields),
    ...wanted.lines.flatMap((line, index) =>
      told(
        `${lineLabel(line)}: `,
        ofLines[line.kind]?.fields ?? {},
        sent.lines[index]?.fields ?? {},
        line.fields,
      ),
    ),
  ];
}

const figure = (value: FieldValue): string => (value === null ? 'nothing' : shorten(String(value), 40));

class Findings {
  readonly waits: Wait[] = [];
  readonly problems: string[] = [];
  readonly warnings: Warning[] = [];
  readonly untyped = new Map<string, string>();
}

interface Place {
  readonly where: string;
  readonly definitions: Readonly<Record<string, FieldDefinition>>;
  readonly holder: Pick<DraftLine, 'fields' | 'refs'>;
}

function resolveFields(
  { where, definitions, holder }: Place,
  { projectId }: RecordDraft,
  resolver: RefResolver,
  found: Findings,
): Fields {
  const values: Record<string, FieldValue> = { ...holder.fields };
  for (const [field, { type, label, required }] of Object.entries(definitions)) {
    if (type !== 'reference') continue;
    const ref = holder.refs[field] ?? null;
    const answer: ResolvedRef | null = ref && resolver.resolve(ref, projectId);
    values[field] = answer?.kind === 'key' ? answer.key : null;
    if (answer?.kind === 'key' && answer.untyped === true && ref !== null)
      found.untyped.set(`${ref.target}:${answer.key}`, notOurs(ref.label, ref.originId ?? ''));
    if (answer?.kind === 'wait') {
      // A line of a contract is known with its contract. Where it is not, nothing will ever tell: the record goes without it.
      const isLine = ref !== null && !isKind(ref.target) && ref.target !== 'cost_code';
      if (isLine && required !== true) {
        const words = `${where}${capital(ref.label)} is not in the ERP; it is written without it.`;
        found.warnings.push(warning('reference_left_out', words));
      } else found.waits.push(answer.wait);
    }
    if (answer?.kind === 'problem') found.problems.push(`${where}${answer.problem}`);
    if (answer === null && required === true) {
      found.problems.push(`${where}${label} is missing; Procore names none.`);
    }
  }
  return values;
}

/** A cost type assignment is recognised by its pair, which is known once the cost type is resolved. */
function numberOf({ kind, number }: DraftLine, { costCode, costType }: Fields): string {
  const isPair =
    kind === 'cost_type_assignment' && typeof costCode === 'string' && typeof costType === 'string';
  return isPair ? `${costCode}/${costType}` : number;
}

/** A document is booked on its own date where nobody entered an accounting date. */
export function withDates(record: CanonicalRecord, { fields }: RecordColumns): CanonicalRecord {
  const { accountingDate = null, date = null } = record.fields;
  if (!('accountingDate' in fields) || accountingDate !== null || date === null) return record;
  return { ...record, fields: { ...record.fields, accountingDate: date } };
}

/** What another integration tied to its own ERP record is not ours to tie again. */
export function foreignOrigin(
  draft: RecordDraft,
  link: RecordLink | null,
  /** Keys that our links or the ERP know. */
  known: ReadonlySet<string>,
): readonly string[] {
  const { originId, kind, label } = draft;
  if (originId === null || link?.state === 'linked') return [];
  const key = erpKeyOfOriginId(kind, originId);
  if (key !== null && (isTyped(kind, originId) || known.has(key))) return [];
  return [notOurs(label, originId)];
}

/**
 * Amounts in another currency than the ERP keeps are refused, and so is a rate that says that they are not what they seem. Where the ERP does
 * not say its currency, an approver judges.
 */
export function currencyFlaws(
  { currencies = [] }: RecordDraft,
  { currency }: RecordColumns,
): { readonly problems: readonly string[]; readonly warnings: readonly Warning[] } {
  const problems: string[] = [];
  const warnings: Warning[] = [];
  const codes = [...new Set(currencies.flatMap(({ code }) => code ?? []))];
  if (codes.length > 1 && currency === undefined) {
    const words = `Amounts are in ${codes.join(' and ')}, and are added up as if they were one currency.`;
    warnings.push(warning('currency_differs', words));
  }
  for (const { code, rate, base } of currencies) {
    const isAtPar = rate === null || sameAmount(rate, '1');
    const named = code ?? 'another currency';
    const at = isAtPar ? '' : `, exchange rate ${rate}${base === null ? '' : ` to ${base}`}`;
    if (currency !== undefined && code !== null && code !== currency.toUpperCase()) {
      problems.push(
        `Amounts are in ${named}${at}; the ERP keeps ${currency} alone. Enter it there by hand, or change the currency in Procore.`,
      );
    } else if (!isAtPar || (base !== null && code !== null && base.toUpperCase() !== code)) {
      const own = currency === undefined ? 'the ERP does not say its currency' : `the ERP keeps ${currency}`;
      warnings.push(warning('currency_differs', `Amounts are in ${named}${at}; ${own}.`));
    }
  }
  return { problems: [...new Set(problems)], warnings };
}

/** Lines are told apart by their numbers, in the ERP and when Procore is told their keys. */
export function repeatedLines({ lines }: CanonicalRecord): readonly string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const line of lines) {
    const key = lineKeyOf(line);
    if (seen.has(key)) again.add(`${lineLabel(line)} occurs more than once.`);
    seen.add(key);
  }
  return [...again];
}

const NOT_IN_USE = {
  absent: 'is not in the ERP any more',
  inactive: 'is inactive or closed in the ERP',
  void: 'is void in the ERP',
};

/** What the record refers to must be there and in use. `untyped`: see `ResolvedDraft`. */
export function badReferences(
  record: CanonicalRecord,
  kind: Kind,
  states: readonly RefState[],
  untyped: ResolvedDraft['untyped'],
): readonly string[] {
  const byKey = new Map(states.map((state) => [`${state.target}:${state.key}`, state]));
  const problems = new Set<string>();
  for (const { target, key } of referencesIn(record, kind)) {
    const state = byKey.get(`${target}:${key}`);
    if (state === undefined || state.state === 'active') continue;
    const foreign = state.state === 'absent' ? untyped.get(`${target}:${key}`) : undefined;
    problems.add(foreign ?? `${capital(state.label)} ${NOT_IN_USE[state.state]}.`);
  }
  return [...problems];
}

/**
 * What the record refers to must be what it was when it was linked: an ERP that was restored may have given the number to another since.
 * Another number under the same key is refused; another name is for an approver to judge.
 */
export function changedReferences(
  record: CanonicalRecord,
  kind: Kind,
  states: readonly RefState[],
  links: readonly RecordLink[],
): { readonly problems: readonly string[]; readonly warnings: readonly Warning[] } {
  const byKey = new Map(states.map((state) => [`${state.target}:${state.key}`, state]));
  const problems = new Set<string>();
  const warnings = new Set<string>();
  for (const { target, key } of referencesIn(record, kind)) {
    const state = byKey.get(`${target}:${key}`);
    const base = links.find((link) => link.kind === target && link.erpKey === key)?.erp?.fields;
    if (state === undefined || base === undefined) continue;
    const differs = (field: 'code' | 'name', as: (value: string) => string): string | null => {
      const [before, now] = [base[field], state[field]];
      if (typeof before !== 'string' || typeof now !== 'string') return null;
      return as(before) === as(now) ? null : before;
    };
    const code = differs('code', (value) => value.trim());
    const name = differs('name', normaliseName);
    if (code !== null)
      problems.add(
        `${capital(state.label)} had the number ${code} when it was linked: it is another record now.`,
      );
    else if (name !== null)
      warnings.add(`${capital(state.label)} was called "${name}" when it was linked. Is it the same?`);
  }
  const renamed = [...warnings].map((words) => warning('reference_renamed', words));
  return { problems: [...problems], warnings: renamed };
}

/** The ERP keys that a resolved record refers to: what the adapter is asked about. */
export const keysOf = (record: CanonicalRecord, kind: Kind): readonly Pick<RefState, 'target' | 'key'>[] => [
  ...new Map(
    referencesIn(record, kind)
      .filter(({ key }) => !key.startsWith('->'))
      .map((ref) => [`${ref.target}:${ref.key}`, ref]),
  ).values(),
];

function referencesIn(record: CanonicalRecord, kind: Kind): readonly Pick<RefState, 'target' | 'key'>[] {
  const definition = definitionOf(kind);
  const of = (definitions: Readonly<Record<string, FieldDefinition>>, fields: Fields) =>
    Object.entries(definitions).flatMap(([field, { refersTo }]) => {
      const key = fields[field];
      return refersTo === undefined || typeof key !== 'string' ? [] : [{ target: refersTo, key }];
    });
  return [
    ...of(definition.fields, record.fields),
    ...record.lines.flatMap((line) => of(definition.lines[line.kind]?.fields ?? {}, line.fields)),
  ];
}
