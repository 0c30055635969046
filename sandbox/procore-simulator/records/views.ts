import { isoSeconds } from '../clock';
import { asString, type JsonObject } from '../json';
import type { Company } from '../state';
import { contractAmounts, lineAmounts, requisitionItemAmounts } from './amounts';
import { decimal, sum } from './money';
import { CHANGE_ORDERS, COMMITMENTS, isLinked, type Kind, type SimRecord } from './record';
import type { Records } from './store';
import { vendorView } from './vendor-view';

export const CONTRACT_CLASS: Record<string, string> = {
  work_order_contract: 'WorkOrderContract',
  purchase_order_contract: 'PurchaseOrderContract',
  prime_contract: 'PrimeContract',
  prime_contract_change_order: 'PotentialChangeOrder',
};

/** The list of the company's ERP connection; before there is one, a list of its own waits for it. */
export function erpListId(company: Company, nextId: () => number): number {
  company.erpListId ??= company.connection?.standard_cost_code_list_id ?? nextId();
  return company.erpListId;
}

/** Kinds whose answers depend on the `view` that a call asks for. */
export const NAMED_VIEWS: Partial<Record<Kind, (record: SimRecord, view?: string) => JsonObject>> = {
  vendor: vendorView,
};

/** Records as the API and the ERP events show them; readers pick the documented fields. */
export class Views {
  constructor(private readonly records: Records) {}

  any(company: Company, record: SimRecord | undefined): JsonObject {
    if (!record) return {};
    switch (record.kind) {
      case 'vendor':
        return vendorView(record);
      case 'project':
        return this.project(company, record);
      case 'sub_job':
        return { ...own(record), project: this.projectOf(company, record) };
      case 'standard_cost_code':
        return this.standardCode(company, record);
      case 'cost_code':
        return this.costCode(company, record);
      case 'line_item_type':
        return { ...own(record), code: record.fields['code'] ?? record.fields['csv_import_code'] ?? null };
      case 'line_item':
        return this.line(company, record);
      case 'work_order_contract':
      case 'purchase_order_contract':
      case 'prime_contract':
        return this.contract(company, record);
      case 'commitment_change_order':
      case 'prime_contract_change_order':
        return { ...own(record), grand_total: sum(this.amounts(company, record)) };
      case 'requisition':
        return this.requisition(company, record);
      default:
        return own(record);
    }
  }

  /** As other records name their project. */
  projectOf(company: Company, record: SimRecord): JsonObject {
    const project = this.records.find(company, 'project', record.fields['project_id']);
    return project ? this.project(company, project) : {};
  }

  project(company: Company, record: SimRecord): JsonObject {
    const { fields } = record;
    const number = asString(fields['project_number']) ?? '';
    const display = number === '' ? fields['name'] : `${number} - ${String(fields['name'])}`;
    return {
      active: true,
      custom_fields: {},
      ...own(record),
      display_name: display,
      company: { id: company.id, name: company.name },
      is_erp_integrated: isErpProject(record),
      standard_cost_code_list_id: fields['standard_cost_code_list_id'] ?? company.erpListId,
    };
  }

  standardCode(company: Company, record: SimRecord): JsonObject {
    const chain = this.chain(company, record);
    const parent = chain.at(-2);
    return {
      ...own(record),
      parent_id: record.fields['parent_id'] ?? null,
      full_code: fullCode(chain),
      sortable_code: fullCode(chain),
      parent_origin_id: parent?.fields['origin_id'] ?? null,
      long_name_helper: helper(chain),
    };
  }

  costCode(company: Company, record: SimRecord): JsonObject {
    const { records } = this;
    const chain = this.chain(company, record);
    const subJob = records.find(company, 'sub_job', record.fields['sub_job_id']);
    const biller = subJob ?? records.find(company, 'project', record.fields['project_id']);
    const standard = records.find(company, 'standard_cost_code', record.fields['standard_cost_code_id']);
    const pairs = this.assignments(company, record);
    return {
      position: null,
      deleted_at: null,
      ...own(record),
      full_code: fullCode(chain),
      sortable_code: fullCode(chain),
      long_name_helper: helper(chain),
      parent: { id: record.fields['parent_id'] ?? null },
      biller: biller?.fields['name'] ?? null,
      biller_id: biller?.id ?? null,
      biller_type: subJob ? 'SubJob' : 'Project',
      biller_origin_id: biller?.fields['origin_id'] ?? null,
      budgeted: records
        .of(company, 'erp_job_cost')
        .some((r) => r.fields['cost_code_id'] === record.id && r.fields['budget_line_item_id']),
      standard_cost_code_id: standard?.id ?? null,
      standard_cost_code_origin_id: standard?.fields['origin_id'] ?? null,
      line_item_types: pairs.map((pair) =>
        this.any(company, records.find(company, 'line_item_type', pair.fields['line_item_type_id'])),
      ),
    };
  }

  assignments(company: Company, code: SimRecord): SimRecord[] {
    return this.records
      .of(company, 'cost_code_line_item_type')
      .filter((r) => r.fields['cost_code_id'] === code.id);
  }

  line(company: Company, record: SimRecord): JsonObject {
    const { records } = this;
    const { fields } = record;
    const code = records.find(company, 'cost_code', fields['cost_code_id']);
    const type = records.find(company, 'line_item_type', fields['line_item_type_id']);
    const holder = records.parent(company, record);
    return {
      description: null,
      uom: null,
      tax_code: null,
      tax_code_id: null,
      extended_type: 'manual',
      ...own(record),
      ...lineAmounts(record, records.lines(company, record)),
      company: { id: company.id, name: company.name },
      cost_code: code ? this.costCode(company, code) : null,
      line_item_type: type ? this.any(company, type) : null,
      holder: holder ? { id: holder.id, holder_type: CONTRACT_CLASS[holder.kind] ?? 'ChangeOrder' } : null,
      project: this.projectOf(company, record),
      wbs_code: code
        ? {
            id: code.id,
            flat_code: [fullCode(this.chain(company, code)), type?.fields['code']].filter(Boolean).join('.'),
            description: [code.fields['name'], type?.fields['name']].filter(Boolean).join('.'),
          }
        : null,
    };
  }

  contract(company: Company, record: SimRecord): JsonObject {
    const vendor = this.records.find(company, 'vendor', record.fields['vendor_id']);
    const changes = this.changeOrders(company, record);
    const total = (status: RegExp): string =>
      sum(
        changes
          .filter((c) => status.test(String(c.fields['status'])))
          .flatMap((c) => this.amounts(company, c)),
      );
    const children = this.records.children(company, record);
    const paid = children.filter((r) => r.kind === 'contract_payment').map((r) => r.fields['amount']);
    const requisitions = children
      .filter((r) => r.kind === 'requisition')
      .flatMap((r) => this.records.lines(company, r).map((item) => item.fields['amount']));
    return {
      accounting_method: 'amount',
      custom_fields: {},
      executed: false,
      private: true,
      requisitions_are_enabled: record.kind !== 'prime_contract',
      ...own(record),
      type: CONTRACT_CLASS[record.kind],
      retainage_percent: decimal(record.fields['retainage_percent']),
      ...contractAmounts(
        sum(this.amounts(company, record)),
        {
          approved: total(/^approved$/i),
          pending: total(/^(pending|proceeding)/i),
          draft: total(/^draft/i),
        },
        sum(paid),
      ),
      total_requisitions_amount: sum(requisitions),
      has_change_order_packages: changes.length > 0,
      has_potential_change_orders: changes.length > 0,
      project: this.projectOf(company, record),
      line_items: this.records.lines(company, record).map((line) => this.line(company, line)),
      vendor: vendor
        ? {
            id: vendor.id,
            name: vendor.fields['name'],
            company: vendor.fields['name'],
            origin_id: vendor.fields['origin_id'] ?? null,
            origin_data: vendor.fields['origin_data'] ?? null,
          }
        : { id: null, name: null, company: null, origin_id: null, origin_data: null },
    };
  }

  changeOrders(company: Company, contract: SimRecord): SimRecord[] {
    return this.records
      .children(company, contract)
      .filter((r) => (CHANGE_ORDERS as readonly string[]).includes(r.kind));
  }

  private requisition(company: Company, record: SimRecord): JsonObject {
    const contract = this.records.find(company, COMMITMENTS, record.fields['commitment_id']);
    const vendor = this.records.find(company, 'vendor', contract?.fields['vendor_id']);
    const items = this.records
      .lines(company, record)
      .map((item) => ({ ...own(item), ...requisitionItemAmounts(item) }));
    return {
      custom_fields: {},
      ...own(record),
      commitment_type: contract ? CONTRACT_CLASS[contract.kind] : null,
      contract_name: contract?.fields['title'] ?? null,
      vendor_id: vendor?.id ?? null,
      vendor_name: vendor?.fields['name'] ?? null,
      erp_status: record.erp.status,
      total_claimed_amount: sum(items.map((item) => item['amount'])),
      items,
    };
  }

  private amounts(company: Company, holder: SimRecord): string[] {
    return this.records
      .lines(company, holder)
      .filter((r) => r.kind === 'line_item')
      .map((line) => String(lineAmounts(line, this.records.lines(company, line))['amount']));
  }

  /** From the root code down to this one. */
  private chain(company: Company, record: SimRecord): SimRecord[] {
    const chain = [record];
    let parent = this.records.find(company, record.kind, record.fields['parent_id']);
    while (parent && !chain.includes(parent)) {
      chain.unshift(parent);
      parent = this.records.find(company, record.kind, parent.fields['parent_id']);
    }
    return chain;
  }

  fullCode(company: Company, record: SimRecord): string {
    return fullCode(this.chain(company, record));
  }

  /** A code with codes below it cannot carry cost. */
  isDivision(company: Company, code: SimRecord): boolean {
    return this.records.of(company, code.kind).some((r) => r.fields['parent_id'] === code.id);
  }
}

/** Projects of the ERP take cost codes by the sync action only. */
export function isErpProject(project: SimRecord): boolean {
  return isLinked(project) || project.fields['erp_integrated'] === true;
}

/** The stored fields with id, link and times. */
export function own(record: SimRecord): JsonObject {
  return {
    synced: isLinked(record),
    ...record.fields,
    id: record.id,
    created_at: isoSeconds(record.created_at),
    updated_at: isoSeconds(record.updated_at),
  };
}

const fullCode = (chain: SimRecord[]): string => chain.map((r) => String(r.fields['code'])).join('-');

const helper = (chain: SimRecord[]): unknown[][] => [
  chain.map((r) => r.fields['code'] ?? null),
  chain.map((r) => r.fields['name'] ?? null),
];
