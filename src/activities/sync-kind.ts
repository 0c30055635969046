import type { Entity } from '../domain/kinds/entity';
import { definitionOf, isEntity } from '../domain/kinds/entity';
import type { Plan, PlannedOperation } from '../domain/plan/plan';
import type { KnownRecord } from '../domain/plan/export';
import { planRecordSync } from '../domain/plan/sync';
import type { KnownVendor } from '../domain/plan/vendor-export';
import { planVendorSync, vendorOriginId } from '../domain/plan/vendor-sync';
import type { RecordLink } from '../domain/kinds/record-link';
import type { Vendor, VendorField } from '../domain/kinds/vendor';
import type { Repositories } from '../store/repositories';
import type { ConnectionParts } from './deps';
import { recordsOf, vendorsOf } from './deps';
import type { Sent } from './procore-writes';
import { sendToProcore } from './procore-writes';

/** A record of one page as it was read; the kind knows its shape. */
export interface Known {
  readonly key: string;
}

/** What differs between syncs: how the ERP is read, how a page is planned, and how it reaches Procore. */
export interface SyncKind {
  /** Reader name of the checkpoint; its cursor is the adapter's own. */
  readonly reader: string;
  readonly entity: Entity;
  read(connection: ConnectionParts, keys: readonly string[]): Promise<readonly Known[]>;
  readChanged(
    connection: ConnectionParts,
    cursor: string | null,
    pageSize: number,
  ): AsyncIterable<{ readonly records: readonly Known[]; readonly cursor: string }>;
  plan(
    t: Repositories,
    connection: ConnectionParts,
    records: readonly Known[],
    listId: number | null,
  ): Promise<Plan>;
  write(connection: ConnectionParts, operations: readonly PlannedOperation[]): Promise<Sent>;
}

export const syncKindOf = (entity: Entity): SyncKind =>
  entity === 'vendor' ? vendorSync : recordSync(entity);

const vendorSync: SyncKind = {
  reader: 'vendors',
  entity: 'vendor',
  read: (connection, keys) => vendorsOf(connection).read(keys),
  readChanged: (connection, cursor, pageSize) => vendorsOf(connection).readChanged(cursor, pageSize),

  async plan(t, connection, records) {
    const vendors = records as readonly KnownVendor[];
    const keys = vendors.map(({ key }) => key);
    const links = await t.links.byErpKeys(connection.id, 'vendor', keys);
    return planVendorSync({ connectionId: connection.id, records: vendors, links });
  },

  async write({ procore }, operations) {
    const staged = operations.flatMap(({ action, erpKey, record }) =>
      (action === 'stage' || action === 'archive') && erpKey !== null && record !== null
        ? [
            {
              originId: vendorOriginId(erpKey),
              status: action === 'stage' ? ('staged' as const) : ('archived' as const),
              vendor: record as Vendor,
            },
          ]
        : [],
    );
    const updates = operations.flatMap(({ action, procoreId, erpKey, changes }) =>
      action === 'update' && procoreId !== null && erpKey !== null
        ? [
            {
              procoreId,
              originId: vendorOriginId(erpKey),
              fields: Object.fromEntries(changes.map((c) => [c.field as VendorField, c.new])),
            },
          ]
        : [],
    );
    const errors = [
      ...(staged.length === 0 ? [] : await procore.stageVendors(staged)),
      ...(updates.length === 0 ? [] : await procore.updateVendors(updates)),
    ];
    const words = new Map(errors.map(({ key, messages }) => [key, messages]));
    const refused = new Map<PlannedOperation, readonly string[]>();
    for (const operation of operations) {
      const own =
        words.get(vendorOriginId(operation.erpKey ?? '')) ??
        words.get(String(operation.procoreId)) ??
        words.get('');
      if (own) refused.set(operation, own);
    }
    return { refused, refusedRows: new Map(), ids: new Map() };
  },
};

function recordSync(entity: Exclude<Entity, 'vendor'>): SyncKind {
  return {
    reader: entity,
    entity,
    read: (connection, keys) => recordsOf(connection, entity).read(keys),
    readChanged: (connection, cursor, pageSize) =>
      recordsOf(connection, entity).readChanged(cursor, pageSize),

    async plan(t, connection, records, listId) {
      const known = records as readonly KnownRecord[];
      const links = await linksFor(t, connection.id, entity, known);
      return planRecordSync({ connectionId: connection.id, entity, records: known, links, listId });
    },

    write: sendToProcore,
  };
}

/** Links of the records and of what their headers refer to. */
async function linksFor(
  t: Repositories,
  connectionId: string,
  entity: Exclude<Entity, 'vendor'>,
  records: readonly KnownRecord[],
): Promise<readonly RecordLink[]> {
  const keys = new Map<Entity, Set<string>>([[entity, new Set(records.map(({ key }) => key))]]);
  for (const [field, { refersTo }] of Object.entries(definitionOf(entity).fields)) {
    if (refersTo === undefined || !isEntity(refersTo)) continue;
    const wanted = keys.get(refersTo) ?? new Set();
    for (const { record } of records) {
      const key = record.fields[field];
      if (typeof key === 'string') wanted.add(key);
    }
    keys.set(refersTo, wanted);
  }
  const links: RecordLink[] = [];
  for (const [target, wanted] of keys) {
    links.push(...(await t.links.byErpKeys(connectionId, target, [...wanted])));
  }
  return links;
}
