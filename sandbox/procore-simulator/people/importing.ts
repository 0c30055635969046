import { ActionRefused } from '../errors';
import { DEFAULT_USER } from '../erp-events';
import { clone, type JsonObject } from '../json';
import { COMMITMENTS, KINDS, originId, type Kind, type SimRecord } from '../records/record';
import { own } from '../records/views';
import { actions, type Actor, type Place } from '../stage';
import type { EmitResult, StagedRecord } from '../types';
import { asPerson, putBudget, type BudgetLineSeed } from './entry';

export interface ImportResult {
  kind: Kind;
  id: number;
  /** null: no event is documented for this kind. */
  event: EmitResult | null;
}

/** `x_origin_id` becomes `x_id`: what it may be, and whether one of the two must be there. */
interface Translation {
  from: string;
  to: string;
  kinds: readonly Kind[];
  required: boolean;
}

const PROJECT: Translation = {
  from: 'project_origin_id',
  to: 'project_id',
  kinds: ['project'],
  required: true,
};
const VENDOR: Translation = { from: 'vendor_origin_id', to: 'vendor_id', kinds: ['vendor'], required: true };
const COMMITMENT: Translation = {
  from: 'commitment_origin_id',
  to: 'contract_id',
  kinds: COMMITMENTS,
  required: true,
};
const LINE: Translation[] = [
  { from: 'cost_code_origin_id', to: 'cost_code_id', kinds: ['cost_code'], required: true },
  { from: 'line_item_type_origin_id', to: 'line_item_type_id', kinds: ['line_item_type'], required: true },
];
const CHANGE_LINE: Translation = {
  from: 'commitment_line_item_origin_id',
  to: 'commitment_line_item_id',
  kinds: ['line_item'],
  required: true,
};

/** Staged types that people import here, with their translations and the event that tells of it. */
const TYPES: Record<string, { kind: Kind; translations: Translation[]; event: string | null }> = {
  vendor: { kind: 'vendor', translations: [], event: 'create_vendor_in_procore' },
  project: { kind: 'project', translations: [], event: 'create_job_in_procore' },
  sub_job: { kind: 'sub_job', translations: [PROJECT], event: 'create_sub_job_in_procore' },
  work_order_contract: {
    kind: 'work_order_contract',
    translations: [PROJECT, VENDOR],
    event: 'create_commitment_in_procore',
  },
  purchase_order_contract: {
    kind: 'purchase_order_contract',
    translations: [PROJECT, VENDOR],
    event: 'create_commitment_in_procore',
  },
  prime_contract: { kind: 'prime_contract', translations: [PROJECT], event: null },
  commitment_change_order: {
    kind: 'commitment_change_order',
    translations: [PROJECT, COMMITMENT],
    event: null,
  },
};

/** Ready to Import (Procore guide "ERP Staged Records"): Procore creates the record with the same origin_id, then tells. */
export const IMPORTING = actions({
  importStaged(stagedRecordId: number, actor: Actor = {}): ImportResult {
    return importOne(this.at(actor.companyId), stagedRecordId, actor);
  },

  importVendor(stagedRecordId: number, actor: Actor = {}): EmitResult & { vendorId: number } {
    const at = this.at(actor.companyId);
    at.staged.waiting(at.company, stagedRecordId, 'vendor');
    const { id, event } = importOne(at, stagedRecordId, actor);
    if (!event) throw new Error('the import of a vendor is told');
    return { ...event, vendorId: id };
  },

  /** A budget is imported from the ERP's estimate of a synced project. */
  importBudget(projectId: number, lines: BudgetLineSeed[], actor: Actor = {}): ImportResult {
    const at = this.at(actor.companyId);
    const { company, records } = at;
    const project = records.get(company, 'project', projectId);
    if (originId(project) === null) throw new ActionRefused('The project of this budget is not synced');
    const exported = records
      .of(company, 'budget')
      .some((r) => r.fields['project_id'] === projectId && originId(r) !== null);
    if (exported) throw new ActionRefused('A budget that was exported cannot be imported any more');
    const budget = putBudget(at, projectId, lines, false);
    for (const transaction of at.payloads.unsynced(company, projectId)) transaction.fields['synced'] = true;
    const data = { project_origin_id: originId(project), budget: own(budget) };
    const event = at.events.emitRecords(company, 'create_budget_in_procore', data, actor);
    return { kind: 'budget', id: budget.id, event };
  },

  archiveStaged(stagedRecordId: number, companyId?: number): StagedRecord {
    const { company, staged } = this.at(companyId);
    const record = company.staged.get(stagedRecordId);
    if (!record) throw new ActionRefused(`no staged record ${stagedRecordId}`, 404);
    staged.setStatus(company, record, 'archived');
    return clone(record);
  },
});

function importOne(at: Place, stagedId: number, actor: Actor): ImportResult {
  const { company } = at;
  const records = at.records.by(actor.userId ?? DEFAULT_USER);
  const staged = company.staged.get(stagedId);
  const type = staged && TYPES[staged.item_type];
  if (!staged || !type) throw new ActionRefused(`no staged record ${stagedId} to import`, 404);
  const again = staged.item_type === 'prime_contract' && staged.status === 'imported';
  if (!again) at.staged.waiting(company, stagedId);
  const known = records.byOrigin(company, type.kind, staged.origin_id);
  if (known && type.kind !== 'prime_contract') {
    throw new ActionRefused(`A ${KINDS[type.kind].label} with origin_id ${staged.origin_id} exists`);
  }
  const fields = { ...translated(at, staged, type.translations), ...origin(staged) };
  const lines = newLines(at, staged, type.kind, known);
  const record = known ?? asPerson(() => records.create(company, type.kind, fields));
  for (const line of lines) {
    records.insert(company, 'line_item', {
      ...line,
      holder_id: record.id,
      holder_kind: record.kind,
      project_id: record.fields['project_id'],
    });
  }
  at.staged.setStatus(company, staged, 'imported');
  const event = type.event === null ? null : tell(at, type.event, record, actor);
  return { kind: type.kind, id: record.id, event };
}

const origin = ({ origin_id, origin_code, origin_data }: StagedRecord): JsonObject => ({
  origin_id,
  origin_code,
  origin_data,
});

/** Lines that are not in Procore yet, translated before anything is created. */
function newLines(at: Place, staged: StagedRecord, kind: Kind, known: SimRecord | undefined): JsonObject[] {
  const translations = kind === 'commitment_change_order' ? [...LINE, CHANGE_LINE] : LINE;
  const present = known ? at.records.lines(at.company, known).map(originId) : [];
  return [...at.company.staged.values()]
    .filter((line) => line.parent_id === staged.id && line.status !== 'archived')
    .filter((line) => !present.includes(line.origin_id))
    .map((line) => ({ ...translated(at, line, translations), ...origin(line) }));
}

function translated(at: Place, staged: StagedRecord, translations: Translation[]): JsonObject {
  const fields: JsonObject = { ...staged.data };
  for (const { from, to, kinds, required } of translations) {
    const wanted = fields[from];
    delete fields[from];
    if (fields[to] !== undefined && fields[to] !== null) continue;
    if (typeof wanted !== 'string' || wanted === '') {
      if (required) throw new ActionRefused(`${from} or ${to} is required`);
      continue;
    }
    const id = at.records.byOrigin(at.company, kinds, wanted)?.id;
    if (id === undefined) throw new ActionRefused(`${from} ${wanted} is not in Procore`);
    fields[to] = id;
  }
  return fields;
}

function tell(
  { company, records, views, events }: Place,
  name: string,
  record: SimRecord,
  actor: Actor,
): EmitResult {
  const view = views.any(company, record);
  const data: JsonObject = {
    company_id: company.id,
    project_origin_id: originId(records.find(company, 'project', record.fields['project_id'])),
    vendor: view,
    project: view,
    sub_job: view,
    commitment: {
      ...view,
      approval_letter_date: usDate(view['approval_letter_date']),
      contract_date: usDate(view['contract_date']),
    },
  };
  return events.emitRecords(company, name, data, actor);
}

/** The dictionary shows these two dates as MM/DD/YY, unlike all others. */
function usDate(value: unknown): string | null {
  const [, year, month, day] = /^\d\d(\d\d)-(\d\d)-(\d\d)/.exec(typeof value === 'string' ? value : '') ?? [];
  return year === undefined ? null : `${month ?? ''}/${day ?? ''}/${year}`;
}
