import { TiebackError } from '../../domain/base/errors';
import { originIdOf } from '../../domain/base/identity';
import type { FieldDefinition, LineKind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { Fields, RecordLine } from '../../domain/kinds/record';
import type { ProcoreHttp } from '../client/http';
import { fillPath } from '../client/http';
import type { JsonObject } from '../client/json';
import { syncErrors } from '../client/sync-action';
import { VENDOR_FIELDS } from '../kinds/vendor';
import type { ItemError, StagedCandidate } from '../port';

const CONTRACT = {
  code: ['number'],
  name: ['title'],
  description: ['description'],
  status: ['status'],
  retainagePercent: ['retainage_percent'],
  job: ['project_origin_id'],
} as const;

/**
 * Canonical field → fields of `data`, per item type, as the guide "Staged Records" lists them. Fields without a place there are not
 * staged: a vendor type would have to be the origin_id of a type in Procore, which the ERP's code is not; tax codes would have to be known
 * to Procore by an origin_id, and no sync carries them.
 */
const DATA: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // The number belongs beside `data`, as `origin_code`.
  vendor: Object.fromEntries(
    Object.entries(VENDOR_FIELDS).flatMap(([field, name]) => (field === 'code' ? [] : [[field, [name]]])),
  ),
  project: {
    name: ['name'],
    code: ['project_number', 'accounting_project_number'],
    address: ['address'],
    city: ['city'],
    stateCode: ['state_code'],
    postalCode: ['zip'],
  },
  sub_job: { name: ['name'], code: ['code'], job: ['project_origin_id'] },
  prime_contract: CONTRACT,
  work_order_contract: { ...CONTRACT, vendor: ['vendor_origin_id'] },
  purchase_order_contract: { ...CONTRACT, vendor: ['vendor_origin_id'] },
  commitment_change_order: {
    code: ['number'],
    name: ['title'],
    description: ['description'],
    job: ['project_origin_id'],
    commitment: ['commitment_origin_id'],
  },
  line_item: {
    description: ['description'],
    amount: ['amount'],
    quantity: ['quantity'],
    unitCost: ['unit_cost'],
    uom: ['uom'],
    costCode: ['cost_code_origin_id'],
    costType: ['line_item_type_origin_id'],
    commitmentLine: ['commitment_line_item_origin_id'],
  },
};

/** Lines that Procore imports with their parent. */
const STAGED_LINES: readonly LineKind[] = ['commitment_line', 'change_order_line', 'prime_contract_line'];

/**
 * Puts ERP records on "Ready to Import" with their lines as children, or takes them off, by `(item_type, origin_id)` ("Staged Records"
 * guide). A record with a line that has no key in the ERP is answered as an error and not sent: its line could never be recognised again.
 */
export async function stageRecords(
  http: ProcoreHttp,
  candidates: readonly StagedCandidate[],
): Promise<readonly ItemError[]> {
  const records = candidates.map((candidate) => ({ candidate, refused: withoutKeys(candidate) }));
  const errors = await syncErrors(http, {
    operation: 'stagedRecords.sync',
    path: fillPath(http.settings.paths['stagedRecords.sync'], { company_id: http.companyId }),
    items: records.flatMap(({ candidate, refused }) => (refused.length === 0 ? [stagedOf(candidate)] : [])),
    batchSize: http.settings.batchSizes.stagedRecords,
    encode: (record) => record,
    key: (record) => record.origin_id,
    identity: ['origin_id'],
  });
  return [...records.flatMap(({ refused }) => refused), ...errors];
}

function withoutKeys(candidate: StagedCandidate): readonly ItemError[] {
  const messages = linesOf(candidate)
    .filter(({ erpKey }) => erpKey === null)
    .map(({ number }) => `line ${number}: has no key in the ERP`);
  return messages.length === 0 ? [] : [{ key: candidate.originId, messages }];
}

/**
 * Children carry no status of their own: Procore moves them with their parent, except those that a user archived ("Staged Records"),
 * which must stay archived.
 */
function stagedOf(candidate: StagedCandidate): JsonObject & { readonly origin_id: string } {
  const { kind, itemType, originId, originCode, status, record } = candidate;
  if (!Object.hasOwn(DATA, itemType) || itemType === 'line_item') {
    const reason = `"${itemType}" cannot be staged`;
    throw new TiebackError('PROCORE_REQUEST_INVALID', { operation: 'stagedRecords.sync', reason });
  }
  const lines = status === 'archived' ? [] : linesOf(candidate);
  return {
    item_type: itemType,
    origin_id: originId,
    origin_code: originCode,
    data: dataOf(itemType, definitionOf(kind).fields, record.fields),
    status,
    ...(lines.length === 0
      ? {}
      : { children: lines.map((line, index) => childOf(candidate, line, index + 1)) }),
  };
}

const linesOf = ({ record }: StagedCandidate): readonly RecordLine[] =>
  record.lines.filter(({ kind }) => STAGED_LINES.includes(kind));

function childOf({ kind }: StagedCandidate, line: RecordLine, index: number): JsonObject {
  const fields = definitionOf(kind).lines[line.kind]?.fields ?? {};
  const position = /^\d{1,9}$/.test(line.number) ? Number(line.number) : index;
  return {
    item_type: 'line_item',
    origin_id: originIdOf(line.kind, line.erpKey ?? ''),
    origin_code: null,
    data: { ...dataOf('line_item', fields, line.fields), position },
  };
}

function dataOf(
  itemType: string,
  definitions: Readonly<Record<string, FieldDefinition>>,
  fields: Fields,
): JsonObject {
  const data: Record<string, string | boolean | null> = {};
  for (const [field, names] of Object.entries(DATA[itemType] ?? {})) {
    const definition = definitions[field];
    const value = fields[field];
    const target = definition?.refersTo;
    const nothing = value === undefined || (value === null && target !== undefined);
    if (definition === undefined || nothing) continue;
    for (const name of names) {
      data[name] = target === undefined || value === null ? value : originIdOf(target, String(value));
    }
  }
  return data;
}
