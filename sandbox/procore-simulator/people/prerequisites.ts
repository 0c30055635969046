import { isObject } from '../json';
import { metadataSwitch } from '../metadata-rules';
import { COMMITMENTS, isActive, isLinked, type SimRecord } from '../records/record';
import type { Records } from '../records/store';
import type { Views } from '../records/views';
import type { Company } from '../state';
import type { ExportableKind } from './export-kinds';

export interface PrerequisiteOptions {
  /** "Direct export" lets a commitment go while its vendor still waits. */
  allowUnsyncedVendor: boolean;
}

const APPROVED = new Set(['approved', 'complete']);
const BILLABLE = new Set(['approved', 'approved_as_noted', 'pending_owner_approval']);

/** Why a record may not be sent to the ERP (Procore support pages of the ERP Integrations tool); empty when it may. */
export class Prerequisites {
  constructor(
    private readonly records: Records,
    private readonly views: Views,
  ) {}

  missing(company: Company, kind: ExportableKind, record: SimRecord, options: PrerequisiteOptions): string[] {
    const { records } = this;
    const parent = (): SimRecord | undefined => records.parent(company, record);
    const status = (record.fields['status'] ?? '') as string;
    const word = status.toLowerCase().replaceAll(' ', '_');
    const project = records.find(company, 'project', record.fields['project_id']);
    const found: string[] = [];
    const need = (holds: boolean, sentence: string): void => {
      if (!holds) found.push(sentence);
    };
    switch (kind) {
      case 'vendor':
        need(isActive(record), 'Only active companies can be exported');
        break;
      case 'standard_cost_code':
        break;
      case 'project':
        need(record.fields['active'] !== false, 'Only active projects can be exported');
        break;
      case 'sub_job':
        need(isLinked(project), 'The project of this sub job is not synced');
        break;
      case 'budget':
        need(isLinked(project), 'The project of this budget is not synced');
        need(record.fields['locked'] === true, 'The budget must be locked');
        found.push(...this.budgetComplaints(company, record));
        break;
      case 'commitment':
        need(APPROVED.has(word), 'The commitment must be Approved');
        need(isLinked(project), 'The project of this commitment is not synced');
        need(
          options.allowUnsyncedVendor || this.vendorSynced(company, record),
          'The contract company is not synced',
        );
        found.push(...this.lineComplaints(company, record, 'commitment'));
        break;
      case 'commitment_change_order':
        need(isLinked(parent()), 'The commitment of this change order is not synced');
        need(word === 'approved', 'The change order must be Approved');
        found.push(...this.lineComplaints(company, record, 'change order'));
        break;
      case 'requisition':
        need(
          isLinked(records.find(company, COMMITMENTS, record.fields['commitment_id'])),
          'The commitment of this invoice is not synced',
        );
        need(BILLABLE.has(word), 'The invoice must be approved');
        break;
      case 'contract_payment':
        need(
          isLinked(records.find(company, 'requisition', record.fields['requisition_id'])),
          'The invoice of this payment is not synced',
        );
        break;
      case 'payment_application':
        need(isLinked(parent()), 'The prime contract of this invoice is not synced');
        need(word === 'approved', 'The invoice must be approved');
        break;
      case 'prime_contract_change_order':
        need(isLinked(parent()), 'The prime contract of this change order is not synced');
        need(word === 'approved', 'The change order must be Approved');
        found.push(...this.lineComplaints(company, record, 'change order'));
        break;
      case 'company_level_direct_cost':
        need(word === 'approved', 'The direct cost must be approved');
        need(this.vendorSynced(company, record), 'The vendor of this direct cost is not synced');
        need(
          this.directCostProjects(company, record).every(isLinked),
          'A project of this direct cost is not synced',
        );
        break;
    }
    return found;
  }

  private vendorSynced(company: Company, record: SimRecord): boolean {
    return isLinked(this.records.find(company, 'vendor', record.fields['vendor_id']));
  }

  /** Every line needs a cost code of the ERP that can carry cost. */
  private lineComplaints(company: Company, record: SimRecord, name: string): string[] {
    const lines = this.records.lines(company, record);
    if (lines.length === 0) return [`The ${name} has no line items`];
    return lines.flatMap((line, index) => {
      const code = this.records.find(company, 'cost_code', line.fields['cost_code_id']);
      if (isLinked(code)) return [];
      const shown = code ? `cost code ${this.views.fullCode(company, code)} is not synced` : 'no cost code';
      return [`Line ${index + 1}: ${shown}`];
    });
  }

  private budgetComplaints(company: Company, budget: SimRecord): string[] {
    const { records } = this;
    const metadata = company.connection?.metadata;
    const projectId = budget.fields['project_id'];
    const here = (r: SimRecord): boolean => r.fields['project_id'] === projectId;
    const rows = records
      .of(company, 'erp_job_cost')
      .filter((r) => here(r) && r.fields['budget_line_item_id']);
    const found: string[] = [];
    if (rows.some((r) => !r.fields['line_item_type_id'])) found.push('Every cost code needs a cost type');
    if (
      metadataSwitch(metadata, 'budgets', 'sub_job_export') === false &&
      rows.some((r) => (r.fields['sub_job_id'] ?? null) !== null)
    ) {
      found.push('A budget with lines of sub jobs cannot be sent');
    }
    const waiting = records
      .of(company, 'erp_transaction')
      .filter((r) => here(r) && r.fields['synced'] !== true);
    if (waiting.length === 0) found.push('There is nothing new in this budget');
    if (
      metadataSwitch(metadata, 'budgets', 'revised_estimates_export') === false &&
      waiting.some((r) => r.fields['type'] !== 'Erp::OriginalEstimateTransaction')
    ) {
      found.push('A budget with revised estimates cannot be sent');
    }
    return found;
  }

  private directCostProjects(company: Company, record: SimRecord): (SimRecord | undefined)[] {
    const lines: unknown[] = Array.isArray(record.fields['line_items']) ? record.fields['line_items'] : [];
    return lines.filter(isObject).map((line) => this.records.find(company, 'project', line['project_id']));
  }
}
