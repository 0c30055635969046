import { originIdOf } from '../domain/base/identity';
import { stagedItemTypeOf } from '../domain/kinds';
import type { ErpMetadata } from '../domain/kinds/metadata';
import type { CanonicalRecord, ProcoreId } from '../domain/kinds/record';
import { textIn } from '../domain/kinds/record';
import type {
  ExternalDataItem,
  ProcoreOperation,
  SetExternalData,
  StageRecord,
  SyncRow,
  SyncRows,
} from '../domain/plan/operation';
import type {
  ExternalData,
  ItemError,
  ProcoreCompany,
  SeenLine,
  SeenRecord,
  StagedCandidate,
  SyncItem,
} from '../procore/port';

/** What Procore did not take, and the ids of what it took. */
export interface Sent {
  /** Sentences by operation key. */
  readonly refused: ReadonlyMap<string, readonly string[]>;
  /** Rows that were refused, by operation key, as their keys. */
  readonly refusedRows: ReadonlyMap<string, ReadonlySet<string>>;
  /** Procore ids by row key. */
  readonly ids: ReadonlyMap<string, ProcoreId>;
  /** Records as Procore holds them now, by row key, where its answer shows them. */
  readonly echoes: ReadonlyMap<string, SeenRecord>;
  /** The same of cost codes. */
  readonly lineEchoes: ReadonlyMap<string, SeenLine>;
  /** Why the details could not be closed, in one sentence. */
  readonly unclosed: string | null;
}

export const NOTHING_SENT: Sent = {
  refused: new Map(),
  refusedRows: new Map(),
  ids: new Map(),
  echoes: new Map(),
  lineEchoes: new Map(),
  unclosed: null,
};

/**
 * Sends the Procore side of a plan in its order, rows of the same kind and place in one call. Every call is an upsert or sets a state, so
 * the whole may be repeated. Ties have a function of their own, because their values are known only once the ERP has answered.
 */
export async function send(
  procore: ProcoreCompany,
  operations: readonly ProcoreOperation[],
  metadata: ErpMetadata | null = null,
): Promise<Sent> {
  const sent = new Sending();
  for (const group of grouped(operations)) {
    const [first] = group;
    if (first === undefined) continue;
    switch (first.action) {
      case 'stage':
      case 'archive': {
        const staged = group.filter(isStage);
        sent.note(staged, await procore.staging.stage(staged.map(candidateOf)), ({ kind, erpKey }) => [
          originIdOf(kind, erpKey),
        ]);
        break;
      }
      case 'update':
      case 'sync':
        await sendRows(procore, group.filter(isRows), first, sent);
        break;
      case 'delete':
        await able(procore, first.resource).remove?.(first.id, first.place);
        break;
      case 'unlink_payment':
        await able(procore, 'invoice_payment').unlink?.(first.id);
        break;
      case 'clear_external_data':
        sent.note([first], await tie(procore, first.items.map(cleared)), ({ items }) => items.map(itemKey));
        break;
      case 'send_metadata':
        if (metadata === null) throw new Error('the metadata configuration was not read');
        await procore.metadata?.update(metadata);
        break;
      case 'set_external_data':
      case 'complete_entries':
        throw new Error('these are sent once the ERP has answered');
    }
  }
  return sent;
}

const isStage = (operation: ProcoreOperation): operation is StageRecord =>
  operation.action === 'stage' || operation.action === 'archive';
const isRows = (operation: ProcoreOperation): operation is SyncRows =>
  operation.action === 'update' || operation.action === 'sync';

const able = (procore: ProcoreCompany, target: SyncRows['resource']) => {
  const port = procore.kinds[target];
  if (!port) throw new Error(`Procore's side does not know ${target}`);
  return port;
};

class Sending implements Sent {
  readonly refused = new Map<string, string[]>();
  readonly refusedRows = new Map<string, Set<string>>();
  readonly ids = new Map<string, ProcoreId>();
  readonly echoes = new Map<string, SeenRecord>();
  readonly lineEchoes = new Map<string, SeenLine>();
  readonly unclosed = null;

  refuse({ operationKey }: ProcoreOperation, errors: readonly ItemError[]): void {
    const words = errors.flatMap(({ messages }) => messages);
    this.refused.set(operationKey, [...(this.refused.get(operationKey) ?? []), ...words]);
    const rows = this.refusedRows.get(operationKey) ?? new Set();
    for (const { key } of errors) rows.add(key);
    this.refusedRows.set(operationKey, rows);
  }

  /** An error whose record cannot be told is told of every record of its call. */
  note<O extends ProcoreOperation>(
    operations: readonly O[],
    errors: readonly ItemError[],
    keysOf: (operation: O) => readonly string[],
  ): void {
    if (errors.length === 0) return;
    const byKey = new Map<string, ItemError[]>();
    for (const error of errors) byKey.set(error.key, [...(byKey.get(error.key) ?? []), error]);
    const unmatched = byKey.get('') ?? [];
    for (const operation of operations) {
      const own = [...new Set(keysOf(operation))].flatMap((key) => byKey.get(key) ?? []);
      if (own.length + unmatched.length > 0) this.refuse(operation, [...own, ...unmatched]);
    }
  }
}

async function sendRows(
  procore: ProcoreCompany,
  operations: readonly SyncRows[],
  { resource, place }: Pick<SyncRows, 'resource' | 'place'>,
  sent: Sending,
): Promise<void> {
  const items: SyncItem[] = [];
  for (const operation of operations) {
    for (const row of operation.rows) {
      const item = itemOf(row, operation.record, sent.ids);
      if (item !== null) items.push(item);
      // The cost code of this row was refused in this same run.
      else
        sent.refuse(operation, [{ key: row.key, messages: [`${row.key}: its cost code is not in Procore`] }]);
    }
  }
  if (items.length === 0) return;
  const outcome = await able(procore, resource).write?.(place, items);
  if (!outcome) throw new Error(`Procore has no sync action for ${resource}`);
  for (const { key, procoreId } of outcome.ids) sent.ids.set(key, procoreId);
  for (const { key, seen } of outcome.echoes ?? []) sent.echoes.set(key, seen);
  for (const { key, seen } of outcome.lineEchoes ?? []) sent.lineEchoes.set(key, seen);
  sent.note(operations, outcome.errors, ({ rows }) =>
    rows.flatMap(({ key, procoreId, originId }) => [
      key,
      ...(procoreId === undefined ? [] : [String(procoreId)]),
      ...(originId === undefined ? [] : [originId]),
    ]),
  );
}

/** Null: the cost code that the row belongs to has no id in Procore. */
function itemOf(row: SyncRow, record: CanonicalRecord, ids: ReadonlyMap<string, ProcoreId>): SyncItem | null {
  const { key, fields, procoreId, ties, costCode, lineItemTypeId, invoiceId, line } = row;
  const costCodeId = costCode && (costCode.procoreId ?? ids.get(costCode.key));
  if (costCode !== undefined && costCodeId === undefined) return null;
  const originId = row.originId ?? (line && lineOriginId(record, line));
  return {
    key,
    fields,
    ...(procoreId === undefined ? {} : { procoreId }),
    ...(originId === undefined || originId === null ? {} : { originId }),
    ...(ties === undefined ? {} : { ties }),
    ...(costCodeId === undefined || lineItemTypeId === undefined
      ? {}
      : { pair: { costCodeId, lineItemTypeId } }),
    ...(invoiceId === undefined ? {} : { invoiceId }),
  };
}

/** `origin_id` of a line of the record, once the ERP gave it a key. */
function lineOriginId(
  record: CanonicalRecord,
  { kind, number }: NonNullable<SyncRow['line']>,
): string | null {
  const line = record.lines.find((candidate) => candidate.kind === kind && candidate.number === number);
  return typeof line?.erpKey === 'string' ? originIdOf(kind, line.erpKey) : null;
}

const candidateOf = ({ kind, erpKey, action, record }: StageRecord): StagedCandidate => ({
  kind,
  itemType: stagedItemTypeOf(kind, record.fields),
  originId: originIdOf(kind, erpKey),
  originCode: textIn(record, 'code') || null,
  status: action === 'stage' ? 'staged' : 'archived',
  record,
});

/** Neighbours that go into one call. */
function grouped(operations: readonly ProcoreOperation[]): readonly (readonly ProcoreOperation[])[] {
  const groups: ProcoreOperation[][] = [];
  let last = '';
  for (const operation of operations) {
    const name = isRows(operation)
      ? JSON.stringify(['rows', operation.resource, operation.place])
      : isStage(operation)
        ? 'staged'
        : '';
    if (name !== '' && name === last) groups.at(-1)?.push(operation);
    else groups.push([operation]);
    last = name;
  }
  return groups;
}

/** What takes the tie of an item off. */
export const cleared = ({ itemType, itemId }: ExternalDataItem): ExternalData => ({
  itemType,
  itemId,
  originId: null,
  originCode: null,
  originData: null,
});

export const itemKey = ({ itemType, itemId }: Pick<ExternalDataItem, 'itemType' | 'itemId'>): string =>
  `${itemType}/${itemId}`;

/**
 * Sets ties, records before their lines. The key of an error is `<item type>/<item id>`. Ids of different types may be the same number;
 * then each type is a call of its own, because Procore's errors name the id only.
 */
export async function tie(
  procore: ProcoreCompany,
  data: readonly ExternalData[],
): Promise<readonly ItemError[]> {
  const types = [...new Set(data.map(({ itemType }) => itemType))];
  const isUnique = new Set(data.map(({ itemId }) => itemId)).size === data.length;
  const calls = isUnique ? [data] : types.map((type) => data.filter(({ itemType }) => itemType === type));
  const errors: ItemError[] = [];
  for (const items of calls.filter(({ length }) => length > 0)) {
    const byId = new Map(items.map((item) => [String(item.itemId), item]));
    for (const { key, messages } of await procore.ties.set(items)) {
      const item = byId.get(key);
      errors.push({ key: item ? itemKey(item) : '', messages });
    }
  }
  return errors;
}

/** Ties of a written record: its own, and that of each line that Procore knows. */
export function tiesOf(
  { items, kind, projectId = null }: SetExternalData,
  erpKey: string,
  record: CanonicalRecord,
): readonly ExternalData[] {
  const own = items.find(({ line }) => line === null);
  const place: NonNullable<ExternalData['place']> = {
    ...(projectId === null ? {} : { projectId }),
    ...(own === undefined ? {} : { holder: { itemType: own.itemType, itemId: own.itemId } }),
  };
  const originCode = textIn(record, 'code') || null;
  const keys = new Map(
    record.lines.flatMap((line) =>
      line.erpKey === null ? [] : [[`${line.kind}/${line.number}`, line.erpKey]],
    ),
  );
  return items.flatMap(({ itemType, itemId, line }): ExternalData[] => {
    if (line === null) return [{ itemType, itemId, originId: originIdOf(kind, erpKey), originCode, place }];
    const key = keys.get(`${line.kind}/${line.number}`);
    return key === undefined ? [] : [{ itemType, itemId, originId: originIdOf(line.kind, key), place }];
  });
}
