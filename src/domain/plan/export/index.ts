import { contentHash, recordIdOf } from '../../base/identity';
import { magnitude, sum } from '../../base/money';
import { shorten } from '../../base/text';
import type { Warning } from '../../base/warning';
import { warning } from '../../base/warning';
import { definitionOf } from '../../kinds';
import { amountsIn } from '../../kinds/amounts';
import { withCustomColumns } from '../../kinds/custom-columns';
import type { RecordColumns } from '../../kinds/fit-record';
import { fitRecord } from '../../kinds/fit-record';
import type { CanonicalRecord } from '../../kinds/record';
import { textIn } from '../../kinds/record';
import type { RecordLink } from '../../kinds/record-link';
import { ownLink } from '../../kinds/record-link';
import type { RecordDraft, RecordExport } from '../../request/intent';
import { nextGeneration } from '../ledger-head';
import type { Operation } from '../operation';
import { isErpWrite, isTie, numbered } from '../operation';
import type { LeftOut, PlanFacts, Planned, Wait } from '../plan';
import { sealPlan } from '../plan';
import type { RefState } from '../references';
import { pendingKeyOf, RefResolver } from '../references';
import type { ExportSide } from '../snapshot';
import { decide } from './decide';
import {
  badReferences,
  batchOf,
  changedReferences,
  currencyFlaws,
  enteredFigures,
  foreignOrigin,
  repeatedLines,
  resolveDraft,
  withDates,
} from './draft';
import type { ExportInput, Subject } from './subject';

export { batchOf, keysOf, lineFieldOf, resolveDraft } from './draft';
export type { ExportInput } from './subject';

type Outcome =
  | {
      readonly kind: 'operations';
      readonly operations: readonly Operation[];
      readonly warnings: readonly Warning[];
      readonly notes: readonly string[];
      /** As it will be in the ERP. */
      readonly record: CanonicalRecord;
    }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'held'; readonly waits: readonly Wait[] };

/** Characters; all of it is with what is left out. */
const MOST_OF_REASON = 1_000;

interface Planning {
  readonly draft: RecordDraft;
  readonly outcome: Outcome;
}

/**
 * Plans the export of records: create each in the ERP, bring it up to date, or tie it to the ERP record that is there already (never a
 * twin), then set the external data of record and lines, then what belongs to it. One bad record of a batch is left out with the
 * reason; the others go on. Pure.
 */
export function planExport(read: ExportInput): Planned {
  const outcomes = planAll({ ...read, states: [...read.states, ...siblingsOf(read.intent)] });
  const good = outcomes.flatMap(({ draft, outcome }) =>
    outcome.kind === 'operations' ? [{ draft, ...outcome }] : [],
  );
  if (good.length === 0) return nothingToPlan(outcomes);
  const alone = outcomes.length === 1;
  const prefix = (draft: RecordDraft): string => (alone ? '' : `${draft.label}: `);
  const leftOut = outcomes.flatMap(leftOutOf);
  return {
    kind: 'plan',
    plan: sealPlan({
      subject: alone ? (outcomes[0]?.draft.label ?? '') : `${good.length} of ${outcomes.length} records`,
      operations: numbered(good.flatMap(({ operations }) => operations)),
      warnings: [
        ...(read.intent.changes ?? []).map((words) => warning('body_changed', words)),
        ...good.flatMap(({ draft, warnings }) =>
          warnings.map(({ code, text }) => warning(code, `${prefix(draft)}${text}`)),
        ),
        ...leftOut.map(({ reason }) => warning('left_out', `Left out: ${shorten(reason, MOST_OF_REASON)}`)),
      ],
      notes: [
        ...good.flatMap(({ draft, notes }) => notes.map((note) => `${prefix(draft)}${note}`)),
        ...notCarried(read.intent),
      ],
      facts: factsOf(good, read),
      leftOut,
      unchanged: 0,
    }),
  };
}

/** Records in their order, each of which may refer to those before it. */
function planAll(input: ExportInput): readonly Planning[] {
  const batch = new Map<string, { readonly key: string } | 'left out' | 'not before'>(
    [...batchOf(input.intent).keys()].map((recordId) => [recordId, 'not before']),
  );
  const resolver = new RefResolver(input.links, batch);
  const versions = versionsOf(input.intent);
  return input.intent.records.flatMap((draft, index): Planning[] => {
    const side = input.sides[index];
    if (!side) throw new Error(`nothing was read for ${draft.label}`);
    const recordId = recordIdOf(draft.kind, draft.procoreId);
    // The same record once more.
    if (batch.get(recordId) !== 'not before') return [];
    const outcome: Outcome =
      (versions.get(recordId)?.size ?? 0) > 1
        ? { kind: 'refused', problems: ['It comes twice in this request, with different values.'] }
        : planDraft(input, draft, side, resolver);
    batch.set(recordId, outcome.kind === 'operations' ? { key: keyIn(outcome, recordId) } : 'left out');
    return [{ draft, outcome }];
  });
}

/** Records of the same request have no key that would tell anybody what they are. */
const siblingsOf = ({ records }: RecordExport): readonly RefState[] =>
  records.map(({ kind, procoreId, label }) => ({
    target: kind,
    key: pendingKeyOf(recordIdOf(kind, procoreId)),
    state: 'active',
    label: `${label} of the same request`,
  }));

/** What a request says about each of its records: more than one version is a contradiction. */
function versionsOf(intent: RecordExport): ReadonlyMap<string, ReadonlySet<string>> {
  const versions = new Map<string, Set<string>>();
  if (intent.records.length < 2) return versions;
  for (const draft of intent.records) {
    const recordId = recordIdOf(draft.kind, draft.procoreId);
    const said = contentHash({ ...draft, detailIds: [] });
    versions.set(recordId, (versions.get(recordId) ?? new Set()).add(said));
  }
  return versions;
}

/** The ERP key of a planned record; a new one has none before it is written. */
const keyIn = ({ operations }: { operations: readonly Operation[] }, recordId: string): string =>
  operations.find(isTie)?.erpKey ?? pendingKeyOf(recordId);

function planDraft(input: ExportInput, draft: RecordDraft, side: ExportSide, resolver: RefResolver): Outcome {
  const corrections = input.intent.records.length === 1 ? input.corrections : {};
  const resolved = resolveDraft(draft, resolver, corrections);
  const { record: wanted, waits, problems, warnings } = resolved;
  const link = linkOfDraft(input.links, draft);
  const currency = currencyFlaws(draft, input.columns);
  const refused = [
    ...foreignOrigin(draft, link, keysKnown(input, draft, side)),
    ...(draft.refusals ?? []),
    ...currency.problems,
  ];
  if (refused.length > 0) return { kind: 'refused', problems: [...refused, ...problems] };
  if (problems.length === 0 && waits.length > 0) return { kind: 'held', waits };
  const custom = customOf(draft, input.columns);
  const { columns, definition } = custom;
  const unread = Object.entries(draft.custom?.unread ?? {}).filter(([field]) => !(field in corrections));
  const fitted = fitRecord(draft.kind, withDates(wanted, columns), columns, definition);
  const changed = changedReferences(fitted.record, draft.kind, input.states, input.links);
  const flaws = [
    ...problems,
    ...custom.problems,
    ...unread.map(([, problem]) => problem),
    ...changed.problems,
    ...repeatedLines(fitted.record),
    ...badReferences(fitted.record, draft.kind, input.states, resolved.untyped),
    ...fitted.problems,
  ];
  const own = side.own !== null && side.own.state !== 'void' ? side.own : null;
  // What a person corrected for the ERP is not what Procore holds.
  const sent = resolveDraft(draft, resolver, {}).record;
  const isThere = own !== null && own.key === side.ledgerHead?.erpKey;
  const subject: Subject = {
    input,
    draft,
    side,
    definition,
    recordId: recordIdOf(draft.kind, draft.procoreId),
    link,
    own,
    sent,
    record: fitted.record,
    generation: nextGeneration(link, side.ledgerHead, isThere),
  };
  const decided = decide(subject);
  if (decided.kind === 'refused')
    return { kind: 'refused', problems: [...new Set([...flaws, ...decided.problems])] };
  if (flaws.length > 0 && !decided.existing) return { kind: 'refused', problems: flaws };
  return {
    kind: 'operations',
    operations: decided.operations,
    warnings: [
      ...draft.warnings,
      ...currency.warnings,
      ...(decided.existing
        ? []
        : [
            ...enteredFigures(draft.kind, sent, wanted),
            ...warnings,
            ...fitted.warnings,
            ...changed.warnings,
          ]),
      ...decided.warnings,
    ],
    notes: [...draft.notes, ...fitted.notes],
    record: fitted.record,
  };
}

/** The kind and the columns with what is mapped of the custom fields. */
const customOf = ({ kind, custom }: RecordDraft, columns: RecordColumns) =>
  custom === undefined
    ? { definition: definitionOf(kind), columns, problems: [] }
    : withCustomColumns(definitionOf(kind), columns, custom);

/** Keys of ERP records of this kind that our links or the ERP know. */
const keysKnown = (
  { links }: ExportInput,
  { kind }: RecordDraft,
  { own, same }: ExportSide,
): ReadonlySet<string> =>
  new Set([
    ...links.filter((link) => link.kind === kind).map(({ erpKey }) => erpKey),
    ...[...(own === null ? [] : [own]), ...same].map(({ key }) => key),
  ]);

/** Every filled field that reaches no column, once, for the whole request. */
const notCarried = ({ notCarried: names = [] }: RecordExport): readonly string[] =>
  names.length === 0 ? [] : [`Not carried to the ERP: ${names.join(', ')}.`];

const linkOfDraft = (links: readonly RecordLink[], draft: RecordDraft): RecordLink | null =>
  ownLink(links.filter(({ kind, procoreId }) => kind === draft.kind && procoreId === draft.procoreId));

function nothingToPlan(outcomes: readonly Planning[]): Planned {
  const waits = outcomes.flatMap(({ outcome }) => (outcome.kind === 'held' ? outcome.waits : []));
  if (waits.length > 0) return { kind: 'held', waits };
  const alone = outcomes.length === 1;
  const problems = outcomes.flatMap(({ draft, outcome }) =>
    outcome.kind !== 'refused'
      ? []
      : outcome.problems.map((problem) => (alone ? problem : `${draft.label}: ${problem}`)),
  );
  return { kind: 'refused', problems: problems.length === 0 ? ['The request names no record.'] : problems };
}

function leftOutOf({ draft, outcome }: Planning): readonly LeftOut[] {
  if (outcome.kind === 'operations') return [];
  const why = outcome.kind === 'refused' ? outcome.problems : outcome.waits.map(({ reason }) => reason);
  const reason = `${draft.label}: ${why.join(' ')}`;
  return [{ recordId: recordIdOf(draft.kind, draft.procoreId), erpKey: null, reason }];
}

type Good = Extract<Outcome, { kind: 'operations' }> & { readonly draft: RecordDraft };

function factsOf(
  good: readonly Good[],
  { corrections, columns: { currency, mappedAs } }: ExportInput,
): PlanFacts {
  const written = good.flatMap(({ operations }) => operations.filter(isErpWrite));
  const amounts = written.flatMap(({ kind, record }) => amountsIn(definitionOf(kind), record)).map(magnitude);
  const dates = written.map(({ record }) => textIn(record, 'accountingDate') || textIn(record, 'date'));
  const projects = good.map(({ draft }) => (draft.kind === 'project' ? draft.procoreId : draft.projectId));
  const [first] = good;
  return {
    kinds: [...new Set(good.map(({ draft }) => draft.kind))],
    projects: [...new Set(projects.filter((id) => id !== null))],
    amount: amounts.length === 0 ? null : sum(amounts),
    ...(amounts.length === 0 || currency === undefined ? {} : { currency }),
    dates: [...new Set(dates.filter((date) => date !== ''))].sort(),
    flags: {
      ...first?.draft.flags,
      codeGiven: first !== undefined && textIn(first.record, 'code') !== '',
      corrected: Object.keys(corrections).length > 0,
    },
    ...(mappedAs === undefined ? {} : { mapping: mappedAs }),
  };
}
