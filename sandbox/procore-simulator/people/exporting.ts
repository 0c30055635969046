import { ActionRefused } from '../errors';
import { actions, type Actor, type Stage } from '../stage';
import type { ApproverOutcome, ApproverRule, EmitResult, RecordState } from '../types';
import type { ExportableKind } from './export-kinds';
import type { RecordExportForm } from './exports';

type Form = RecordExportForm & Actor;

/** Accept and Export of one record of this kind. */
function exportOf(kind: ExportableKind) {
  return function (this: Stage, id: number, form: Form = {}): EmitResult {
    const { company, exports } = this.at(form.companyId);
    return exports.export(company, kind, [id], form);
  };
}

/** Several at once, where the tool sends a batch. */
function exportsOf(kind: ExportableKind) {
  return function (this: Stage, ids: number[], form: Form = {}): EmitResult {
    const { company, exports } = this.at(form.companyId);
    return exports.export(company, kind, ids, form);
  };
}

/** To the ERP: whoever sends it, and the accounting approver. */
export const EXPORTING = actions({
  sendToErp(kind: ExportableKind, id: number, { companyId, userId }: Actor = {}): RecordState {
    const { company, exports, show } = this.at(companyId);
    return show(exports.send(company, kind, id, userId));
  },

  retrieve(kind: ExportableKind, id: number, { companyId }: Actor = {}): RecordState {
    const { company, exports, show } = this.at(companyId);
    return show(exports.retrieve(company, kind, id));
  },

  reject(kind: ExportableKind, id: number, comment: string, { companyId }: Actor = {}): RecordState {
    const { company, exports, show } = this.at(companyId);
    return show(exports.reject(company, kind, id, comment));
  },

  exportRecord(kind: ExportableKind, id: number, form: Form = {}): EmitResult {
    const { company, exports } = this.at(form.companyId);
    return exports.export(company, kind, [id], form);
  },

  exportVendor: exportOf('vendor'),
  exportJob: exportOf('project'),
  exportSubJob: exportOf('sub_job'),
  exportCommitment: exportOf('commitment'),
  exportCommitmentChangeOrder: exportOf('commitment_change_order'),
  exportPayment: exportOf('contract_payment'),
  exportPaymentApplication: exportOf('payment_application'),
  exportPrimeContractChangeOrder: exportOf('prime_contract_change_order'),
  exportCompanyLevelDirectCost: exportOf('company_level_direct_cost'),
  exportStandardCostCodes: exportsOf('standard_cost_code'),
  exportRequisitions: exportsOf('requisition'),

  /** The first time `create_budget`, afterwards `update_budget` with what is new. */
  exportBudget(projectId: number, form: Form = {}): EmitResult {
    const { company, records, exports } = this.at(form.companyId);
    const budget = records.of(company, 'budget').find((r) => r.fields['project_id'] === projectId);
    if (!budget) throw new ActionRefused(`project ${projectId} has no budget`, 404);
    return exports.export(company, 'budget', [budget.id], form);
  },

  sendVendorToErp(vendorId: number, { companyId, userId }: Actor = {}): RecordState {
    const { company, exports, show } = this.at(companyId);
    return show(exports.send(company, 'vendor', vendorId, userId));
  },

  retrieveVendor(vendorId: number, companyId?: number): RecordState {
    const { company, exports, show } = this.at(companyId);
    return show(exports.retrieve(company, 'vendor', vendorId));
  },

  setApproverRules(rules: ApproverRule[]): void {
    this.world.approver.setRules(rules);
  },

  /** The accounting approver works through the vendors that were sent to the ERP. */
  runApprover(companyId?: number): ApproverOutcome[] {
    const { company, approver } = this.at(companyId);
    return approver.run(company);
  },
});
