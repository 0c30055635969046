import type { ProcoreId } from '../../domain/request/intent';
import { contentHash, recordIdOf } from '../../domain/base/identity';
import type { EventName } from '../erp-tool/events';
import { readRequest } from '../erp-tool/read-request';
import type { JsonObject } from '../json';
import { isList, isObject, textOrNull } from '../json';
import type { Find } from '../port';
import type { Contract, Row } from './lists';

/*
 * Bodies in the shape of the ERP tool's events ("ERP Events Dictionary"), made of what the ordinary APIs show, so that everything behind
 * the readers is the same for both doors.
 */

/** Not what the record says: what is tied to what changes while its request is on its way, and so do the words for it. */
const NOT_CONTENT = new Set(['originId', 'label', 'detailIds', 'notes']);

/** A find whose revision is that of what a reader reads, so that neither times nor ties make it a new one. */
function find(companyId: ProcoreId, name: EventName, key: string, data: JsonObject): Find {
  const body = { request_name: name, request_data: { ...data, company_id: companyId } };
  const { intent } = readRequest({ id: companyId, body }, companyId);
  const said = intent.kind === 'malformed' ? data : content(intent);
  return { key, revision: contentHash([name, said]), body };
}

function content(value: unknown): unknown {
  if (isList(value)) return value.map(content);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !NOT_CONTENT.has(key))
      .map(([key, inner]) => [key, content(inner)]),
  );
}

export const vendorFind = (companyId: ProcoreId, { id, raw }: Row): Find =>
  find(companyId, 'create_vendor', recordIdOf('vendor', id), { vendor: raw });

/** The number of a job is that of accounting, where the project has one. */
export const jobCode = (raw: JsonObject): string | null =>
  ['origin_code', 'accounting_project_number', 'project_number']
    .map((field) => textOrNull(raw[field])?.trim())
    .find((code) => code !== undefined && code !== '') ?? null;

export const jobFind = (companyId: ProcoreId, { id, raw }: Row, codes: readonly Row[]): Find =>
  find(companyId, 'create_or_update_job', recordIdOf('project', id), {
    job: { ...raw, origin_code: jobCode(raw) },
    all_cost_codes: codes.map((code) => code.raw),
  });

const TYPES: Readonly<Record<Contract, string>> = {
  work_order_contract: 'WorkOrderContract',
  purchase_order_contract: 'PurchaseOrderContract',
};

/** Records as they are now, by id: the lists name them without what they are tied to. */
export interface Live {
  readonly vendor: Row | null;
  readonly codes: ReadonlyMap<ProcoreId, Row>;
  readonly types: ReadonlyMap<ProcoreId, Row>;
}

export function commitmentFind(
  companyId: ProcoreId,
  contract: Contract,
  { id, raw }: Row,
  lines: readonly Row[],
  project: Row,
  live: Live,
): Find {
  const company = live.vendor?.raw['name'];
  return find(companyId, 'create_commitment', recordIdOf('commitment', id), {
    job_id: project.raw['origin_id'],
    commitment: {
      ...raw,
      type: TYPES[contract],
      code: raw['number'],
      project: only(project.raw, ['id', 'name', 'origin_id', 'origin_data']),
      vendor:
        live.vendor === null
          ? raw['vendor']
          : { ...only(live.vendor.raw, ['id', 'origin_id', 'origin_data']), company },
    },
    commitment_items: lines.map((line) => ({
      ...line.raw,
      cost_code: current(line.raw['cost_code'], live.codes),
      line_item_type: current(line.raw['line_item_type'], live.types),
    })),
  });
}

/** The record that a line names, with everything that is known of it. */
function current(named: unknown, live: ReadonlyMap<ProcoreId, Row>): unknown {
  const id = isObject(named) ? Number(named['id']) : NaN;
  const known = live.get(id)?.raw;
  return known === undefined || !isObject(named) ? named : { ...named, ...known };
}

const only = (raw: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(fields.map((field) => [field, raw[field] ?? null]));

/** Procore has a record of ours that we do not know of: our link follows. Here it is the tie that makes it a new one. */
function notice(companyId: ProcoreId, name: EventName, key: string, data: JsonObject): Find {
  const body = { request_name: name, request_data: { ...data, company_id: companyId } };
  return { key, revision: contentHash([name, data]), body };
}

export const vendorNotice = (companyId: ProcoreId, { id, raw }: Row): Find =>
  notice(companyId, 'create_vendor_in_procore', recordIdOf('vendor', id), {
    vendor: only(raw, ['id', 'origin_id']),
  });

export const jobNotice = (companyId: ProcoreId, { id, raw }: Row): Find =>
  notice(companyId, 'create_job_in_procore', recordIdOf('project', id), {
    project: only(raw, ['id', 'name', 'origin_id', 'origin_data', 'origin_code']),
  });

export const commitmentNotice = (companyId: ProcoreId, { id, raw }: Row, project: Row): Find =>
  notice(companyId, 'create_commitment_in_procore', recordIdOf('commitment', id), {
    project_origin_id: project.raw['origin_id'] ?? null,
    commitment: only(raw, ['id', 'origin_id', 'title', 'description']),
  });
