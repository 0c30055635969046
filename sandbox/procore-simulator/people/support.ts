import { ActionRefused } from '../errors';
import type { JsonObject } from '../json';
import { originId, type Kind, type SimRecord } from '../records/record';
import { actions, type Place } from '../stage';
import type { EmitResult } from '../types';

/** What Procore's own staff does on request. The integrator is told; mostly it has happened when the event arrives. */
export const SUPPORT = actions({
  /** Everything below the project becomes unsynced. */
  resetJob(projectId: number, companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const project = records.get(company, 'project', projectId);
    const before = at.views.any(company, project);
    drop(at, project);
    return tell(at, 'reset_job', { project: before });
  },

  resetSubJob(subJobId: number, companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const subJob = records.get(company, 'sub_job', subJobId);
    const before = at.views.any(company, subJob);
    drop(at, subJob);
    return tell(at, 'reset_sub_job', { sub_job: before });
  },

  resetRequisition(requisitionId: number, companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const requisition = records.get(company, 'requisition', requisitionId);
    const data = {
      requisition_id: requisition.id,
      project_id: requisition.fields['project_id'],
      requisition_origin_id: originId(requisition),
      reset_override: false,
    };
    for (const one of [requisition, ...records.lines(company, requisition)]) clear(at, one);
    return tell(at, 'reset_requisition', data);
  },

  /** The link stays until the integrator finds the payment gone in the ERP. */
  resetPayment(paymentId: number, companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const payment = records.get(company, ['contract_payment', 'invoice_payment'], paymentId);
    return tell(at, 'reset_payment', {
      ...payment.fields,
      payment_id: payment.id,
      payment_type: payment.fields['payment_method'] ?? null,
      reset_override: false,
    });
  },

  /** The link stays until the integrator finds the change order gone in the ERP. */
  resetPrimeContractChangeOrder(changeOrderId: number, companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const order = records.get(company, 'prime_contract_change_order', changeOrderId);
    const data = at.payloads.resetPrimeChangeOrder(company, order);
    return tell(at, 'reset_prime_contract_change_order', data);
  },

  resetCompanyLevelDirectCost(directCostId: number, companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const cost = records.get(company, 'company_level_direct_cost', directCostId);
    const { origin_id, origin_code, origin_data } = cost.fields;
    clear(at, cost);
    return tell(at, 'reset_company_level_direct_cost', {
      direct_cost: { id: String(cost.id) },
      origin_id,
      origin_code,
      origin_data,
      reset_override: false,
    });
  },

  unlinkStandardCostCodes(ids: number[], companyId?: number): EmitResult {
    const at = this.at(companyId);
    const codes = all(at, 'standard_cost_code', ids);
    const data = { standard_cost_codes: codes.map((code) => codeRef(at, code)) };
    for (const code of codes) clear(at, code);
    return tell(at, 'unlink_standard_cost_codes', data);
  },

  deleteStandardCostCodes(ids: number[], companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const codes = all(at, 'standard_cost_code', ids);
    const data = {
      standard_cost_code_list_id: codes[0]?.fields['standard_cost_code_list_id'] ?? null,
      standard_cost_code_data_array: codes.map((code) => codeRef(at, code)),
    };
    for (const code of codes) records.remove(company, code);
    return tell(at, 'delete_standard_cost_codes', data);
  },

  deleteStandardCategories(ids: number[], companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const types = all(at, 'line_item_type', ids);
    const data = {
      standard_category_data_array: types.map((type) => ({
        procore_id: type.id,
        code: type.fields['code'] ?? null,
        origin_id: originId(type),
      })),
    };
    for (const type of types) records.remove(company, type);
    return tell(at, 'delete_standard_categories', data);
  },

  /** Several codes of one project or sub job, despite its name. */
  deleteCostCode(ids: number[], companyId?: number): EmitResult {
    const at = this.at(companyId);
    const { company, records } = at;
    const codes = all(at, 'cost_code', ids);
    const project = records.find(company, 'project', codes[0]?.fields['project_id']);
    const data = {
      project_cost_code_data_array: codes.map((code) => codeRef(at, code)),
      project_origin_id: originId(project),
      procore_project_id: project?.id ?? null,
      procore_sub_job_id: codes[0]?.fields['sub_job_id'] ?? null,
    };
    for (const code of codes) records.remove(company, code);
    return tell(at, 'delete_cost_code', data);
  },

  requestMetadata(companyId?: number): EmitResult {
    const at = this.at(companyId);
    return tell(at, 'sync_metadata', { company_id: at.company.id });
  },
});

function drop(at: Place, record: SimRecord): void {
  for (const one of at.records.tree(at.company, record)) clear(at, one);
}

function clear({ company, records }: Place, record: SimRecord): void {
  records.unlink(company, record);
  record.erp.status = 'not_in_erp';
  record.erp.messages = [];
}

function all({ company, records }: Place, kind: Kind, ids: number[]): SimRecord[] {
  if (ids.length === 0) throw new ActionRefused('Nothing was named');
  return ids.map((id) => records.get(company, kind, id));
}

/** A cost code or standard cost code as events about several of them name it. */
export function codeRef({ company, views }: Place, code: SimRecord): JsonObject {
  return { id: code.id, origin_id: originId(code), sortable_code: views.fullCode(company, code) };
}

function tell({ company, events }: Place, name: string, data: JsonObject): EmitResult {
  return events.emitRecords(company, name, data);
}
