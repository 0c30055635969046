import { ActionRefused } from '../errors';
import { DEFAULT_USER, type ErpEvents } from '../erp-events';
import type { JsonObject } from '../json';
import { metadataSwitch, ruleComplaints } from '../metadata-rules';
import { COMMITMENTS, isLinked, KINDS, type SimRecord } from '../records/record';
import type { Records } from '../records/store';
import type { Views } from '../records/views';
import type { Company } from '../state';
import type { EmitResult } from '../types';
import { EXPORTABLE, type ExportableKind } from './export-kinds';
import type { Payloads, RecordForm } from './payloads';
import type { Prerequisites } from './prerequisites';

/** The export form of a record, and who fills it in. */
export interface RecordExportForm extends RecordForm {
  userId?: number;
  /** Overrides the option of the simulator for this export. */
  allowUnsyncedVendor?: boolean;
}

export interface ExportParts {
  records: Records;
  views: Views;
  events: ErpEvents;
  payloads: Payloads;
  prerequisites: Prerequisites;
  allowUnsyncedVendor: boolean;
}

/** Only these are sent together; every other record has a request of its own. */
const BATCHES: ReadonlySet<ExportableKind> = new Set(['standard_cost_code', 'requisition']);
/** Exported again after they are synced: a project with its codes, a budget with what is new in it. */
const REPEATABLE: ReadonlySet<ExportableKind> = new Set(['project', 'budget']);

/** Send to ERP, Retrieve, Reject, Accept and Export: the way of a record from Procore into the ERP. */
export class RecordExports {
  constructor(private readonly parts: ExportParts) {}

  find(company: Company, kind: ExportableKind, id: number): SimRecord {
    return this.parts.records.get(company, EXPORTABLE[kind].kinds, id);
  }

  /** Send to ERP: waits for the accounting approver and is locked meanwhile. */
  send(company: Company, kind: ExportableKind, id: number, userId = DEFAULT_USER): SimRecord {
    const record = this.find(company, kind, id);
    this.refuseUnready(company, kind, record, {});
    record.erp = { ...record.erp, status: 'ready_to_export', messages: [], comment: null, sentBy: userId };
    return record;
  }

  /** Retrieve from ERP, while nobody has answered. */
  retrieve(company: Company, kind: ExportableKind, id: number): SimRecord {
    const record = this.waiting(company, kind, id);
    record.erp.status = isLinked(record) ? 'synced' : 'not_in_erp';
    return record;
  }

  /** The approver sends it back to its sender; also what failed to export. */
  reject(company: Company, kind: ExportableKind, id: number, comment: string): SimRecord {
    const record = this.find(company, kind, id);
    if (record.erp.status !== 'failed_to_export') this.waiting(company, kind, id);
    record.erp.status = 'rejected';
    record.erp.comment = comment;
    return record;
  }

  /** Accept and Export. Several records at once where the tool sends a batch. */
  export(company: Company, kind: ExportableKind, ids: number[], form: RecordExportForm): EmitResult {
    if (ids.length === 0) throw new ActionRefused('There is nothing to export');
    if (ids.length > 1 && !BATCHES.has(kind)) {
      throw new ActionRefused(`${EXPORTABLE[kind].entity} are exported one by one`);
    }
    const records = ids.map((id) => this.find(company, kind, id));
    for (const record of records) this.refuseUnready(company, kind, record, form);
    for (const record of records) this.refuseRules(company, kind, record, form);
    const [first] = records;
    if (kind === 'project' && first) refuseOtherCode(first, form);
    if (kind === 'commitment_change_order' && first) this.giveLinesABase(company, first);
    for (const record of records) {
      record.erp = {
        ...record.erp,
        status: 'exporting',
        messages: [],
        comment: null,
        customFields: form.customFields ?? {},
        code: form.code ?? record.erp.code,
      };
    }
    const { name, data } = this.request(company, kind, records, form);
    return this.parts.events.emitRecords(company, name, data, { records, userId: form.userId });
  }

  private request(
    company: Company,
    kind: ExportableKind,
    records: SimRecord[],
    form: RecordForm,
  ): { name: string; data: unknown } {
    const { payloads } = this.parts;
    const [record] = records;
    if (!record) throw new ActionRefused('There is nothing to export');
    const name = EXPORTABLE[kind].events[0] ?? '';
    switch (kind) {
      case 'vendor':
        return { name, data: payloads.vendor(company, record, form) };
      case 'standard_cost_code':
        return { name, data: payloads.standardCodes(company, records, form) };
      case 'project':
        return { name, data: payloads.job(company, record, form) };
      case 'sub_job':
        return { name, data: payloads.subJob(company, record) };
      case 'budget':
        return {
          name: isLinked(record) ? 'update_budget' : name,
          data: payloads.budget(company, record),
        };
      case 'commitment':
        return { name, data: payloads.commitment(company, record, form) };
      case 'commitment_change_order':
        return { name, data: payloads.commitmentChangeOrder(company, record, form) };
      case 'requisition':
        return { name, data: payloads.requisitions(company, records, form) };
      case 'contract_payment':
        return { name, data: payloads.payment(company, record) };
      case 'payment_application':
        return { name, data: payloads.paymentApplication(company, record) };
      case 'prime_contract_change_order':
        return { name, data: payloads.primeChangeOrder(company, record, form) };
      case 'company_level_direct_cost':
        return { name, data: payloads.directCost(company, record, true) };
    }
  }

  private refuseUnready(
    company: Company,
    kind: ExportableKind,
    record: SimRecord,
    form: RecordExportForm,
  ): void {
    const { label } = KINDS[record.kind];
    if (record.erp.status === 'exporting') throw new ActionRefused(`This ${label} is being exported`, 409);
    if (isLinked(record) && !REPEATABLE.has(kind)) {
      throw new ActionRefused(`A synced ${label} cannot be exported again`);
    }
    const allowUnsyncedVendor = form.allowUnsyncedVendor ?? this.parts.allowUnsyncedVendor;
    const missing = this.parts.prerequisites.missing(company, kind, record, { allowUnsyncedVendor });
    if (metadataSwitch(company.connection?.metadata, EXPORTABLE[kind].entity, 'export') === false) {
      missing.push(`The ERP integration does not export ${EXPORTABLE[kind].entity.replaceAll('_', ' ')}`);
    }
    if (missing.length > 0) throw new ActionRefused(missing.join('; '));
  }

  /** The approver's form, the record and its lines against `rules.export` of the metadata. */
  private refuseRules(company: Company, kind: ExportableKind, record: SimRecord, form: RecordForm): void {
    const { records, views } = this.parts;
    const { entity, lineEntity } = EXPORTABLE[kind];
    const metadata = company.connection?.metadata;
    const typed = form.code ?? record.fields['origin_code'] ?? null;
    const values: JsonObject = {
      ...views.any(company, record),
      ...form.customFields,
      // The guide calls the number that the approver types by either name.
      code: typed,
      origin_code: typed,
      accounting_date: form.accountingDate ?? null,
    };
    const complaints = ruleComplaints(metadata, { entity, moment: 'export' }, values);
    if (lineEntity !== undefined) {
      for (const line of records.lines(company, record)) {
        const code = records.find(company, 'cost_code', line.fields['cost_code_id']);
        const division = code !== undefined && views.isDivision(company, code);
        const shown = {
          ...views.line(company, line),
          cost_code: code ? views.fullCode(company, code) : null,
        };
        complaints.push(
          ...ruleComplaints(
            metadata,
            { entity: lineEntity, moment: 'export' },
            shown,
            division ? ['cost_code'] : [],
          ),
        );
      }
    }
    if (complaints.length > 0) throw new ActionRefused(complaints.join(' '));
  }

  /** Events dictionary: a change with no earlier line gets a line of 0.0 in its commitment. */
  private giveLinesABase(company: Company, order: SimRecord): void {
    const { records } = this.parts;
    const contract = records.get(company, COMMITMENTS, order.fields['contract_id']);
    for (const line of records.lines(company, order)) {
      if (records.find(company, 'line_item', line.fields['commitment_line_item_id'])) continue;
      const base = records.insert(company, 'line_item', {
        project_id: contract.fields['project_id'],
        holder_id: contract.id,
        holder_kind: contract.kind,
        cost_code_id: line.fields['cost_code_id'] ?? null,
        line_item_type_id: line.fields['line_item_type_id'] ?? null,
        description: line.fields['description'] ?? null,
        position: records.lines(company, contract).length + 1,
        amount: '0.0',
      });
      line.fields['commitment_line_item_id'] = base.id;
    }
  }

  private waiting(company: Company, kind: ExportableKind, id: number): SimRecord {
    const record = this.find(company, kind, id);
    if (record.erp.status !== 'ready_to_export') {
      throw new ActionRefused(`This ${KINDS[record.kind].label} is not waiting for approval`);
    }
    return record;
  }
}

/**
 * ERP guide: after a failed export the approver may enter another job number only if the message names the code. A synced job keeps
 * its number.
 */
function refuseOtherCode(project: SimRecord, form: RecordForm): void {
  const before = isLinked(project) ? project.fields['origin_code'] : project.erp.code;
  if (form.code === undefined || before === null || before === undefined || form.code === before) return;
  const mayChange =
    !isLinked(project) &&
    (project.erp.status !== 'failed_to_export' || project.erp.messages.some((m) => /code/i.test(m)));
  if (!mayChange) throw new ActionRefused('The job number cannot be changed');
}
