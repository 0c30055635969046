import { TiebackError } from '../../domain/base/errors';
import type { FieldDefinition, LineKind } from '../../domain/kinds/entity';
import { definitionOf } from '../../domain/kinds/entity';
import { originIdOf } from '../../domain/base/identity';
import type { Fields, RecordLine } from '../../domain/kinds/record';
import type { ProcoreHttp } from '../http';
import type { ItemError, StagedCandidate, StagedRecord } from '../port';
import { syncStagedRecords } from '../erp-tool/staged-records';

type Data = StagedRecord['data'];

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
 * staged. Tax codes are left out: they would have to be known to Procore by an origin_id, and no sync carries them.
 */
const DATA: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
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
 * Puts ERP records on "Ready to Import" with their lines as children, or takes them off. A record with a line that has no key in the ERP
 * is answered as an error and not sent: its line could never be recognised again.
 */
export async function stageRecords(
  http: ProcoreHttp,
  records: readonly StagedCandidate[],
): Promise<readonly ItemError[]> {
  const refused = records.flatMap(withoutKeys);
  const keys = new Set(refused.map(({ key }) => key));
  const staged = records.filter(({ originId }) => !keys.has(originId)).map(stagedOf);
  return [...refused, ...(await syncStagedRecords(http, staged))];
}

function withoutKeys(candidate: StagedCandidate): readonly ItemError[] {
  const nameless = linesOf(candidate).filter(({ erpKey }) => erpKey === null);
  if (nameless.length === 0) return [];
  return [
    {
      key: candidate.originId,
      messages: nameless.map(({ number }) => `line ${number}: has no key in the ERP`),
    },
  ];
}

function stagedOf(candidate: StagedCandidate): StagedRecord {
  const { entity, itemType, originId, originCode, status, record } = candidate;
  if (!Object.hasOwn(DATA, itemType) || itemType === 'line_item') {
    throw new TiebackError('PROCORE_REQUEST_INVALID', {
      operation: 'stagedRecords.sync',
      reason: `"${itemType}" cannot be staged`,
    });
  }
  return {
    itemType,
    originId,
    originCode,
    status,
    data: dataOf(itemType, definitionOf(entity).fields, record.fields),
    // Children follow their parent off the list.
    children:
      status === 'archived'
        ? []
        : linesOf(candidate).map((line, index) => childOf(candidate, line, index + 1)),
  };
}

const linesOf = ({ record }: StagedCandidate): readonly RecordLine[] =>
  record.lines.filter(({ kind }) => STAGED_LINES.includes(kind));

function childOf({ entity, status }: StagedCandidate, line: RecordLine, index: number): StagedRecord {
  const fields = definitionOf(entity).lines[line.kind]?.fields ?? {};
  const position = /^\d{1,9}$/.test(line.number) ? Number(line.number) : index;
  return {
    itemType: 'line_item',
    originId: originIdOf(line.kind, line.erpKey ?? ''),
    originCode: null,
    status,
    data: { ...dataOf('line_item', fields, line.fields), position },
  };
}

function dataOf(
  itemType: string,
  definitions: Readonly<Record<string, FieldDefinition>>,
  fields: Fields,
): Data {
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
