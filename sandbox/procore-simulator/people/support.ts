import { DEFAULT_USER } from '../erp-events';
import type { JsonObject } from '../json';
import { originId, type Kind, type SimRecord } from '../records/record';
import { ActionRefused } from '../errors';
import type { Company } from '../state';
import type { EmitResult } from '../types';
import type { AskParts } from './asks';

/** What Procore's own staff does on request. The integrator is told; mostly it has happened when the event arrives. */
export class Support {
  constructor(private readonly parts: AskParts) {}

  /** Everything below the project becomes unsynced. */
  resetJob(company: Company, projectId: number): EmitResult {
    const project = this.parts.records.get(company, 'project', projectId);
    const before = this.parts.views.any(company, project);
    this.drop(company, project);
    return this.emit(company, 'reset_job', { project: before });
  }

  resetSubJob(company: Company, subJobId: number): EmitResult {
    const subJob = this.parts.records.get(company, 'sub_job', subJobId);
    const before = this.parts.views.any(company, subJob);
    this.drop(company, subJob);
    return this.emit(company, 'reset_sub_job', { sub_job: before });
  }

  resetRequisition(company: Company, requisitionId: number): EmitResult {
    const requisition = this.parts.records.get(company, 'requisition', requisitionId);
    const data = {
      requisition_id: requisition.id,
      project_id: requisition.fields['project_id'],
      requisition_origin_id: originId(requisition),
      reset_override: false,
    };
    for (const one of [requisition, ...this.parts.records.lines(company, requisition)]) this.clear(one);
    return this.emit(company, 'reset_requisition', data);
  }

  /** The link stays until the integrator finds the payment gone in the ERP. */
  resetPayment(company: Company, paymentId: number): EmitResult {
    const payment = this.parts.records.get(company, ['contract_payment', 'invoice_payment'], paymentId);
    return this.emit(company, 'reset_payment', {
      ...payment.fields,
      payment_id: payment.id,
      payment_type: payment.fields['payment_method'] ?? null,
      reset_override: false,
    });
  }

  /** The link stays until the integrator finds the change order gone in the ERP. */
  resetPrimeContractChangeOrder(company: Company, changeOrderId: number): EmitResult {
    const order = this.parts.records.get(company, 'prime_contract_change_order', changeOrderId);
    const data = this.parts.payloads.resetPrimeChangeOrder(company, order);
    return this.emit(company, 'reset_prime_contract_change_order', data);
  }

  resetCompanyLevelDirectCost(company: Company, directCostId: number): EmitResult {
    const cost = this.parts.records.get(company, 'company_level_direct_cost', directCostId);
    const { origin_id, origin_code, origin_data } = cost.fields;
    this.clear(cost);
    return this.emit(company, 'reset_company_level_direct_cost', {
      direct_cost: { id: String(cost.id) },
      origin_id,
      origin_code,
      origin_data,
      reset_override: false,
    });
  }

  unlinkStandardCostCodes(company: Company, ids: number[]): EmitResult {
    const codes = this.all(company, 'standard_cost_code', ids);
    const data = { standard_cost_codes: codes.map((code) => this.codeRef(company, code)) };
    for (const code of codes) this.clear(code);
    return this.emit(company, 'unlink_standard_cost_codes', data);
  }

  deleteStandardCostCodes(company: Company, ids: number[]): EmitResult {
    const codes = this.all(company, 'standard_cost_code', ids);
    const data = {
      standard_cost_code_list_id: codes[0]?.fields['standard_cost_code_list_id'] ?? null,
      standard_cost_code_data_array: codes.map((code) => this.codeRef(company, code)),
    };
    for (const code of codes) this.parts.records.remove(company, code);
    return this.emit(company, 'delete_standard_cost_codes', data);
  }

  deleteStandardCategories(company: Company, ids: number[]): EmitResult {
    const types = this.all(company, 'line_item_type', ids);
    const data = {
      standard_category_data_array: types.map((type) => ({
        procore_id: type.id,
        code: type.fields['code'] ?? null,
        origin_id: originId(type),
      })),
    };
    for (const type of types) this.parts.records.remove(company, type);
    return this.emit(company, 'delete_standard_categories', data);
  }

  /** Several codes of one project or sub job, despite its name. */
  deleteCostCode(company: Company, ids: number[]): EmitResult {
    const { records } = this.parts;
    const codes = this.all(company, 'cost_code', ids);
    const project = records.find(company, 'project', codes[0]?.fields['project_id']);
    const data = {
      project_cost_code_data_array: codes.map((code) => this.codeRef(company, code)),
      project_origin_id: originId(project),
      procore_project_id: project?.id ?? null,
      procore_sub_job_id: codes[0]?.fields['sub_job_id'] ?? null,
    };
    for (const code of codes) records.remove(company, code);
    return this.emit(company, 'delete_cost_code', data);
  }

  requestMetadata(company: Company): EmitResult {
    return this.emit(company, 'sync_metadata', { company_id: company.id });
  }

  private drop(company: Company, record: SimRecord): void {
    for (const one of this.parts.records.tree(company, record)) this.clear(one);
  }

  private clear(record: SimRecord): void {
    this.parts.records.unlink(record);
    record.erp.status = 'not_in_erp';
    record.erp.messages = [];
  }

  private all(company: Company, kind: Kind, ids: number[]): SimRecord[] {
    if (ids.length === 0) throw new ActionRefused('Nothing was named');
    return ids.map((id) => this.parts.records.get(company, kind, id));
  }

  private codeRef(company: Company, code: SimRecord): JsonObject {
    return {
      id: code.id,
      origin_id: originId(code),
      sortable_code: this.parts.views.fullCode(company, code),
    };
  }

  private emit(company: Company, name: string, data: JsonObject): EmitResult {
    return this.parts.events.emitRecords(company, name, data, [], DEFAULT_USER);
  }
}
