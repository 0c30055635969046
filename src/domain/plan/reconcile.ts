import { contentHash, isTyped, operationKeyOf, originIdOf, recordIdOf } from '../base/identity';
import type { Warning } from '../base/warning';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { CanonicalRecord, Fields, KnownRecord, ProcoreId } from '../kinds/record';
import { textIn } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { ConflictDecision } from '../reconcile/conflict';
import type { Rebased } from '../reconcile/mapping/fingerprint';
import { rebased } from '../reconcile/mapping/rebase';
import { pairKey } from '../reconcile/match/rejections';
import { codesMoved, codesRevisionOf } from '../reconcile/merge-lines';
import type { FieldWrite, MergedRecord, MergeRules } from '../reconcile/merge-record';
import { mergeRecord } from '../reconcile/merge-record';
import type { SideName, SideRecord } from '../reconcile/side-record';
import type { Difference } from './diff';
import { changesOf } from './diff';
import type { ErpWrite, FieldChange, MoveLink, Operation, SyncPlace, SyncRows } from './operation';
import { numbered, projectsIn } from './operation';
import type { LeftOut, Plan, PlannedConflict } from './plan';
import { NO_FACTS, sealPlan } from './plan';
import type { PlannedLines } from './reconcile-lines';
import { linesAreSettled, planLines } from './reconcile-lines';
import { syncBody, resourceOf, syncedPart, syncRevisionOf } from './sync';

export interface ReconcileInput {
  readonly connectionId: string;
  readonly kind: Kind;
  /** Records of one page, as the ERP holds them now. */
  readonly erp: readonly KnownRecord[];
  /** The same, and others, as Procore holds them now. */
  readonly procore: readonly SideRecord[];
  /** The side that was found to have moved: what the page is about. */
  readonly from: SideName;
  /** Links of these records and of what their headers refer to. */
  readonly links: readonly RecordLink[];
  /** Records of Procore without a partner that carry the `origin_id` of one of these. */
  readonly adoptable: readonly SideRecord[];
  /** Pairs of which a person said that they are two (`pairKey`): an `origin_id` does not tie them again. */
  readonly apart: ReadonlySet<string>;
  /** By ERP key: why a record of the ERP is not made in Procore before somebody has looked; in sentences. */
  readonly held: ReadonlyMap<string, string>;
  /** ERP keys of records about which something is open: they are compared although both sides stand where they were settled. */
  readonly open: ReadonlySet<string>;
  /** By link and field, what people chose about conflicts. */
  readonly decisions: ReadonlyMap<string, ReadonlyMap<string, ConflictDecision>>;
  /** Links of all cost types, where the kind has codes. */
  readonly costTypes: readonly RecordLink[];
  readonly rules: MergeRules;
  /** See `ReconcileSnapshot.rebased`. */
  readonly rebased?: Rebased;
  readonly listId: ProcoreId | null;
}

/** Revision of what Procore shows of a record. */
export const procoreRevisionOf = ({ record, state, originId }: SideRecord): string =>
  contentHash({ fields: record.fields, state, originId });

/** One record in the making. */
interface Made {
  readonly operations: readonly Operation[];
  readonly leftOut?: LeftOut;
  readonly conflicts?: readonly PlannedConflict[];
  readonly notes?: readonly string[];
  readonly warnings?: readonly Warning[];
}

/**
 * Plans how both sides of one page come together: linked records are merged field by field, each side against its own shadow; records that carry each
 * other's identity are adopted; what only the ERP has comes to Procore as a sync brings it. What is settled needs nothing.
 */
export function planReconcile(input: ReconcileInput): Plan {
  const { kind } = input;
  const definition = definitionOf(kind);
  const here = new Map(input.erp.map((known) => [known.key, known]));
  const own = input.links
    .filter((link) => link.kind === kind)
    .map((link) => rebased(link, input.rebased ?? [], here.get(link.erpKey)));
  const byKey = new Map(own.map((link) => [link.erpKey, link]));
  const byId = new Map(
    own.flatMap((link) =>
      link.state === 'linked' && link.procoreId !== null ? [[String(link.procoreId), link]] : [],
    ),
  );
  const there = new Map([...input.adoptable, ...input.procore].map((record) => [record.key, record]));
  const made: Made[] = [];
  const born: KnownRecord[] = [];
  const done = new Set<string>();
  let unchanged = 0;
  const add = (one: Made): void => {
    made.push(one);
    if (one.operations.length === 0 && one.leftOut === undefined && one.conflicts === undefined)
      unchanged += 1;
  };
  const pair = (erpKey: string, procoreId: string): void => {
    if (done.has(erpKey)) return;
    done.add(erpKey);
    add(
      together(input, {
        erpKey,
        procoreId,
        link: byKey.get(erpKey) ?? null,
        known: here.get(erpKey),
        seen: there.get(procoreId),
      }),
    );
  };

  const adoptable = adoptableBy(kind, there.values(), byId);
  for (const known of input.from === 'erp' ? here.values() : []) {
    const link = byKey.get(known.key);
    if (link?.state === 'linked' && link.procoreId !== null) pair(known.key, String(link.procoreId));
    else if (link?.state === 'merged' || known.outside === true) unchanged += 1;
    else {
      const all = adoptable.get(originIdOf(kind, known.key)) ?? [];
      const claims = all.filter(({ key }) => !isApart(input, known.key, key));
      const [only, second] = claims;
      if (second !== undefined)
        add(
          claimedTwice(
            kind,
            known.key,
            claims.map(({ key }) => key),
          ),
        );
      else if (only !== undefined) pair(known.key, only.key);
      // It would be written to the record that carries its origin_id.
      else if (all[0] !== undefined) add(heldApart(kind, known.key, all[0].key));
      else if (link?.state !== 'staged' && known.formerly !== undefined) add(renumbered(kind, known));
      else if (link?.state !== 'staged' && input.held.has(known.key)) add(heldBack(input, known.key));
      else born.push(known);
    }
  }
  for (const seen of input.from === 'procore' ? there.values() : []) {
    const link = byId.get(seen.key);
    if (link !== undefined) pair(link.erpKey, seen.key);
    else if (seen.originId !== null) {
      const key = keyOf(kind, seen.originId);
      const holder = byKey.get(key);
      if (isApart(input, key, seen.key)) {
        if (holder?.state !== 'linked' && here.has(key)) add(heldApart(kind, key, seen.key));
        continue;
      }
      const claims = (adoptable.get(originIdOf(kind, key)) ?? [])
        .map((claim) => claim.key)
        .filter((claim) => !isApart(input, key, claim));
      // A link never leaves the record that it ties because another one says the same of itself.
      if (holder?.state === 'linked') claims.push(String(holder.procoreId));
      if (claims.length > 1) add(claimedTwice(kind, key, claims));
      else if (here.has(key)) pair(key, seen.key);
    }
  }
  const imported = born.length === 0 ? null : syncBody({ ...input, records: born });
  const operations = numbered([...(imported?.operations ?? []), ...made.flatMap((one) => one.operations)]);
  const leftOut = [...(imported?.leftOut ?? []), ...made.flatMap(({ leftOut: out }) => out ?? [])];
  const conflicts = made.flatMap((one) => one.conflicts ?? []);
  const writes = operations.filter(({ side }) => side !== 'tieback').length;
  const about = input.from === 'erp' ? here.size : there.size;
  const mapping = input.rules.columns?.mappedAs;
  return sealPlan({
    subject: `${writes} of ${about} ${definition.plural}`,
    operations,
    warnings: made.flatMap((one) => one.warnings ?? []),
    notes: made.flatMap((one) => one.notes ?? []),
    facts: {
      ...NO_FACTS,
      kinds: [kind],
      projects: projectsIn(operations),
      ...(mapping === undefined ? {} : { mapping }),
    },
    leftOut,
    unchanged: unchanged + (imported?.unchanged ?? 0),
    ...(conflicts.length === 0 ? {} : { conflicts }),
  });
}

/** Records of Procore that carry an `origin_id` and have no partner, by it. */
function adoptableBy(
  kind: Kind,
  records: Iterable<SideRecord>,
  linked: ReadonlyMap<string, RecordLink>,
): ReadonlyMap<string, readonly SideRecord[]> {
  const found = new Map<string, SideRecord[]>();
  for (const record of records) {
    if (record.originId === null || linked.has(record.key)) continue;
    const name = originIdOf(kind, keyOf(kind, record.originId));
    found.set(name, [...(found.get(name) ?? []), record]);
  }
  return found;
}

/** An `origin_id` with or without its type in front. */
const keyOf = (kind: Kind, originId: string): string =>
  originId.startsWith(`${kind}|`) ? originId.slice(kind.length + 1) : originId;

interface Both {
  readonly erpKey: string;
  readonly procoreId: string;
  readonly link: RecordLink | null;
  readonly known: KnownRecord | undefined;
  readonly seen: SideRecord | undefined;
}

function together(input: ReconcileInput, { erpKey, procoreId, link, known, seen }: Both): Made {
  const { kind } = input;
  const recordId = recordIdOf(kind, procoreId);
  const erpRevision = known === undefined ? null : syncRevisionOf(kind, known.record);
  const procoreRevision = seen === undefined ? null : procoreRevisionOf(seen);
  const before = link?.state === 'linked' ? link : null;
  if (known?.unfit !== undefined && known.outside !== true)
    return { operations: [], leftOut: { recordId, erpKey, reason: known.unfit } };
  if (before !== null && !input.open.has(erpKey)) {
    const isSettled = (now: string | null, then: string | null | undefined): boolean =>
      now === null || now === then;
    const hasShadows = before.procore !== null && before.erp !== null;
    if (
      hasShadows &&
      isSettled(erpRevision, before.erpRevision) &&
      isSettled(procoreRevision, before.procoreRevision) &&
      linesAreSettled(before, known?.record, seen)
    )
      return { operations: [] };
  }
  if (known === undefined || seen === undefined) {
    const { label } = definitionOf(kind);
    const name = seen === undefined ? nameIn(known?.record) : nameIn(seen.record);
    const [moved, gone] = known === undefined ? ['Procore', 'the ERP'] : ['the ERP', 'Procore'];
    const reason = `${label} ${name || erpKey} changed in ${moved} and is not in ${gone} any more: nothing was written.`;
    return { operations: [], leftOut: { recordId, erpKey, reason } };
  }
  if (known.outside === true) {
    const next = before && leftAside(before, seen);
    const isNews =
      before?.procoreRevision !== next?.procoreRevision ||
      before?.procoreLinesRevision !== next?.procoreLinesRevision;
    return {
      operations:
        next !== null && (isNews || input.open.has(erpKey))
          ? [settledAside(input, { erpKey, recordId, seen, next })]
          : [],
    };
  }
  const record = syncedPart(kind, known.record);
  const erp: SideRecord = {
    kind,
    side: 'erp',
    key: erpKey,
    originId: null,
    record,
    state: known.state,
    changedAt: null,
  };
  const { rules } = input;
  const decisions = (before?.id === undefined ? undefined : input.decisions.get(before.id)) ?? new Map();
  const shadows = before ?? { procore: null, erp: null };
  const merged = mergeRecord({ kind, link: shadows, procore: seen, erp, decisions, rules });
  const projectId = projectOf(input, link, erp, seen);
  const { costTypes } = input;
  const lines = planLines({
    ...{ kind, link, record: known.record, seen, projectId },
    ...{ costTypes, decisions, rules },
  });
  const about = { kind, recordId, erpKey };
  const conflicts = [
    ...merged.conflicts.map(({ field, pair, rule, fits }): PlannedConflict => ({
      ...about,
      field,
      fits,
      agreed: { procore: before?.procore?.fields[field] ?? null, erp: before?.erp?.fields[field] ?? null },
      pair,
      changedAt: { procore: seen.changedAt, erp: erp.changedAt },
      rule,
    })),
    ...lines.conflicts.map((conflict): PlannedConflict => ({
      ...about,
      ...conflict,
      changedAt: { procore: null, erp: null },
    })),
  ];
  const reasons = [...unfitWords(kind, merged), ...lines.problems, ...lines.waits];
  const isWaiting = reasons.length === lines.waits.length;
  const reason = `${definitionOf(kind).label} ${nameIn(seen.record)}: ${reasons.join(' ')}`;
  return {
    operations: operationsOf(input, { erpKey, recordId, link, erp, seen, merged, lines, projectId }),
    ...(reasons.length === 0
      ? {}
      : { leftOut: { recordId, erpKey, reason, ...(isWaiting ? { waits: true as const } : {}) } }),
    ...(conflicts.length === 0 ? {} : { conflicts }),
    notes: [
      ...lostWords(kind, seen, merged),
      ...driftWords(kind, seen, merged),
      ...lines.notes.map((note) => `${nameIn(seen.record)}: ${note}`),
    ],
  };
}

/** The Procore project that a job lives in. */
function projectOf(
  { kind, links }: ReconcileInput,
  link: RecordLink | null,
  erp: SideRecord,
  seen: SideRecord,
): ProcoreId | null {
  if (kind === 'project') return Number(seen.key);
  const job = textIn(erp.record, 'job');
  const parent = links.find((one) => one.kind === 'project' && one.erpKey === job && one.state === 'linked');
  return link?.projectId ?? parent?.procoreId ?? null;
}

/** Looked at, and left as it is: when it is carried again, both sides are compared with what they were. */
function leftAside(before: RecordLink, seen: SideRecord): RecordLink {
  const { lines } = seen;
  return {
    ...before,
    erpRevision: null,
    procoreRevision: procoreRevisionOf(seen),
    ...(lines !== undefined && 'lines' in lines && codesMoved(before, lines.lines)
      ? { procoreLinesRevision: codesRevisionOf(lines.lines) }
      : {}),
  };
}

/** The link moves on, and neither side hears of it. */
function settledAside(
  { connectionId, kind }: ReconcileInput,
  {
    erpKey,
    recordId,
    seen,
    next,
  }: Pick<Merging, 'erpKey' | 'recordId' | 'seen'> & { readonly next: RecordLink },
): MoveLink {
  const generation = next.generation + 1;
  const { procoreRevision, procoreLinesRevision = null } = next;
  const targetRevision = contentHash({ side: 'tieback', procoreRevision, procoreLinesRevision });
  return {
    seq: 0,
    side: 'tieback',
    action: 'settle',
    kind,
    recordId,
    erpKey,
    procoreId: next.procoreId,
    projectId: next.projectId ?? null,
    target: `${definitionOf(kind).label} ${nameIn(seen.record)}`,
    generation,
    targetRevision,
    operationKey: operationKeyOf({ connectionId, recordId, generation, targetRevision }),
    changes: [],
    link: { ...next, generation },
  };
}

interface Merging {
  readonly erpKey: string;
  readonly recordId: string;
  readonly link: RecordLink | null;
  readonly erp: SideRecord;
  readonly seen: SideRecord;
  readonly merged: MergedRecord;
  readonly lines: PlannedLines;
  readonly projectId: ProcoreId | null;
}

function operationsOf(input: ReconcileInput, merging: Merging): readonly Operation[] {
  const { connectionId, kind } = input;
  const { erpKey, recordId, link, seen, merged, lines, projectId } = merging;
  const { toErp, toProcore } = merged;
  const procoreId = Number(seen.key);
  const definition = definitionOf(kind);
  const name = `${definition.label} ${nameIn(seen.record)}`;
  const originId = originIdOf(kind, erpKey);
  const tie = isToBeTied(kind, link, seen, originId);
  let generation = link?.generation ?? 0;
  const next = nextLink(merging);
  const base = (
    side: 'erp' | 'procore' | 'tieback',
    writes: readonly FieldWrite[],
    ofLines: readonly FieldChange[] = [],
  ) => {
    generation += 1;
    const targetRevision = contentHash({
      side,
      fields: fieldsOf(writes),
      lines: ofLines,
      erp: next.erp,
      procore: next.procore,
    });
    return {
      seq: 0,
      kind,
      recordId,
      erpKey,
      procoreId,
      projectId,
      target: name,
      generation,
      targetRevision,
      operationKey: operationKeyOf({ connectionId, recordId, generation, targetRevision }),
      changes: [...changesOf(definition, writes.map(differenceOf)), ...ofLines],
    };
  };
  const operations: Operation[] = [];
  if (toErp.length + lines.toErp.lines.length > 0) {
    const record = { fields: fieldsOf(toErp), lines: lines.toErp.lines };
    const write: ErpWrite = {
      ...base('erp', toErp, lines.toErp.changes),
      side: 'erp',
      action: 'update',
      record,
    };
    operations.push(write);
  }
  if (toProcore.length > 0 || tie) {
    const tied = { field: 'origin_id', label: 'ERP link', old: seen.originId, new: originId };
    const write: SyncRows = {
      ...base('procore', toProcore, tie ? [tied] : []),
      side: 'procore',
      action: 'update',
      resource: resourceOf(kind),
      place: placeOf(input, projectId),
      rows: [
        {
          key: erpKey,
          procoreId,
          ...(tie ? { originId, ties: true as const } : {}),
          fields: fieldsOf(toProcore),
        },
      ],
      record: seen.record,
      link: { ...next, generation },
    };
    operations.push(write);
  } else {
    const isNew = link?.state !== 'linked';
    if (operations.length + lines.calls.length === 0 && !isNew && isSettledAs(link, next)) return [];
    const made = base('tieback', []);
    const settle: MoveLink = {
      ...made,
      side: 'tieback',
      action: isNew ? 'link' : 'settle',
      changes: isNew ? [{ field: 'state', label: 'Link', old: link?.state ?? null, new: 'linked' }] : [],
      link: { ...next, generation: made.generation },
    };
    operations.push(settle);
  }
  for (const { changes, ...call } of lines.calls) {
    const write: SyncRows = {
      ...base('procore', [], changes),
      ...call,
      side: 'procore',
      action: 'sync',
      record: seen.record,
      link: null,
    };
    operations.push(write);
  }
  return operations;
}

/**
 * What a person linked, or gave another key, is told Procore when both are compared the first time. Never later: who unlinks a record there takes its
 * `origin_id` off, and may be faster than we hear of it. One of another integration stays.
 */
const isToBeTied = (kind: Kind, link: RecordLink | null, { originId }: SideRecord, wanted: string): boolean =>
  link?.state === 'linked' &&
  link.procore === null &&
  link.erp === null &&
  originId !== wanted &&
  (originId === null || isTyped(kind, originId));

const placeOf = ({ kind, listId }: ReconcileInput, projectId: ProcoreId | null): SyncPlace =>
  kind === 'standard_cost_code' ? { listId } : kind === 'sub_job' && projectId !== null ? { projectId } : {};

/** Nothing of the link moves: what is open stays open. */
const isSettledAs = (before: RecordLink, next: RecordLink): boolean =>
  contentHash(standingOf(before)) === contentHash(standingOf(next));

const standingOf = ({
  erpKey,
  procoreId,
  state,
  procore,
  erp,
  erpRevision,
  procoreRevision = null,
  linesRevision = null,
  altered = [],
  projectId = null,
}: RecordLink): object => ({
  ...{
    erpKey,
    procoreId,
    state,
    procore,
    erp,
    erpRevision,
    procoreRevision,
    linesRevision,
    altered,
    projectId,
  },
});

/**
 * The link once everything is written as planned. A shadow moves field by field: to what its side holds where both were brought together, else it
 * stays, so that what is open is found again.
 */
function nextLink({ erpKey, link, erp, seen, merged, lines, projectId }: Merging): RecordLink {
  const before = link?.state === 'linked' ? link : null;
  const open = new Set([...merged.conflicts, ...merged.unfit].map(({ field }) => field));
  const procore: Record<string, CanonicalRecord['fields'][string]> = { ...before?.procore?.fields };
  const inErp: Record<string, CanonicalRecord['fields'][string]> = { ...before?.erp?.fields };
  for (const [field, value] of Object.entries(seen.record.fields))
    if (!open.has(field)) procore[field] = value;
  for (const [field, value] of Object.entries(erp.record.fields)) if (!open.has(field)) inErp[field] = value;
  for (const { field, value } of merged.toProcore) procore[field] = value;
  for (const { field, value } of merged.toErp) inErp[field] = value;
  const procoreId = Number(seen.key);
  const isEcho = merged.toErp.length > 0 || merged.toProcore.length > 0;
  return {
    ...(link?.id === undefined ? {} : { id: link.id }),
    kind: seen.kind,
    erpKey,
    procoreId,
    state: 'linked',
    generation: 0,
    procore: { fields: procore, lines: lines.shadows?.procore ?? before?.procore?.lines ?? [] },
    erp: { fields: inErp, lines: lines.shadows?.erp ?? before?.erp?.lines ?? [] },
    // As they were seen: what is written is read back, and what is refused is not tried again before something changes.
    erpRevision: syncRevisionOf(seen.kind, erp.record),
    procoreRevision: procoreRevisionOf(seen),
    linesRevision: lines.shadows === null ? (before?.linesRevision ?? null) : lines.shadows.revision,
    procoreLinesRevision:
      lines.shadows === null ? (before?.procoreLinesRevision ?? null) : lines.shadows.procoreRevision,
    altered: (before?.altered ?? []).filter(
      (field) => !isEcho || ![...merged.toErp, ...merged.toProcore].some((one) => one.field === field),
    ),
    projectId,
  };
}

const fieldsOf = (writes: readonly FieldWrite[]): Fields =>
  Object.fromEntries(writes.map(({ field, value }) => [field, value]));

const differenceOf = ({ field, old, value }: FieldWrite): Difference => ({
  line: null,
  field,
  base: old,
  mine: value,
  theirs: old,
  moved: 'mine',
});

const nameIn = (record: CanonicalRecord | undefined): string =>
  record === undefined
    ? ''
    : [textIn(record, 'code'), textIn(record, 'name')].filter((part) => part !== '').join(' ');

const labelOf = (kind: Kind, field: string): string => definitionOf(kind).fields[field]?.label ?? field;

const unfitWords = (kind: Kind, { unfit }: MergedRecord): readonly string[] =>
  unfit.map(({ field, to, value, problem }) => {
    const where = to === 'erp' ? 'the ERP' : 'Procore';
    return `${labelOf(kind, field)} "${String(value ?? '')}" cannot be kept in ${where}: ${problem}`;
  });

/** What somebody entered where it does not count, and what is put back. */
const lostWords = (kind: Kind, seen: SideRecord, { toErp, toProcore }: MergedRecord): readonly string[] =>
  [
    ...toErp.map((write) => ({ ...write, where: 'the ERP' })),
    ...toProcore.map((write) => ({ ...write, where: 'Procore' })),
  ].flatMap(({ field, lost, value, where }) =>
    lost === null
      ? []
      : [
          `${nameIn(seen.record)}: ${labelOf(kind, field)} "${String(lost)}" in ${where} gives way to "${String(value ?? '')}".`,
        ],
  );

/** What differs and stays so: a person sees it where they see the plan. */
const driftWords = (kind: Kind, seen: SideRecord, { drifts }: MergedRecord): readonly string[] =>
  drifts.map(
    ({ field, pair: { procore, erp } }) =>
      `${nameIn(seen.record)}: ${labelOf(kind, field)} is "${String(procore ?? '')}" in Procore and "${String(erp ?? '')}" in the ERP, and stays so.`,
  );

function claimedTwice(kind: Kind, erpKey: string, claims: readonly string[]): Made {
  const ids = [...new Set(claims)].map((key) => recordIdOf(kind, key)).sort();
  const reason = `${definitionOf(kind).label} ${erpKey} of the ERP is claimed by several records of Procore (${ids.join(', ')}): leave the origin_id to one of them.`;
  return { operations: [], leftOut: { recordId: recordIdOf(kind, `erp:${erpKey}`), erpKey, reason } };
}

/** A person says whether it is the one that was there before. */
function renumbered(kind: Kind, { key, record, formerly }: KnownRecord): Made {
  const { label } = definitionOf(kind);
  const [before, id] = [formerly?.erpKey ?? '', formerly?.procoreId ?? 0];
  const reason =
    `${label} ${key} "${nameIn(record)}" of the ERP is new, and ${before} of the same name is not there any more: it may have another number now. ` +
    `Say so with \`tieback links rename ${kind} "${before}" "${key}"\`, or \`tieback links reject ${kind} "${key}" ${id}\`.`;
  return {
    operations: [],
    leftOut: { recordId: recordIdOf(kind, `erp:${key}`), erpKey: key, reason, asks: true },
  };
}

const isApart = ({ apart }: ReconcileInput, erpKey: string, procoreId: string): boolean =>
  apart.has(pairKey(erpKey, Number(procoreId)));

function heldApart(kind: Kind, erpKey: string, procoreId: string): Made {
  const name = recordIdOf(kind, procoreId);
  const reason =
    `${definitionOf(kind).label} ${erpKey} of the ERP and ${name} of Procore were said to be two, and ${name} carries its origin_id: ` +
    `take it off there, or say that they are one with \`tieback links link ${kind} "${erpKey}" ${procoreId}\`.`;
  return {
    operations: [],
    leftOut: { recordId: recordIdOf(kind, `erp:${erpKey}`), erpKey, reason, asks: true },
  };
}

const heldBack = ({ kind, held }: ReconcileInput, erpKey: string): Made => ({
  operations: [],
  leftOut: {
    recordId: recordIdOf(kind, `erp:${erpKey}`),
    erpKey,
    reason: held.get(erpKey) ?? '',
    waits: true,
  },
});
