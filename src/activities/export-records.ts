import type { Entity } from '../domain/kinds/entity';
import { definitionOf, isEntity } from '../domain/kinds/entity';
import type { RecordDraft, RecordExport } from '../domain/request/intent';
import { TiebackError } from '../domain/base/errors';
import { erpKeyOfOriginId, recordIdOf } from '../domain/base/identity';
import { ownKeyOf } from '../domain/plan/ledger-head';
import type { PlannedOperation } from '../domain/plan/plan';
import type { DraftSide } from '../domain/plan/export';
import { batchOf, keysOf, planRecordExport, resolveDraft } from '../domain/plan/export';
import type { AnyRecord, CanonicalRecord, Fields, FieldValue } from '../domain/kinds/record';
import { isCanonical } from '../domain/kinds/record';
import type { RecordLink } from '../domain/kinds/record-link';
import { ownLink } from '../domain/kinds/record-link';
import type { RefState } from '../domain/plan/references';
import { recordIdOfPending, RefResolver, refsOf } from '../domain/plan/references';
import type { RecordColumns } from '../domain/kinds/fit-record';
import type { ErpRef } from '../erp-adapters/contract/adapter';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import type { ConnectionParts } from './deps';
import { recordsOf } from './deps';
import type { ExportKind } from './export-kind';
import { intentOf } from './request-body';

/** What was read from the ERP for the records of one request. */
interface RecordsSide {
  readonly columns: RecordColumns;
  readonly sides: readonly DraftSide[];
  readonly states: readonly RefState[];
}

/** What to look for in the ERP, per record. */
interface RecordsSubject {
  readonly entity: RecordDraft['entity'];
  readonly records: readonly {
    readonly recordId: string;
    readonly link: { readonly erpKey: string; readonly generation: number } | null;
    /** Resolved as far as possible; null where something is missing, and nothing needs to be looked for yet. */
    readonly wanted: CanonicalRecord | null;
    readonly refs: readonly ErpRef[];
  }[];
}

/** Every export but the vendor's. */
export const recordExport: ExportKind = {
  async subject(t, connection, row): Promise<RecordsSubject> {
    const intent = intentOf(connection, row, 'export');
    const links = await linksFor(t, connection.id, intent);
    const resolver = new RefResolver(links, batchOf(intent));
    const corrections = correctionsOf(intent, row);
    return {
      entity: entityOf(intent),
      records: intent.records.map((draft) => {
        const { record, waits, problems } = resolveDraft(draft, resolver, corrections);
        const own = links.filter(
          ({ entity, procoreId }) => entity === draft.entity && procoreId === draft.procoreId,
        );
        return {
          recordId: recordIdOf(draft.entity, draft.procoreId),
          link: placeOf(ownLink(own)) ?? toldPlace(draft),
          wanted: waits.length > 0 || problems.length > 0 ? null : record,
          refs: keysOf(record, draft.entity),
        };
      }),
    };
  },

  async readErp(connection, subject): Promise<RecordsSide> {
    const { entity, records } = subject as RecordsSubject;
    const capability = recordsOf(connection, entity);
    const columns = await capability.rules();
    const sides: DraftSide[] = [];
    for (const record of records) {
      const ledgerHead = await connection.erp.ledger.head(entity, record.recordId);
      const candidates = [ownKeyOf(record.link, ledgerHead), record.link?.erpKey, ledgerHead?.erpKey];
      const keys = [...new Set(candidates.filter((key) => typeof key === 'string'))];
      const known = keys.length === 0 ? [] : await capability.read(keys);
      const own = keys
        .map((key) => known.find((candidate) => candidate.key === key))
        .find((candidate) => candidate !== undefined);
      const same = record.wanted === null ? [] : await capability.findSame(record.wanted);
      sides.push({
        own: own ?? null,
        same: same.filter(({ key }) => key !== own?.key).sort((a, b) => (a.key < b.key ? -1 : 1)),
        ledgerHead,
      });
    }
    const refs = [
      ...new Map(
        records.flatMap((record) => record.refs).map((ref) => [`${ref.target}:${ref.key}`, ref]),
      ).values(),
    ];
    return { columns, sides, states: await lookUp(connection, refs) };
  },

  async plan(t, connection, row, side) {
    const { columns, sides, states } = side as RecordsSide;
    const intent = intentOf(connection, row, 'export');
    const sameKeys = sides.flatMap(({ own, same }) =>
      [own, ...same].flatMap((known) => (known ? [known.key] : [])),
    );
    const ofSame = await t.links.byErpKeys(connection.id, entityOf(intent), sameKeys);
    const links = [...(await linksFor(t, connection.id, intent)), ...ofSame];
    return planRecordExport({
      connectionId: connection.id,
      intent,
      corrections: correctionsOf(intent, row),
      columns,
      sides,
      states,
      links: [...new Map(links.map((link) => [`${link.entity}:${link.erpKey}`, link])).values()],
    });
  },

  async write(connection, operation, planHash, keys) {
    const capability = recordsOf(connection, operation.entity);
    const record = withKeys(operation, keys);
    if (typeof record === 'string') {
      return { status: 'refused', error: new TiebackError('ERP_REFUSED', { reason: record }).toShape() };
    }
    const [result] = await capability.write([
      {
        operationKey: operation.operationKey,
        recordId: operation.recordId,
        generation: operation.generation,
        targetRevision: operation.targetRevision,
        planHash,
        action: operation.action === 'update' ? 'update' : 'create',
        erpKey: operation.erpKey,
        record,
        expected: operation.action === 'update' ? seenBy(operation) : null,
      },
    ]);
    if (!result) throw new Error('the ERP adapter gave no result for the operation');
    return result;
  },

  async readBack(connection, { entity, erpKey, record }) {
    const [found] = erpKey === null ? [] : await recordsOf(connection, entity).read([erpKey]);
    if (!found || found.state === 'void') return null;
    // The plan gave the lines the numbers and ids of Procore; the ERP knows them by its keys.
    const planned = record !== null && isCanonical(record) ? record.lines : [];
    const byKey = new Map(planned.map((line) => [line.erpKey, line]));
    const lines = found.record.lines.map((line) => {
      const known = byKey.get(line.erpKey);
      return known ? { ...line, number: known.number, procoreId: known.procoreId } : line;
    });
    return { key: found.key, record: { fields: found.record.fields, lines } };
  },

  nameOf: ({ entity }, erpKey, record) => nameOfRecord(entity, erpKey, record),
};

/** `Commitment SC-008 "HVAC"`. */
export function nameOfRecord(entity: Entity, erpKey: string, record: AnyRecord): string {
  const fields: Fields = isCanonical(record) ? record.fields : {};
  const code = typeof fields['code'] === 'string' ? fields['code'] : erpKey;
  const name = typeof fields['name'] === 'string' ? ` "${fields['name']}"` : '';
  return `${definitionOf(entity).label} ${code}${name}`;
}

function entityOf(intent: RecordExport): RecordDraft['entity'] {
  const [first] = intent.records;
  if (!first) throw new TiebackError('REQUEST_MALFORMED', { reason: 'the request names no record' });
  return first.entity;
}

const correctionsOf = (intent: RecordExport, row: ErpRequestRow): Fields =>
  intent.records.length === 1 ? (row.corrections ?? {}) : {};

const placeOf = (link: RecordLink | null): { erpKey: string; generation: number } | null =>
  link && { erpKey: link.erpKey, generation: link.generation };

/** Where we know of no link, Procore may still say which ERP record is tied to its record. */
function toldPlace({ entity, originId }: RecordDraft): { erpKey: string; generation: number } | null {
  const erpKey = originId === null ? null : erpKeyOfOriginId(entity, originId);
  return erpKey === null ? null : { erpKey, generation: 0 };
}

/** Links of the records and of everything they refer to by Procore id. */
async function linksFor(
  t: Repositories,
  connectionId: string,
  intent: RecordExport,
): Promise<readonly RecordLink[]> {
  const wanted = new Map<Entity, Set<number>>();
  const want = (entity: Entity, id: number | null): void => {
    if (id === null) return;
    wanted.set(entity, (wanted.get(entity) ?? new Set()).add(id));
  };
  for (const draft of intent.records) {
    want(draft.entity, draft.procoreId);
    // Cost codes and lines are known through the record they belong to.
    want('project', draft.projectId);
    for (const { target, procoreId } of refsOf(draft)) if (isEntity(target)) want(target, procoreId);
  }
  const links: RecordLink[] = [];
  for (const [entity, ids] of wanted)
    links.push(...(await t.links.byProcoreIds(connectionId, entity, [...ids])));
  return links;
}

async function lookUp(connection: ConnectionParts, refs: readonly ErpRef[]): Promise<readonly RefState[]> {
  if (refs.length === 0) return [];
  const states = (await connection.erp.lookUp?.(refs)) ?? [];
  return states.map(({ target, key, state, label }) => ({ target, key, state, label }));
}

/** The record with the keys of what this request wrote before it; a sentence when one of those was not written. */
function withKeys({ record }: PlannedOperation, keys: ReadonlyMap<string, string>): CanonicalRecord | string {
  if (record === null || !isCanonical(record)) throw new Error('the operation carries no record');
  const fields: Record<string, FieldValue> = {};
  for (const [field, value] of Object.entries(record.fields)) {
    const pending = typeof value === 'string' ? recordIdOfPending(value) : null;
    const key = pending === null ? value : keys.get(pending);
    if (key === undefined) return `${pending} of the same request was not written`;
    fields[field] = key;
  }
  return { fields, lines: record.lines };
}

/** Old values of the header, as the plan showed them. */
const seenBy = ({ changes, record }: PlannedOperation): Fields => {
  const fields = record !== null && isCanonical(record) ? record.fields : {};
  return Object.fromEntries(
    changes.filter(({ field }) => Object.hasOwn(fields, field)).map(({ field, old }) => [field, old]),
  );
};
