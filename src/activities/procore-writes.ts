import { stagedItemTypeOf } from '../domain/kinds/entity';
import type { ProcoreId } from '../domain/request/intent';
import { originIdOf } from '../domain/base/identity';
import type { ExternalDataItem, PlannedOperation, ProcoreWrite, SyncRow } from '../domain/plan/plan';
import type { CanonicalRecord } from '../domain/kinds/record';
import { isCanonical } from '../domain/kinds/record';
import type { ExternalData, ItemError, StagedCandidate, SyncItem } from '../procore/port';
import type { ConnectionParts } from './deps';

/** What Procore did not take, and the ids of what it took. */
export interface Sent {
  /** Sentences by operation. */
  readonly refused: ReadonlyMap<PlannedOperation, readonly string[]>;
  /** Rows that were refused, by operation, as their keys. */
  readonly refusedRows: ReadonlyMap<PlannedOperation, ReadonlySet<string>>;
  /** Procore ids by row key. */
  readonly ids: ReadonlyMap<string, ProcoreId>;
}

/**
 * Sends the Procore side of a plan: staging, sync actions, deletes, unlinks; in the order of the plan, rows of the same kind and place in
 * one call. Every call is an upsert or sets a state, so the whole may be repeated. External data has its own function, because its
 * values are known only once the ERP has answered.
 */
export async function sendToProcore(
  { procore }: ConnectionParts,
  operations: readonly PlannedOperation[],
): Promise<Sent> {
  const sent = new Sending();
  for (const group of grouped(operations)) {
    const [first] = group;
    if (!first) continue;
    const write = first.write ?? null;
    if (first.action === 'stage' || first.action === 'archive') {
      const errors = await procore.stageRecords(group.map(stagedOf));
      sent.note(group, errors, ({ entity, erpKey }) => [originIdOf(entity, erpKey ?? '')]);
    } else if (write?.kind === 'sync') {
      await sendRows(procore, group, write, sent);
    } else if (write?.kind === 'delete') {
      await procore.deleteRecord(write.resource, write.id, write.place);
    } else if (write?.kind === 'unlink_payment') {
      await procore.unlinkInvoicePayment(write.id);
    } else if (write?.kind === 'external_data') {
      const errors = await sendExternalData(
        procore,
        write.items.map((item) => cleared(item)),
      );
      for (const operation of group) {
        const own = errors.filter(({ key }) => itemKeys(operation).includes(key));
        if (own.length > 0) sent.refuse(operation, own);
      }
    }
  }
  return sent;
}

class Sending implements Sent {
  readonly refused = new Map<PlannedOperation, string[]>();
  readonly refusedRows = new Map<PlannedOperation, Set<string>>();
  readonly ids = new Map<string, ProcoreId>();

  refuse(operation: PlannedOperation, errors: readonly ItemError[]): void {
    const words = errors.flatMap(({ messages }) => messages);
    this.refused.set(operation, [...(this.refused.get(operation) ?? []), ...words]);
    const rows = this.refusedRows.get(operation) ?? new Set();
    for (const { key } of errors) rows.add(key);
    this.refusedRows.set(operation, rows);
  }

  /** An error whose record cannot be told is told of every record of its call. */
  note(
    operations: readonly PlannedOperation[],
    errors: readonly ItemError[],
    keysOf: (operation: PlannedOperation) => readonly string[],
  ): void {
    const unmatched = errors.filter(({ key }) => key === '');
    for (const operation of operations) {
      const keys = new Set(keysOf(operation));
      const own = errors.filter(({ key }) => keys.has(key));
      if (own.length + unmatched.length > 0) this.refuse(operation, [...own, ...unmatched]);
    }
  }
}

async function sendRows(
  procore: ConnectionParts['procore'],
  operations: readonly PlannedOperation[],
  { resource, place }: Extract<ProcoreWrite, { kind: 'sync' }>,
  sent: Sending,
): Promise<void> {
  const rows = operations.flatMap((operation) => rowsOf(operation).map((row) => ({ row, operation })));
  const items: SyncItem[] = [];
  for (const { row, operation } of rows) {
    const item = itemOf(row, operation, sent.ids);
    if (item === null) {
      // The cost code of this row was refused in this same run.
      sent.refuse(operation, [{ key: row.key, messages: [`${row.key}: its cost code is not in Procore`] }]);
    } else items.push(item);
  }
  if (items.length === 0) return;
  const { errors, ids } = await procore.syncRecords(resource, place, items);
  for (const { key, procoreId } of ids) sent.ids.set(key, procoreId);
  sent.note(operations, errors, (operation) => rowsOf(operation).map(({ key }) => key));
}

const rowsOf = ({ write }: PlannedOperation): readonly SyncRow[] =>
  write?.kind === 'sync' ? write.rows : [];

/** Null: the cost code that the row belongs to has no id in Procore. */
function itemOf(
  row: SyncRow,
  { record }: PlannedOperation,
  ids: ReadonlyMap<string, ProcoreId>,
): SyncItem | null {
  const { key, fields, procoreId, costCode, lineItemTypeId, invoiceId, line } = row;
  const costCodeId = costCode && (costCode.procoreId ?? ids.get(costCode.number));
  if (costCode !== undefined && costCodeId === undefined) return null;
  const originId = row.originId ?? (line && lineOriginId(record, line));
  return {
    key,
    fields,
    ...(procoreId === undefined ? {} : { procoreId }),
    ...(originId === undefined || originId === null ? {} : { originId }),
    ...(costCodeId === undefined || lineItemTypeId === undefined
      ? {}
      : { pair: { costCodeId, lineItemTypeId } }),
    ...(invoiceId === undefined ? {} : { invoiceId }),
  };
}

/** `origin_id` of a line of the record, once the ERP gave it a key. */
function lineOriginId(
  record: PlannedOperation['record'],
  { kind, number }: NonNullable<SyncRow['line']>,
): string | null {
  if (record === null || !isCanonical(record)) return null;
  const line = record.lines.find((candidate) => candidate.kind === kind && candidate.number === number);
  return typeof line?.erpKey === 'string' ? originIdOf(kind, line.erpKey) : null;
}

function stagedOf({ entity, erpKey, action, record }: PlannedOperation): StagedCandidate {
  if (entity === 'vendor' || record === null || !isCanonical(record) || erpKey === null) {
    throw new Error('only a record of the ERP can be staged');
  }
  const code = record.fields['code'];
  return {
    entity,
    itemType: stagedItemTypeOf(entity, record.fields),
    originId: originIdOf(entity, erpKey),
    originCode: typeof code === 'string' ? code : null,
    status: action === 'stage' ? 'staged' : 'archived',
    record,
  };
}

/** Neighbours that go into one call. */
function grouped(operations: readonly PlannedOperation[]): readonly (readonly PlannedOperation[])[] {
  const groups: PlannedOperation[][] = [];
  let last = '';
  for (const operation of operations) {
    const { write, action } = operation;
    const name =
      write?.kind === 'sync'
        ? JSON.stringify(['sync', write.resource, write.place])
        : action === 'stage' || action === 'archive'
          ? 'staged'
          : '';
    if (name !== '' && name === last) groups.at(-1)?.push(operation);
    else groups.push([operation]);
    last = name;
  }
  return groups;
}

const cleared = ({ itemType, itemId }: ExternalDataItem): ExternalData => ({
  itemType,
  itemId,
  originId: null,
  originCode: null,
  originData: null,
});

const itemKey = ({ itemType, itemId }: { itemType: string; itemId: ProcoreId }): string =>
  `${itemType}/${itemId}`;

const itemKeys = ({ write }: PlannedOperation): readonly string[] =>
  write?.kind === 'external_data' ? write.items.map(itemKey) : [];

/**
 * Sends external data, records before their lines. The key of an error is `<item type>/<item id>`. Ids of different types may be the same
 * number; then each type is a call of its own, because Procore's errors name the id only.
 */
export async function sendExternalData(
  procore: ConnectionParts['procore'],
  data: readonly ExternalData[],
): Promise<readonly ItemError[]> {
  const types = [...new Set(data.map(({ itemType }) => itemType))];
  const isUnique = new Set(data.map(({ itemId }) => itemId)).size === data.length;
  const calls = isUnique ? [data] : types.map((type) => data.filter(({ itemType }) => itemType === type));
  const errors: ItemError[] = [];
  for (const items of calls.filter(({ length }) => length > 0)) {
    for (const { key, messages } of await procore.syncExternalData(items)) {
      const item = items.find(({ itemId }) => String(itemId) === key);
      errors.push({ key: item ? itemKey(item) : '', messages });
    }
  }
  return errors;
}

/** External data of a written record: its own, and that of each line that Procore knows. */
export function externalDataOf(
  operation: PlannedOperation,
  erpKey: string,
  originCode: string | null,
  record: CanonicalRecord | null,
): readonly ExternalData[] {
  const items = operation.write?.kind === 'external_data' ? operation.write.items : [];
  const place = placeOf(operation);
  return items.flatMap(({ itemType, itemId, line }): ExternalData[] => {
    if (line === null)
      return [{ itemType, itemId, originId: originIdOf(operation.entity, erpKey), originCode, place }];
    const originId = lineOriginId(record, line);
    return originId === null ? [] : [{ itemType, itemId, originId, place }];
  });
}

/** Where the record and its lines live. */
function placeOf({ write, projectId = null }: PlannedOperation): NonNullable<ExternalData['place']> {
  const own = write?.kind === 'external_data' ? write.items.find(({ line }) => line === null) : undefined;
  return {
    ...(projectId === null ? {} : { projectId }),
    ...(own === undefined ? {} : { holder: { itemType: own.itemType, itemId: own.itemId } }),
  };
}
