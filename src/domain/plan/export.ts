import type { EntityDefinition, FieldDefinition, LineKind } from '../kinds/entity';
import { definitionOf, isEntity } from '../kinds/entity';
import type { DraftLine, RecordDraft, RecordExport } from '../request/intent';
import {
  contentHash,
  erpKeyOfOriginId,
  normaliseName,
  operationKeyOf,
  originIdOf,
  recordIdOf,
  revisionOf,
} from '../base/identity';
import type { LedgerHead } from './ledger-head';
import { nextGeneration } from './ledger-head';
import { isDecimal, plain, sameAmount } from '../base/money';
import type {
  ExternalDataItem,
  FieldChange,
  Held,
  LeftOut,
  PlannedOperation,
  Planned,
  ProcoreWrite,
  Wait,
} from './plan';
import { sealPlan } from './plan';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { Batch, RefState, ResolvedRef } from './references';
import { capital, lineLabel, pendingKeyOf, RefResolver } from './references';
import type { FittedRecord, RecordColumns } from '../kinds/fit-record';
import { fitRecord } from '../kinds/fit-record';
import { shorten } from '../base/text';

/** A record as the ERP holds it. */
export interface KnownRecord {
  readonly key: string;
  readonly state: 'active' | 'inactive' | 'void';
  readonly record: CanonicalRecord;
}

/** What was read for one record of the request. */
export interface DraftSide {
  /** The ERP record that belongs to it, by link or ledger; null when there is none (any more). */
  readonly own: KnownRecord | null;
  /** ERP records with the same number. */
  readonly same: readonly KnownRecord[];
  readonly ledgerHead: LedgerHead | null;
}

/** Everything the plan of one export depends on: read before, stored, and read again before writing. */
export interface RecordExportInput {
  readonly connectionId: string;
  readonly intent: RecordExport;
  /** Header values a person entered with `tieback correct`; only where the request is about one record. */
  readonly corrections: Fields;
  readonly columns: RecordColumns;
  /** In the order of `intent.records`. */
  readonly sides: readonly DraftSide[];
  readonly states: readonly RefState[];
  /** Links of the records, of everything they refer to, and of the ERP records with the same number. */
  readonly links: readonly RecordLink[];
}

/** A draft with its references resolved as far as they can be. */
export interface ResolvedDraft {
  readonly record: CanonicalRecord;
  readonly waits: readonly Wait[];
  readonly problems: readonly string[];
  /** What is written without a reference that it has in Procore. */
  readonly warnings: readonly string[];
}

/** The records of a batch that are written by the same request, and so may refer to each other. */
export const batchOf = (intent: RecordExport): Batch =>
  new Map(
    intent.records.map(({ entity, procoreId }) => {
      const recordId = recordIdOf(entity, procoreId);
      return [recordId, { key: pendingKeyOf(recordId) }];
    }),
  );

/** Resolves what a draft refers to; corrections replace header values. */
export function resolveDraft(draft: RecordDraft, resolver: RefResolver, corrections: Fields): ResolvedDraft {
  const definition = definitionOf(draft.entity);
  const waits: Wait[] = [];
  const problems: string[] = [];
  const warnings: string[] = [];
  const resolved = (
    where: string,
    definitions: Readonly<Record<string, FieldDefinition>>,
    { fields, refs }: Pick<DraftLine, 'fields' | 'refs'>,
  ): Fields => {
    const values: Record<string, FieldValue> = { ...fields };
    for (const [field, { kind, label, required }] of Object.entries(definitions)) {
      if (kind !== 'reference') continue;
      const ref = refs[field] ?? null;
      const answer: ResolvedRef | null = ref && resolver.resolve(ref, draft.projectId);
      values[field] = answer?.kind === 'key' ? answer.key : null;
      if (answer?.kind === 'wait') {
        // A line of a contract is known with its contract. Where it is not, nothing will ever tell: the record goes without it.
        const isLine = ref !== null && !isEntity(ref.target) && ref.target !== 'cost_code';
        if (isLine && required !== true) {
          warnings.push(`${where}${capital(ref.label)} is not in the ERP; it is written without it.`);
        } else waits.push(answer.wait);
      }
      if (answer?.kind === 'problem') problems.push(`${where}${answer.problem}`);
      if (answer === null && required === true)
        problems.push(`${where}${label} is missing; Procore names none.`);
    }
    return values;
  };
  const header = resolved('', definition.fields, draft);
  const lines = draft.lines.map((line): RecordLine => {
    const fields = resolved(`${lineLabel(line)}: `, definition.lines[line.kind]?.fields ?? {}, line);
    return {
      kind: line.kind,
      number: numberOf(line, fields),
      fields,
      erpKey: null,
      procoreId: line.procoreId,
    };
  });
  const known = Object.keys(definition.fields);
  const entered = Object.entries(corrections).filter(([field]) => known.includes(field));
  return {
    record: { fields: { ...header, ...Object.fromEntries(entered) }, lines },
    waits: [...new Map(waits.map((wait) => [wait.recordId, wait])).values()],
    problems: [...new Set(problems)],
    warnings: [...new Set(warnings)],
  };
}

/** A cost type assignment is recognised by its pair, which is known once the cost type is resolved. */
function numberOf({ kind, number }: DraftLine, { costCode, costType }: Fields): string {
  const isPair =
    kind === 'cost_type_assignment' && typeof costCode === 'string' && typeof costType === 'string';
  return isPair ? `${costCode}/${costType}` : number;
}

/**
 * Plans the export of records: create each in the ERP, bring it up to date, or tie it to the ERP record that is there already (never a
 * twin), then set the external data of record and lines, then what belongs to it. One bad record of a batch is left out with the
 * reason; the others go on. Pure.
 */
export function planRecordExport(read: RecordExportInput): Planned | Held {
  const input = { ...read, states: [...read.states, ...siblingsOf(read.intent)] };
  const batch = new Map<string, { readonly key: string } | 'left out' | 'not before'>(
    [...batchOf(input.intent).keys()].map((recordId) => [recordId, 'not before']),
  );
  const resolver = new RefResolver(input.links, batch);
  const versions = versionsOf(input.intent);
  const outcomes = input.intent.records.flatMap((draft, index) => {
    const side = input.sides[index];
    if (!side) throw new Error(`nothing was read for ${draft.label}`);
    const recordId = recordIdOf(draft.entity, draft.procoreId);
    // The same record once more.
    if (batch.get(recordId) !== 'not before') return [];
    const outcome: DraftOutcome =
      (versions.get(recordId)?.size ?? 0) > 1
        ? { kind: 'refused', problems: ['It comes twice in this request, with different values.'] }
        : planDraft(input, draft, side, resolver);
    batch.set(recordId, outcome.kind === 'operations' ? { key: keyIn(outcome, recordId) } : 'left out');
    return [{ draft, outcome }];
  });
  const alone = outcomes.length === 1;
  const good = outcomes.flatMap(({ outcome }) => (outcome.kind === 'operations' ? [outcome] : []));
  const waits = outcomes.flatMap(({ outcome }) => (outcome.kind === 'held' ? outcome.waits : []));
  if (good.length === 0 && waits.length > 0) return { kind: 'held', waits };
  if (good.length === 0) {
    const problems = outcomes.flatMap(({ draft, outcome }) =>
      outcome.kind !== 'refused'
        ? []
        : outcome.problems.map((problem) => (alone ? problem : `${draft.label}: ${problem}`)),
    );
    return { kind: 'refused', problems: problems.length === 0 ? ['The request names no record.'] : problems };
  }
  const leftOut: LeftOut[] = outcomes.flatMap(({ draft, outcome }) =>
    outcome.kind === 'operations'
      ? []
      : [
          {
            recordId: recordIdOf(draft.entity, draft.procoreId),
            erpKey: null,
            reason: reasonOf(draft, outcome),
          },
        ],
  );
  const prefix = (draft: RecordDraft): string => (alone ? '' : `${draft.label}: `);
  return {
    kind: 'plan',
    plan: sealPlan({
      subject: alone ? (outcomes[0]?.draft.label ?? '') : `${good.length} of ${outcomes.length} records`,
      operations: good
        .flatMap(({ operations }) => operations)
        .map((operation, index) => ({ ...operation, seq: index + 1 })),
      warnings: [
        ...good.flatMap(({ draft, warnings }) => warnings.map((warning) => `${prefix(draft)}${warning}`)),
        ...leftOut.map(({ reason }) => `Left out: ${reason}`),
      ],
      notes: good.flatMap(({ draft, notes }) => notes.map((note) => `${prefix(draft)}${note}`)),
      facts: factsOf(good, input),
      leftOut,
      unchanged: 0,
    }),
  };
}

/** Records of the same request have no key that would tell anybody what they are. */
const siblingsOf = ({ records }: RecordExport): readonly RefState[] =>
  records.map(({ entity, procoreId, label }) => ({
    target: entity,
    key: pendingKeyOf(recordIdOf(entity, procoreId)),
    state: 'active',
    label: `${label} of the same request`,
  }));

/** What a request says about each of its records: more than one version is a contradiction. */
function versionsOf(intent: RecordExport): ReadonlyMap<string, ReadonlySet<string>> {
  const versions = new Map<string, Set<string>>();
  for (const draft of intent.records) {
    const recordId = recordIdOf(draft.entity, draft.procoreId);
    const said = contentHash({ ...draft, detailIds: [] });
    versions.set(recordId, (versions.get(recordId) ?? new Set()).add(said));
  }
  return versions;
}

/** The ERP key of a planned record; a new one has none before it is written. */
const keyIn = ({ operations }: { operations: readonly PlannedOperation[] }, recordId: string): string =>
  operations.find(({ action }) => action === 'set_external_data')?.erpKey ?? pendingKeyOf(recordId);

type DraftOutcome =
  | {
      readonly kind: 'operations';
      readonly draft: RecordDraft;
      readonly operations: readonly PlannedOperation[];
      readonly warnings: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'held'; readonly waits: readonly Wait[] };

const reasonOf = (draft: RecordDraft, outcome: Exclude<DraftOutcome, { kind: 'operations' }>): string =>
  `${draft.label}: ${outcome.kind === 'refused' ? outcome.problems.join(' ') : outcome.waits.map(({ reason }) => reason).join(' ')}`;

function factsOf(
  good: readonly Extract<DraftOutcome, { kind: 'operations' }>[],
  input: RecordExportInput,
): Readonly<Record<string, string | boolean | null>> {
  const [first] = good;
  const entity = first?.draft.entity ?? null;
  return {
    entity,
    codeGiven: (first?.draft.fields['code'] ?? null) !== null,
    corrected: Object.keys(input.corrections).length > 0,
  };
}

function planDraft(
  input: RecordExportInput,
  draft: RecordDraft,
  side: DraftSide,
  resolver: RefResolver,
): DraftOutcome {
  const corrections = input.intent.records.length === 1 ? input.corrections : {};
  const { record: wanted, waits, problems, warnings } = resolveDraft(draft, resolver, corrections);
  const link = linkOf(input.links, draft);
  const foreign = foreignOrigin(draft, link);
  if (foreign.length > 0) return { kind: 'refused', problems: [...foreign, ...problems] };
  if (problems.length === 0 && waits.length > 0) return { kind: 'held', waits };
  const fitted = fitRecord(draft.entity, withDates(wanted, input.columns), input.columns);
  const all = [
    ...problems,
    ...twice(fitted.record),
    ...standing(fitted.record, draft, input.states),
    ...fitted.problems,
  ];
  const own = side.own !== null && side.own.state !== 'void' ? side.own : null;
  const isThere = own !== null && own.key === side.ledgerHead?.erpKey;
  const subject: Subject = {
    input,
    draft,
    side,
    own,
    fitted,
    definition: definitionOf(draft.entity),
    link,
    recordId: recordIdOf(draft.entity, draft.procoreId),
    generation: nextGeneration(link, side.ledgerHead, isThere),
  };
  const decided = decide(subject);
  if (decided.kind === 'refused') return { kind: 'refused', problems: [...all, ...decided.problems] };
  if (all.length > 0 && !decided.existing) return { kind: 'refused', problems: all };
  return {
    kind: 'operations',
    draft,
    operations: decided.operations,
    warnings: [...(decided.existing ? [] : [...warnings, ...fitted.warnings]), ...decided.warnings],
    notes: [...draft.notes, ...fitted.notes],
  };
}

/** A document is booked on its own date where nobody entered an accounting date. */
function withDates(record: CanonicalRecord, { fields }: RecordColumns): CanonicalRecord {
  const { accountingDate = null, date = null } = record.fields;
  if (!('accountingDate' in fields) || accountingDate !== null || date === null) return record;
  return { ...record, fields: { ...record.fields, accountingDate: date } };
}

/** What another integration tied to its own ERP record is not ours to tie again. */
function foreignOrigin(draft: RecordDraft, link: RecordLink | null): readonly string[] {
  const { originId, entity, label } = draft;
  if (originId === null || link?.state === 'linked' || erpKeyOfOriginId(entity, originId) !== null) return [];
  return [
    `${label} has the origin_id "${shorten(originId, 100)}", which is not one of ours: another integration may own it.`,
  ];
}

/** Lines are told apart by their numbers, in the ERP and when Procore is told their keys. */
function twice({ lines }: CanonicalRecord): readonly string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const line of lines) {
    const key = `${line.kind}/${line.number}`;
    if (seen.has(key)) again.add(`${lineLabel(line)} occurs more than once.`);
    seen.add(key);
  }
  return [...again];
}

/** What the record refers to must be there and in use. */
function standing(
  record: CanonicalRecord,
  draft: RecordDraft,
  states: readonly RefState[],
): readonly string[] {
  const byKey = new Map(states.map((state) => [`${state.target}:${state.key}`, state]));
  const definition = definitionOf(draft.entity);
  const problems = new Set<string>();
  const check = (definitions: Readonly<Record<string, FieldDefinition>>, fields: Fields): void => {
    for (const [field, { refersTo }] of Object.entries(definitions)) {
      const key = fields[field];
      if (refersTo === undefined || typeof key !== 'string') continue;
      const state = byKey.get(`${refersTo}:${key}`);
      if (state === undefined || state.state === 'active') continue;
      const words = {
        absent: 'is not in the ERP any more',
        inactive: 'is inactive or closed in the ERP',
        void: 'is void in the ERP',
      };
      problems.add(`${capital(state.label)} ${words[state.state]}.`);
    }
  };
  check(definition.fields, record.fields);
  for (const line of record.lines) check(definition.lines[line.kind]?.fields ?? {}, line.fields);
  return [...problems];
}

/** The link that tells where the ERP record is: the one in force, else the one that changed last. */
const linkOf = (links: readonly RecordLink[], draft: RecordDraft): RecordLink<CanonicalRecord> | null => {
  const own = links.filter(
    ({ entity, procoreId }) => entity === draft.entity && procoreId === draft.procoreId,
  ) as RecordLink<CanonicalRecord>[];
  return own.find(({ state }) => state === 'linked') ?? own[0] ?? null;
};

interface Subject {
  readonly input: RecordExportInput;
  readonly draft: RecordDraft;
  readonly side: DraftSide;
  /** The ERP record that belongs to it, unless it is void: void is as good as gone. */
  readonly own: KnownRecord | null;
  readonly fitted: FittedRecord;
  readonly definition: EntityDefinition;
  readonly link: RecordLink<CanonicalRecord> | null;
  readonly recordId: string;
  readonly generation: number;
}

type Decision =
  | {
      readonly kind: 'operations';
      readonly operations: readonly PlannedOperation[];
      readonly warnings: readonly string[];
      /** Nothing is created: the flaws of the record do not matter. */
      readonly existing: boolean;
    }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

function decide(subject: Subject): Decision {
  const { side, own, fitted, definition, link } = subject;
  if (definition.reexport === 'append') return append(subject);
  const create = erpOperation(
    subject,
    'create',
    null,
    fitted.record,
    creationChanges(subject, fitted.record),
  );
  // The ledger knows no actions: what was ours before the operation was brought up to date by it, and `update` finds nothing more to do.
  const isUpdated = definition.reexport === 'update' && link?.erpKey === own?.key;
  if (own && !isUpdated && side.ledgerHead?.operationKey === create.operationKey) {
    // The very operation is in the ledger already (a crash came between write and record): the same plan again, so that its approval holds.
    return {
      kind: 'operations',
      operations: withProcore(subject, create, null),
      warnings: [],
      existing: false,
    };
  }
  const same = side.same.filter(({ state }) => state !== 'void');
  const ours = own ?? same.find(({ key }) => key === link?.erpKey);
  if (ours) return definition.reexport === 'update' ? update(subject, ours, []) : relink(subject, ours);
  const taken = same.find((known) => isSame(subject, known)) ?? same[0];
  if (taken) return adopt(subject, taken);
  return {
    kind: 'operations',
    operations: withProcore(subject, create, null),
    warnings: [],
    existing: false,
  };
}

/** Only what was not written by an earlier export; what was is told to Procore again. */
function append(subject: Subject): Decision {
  const { own, link, side, draft, fitted } = subject;
  const isWritten =
    own !== null && side.ledgerHead?.operationKey === keyOfOperation(subject, revisionOf(fitted.record));
  const problems = own ? otherOwner(subject, own) : [];
  if (problems.length > 0) return { kind: 'refused', problems };
  const { record } = fitted;
  const keyOf = ({ kind, number }: RecordLine): string => `${kind}/${number}`;
  const before = new Map<string, RecordLine>();
  for (const line of link?.base?.lines ?? []) if (line.erpKey !== null) before.set(keyOf(line), line);
  // Where the record of the last export is gone, what our base remembers may be gone with it.
  const known = new Map(own === null ? [] : before);
  // Earlier exports that were never recorded are in the ERP all the same, each as a record of its own.
  const others = side.same.filter(({ key, state }) => state !== 'void' && key !== own?.key);
  for (const line of [...others, ...(own ? [own] : [])].flatMap((held) => held.record.lines)) {
    if (line.erpKey !== null) known.set(keyOf(line), line);
  }
  // An approver decides about those.
  const lost = record.lines.filter((line) => before.has(keyOf(line)) && !known.has(keyOf(line)));
  const lostWords = (lines: readonly RecordLine[]): readonly string[] => {
    if (lines.length === 0) return [];
    const numbers = shorten(lines.map(({ number }) => number).join(', '), 100);
    const count = lines.length === 1 ? '1 line was' : `${lines.length} lines were`;
    return [
      `${draft.label}: ${count} written before (${numbers}), but the ERP record is not there any more; what was in it is written again.`,
    ];
  };
  const create = (lines: readonly RecordLine[], warnings: readonly string[]): Decision => {
    const added = { ...record, lines };
    const written = isWritten ? subject : afterHead(subject);
    const operation = erpOperation(written, 'create', null, added, creationChanges(subject, added));
    // Lines of earlier exports keep their keys: the base that follows holds all that was ever written.
    const held = new Set(lines.map(keyOf));
    const all = [...[...known.values()].filter((line) => !held.has(keyOf(line))), ...lines];
    const operations = withProcore(written, operation, null, { ...record, lines: all });
    return { kind: 'operations', operations, warnings, existing: false };
  };
  const fresh = record.lines.filter((line) => !known.has(keyOf(line)));
  if (own && isWritten) {
    // In the ledger already: the same plan again, as in `decide`. What it wrote is in the ERP record now.
    const written = new Set(own.record.lines.map(keyOf));
    const again = record.lines.filter((line) => written.has(keyOf(line)));
    return create(again, lostWords(again.filter((line) => before.has(keyOf(line)))));
  }
  if (fresh.length > 0) return create(fresh, lostWords(lost));
  const numbers = new Set(record.lines.map(keyOf));
  const last = own ?? others.find((held) => held.record.lines.some((line) => numbers.has(keyOf(line))));
  if (!last) return { kind: 'refused', problems: [`${draft.label} has nothing new for the ERP.`] };
  const owned = otherOwner(subject, last);
  if (owned.length > 0) return { kind: 'refused', problems: owned };
  const warnings = [`${draft.label}: everything was written before; Procore is told again.`];
  const held = { fields: last.record.fields, lines: [...known.values()] };
  const operations = withProcore(subject, null, { ...last, record: held });
  return { kind: 'operations', operations, warnings, existing: true };
}

/** One generation after everything that was written, whatever became of it. */
const afterHead = (subject: Subject): Subject => ({
  ...subject,
  generation: nextGeneration(subject.link, subject.side.ledgerHead, false),
});

/** Sent again: the differences are written, what the ERP alone has stays. An empty value in Procore never empties the ERP's. */
function update(subject: Subject, own: KnownRecord, warnings: readonly string[]): Decision {
  const { record } = subject.fitted;
  const problems = otherOwner(subject, own);
  if (problems.length > 0) return { kind: 'refused', problems };
  const fields = Object.fromEntries(
    Object.entries(record.fields).filter(
      ([field, value]) => typeof value === 'string' && value !== (own.record.fields[field] ?? null),
    ),
  );
  const held = new Map(own.record.lines.map((line) => [`${line.kind}/${line.number}`, line]));
  const lines = record.lines.filter((line) => {
    const before = held.get(`${line.kind}/${line.number}`);
    return (
      before === undefined ||
      Object.entries(line.fields).some(
        ([field, value]) => typeof value === 'string' && value !== (before.fields[field] ?? null),
      )
    );
  });
  const other = subject.side.same.find(({ key, state }) => state !== 'void' && key !== own.key);
  if ('code' in fields && other) return { kind: 'refused', problems: [used(subject, other)] };
  const numbered = numberedAs(own, record);
  if (Object.keys(fields).length === 0 && lines.length === 0) {
    return { kind: 'operations', operations: withProcore(subject, null, numbered), warnings, existing: true };
  }
  const changes = [
    ...headerChanges(subject.definition, own.record.fields, fields, subject.input.states),
    ...lineChanges(subject.definition, lines, own.record, subject.input.states),
  ];
  // What is in the ledger left no difference behind: this is another write, and never the same generation.
  const next = afterHead(subject);
  const operation = erpOperation(next, 'update', own, { fields, lines }, changes);
  return {
    kind: 'operations',
    operations: withProcore(next, operation, numbered),
    warnings,
    existing: false,
  };
}

/** The ERP record is already ours (reset, unlink, or an older store restored): tie it again; its values are the ERP's to keep. */
function relink(subject: Subject, own: KnownRecord): Decision {
  const problems = otherOwner(subject, own);
  if (problems.length > 0) return { kind: 'refused', problems };
  const { draft, fitted } = subject;
  const warnings = [
    `${draft.label} is already in the ERP as ${nameOf(subject, own)}: it is linked again, nothing is created.`,
    ...keptByErp(subject, fitted.record, own.record),
  ];
  const operations = withProcore(subject, null, numberedAs(own, fitted.record));
  return { kind: 'operations', operations, warnings, existing: true };
}

/** The number is taken: link to that record when it is the same, refuse when it is another. */
function adopt(subject: Subject, taken: KnownRecord): Decision {
  const { fitted, definition } = subject;
  const problems = otherOwner(subject, taken);
  if (problems.length > 0) return { kind: 'refused', problems };
  if (!isSame(subject, taken)) return { kind: 'refused', problems: [used(subject, taken)] };
  const found = `${capital(nameOf(subject, taken))} is already in the ERP: it is linked, nothing is created.`;
  if (definition.reexport === 'update') return update(subject, taken, [found]);
  const operations = withProcore(subject, null, numberedAs(taken, fitted.record));
  const warnings = [found, ...keptByErp(subject, fitted.record, taken.record)];
  return { kind: 'operations', operations, warnings, existing: true };
}

/** Procore wants to hear the word "code" where the number of a job is taken. */
const used = (subject: Subject, taken: KnownRecord): string => {
  const label = subject.definition.fields['code']?.label ?? 'Number';
  return `${label} ${text(subject.fitted.record, 'code')} is already used by ${nameOf(subject, taken)} in the ERP. Choose another code.`;
};

/** What two people would call the same: documents by their money, the others by their name. */
function isSame({ fitted: { record }, definition }: Subject, known: KnownRecord): boolean {
  if (
    !sameContent(
      known.record,
      definition.reexport === 'update' ? { ...record, lines: known.record.lines } : record,
    )
  )
    return false;
  if ('amount' in definition.fields) return true;
  const [a, b] = [text(known.record, 'name'), text(record, 'name')];
  return normaliseName(a) === normaliseName(b) && (normaliseName(a) !== '' || a === b);
}

function otherOwner({ input, draft }: Subject, known: KnownRecord): readonly string[] {
  const link = input.links.find(
    ({ entity, erpKey, state }) => entity === draft.entity && erpKey === known.key && state === 'linked',
  );
  if (!link || link.procoreId === null || link.procoreId === draft.procoreId) return [];
  const label = definitionOf(draft.entity).label;
  return [
    `${label} ${text(known.record, 'code')} of the ERP is already linked to another record in Procore (id ${link.procoreId}). Choose another code.`,
  ];
}

/** Same money to the same places: what two people would call the same document. */
function sameContent(a: CanonicalRecord, b: CanonicalRecord): boolean {
  const shape = ({ fields, lines }: CanonicalRecord): string =>
    JSON.stringify([
      ['job', 'vendor', 'commitment', 'primeContract', 'requisition'].map((field) => fields[field] ?? null),
      amountOf(fields['amount']),
      lines
        .map((line) =>
          [
            line.kind,
            line.fields['costCode'] ?? null,
            line.fields['costType'] ?? null,
            amountOf(line.fields['amount']),
          ].join(' '),
        )
        .sort(),
    ]);
  return shape(a) === shape(b);
}

const amountOf = (value: FieldValue | undefined): string =>
  typeof value === 'string' && isDecimal(value) && !sameAmount(value, '0') ? plain(value) : '';

/** Lines whose number is what they are: `23-050` is never another code. */
const NUMBER_IS_IDENTITY: ReadonlySet<LineKind> = new Set([
  'cost_code',
  'cost_type_assignment',
  'job_cost',
  'budget_line',
]);

/** How a line of Procore finds the same line in the ERP, the surest way first. */
const PARTNERS: readonly ((a: RecordLine, b: RecordLine) => boolean)[] = [
  (a, b) => a.number === b.number && sameCosts(a, b),
  (a, b) => !NUMBER_IS_IDENTITY.has(a.kind) && sameCosts(a, b) && sameMoney(a, b),
  (a, b) => a.number === b.number,
  (a, b) => !NUMBER_IS_IDENTITY.has(a.kind) && sameCosts(a, b),
];

const sameCosts = (a: RecordLine, b: RecordLine): boolean =>
  (a.fields['costCode'] ?? null) === (b.fields['costCode'] ?? null) &&
  (a.fields['costType'] ?? null) === (b.fields['costType'] ?? null);

const sameMoney = (a: RecordLine, b: RecordLine): boolean =>
  amountOf(a.fields['amount']) === amountOf(b.fields['amount']);

/** The ERP record with the line numbers and ids of Procore, so that each line finds its partner; one without a partner stays untied. */
function numberedAs(known: KnownRecord, wanted: CanonicalRecord): KnownRecord {
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
  const taken = new Set(lines.map(({ kind, number }) => `${kind}/${number}`));
  // What the ERP alone has is no line of Procore, even where it bears the number of one.
  const others = [...left].map((line) =>
    taken.has(`${line.kind}/${line.number}`) ? { ...line, number: `${line.number} (ERP only)` } : line,
  );
  return { ...known, record: { fields: known.record.fields, lines: [...lines, ...others] } };
}

const keyOfOperation = ({ input, recordId, generation }: Subject, targetRevision: string): string =>
  operationKeyOf({ connectionId: input.connectionId, recordId, generation, targetRevision });

function erpOperation(
  subject: Subject,
  action: 'create' | 'update',
  own: KnownRecord | null,
  record: CanonicalRecord,
  changes: readonly FieldChange[],
): PlannedOperation {
  const { draft, recordId, generation, fitted } = subject;
  const targetRevision = revisionOf(fitted.record);
  return {
    seq: 0,
    side: 'erp',
    action,
    entity: draft.entity,
    recordId,
    target: action === 'create' ? `${draft.label} (new)` : draft.label,
    erpKey: own?.key ?? null,
    procoreId: draft.procoreId,
    generation,
    targetRevision,
    operationKey: keyOfOperation(subject, targetRevision),
    changes,
    record,
    link: null,
  };
}

/** What Procore is told once the ERP has the record: external data of record and lines, then what belongs to it. */
function withProcore(
  subject: Subject,
  erp: PlannedOperation | null,
  existing: KnownRecord | null,
  record: CanonicalRecord = existing?.record ?? subject.fitted.record,
): readonly PlannedOperation[] {
  const { draft, recordId, generation } = subject;
  const targetRevision = erp?.targetRevision ?? revisionOf(record);
  const key = keyOfOperation(subject, targetRevision);
  const base = {
    seq: 0,
    side: 'procore' as const,
    entity: draft.entity,
    recordId,
    erpKey: existing?.key ?? null,
    procoreId: draft.procoreId,
    projectId: draft.entity === 'project' ? draft.procoreId : draft.projectId,
    generation,
    targetRevision,
    record,
    link: null,
  };
  const external: PlannedOperation = {
    ...base,
    action: 'set_external_data',
    target: `Procore ${draft.itemType.replaceAll('_', ' ')} ${draft.procoreId}`,
    operationKey: `${key}:external_data`,
    changes: [
      {
        field: 'origin_id',
        label: 'ERP link',
        old: draft.originId,
        new: existing ? originIdOf(draft.entity, existing.key) : '(from the ERP)',
      },
      { field: 'origin_code', label: 'ERP number', old: null, new: text(record, 'code') || null },
      ...linkedLines(draft),
    ],
    write: { kind: 'external_data', items: externalItems(draft) },
  };
  const more = followUps(subject).map(({ write, target, suffix, rows }): PlannedOperation => ({
    ...base,
    action: 'sync',
    target,
    operationKey: `${key}:${suffix}`,
    changes: [{ field: suffix, label: target, old: null, new: `${rows}` }],
    write,
  }));
  return [...(erp ? [erp] : []), external, ...more];
}

const externalItems = (draft: RecordDraft): readonly ExternalDataItem[] => [
  { itemType: draft.itemType, itemId: draft.procoreId, line: null },
  ...draft.lines.flatMap(({ itemType, procoreId, kind, number }) =>
    itemType === null || procoreId === null ? [] : [{ itemType, itemId: procoreId, line: { kind, number } }],
  ),
];

function linkedLines(draft: RecordDraft): readonly FieldChange[] {
  const count = externalItems(draft).length - 1;
  return count === 0 ? [] : [{ field: 'lines', label: 'Lines linked', old: null, new: String(count) }];
}

interface FollowUp {
  readonly write: ProcoreWrite;
  readonly target: string;
  readonly suffix: string;
  readonly rows: number;
}

/** Step 7 of an export ("ERP Technical Guide"): budgets report their transactions, jobs and sub jobs their cost type assignments. */
function followUps({ draft }: Subject): readonly FollowUp[] {
  const assignments = draft.lines.flatMap(({ pair, number }) =>
    pair === undefined
      ? []
      : [
          {
            key: number,
            fields: { synced: true },
            costCode: { number, procoreId: pair.costCodeId },
            lineItemTypeId: pair.lineItemTypeId,
          },
        ],
  );
  const transactions = draft.lines.flatMap(({ kind, number, procoreId }) =>
    kind === 'budget_line' && procoreId !== null
      ? [{ key: number, procoreId, line: { kind, number }, fields: { synced: true } }]
      : [],
  );
  const place = {
    ...(draft.projectId === null ? {} : { projectId: draft.projectId }),
    ...(draft.entity === 'sub_job' ? { subJobId: draft.procoreId } : {}),
  };
  return [
    ...(assignments.length === 0
      ? []
      : [
          {
            write: {
              kind: 'sync' as const,
              resource: 'cost_code_line_item_types' as const,
              place,
              rows: assignments,
            },
            target: 'Cost type assignments marked as synced',
            suffix: 'assignments',
            rows: assignments.length,
          },
        ]),
    ...(transactions.length === 0
      ? []
      : [
          {
            write: {
              kind: 'sync' as const,
              resource: 'erp_transactions' as const,
              place,
              rows: transactions,
            },
            target: 'Budget transactions marked as synced',
            suffix: 'transactions',
            rows: transactions.length,
          },
        ]),
  ];
}

function creationChanges({ definition, input }: Subject, record: CanonicalRecord): readonly FieldChange[] {
  return [
    ...headerChanges(definition, {}, record.fields, input.states),
    ...lineChanges(definition, record.lines, { fields: {}, lines: [] }, input.states),
  ];
}

const headerChanges = (
  { fields: definitions }: EntityDefinition,
  old: Fields,
  next: Fields,
  states: readonly RefState[],
): readonly FieldChange[] =>
  Object.entries(definitions)
    .filter(([field]) => (next[field] ?? null) !== null)
    .map(([field, definition]) => ({
      field,
      label: definition.label,
      old: old[field] ?? null,
      new: next[field] ?? null,
      ...meaning(definition, next[field], states),
    }));

function lineChanges(
  definition: EntityDefinition,
  lines: readonly RecordLine[],
  before: CanonicalRecord,
  states: readonly RefState[],
): readonly FieldChange[] {
  const held = new Map(before.lines.map((line) => [`${line.kind}/${line.number}`, line.fields]));
  return lines.flatMap((line) => {
    const old = held.get(`${line.kind}/${line.number}`) ?? {};
    return Object.entries(definition.lines[line.kind]?.fields ?? {})
      .filter(([field]) => (line.fields[field] ?? null) !== null && line.fields[field] !== old[field])
      .map(([field, fieldDefinition]) => ({
        field: `${line.kind}[${line.number}].${field}`,
        label: `${lineLabel(line)} · ${fieldDefinition.label}`,
        old: old[field] ?? null,
        new: line.fields[field] ?? null,
        ...meaning(fieldDefinition, line.fields[field], states),
      }));
  });
}

/** Keys say nothing to the person who approves. */
function meaning(
  { refersTo }: FieldDefinition,
  key: FieldValue | undefined,
  states: readonly RefState[],
): { readonly words?: string } {
  const state = states.find((known) => known.target === refersTo && known.key === key);
  return state === undefined ? {} : { words: state.label };
}

function keptByErp(
  { definition }: Subject,
  wanted: CanonicalRecord,
  held: CanonicalRecord,
): readonly string[] {
  const header = Object.entries(definition.fields)
    .filter(([field, { kind }]) => kind !== 'flag' && field !== 'code' && field !== 'accountingDate')
    .filter(
      ([field]) => (wanted.fields[field] ?? null) !== null && wanted.fields[field] !== held.fields[field],
    )
    .map(
      ([field, { label }]) =>
        `The ERP keeps its ${label} "${show(held.fields[field])}"; Procore has "${show(wanted.fields[field])}".`,
    );
  const lines =
    wanted.lines.length === held.lines.length && sameContent(wanted, held)
      ? []
      : [`The ERP keeps its ${held.lines.length} lines; those in Procore differ.`];
  return [...header, ...(wanted.lines.length === 0 && held.lines.length === 0 ? [] : lines)];
}

const show = (value: FieldValue | undefined): string =>
  value === null || value === undefined ? '(empty)' : shorten(String(value), 100);

const text = ({ fields }: CanonicalRecord, field: string): string => {
  const value = fields[field];
  return typeof value === 'string' ? value : '';
};

const nameOf = ({ definition }: Subject, { key, record }: KnownRecord): string => {
  const name = text(record, 'name') || text(record, 'description');
  return `${definition.label.toLowerCase()} ${text(record, 'code') || key}${name === '' ? '' : ` "${name}"`}`;
};

/** The ERP keys that a resolved record refers to: what the adapter is asked about. */
export function keysOf(
  record: CanonicalRecord,
  entity: RecordDraft['entity'],
): readonly { readonly target: RefState['target']; readonly key: string }[] {
  const definition = definitionOf(entity);
  const of = (definitions: Readonly<Record<string, FieldDefinition>>, fields: Fields) =>
    Object.entries(definitions).flatMap(([field, { refersTo }]) => {
      const key = fields[field];
      return refersTo === undefined || typeof key !== 'string' || key.startsWith('->')
        ? []
        : [{ target: refersTo, key }];
    });
  const all = [
    ...of(definition.fields, record.fields),
    ...record.lines.flatMap((line) => of(definition.lines[line.kind]?.fields ?? {}, line.fields)),
  ];
  return [...new Map(all.map((ref) => [`${ref.target}:${ref.key}`, ref])).values()];
}
