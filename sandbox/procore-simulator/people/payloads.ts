import { asString, isObject, type JsonObject } from '../json';
import { metadataSwitch } from '../metadata-rules';
import {
  applicationItemAmounts,
  applicationSummary,
  directCostAmounts,
  paymentDue,
  requisitionItemAmounts,
} from '../records/amounts';
import { decimal, formatted, sum } from '../records/money';
import { COMMITMENTS, originId, type SimRecord } from '../records/record';
import type { Records } from '../records/store';
import { CONTRACT_CLASS, own, type Views } from '../records/views';
import type { Company } from '../state';

/** What the approver fills in before the export. */
export interface RecordForm {
  /** The ERP number. */
  code?: string;
  customFields?: JsonObject;
  /** `YYYY-MM-DD` */
  accountingDate?: string;
}

/** Request data of the events about live records. Fields that the dictionary does not show are dropped by the sender. */
export class Payloads {
  constructor(
    private readonly records: Records,
    private readonly views: Views,
  ) {}

  vendor(company: Company, vendor: SimRecord, form: RecordForm): JsonObject {
    const shown = { ...this.views.any(company, vendor), ...typed(vendor, form) };
    return { vendor: shown, company_id: company.id };
  }

  standardCodes(company: Company, codes: SimRecord[], form: RecordForm): JsonObject[] {
    return codes.map((code) => ({
      ...this.views.any(company, code),
      erp_custom_fields: form.customFields ?? {},
    }));
  }

  job(company: Company, project: SimRecord, form: RecordForm): JsonObject {
    const job = { ...this.views.any(company, project), ...typed(project, form) };
    return { job, all_cost_codes: this.codes(company, project.id, null) };
  }

  subJob(company: Company, subJob: SimRecord): JsonObject {
    const projectId = Number(subJob.fields['project_id']);
    return {
      sub_job: this.views.any(company, subJob),
      all_cost_codes: this.codes(company, projectId, subJob.id),
      company_id: company.id,
    };
  }

  /** Only what the ERP does not have yet, in the first export and in every later one. */
  budget(company: Company, budget: SimRecord): JsonObject {
    const { records } = this;
    const project = records.get(company, 'project', budget.fields['project_id']);
    const here = (r: SimRecord): boolean => r.fields['project_id'] === project.id;
    const rows = records
      .of(company, 'erp_job_cost')
      .filter((r) => here(r) && r.fields['budget_line_item_id']);
    const origin = (kind: 'cost_code' | 'line_item_type' | 'sub_job', id: unknown): string | null =>
      originId(records.find(company, kind, id));
    return {
      job_id: originId(project),
      company_id: company.id,
      budget: own(budget),
      job_costs: rows.map((row) => ({
        ...own(row),
        cost_code_origin_id: origin('cost_code', row.fields['cost_code_id']),
        line_item_type_origin_id: origin('line_item_type', row.fields['line_item_type_id']),
        sub_job_origin_id: origin('sub_job', row.fields['sub_job_id']),
        job_origin_id: originId(project),
      })),
      transactions: this.unsynced(company, project.id).map(own),
    };
  }

  unsynced(company: Company, projectId: number): SimRecord[] {
    return this.records
      .of(company, 'erp_transaction')
      .filter((r) => r.fields['project_id'] === projectId && r.fields['synced'] !== true);
  }

  requisitions(company: Company, requisitions: SimRecord[], form: RecordForm): JsonObject {
    return {
      company_id: company.id,
      requisitions: requisitions.map((one) => this.requisition(company, one, form)),
    };
  }

  private requisition(company: Company, requisition: SimRecord, form: RecordForm): JsonObject {
    const { records } = this;
    const contract = records.get(company, COMMITMENTS, requisition.fields['commitment_id']);
    const items = records.lines(company, requisition);
    const method = contract.fields['accounting_method'] ?? 'amount';
    return {
      ...own(requisition),
      procore_requisition_id: requisition.id,
      accounting_method: method,
      code: form.code ?? requisition.fields['invoice_number'] ?? null,
      contract_id: contract.id,
      contract_origin_id: originId(contract),
      job_origin_id: originId(records.find(company, 'project', requisition.fields['project_id'])),
      erp_custom_fields: customFields(form),
      formatted_payment_due: formatted(paymentDue(items.map(requisitionItemAmounts))),
      line_items: items.map((item) => this.requisitionItem(company, item, method)),
    };
  }

  private requisitionItem(company: Company, item: SimRecord, method: unknown): JsonObject {
    const { records } = this;
    const { fields } = item;
    const line = records.find(
      company,
      'line_item',
      fields['line_item_id'] ?? fields['change_order_line_item_id'],
    );
    const code = records.find(company, 'cost_code', line?.fields['cost_code_id']);
    const type = records.find(company, 'line_item_type', line?.fields['line_item_type_id']);
    const description = fields['description'] ?? line?.fields['description'] ?? null;
    const view = line ? this.views.line(company, line) : {};
    return {
      line_item_description: description,
      ...own(item),
      procore_requisition_item_id: item.id,
      accounting_method: method,
      ...requisitionItemAmounts(item),
      formatted_amount: formatted(fields['amount']),
      formatted_unit_cost: formatted(fields['unit_cost']),
      change_order_line_item_origin_id: originId(
        records.find(company, 'line_item', fields['change_order_line_item_id']),
      ),
      commitment_item_origin_id: originId(records.find(company, 'line_item', fields['line_item_id'])),
      cost_code_id: code?.id ?? null,
      cost_code_origin_id: originId(code),
      line_item_type_origin_id: originId(type),
      description,
      scheduled_total_amount: view['total_amount'] ?? '0.0',
    };
  }

  payment(company: Company, payment: SimRecord): JsonObject {
    return { company_id: company.id, contract_payment: own(payment) };
  }

  commitment(company: Company, contract: SimRecord, form: RecordForm): JsonObject {
    return {
      job_id: this.jobOrigin(company, contract),
      company_id: company.id,
      commitment: this.commitmentView(company, contract, form),
      commitment_items: this.lines(company, contract),
      additional_data: { accounting_date: form.accountingDate ?? null },
    };
  }

  commitmentChangeOrder(company: Company, order: SimRecord, form: RecordForm): JsonObject {
    const contract = this.records.get(company, COMMITMENTS, order.fields['contract_id']);
    return {
      job_origin_id: this.jobOrigin(company, order),
      company_id: company.id,
      commitment: this.commitmentView(company, contract, {}),
      commitment_items: this.lines(company, contract),
      change_order: { ...this.views.any(company, order), ...typed(order, form) },
      // The dictionary shows the contract as holder of the lines of its change orders.
      change_order_items: this.lines(company, order).map((line) => ({
        ...line,
        holder: { id: contract.id, holder_type: CONTRACT_CLASS[contract.kind] },
      })),
      additional_data: { accounting_date: form.accountingDate ?? null },
    };
  }

  unlinkCommitment(company: Company, contract: SimRecord): JsonObject {
    return {
      job_origin_id: this.jobOrigin(company, contract),
      erp_commitment_id: this.stagedId(company, contract),
      project_id: contract.fields['project_id'],
      procore_commitment_id: contract.id,
      commitment_type: CONTRACT_CLASS[contract.kind],
      commitment_origin_id: originId(contract),
    };
  }

  unlinkCommitmentChangeOrder(company: Company, order: SimRecord): JsonObject {
    const contract = this.records.get(company, COMMITMENTS, order.fields['contract_id']);
    return {
      ...this.unlinkCommitment(company, contract),
      erp_commitment_change_order_id: this.stagedId(company, order),
      commitment_change_order_origin_id: originId(order),
      procore_commitment_change_order_id: order.id,
    };
  }

  paymentApplication(company: Company, application: SimRecord): JsonObject {
    const { records } = this;
    const { fields } = application;
    const contract = records.get(company, 'prime_contract', fields['contract_id']);
    const project = this.views.projectOf(company, application);
    const items = records.lines(company, application);
    const shown = items.map((item) => this.applicationItem(company, contract, item));
    return {
      company_id: company.id,
      payment_application: {
        description_type: 'automatic',
        ...own(application),
        contract_name: [contract.fields['number'], contract.fields['title']].filter(Boolean).join(' '),
        billing_period: {
          start_date: fields['period_start'] ?? null,
          end_date: fields['period_end'] ?? null,
        },
        items: shown,
        summary: {
          application_number: textOf(fields['number']),
          contract_for: project['name'] ?? null,
          contract_date: contract.fields['contract_date'] ?? null,
          project_name: project['name'] ?? null,
          project_number: project['project_number'] ?? null,
          ...applicationSummary(shown, this.views.contract(company, contract)),
        },
      },
    };
  }

  private applicationItem(company: Company, contract: SimRecord, item: SimRecord): JsonObject {
    const line = this.records.find(company, 'line_item', item.fields['line_item_id']);
    const view = line ? this.views.line(company, line) : {};
    return {
      accounting_method: 'amount',
      description_of_work: line?.fields['description'] ?? null,
      ...own(item),
      ...applicationItemAmounts(item, view['total_amount']),
      holder_id: contract.id,
      holder_type: 'PrimeContract',
      type: 'payment_application_line_item',
      origin_id: originId(line),
      origin_type: 'LineItem',
      wbs_code: view['wbs_code'] ?? null,
    };
  }

  primeChangeOrder(company: Company, order: SimRecord, form: RecordForm): JsonObject {
    const contract = this.records.get(company, 'prime_contract', order.fields['contract_id']);
    const markups =
      metadataSwitch(
        company.connection?.metadata,
        'prime_contract_change_orders',
        'export_estimate_markup',
      ) === true;
    return {
      project: this.views.projectOf(company, order),
      prime_contract: this.views.contract(company, contract),
      prime_contract_items: this.lines(company, contract),
      prime_contract_change_order: {
        executed: false,
        ...this.views.any(company, order),
        erp_custom_fields: customFields(form),
        origin_code: form.code ?? order.fields['origin_code'] ?? null,
      },
      prime_contract_change_order_items: this.primeChangeLines(company, order, markups),
    };
  }

  unlinkPrimeChangeOrder(company: Company, order: SimRecord): JsonObject {
    const contract = this.records.get(company, 'prime_contract', order.fields['contract_id']);
    const job = this.jobOrigin(company, order);
    return {
      prime_contract: { ...own(contract), procore_prime_contract_id: contract.id },
      prime_contract_change_order: {
        custom_fields: {},
        ...own(order),
        erp_custom_fields: order.erp.customFields,
        prime_contract_origin_id: originId(contract),
        job_origin_id: job,
      },
      prime_contract_change_order_line_items: this.records.lines(company, order).map((line) => {
        const item = this.records.find(company, 'line_item', line.fields['prime_line_item_id']);
        const code = this.records.find(company, 'cost_code', line.fields['cost_code_id']);
        const type = this.records.find(company, 'line_item_type', line.fields['line_item_type_id']);
        const view = this.views.line(company, line);
        return {
          estimate_amount: Number(view['extended_amount']),
          revenue_amount: Number(view['amount']),
          ...own(line),
          cost_code_origin_id: originId(code),
          cost_code_origin_data: code?.fields['origin_data'] ?? null,
          line_item_type_origin_id: originId(type),
          line_item_type_origin_data: type?.fields['origin_data'] ?? null,
          prime_contract_change_order_origin_id: originId(order),
          prime_contract_item_id: item?.id ?? null,
          procore_prime_contract_item_id: item?.id ?? null,
          prime_contract_item_origin_id: originId(item),
          prime_contract_item_origin_data: item?.fields['origin_data'] ?? null,
          prime_contract_item_position: item?.fields['position'] ?? null,
          potential_change_order_id: order.id,
          job_origin_id: job,
          markup_line_items: [],
        };
      }),
    };
  }

  resetPrimeChangeOrder(company: Company, order: SimRecord): JsonObject {
    const contract = this.records.get(company, 'prime_contract', order.fields['contract_id']);
    return {
      prime_contract_id: contract.id,
      prime_contract_origin_id: originId(contract),
      prime_contract_change_order_id: order.id,
      prime_contract_change_order_number: order.fields['number'] ?? null,
      job_id: this.jobOrigin(company, order),
      prime_contract_change_order_line_items: this.primeChangeLines(company, order, false),
      project_id: order.fields['project_id'],
      prime_contract_change_order_origin_id: originId(order),
    };
  }

  directCost(company: Company, cost: SimRecord, withLines: boolean): JsonObject {
    const { fields } = cost;
    const vendor = this.records.find(company, 'vendor', fields['vendor_id']);
    const lines = (Array.isArray(fields['line_items']) ? (fields['line_items'] as unknown[]) : []).filter(
      isObject,
    );
    const projects = [...new Set(lines.map((line) => Number(line['project_id'])))].map((id) =>
      this.records.find(company, 'project', id),
    );
    const total = sum(lines.map((line) => directCostAmounts(line)['total_amount']));
    const currency = {
      base_currency_iso_code: null,
      currency_exchange_rate: '1.0',
      currency_iso_code: 'USD',
    };
    return {
      company_id: company.id,
      direct_cost: {
        direct_cost_type: 'invoice',
        paid_status: 'unpaid',
        review_status: 'ready',
        billed_amount: total,
        direct_cost_attachment: null,
        ...own(cost),
        id: String(cost.id),
        currency_configuration: currency,
        line_item_total: total,
        erp: { status: cost.erp.status },
        projects: projects.filter((p) => p !== undefined).map((p) => ({ id: p.id, name: p.fields['name'] })),
        vendor: vendor
          ? {
              id: String(vendor.id),
              name: vendor.fields['name'],
              origin_id: vendor.fields['origin_id'] ?? null,
              origin_code: vendor.fields['origin_code'] ?? null,
              origin_data: vendor.fields['origin_data'] ?? null,
            }
          : null,
        ...(withLines
          ? { line_items: lines.map((line) => this.directCostLine(company, cost, line, currency)) }
          : {}),
      },
    };
  }

  private directCostLine(
    company: Company,
    cost: SimRecord,
    line: JsonObject,
    currency: JsonObject,
  ): JsonObject {
    const { records } = this;
    const project = records.find(company, 'project', line['project_id']);
    const code = records.find(company, 'cost_code', line['cost_code_id']);
    const type = records.find(company, 'line_item_type', line['line_item_type_id']);
    const flat = code ? this.views.fullCode(company, code) : null;
    return {
      extended_type: 'manual',
      ...line,
      id: String(Number(line['id'])),
      company: { id: String(company.id) },
      currency_configuration: currency,
      direct_cost_id: String(cost.id),
      ...directCostAmounts(line),
      uom: { name: asString(line['uom']) ?? 'ls', read_only: false },
      project: project ? { id: String(project.id), name: project.fields['name'] } : null,
      wbs_code: code
        ? {
            id: String(code.id),
            flat_code: [flat, type?.fields['code']].filter(Boolean).join('.'),
            description: [code.fields['name'], type?.fields['name']].filter(Boolean).join('.'),
          }
        : null,
      job_origin_id: originId(project),
      cost_code_id: code?.id ?? null,
      line_item_type_id: type?.id ?? null,
      cost_code_origin_id: originId(code),
      line_item_type_origin_id: originId(type),
    };
  }

  private primeChangeLines(company: Company, order: SimRecord, withMarkups: boolean): JsonObject[] {
    return this.records.lines(company, order).map((line) => {
      const item = this.records.find(company, 'line_item', line.fields['prime_line_item_id']);
      const markups = withMarkups ? this.records.lines(company, line) : [];
      return {
        ...this.views.line(company, line),
        erp_custom_fields: {},
        prime_line_item_origin_id: originId(item),
        prime_line_item_origin_code: item?.fields['origin_code'] ?? null,
        prime_line_item_origin_data: item?.fields['origin_data'] ?? null,
        markup_line_items: markups
          .filter((m) => m.fields['can_export_estimate_markup'] !== false)
          .map((m) => this.markup(company, m, item)),
      };
    });
  }

  private markup(company: Company, markup: SimRecord, item: SimRecord | undefined): JsonObject {
    const { fields } = markup;
    const code = this.records.find(company, 'cost_code', fields['destination_cost_code_id']);
    const type = this.records.find(company, 'line_item_type', fields['destination_line_item_type_id']);
    const line = own(markup);
    return {
      ...line,
      amount: decimal(fields['amount']),
      markup: {
        ...line,
        id: fields['markup_id'],
        destination_cost_code: code ? this.views.costCode(company, code) : null,
        destination_line_item_type: type ? this.views.any(company, type) : null,
        destination_sub_job: {},
        prime_line_item: { id: item?.id ?? null, origin_id: originId(item) },
      },
    };
  }

  private commitmentView(company: Company, contract: SimRecord, form: RecordForm): JsonObject {
    return {
      ...this.views.contract(company, contract),
      ...typed(contract, form),
      code: form.code ?? contract.fields['origin_code'] ?? contract.fields['number'] ?? null,
    };
  }

  private lines(company: Company, holder: SimRecord): JsonObject[] {
    return this.records.lines(company, holder).map((line) => this.views.line(company, line));
  }

  /** Divisions first, as the tree is read. */
  private codes(company: Company, projectId: number, subJobId: number | null): JsonObject[] {
    return this.records
      .of(company, 'cost_code')
      .filter((r) => r.fields['project_id'] === projectId && (r.fields['sub_job_id'] ?? null) === subJobId)
      .map((r) => this.views.costCode(company, r))
      .sort((a, b) => String(a['full_code']).localeCompare(String(b['full_code'])));
  }

  private jobOrigin(company: Company, record: SimRecord): string | null {
    return originId(this.records.find(company, 'project', record.fields['project_id']));
  }

  private stagedId(company: Company, record: SimRecord): number | null {
    const found = [...company.staged.values()].find((s) => s.origin_id === originId(record));
    return found?.id ?? null;
  }
}

/** The ERP number belongs to the record only once the integrator has set it; until then the request carries what was typed. */
function typed(record: SimRecord, form: RecordForm): JsonObject {
  return {
    origin_code: form.code ?? record.fields['origin_code'] ?? null,
    erp_custom_fields: customFields(form),
  };
}

function customFields(form: RecordForm): JsonObject {
  return {
    ...form.customFields,
    ...(form.accountingDate === undefined ? {} : { accounting_date: form.accountingDate }),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
