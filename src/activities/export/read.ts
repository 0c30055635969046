import { TiebackError } from '../../domain/base/errors';
import { erpKeyOfOriginId, recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import { definitionOf, isKind } from '../../domain/kinds';
import type { CanonicalRecord, Fields, KnownRecord, ProcoreId } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import { ownLink } from '../../domain/kinds/record-link';
import { batchOf, keysOf, resolveDraft } from '../../domain/plan/export';
import { ownKeyOf } from '../../domain/plan/ledger-head';
import type { RefState } from '../../domain/plan/references';
import { RefResolver, refsOf } from '../../domain/plan/references';
import type { ExportSide, ExportSnapshot } from '../../domain/plan/snapshot';
import type { RecordDraft, RecordExport } from '../../domain/request/intent';
import type { ErpRef } from '../../erp-adapters/contract/adapter';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import type { ConnectionParts } from '../deps';
import { capabilityOf } from '../deps';
import type { InHand } from '../in-hand';
import { reading } from '../way';

/** What to look for in the ERP, per record. */
export interface ExportSubject {
  readonly kind: Kind;
  readonly records: readonly RecordSubject[];
}

interface RecordSubject {
  readonly recordId: string;
  readonly link: Pick<RecordLink, 'erpKey' | 'generation'> | null;
  /** Resolved as far as possible; null where something is missing, and nothing needs to be looked for yet. */
  readonly wanted: CanonicalRecord | null;
  readonly refs: readonly ErpRef[];
}

export async function exportSubject(
  t: Repositories,
  { connection, row, intent }: InHand<'export'>,
): Promise<ExportSubject> {
  const links = await linksOfExport(t, connection.id, intent);
  const resolver = new RefResolver(links, batchOf(intent));
  const corrections = correctionsOf(intent, row);
  return {
    kind: kindOf(intent),
    records: intent.records.map((draft) => {
      const { record, waits, problems } = resolveDraft(draft, resolver, corrections);
      const own = links.filter(({ kind, procoreId }) => kind === draft.kind && procoreId === draft.procoreId);
      return {
        recordId: recordIdOf(draft.kind, draft.procoreId),
        link: ownLink(own) ?? toldPlace(draft),
        wanted: waits.length > 0 || problems.length > 0 ? null : record,
        refs: keysOf(record, draft.kind),
      };
    }),
  };
}

export async function lookForExport(
  connection: ConnectionParts,
  { kind, records }: ExportSubject,
): Promise<ExportSnapshot> {
  const columns = await capabilityOf(connection, kind).rules();
  const sides: ExportSide[] = [];
  for (const record of records) sides.push(await sideOf(connection, kind, record));
  const refs = [
    ...new Map(
      records.flatMap((record) => record.refs).map((ref) => [`${ref.target}:${ref.key}`, ref]),
    ).values(),
  ];
  return { way: 'export', columns, sides, states: await lookUp(connection, refs) };
}

export const readExport = reading('export', exportSubject, lookForExport);

async function sideOf(
  connection: ConnectionParts,
  kind: Kind,
  { recordId, link, wanted }: RecordSubject,
): Promise<ExportSide> {
  const capability = capabilityOf(connection, kind);
  const ledgerHead = await connection.erp.ledger.head(kind, recordId);
  const candidates = [ownKeyOf(link, ledgerHead), link?.erpKey, ledgerHead?.erpKey];
  const keys = [...new Set(candidates.filter((key) => typeof key === 'string'))];
  const known = keys.length === 0 ? [] : await capability.read(keys);
  const own = keys
    .map((key) => known.find((candidate) => candidate.key === key))
    .find((candidate) => candidate !== undefined);
  const others = (found: readonly KnownRecord[]): readonly KnownRecord[] =>
    found.filter(({ key }) => key !== own?.key).sort((a, b) => (a.key < b.key ? -1 : 1));
  const hasLikeness = definitionOf(kind).likeness !== undefined;
  return {
    own: own ?? null,
    same: wanted === null ? [] : others(await capability.findSame(wanted)),
    similar: wanted === null || !hasLikeness ? [] : others((await capability.findSimilar?.(wanted)) ?? []),
    ledgerHead,
  };
}

/** The kind of the records of an export: all of one. Throws `REQUEST_MALFORMED` where there is none. */
export function kindOf(intent: RecordExport): Kind {
  const [first] = intent.records;
  if (!first) throw new TiebackError('REQUEST_MALFORMED', { reason: 'the request names no record' });
  return first.kind;
}

export const correctionsOf = (intent: RecordExport, row: SyncRequestRow): Fields =>
  intent.records.length === 1 ? (row.corrections ?? {}) : {};

/** Where we know of no link, Procore may still say which ERP record is tied to its record. */
function toldPlace({ kind, originId }: RecordDraft): RecordSubject['link'] {
  const erpKey = originId === null ? null : erpKeyOfOriginId(kind, originId);
  return erpKey === null ? null : { erpKey, generation: 0 };
}

/** Links of the records and of everything they refer to by Procore id. */
export async function linksOfExport(
  t: Repositories,
  connectionId: string,
  intent: RecordExport,
): Promise<readonly RecordLink[]> {
  const wanted = new Map<Kind, Set<ProcoreId>>();
  const want = (kind: Kind, id: ProcoreId | null): void => {
    if (id !== null) wanted.set(kind, (wanted.get(kind) ?? new Set()).add(id));
  };
  for (const draft of intent.records) {
    want(draft.kind, draft.procoreId);
    // Cost codes and lines are known through the record they belong to.
    want('project', draft.projectId);
    for (const { target, procoreId } of refsOf(draft)) if (isKind(target)) want(target, procoreId);
  }
  const links = [...wanted].map(([kind, ids]) => t.links.byProcoreIds(connectionId, kind, [...ids]));
  return (await Promise.all(links)).flat();
}

async function lookUp(connection: ConnectionParts, refs: readonly ErpRef[]): Promise<readonly RefState[]> {
  if (refs.length === 0) return [];
  const states = await connection.erp.lookUp(refs);
  return states.map(({ target, key, state, label, code = null, name = null }) => ({
    target,
    key,
    state,
    label,
    code,
    name,
  }));
}
