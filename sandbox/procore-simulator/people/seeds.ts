import { ActionRefused } from '../errors';
import { isObject, type JsonObject } from '../json';
import { ruleComplaints } from '../metadata-rules';
import { decimal } from '../records/money';
import { COMMITMENTS, type Kind, type SimRecord } from '../records/record';
import type { Records } from '../records/store';
import { erpListId, type Views } from '../records/views';
import type { Company, State } from '../state';
import { ItemError } from '../sync-action';
import { exportableOf } from './export-kinds';

/** Names a cost code and a cost type by what people see; ids do as well. */
export interface LineSeed extends JsonObject {
  id?: number;
  /** Full cost code, `23-050`. */
  code?: string;
  /** Code of the cost type, `S`. */
  type?: string;
  sub_job_id?: number;
  amount?: string | number;
}

export interface CodeSeed extends JsonObject {
  id?: number;
  /** Whole code, `23-050`; its parent is the known code before the last dash. */
  code: string;
  name: string;
}

export interface CostCodeSeed extends CodeSeed {
  /** Codes of the assigned cost types. */
  types?: string[];
}

export type RecordSeed = JsonObject & { id?: number };
export type SeedWithLines = RecordSeed & { lines?: LineSeed[] };

export interface BudgetLineSeed extends LineSeed {
  notes?: string;
  /** A budget change: an original estimate otherwise. */
  revised?: boolean;
}

/** What people enter in Procore: projects, codes, contracts, invoices. Save rules of the metadata hold. */
export class Seeds {
  constructor(
    private readonly state: State,
    private readonly records: Records,
    private readonly views: Views,
  ) {}

  project(company: Company, seed: RecordSeed): SimRecord {
    return this.put(company, 'project', { active: true, custom_fields: {}, ...seed });
  }

  subJob(company: Company, projectId: number, seed: RecordSeed): SimRecord {
    this.records.get(company, 'project', projectId);
    return this.put(company, 'sub_job', { ...seed, project_id: projectId });
  }

  standardCodes(company: Company, seeds: CodeSeed[]): SimRecord[] {
    const list = erpListId(company, () => this.state.nextId('list'));
    return seeds.map((seed) => {
      const siblings = this.records.of(company, 'standard_cost_code');
      const fields = { ...this.placed(company, siblings, seed), standard_cost_code_list_id: list };
      return this.put(company, 'standard_cost_code', fields);
    });
  }

  costTypes(company: Company, seeds: (RecordSeed & { code: string; name: string })[]): SimRecord[] {
    return seeds.map((seed) => this.put(company, 'line_item_type', { base_type: null, ...seed }));
  }

  costCodes(
    company: Company,
    projectId: number,
    seeds: CostCodeSeed[],
    subJobId: number | null,
  ): SimRecord[] {
    this.records.get(company, 'project', projectId);
    return seeds.map(({ types, ...seed }) => {
      const siblings = this.codesOf(company, projectId, subJobId);
      const standard = this.records
        .of(company, 'standard_cost_code')
        .find((r) => this.views.fullCode(company, r) === seed.code);
      const code = this.put(company, 'cost_code', {
        standard_cost_code_id: standard?.id ?? null,
        ...this.placed(company, siblings, seed),
        project_id: projectId,
        sub_job_id: subJobId,
      });
      for (const type of types ?? []) this.assign(company, code, type);
      return code;
    });
  }

  /** Assign one more cost type to a cost code. */
  assign(company: Company, code: SimRecord, type: string): SimRecord {
    return this.put(company, 'cost_code_line_item_type', {
      project_id: code.fields['project_id'],
      sub_job_id: code.fields['sub_job_id'] ?? null,
      cost_code_id: code.id,
      line_item_type_id: this.type(company, type).id,
      synced: false,
    });
  }

  commitment(company: Company, projectId: number, seed: SeedWithLines & { type?: string }): SimRecord {
    const { type, lines, ...fields } = seed;
    const kind = type === 'PurchaseOrderContract' ? 'purchase_order_contract' : 'work_order_contract';
    return this.contract(company, kind, projectId, { status: 'Approved', ...fields }, lines);
  }

  primeContract(company: Company, projectId: number, seed: SeedWithLines): SimRecord {
    const { lines, ...fields } = seed;
    return this.contract(company, 'prime_contract', projectId, { status: 'Approved', ...fields }, lines);
  }

  changeOrder(
    company: Company,
    kind: 'commitment_change_order' | 'prime_contract_change_order',
    contractId: number,
    seed: SeedWithLines,
  ): SimRecord {
    const { lines, ...fields } = seed;
    const contract = this.records.get(
      company,
      kind === 'commitment_change_order' ? COMMITMENTS : 'prime_contract',
      contractId,
    );
    const order = this.put(company, kind, {
      status: 'approved',
      custom_fields: {},
      ...fields,
      contract_id: contract.id,
      project_id: contract.fields['project_id'],
    });
    this.addLines(company, order, lines ?? []);
    return order;
  }

  /** More lines for a contract or change order; `markups` of a prime change come with their line. */
  addLines(company: Company, holder: SimRecord, lines: LineSeed[]): SimRecord[] {
    const before = this.records.lines(company, holder).length;
    return lines.map(({ markups, ...line }, index) => {
      const record = this.put(company, 'line_item', {
        position: before + index + 1,
        ...this.coded(company, Number(holder.fields['project_id']), line),
        holder_id: holder.id,
        holder_kind: holder.kind,
        project_id: holder.fields['project_id'],
      });
      const list: unknown[] = Array.isArray(markups) ? markups : [];
      for (const markup of list) if (isObject(markup)) this.markup(company, record, markup);
      return record;
    });
  }

  requisition(
    company: Company,
    commitmentId: number,
    seed: RecordSeed & { items?: JsonObject[] },
  ): SimRecord {
    const { items, ...fields } = seed;
    const contract = this.records.get(company, COMMITMENTS, commitmentId);
    const requisition = this.put(company, 'requisition', {
      status: 'approved',
      custom_fields: {},
      ...fields,
      commitment_id: contract.id,
      project_id: contract.fields['project_id'],
    });
    for (const item of items ?? []) {
      this.put(company, 'requisition_item', {
        requisition_item_type: 'Billings::ContractItem',
        ...item,
        requisition_id: requisition.id,
        project_id: contract.fields['project_id'],
      });
    }
    return requisition;
  }

  payment(company: Company, requisitionId: number, seed: RecordSeed): SimRecord {
    const requisition = this.records.get(company, 'requisition', requisitionId);
    const contract = this.records.get(company, COMMITMENTS, requisition.fields['commitment_id']);
    return this.put(company, 'contract_payment', {
      status: 'paid',
      invoice_number: requisition.fields['invoice_number'] ?? null,
      vendor_id: contract.fields['vendor_id'] ?? null,
      ...seed,
      company_id: company.id,
      requisition_id: requisition.id,
      contract_id: contract.id,
      project_id: requisition.fields['project_id'],
    });
  }

  paymentApplication(
    company: Company,
    primeContractId: number,
    seed: RecordSeed & { items?: JsonObject[] },
  ): SimRecord {
    const { items, ...fields } = seed;
    const contract = this.records.get(company, 'prime_contract', primeContractId);
    const application = this.put(company, 'payment_application', {
      status: 'approved',
      ...fields,
      contract_id: contract.id,
      project_id: contract.fields['project_id'],
    });
    (items ?? []).forEach((item, index) =>
      this.put(company, 'payment_application_line_item', {
        item_number: index + 1,
        ...item,
        payment_application_id: application.id,
        project_id: contract.fields['project_id'],
      }),
    );
    return application;
  }

  budget(company: Company, projectId: number, lines: BudgetLineSeed[], locked: boolean): SimRecord {
    this.records.get(company, 'project', projectId);
    const known = this.records.of(company, 'budget').find((r) => r.fields['project_id'] === projectId);
    const budget =
      known ?? this.put(company, 'budget', { project_id: projectId, locked: false, custom_fields: {} });
    this.changeBudget(company, projectId, lines);
    budget.fields['locked'] = locked;
    return budget;
  }

  /** Each amount moves the budget of one code and type, and becomes one transaction for the ERP. */
  changeBudget(company: Company, projectId: number, lines: BudgetLineSeed[]): SimRecord[] {
    return lines.map(({ revised, notes, amount, ...line }) => {
      const pair = this.coded(company, projectId, line);
      const rows = this.records.of(company, 'erp_job_cost');
      const row =
        rows.find(
          (r) =>
            r.fields['project_id'] === projectId &&
            r.fields['cost_code_id'] === pair['cost_code_id'] &&
            r.fields['line_item_type_id'] === pair['line_item_type_id'],
        ) ??
        this.put(company, 'erp_job_cost', {
          ...pair,
          project_id: projectId,
          sub_job_id: line.sub_job_id ?? null,
        });
      row.fields['budget_line_item_id'] ??= this.state.nextId('record');
      const value = Number(decimal(amount));
      row.fields['new_amount'] = Number(row.fields['new_amount'] ?? 0) + value;
      return this.put(company, 'erp_transaction', {
        project_id: projectId,
        job_cost_id: row.id,
        value,
        code: null,
        notes: notes ?? null,
        synced: false,
        type: revised === true ? 'Erp::RevisedEstimateTransaction' : 'Erp::OriginalEstimateTransaction',
        procore_transaction_id: null,
        procore_transaction_type: null,
      });
    });
  }

  directCost(company: Company, seed: SeedWithLines): SimRecord {
    const { lines, ...fields } = seed;
    const coded = (lines ?? []).map((line, index) => {
      const projectId = Number(line['project_id']);
      return {
        id: this.state.nextId('record'),
        position: index + 1,
        ...this.coded(company, projectId, line),
      };
    });
    return this.put(company, 'company_level_direct_cost', {
      status: 'approved',
      ...fields,
      line_items: coded,
    });
  }

  private contract(
    company: Company,
    kind: Kind,
    projectId: number,
    fields: RecordSeed,
    lines: LineSeed[] | undefined,
  ): SimRecord {
    this.records.get(company, 'project', projectId);
    const contract = this.put(company, kind, { ...fields, project_id: projectId });
    this.addLines(company, contract, lines ?? []);
    return contract;
  }

  private markup(company: Company, line: SimRecord, seed: JsonObject): SimRecord {
    return this.put(company, 'markup', {
      markup_id: this.state.nextId('record'),
      can_export_estimate_markup: true,
      compounds_markups_above: false,
      markup_set: 'vertical',
      position: 1,
      destination_cost_code_id: line.fields['cost_code_id'] ?? null,
      destination_line_item_type_id: line.fields['line_item_type_id'] ?? null,
      ...seed,
      line_item_id: line.id,
    });
  }

  /** Ids for the codes people named. */
  private coded(company: Company, projectId: number, line: LineSeed): JsonObject {
    const { code, type, sub_job_id: subJobId, ...fields } = line;
    if (code !== undefined) {
      const found = this.codesOf(company, projectId, subJobId ?? null).find(
        (r) => this.views.fullCode(company, r) === code,
      );
      if (!found) throw new ActionRefused(`no cost code ${code} in project ${projectId}`, 404);
      fields['cost_code_id'] = found.id;
    }
    if (type !== undefined) fields['line_item_type_id'] = this.type(company, type).id;
    return fields;
  }

  private type(company: Company, code: string): SimRecord {
    const found = this.records.of(company, 'line_item_type').find((r) => r.fields['code'] === code);
    if (!found) throw new ActionRefused(`no cost type ${code}`, 404);
    return found;
  }

  private codesOf(company: Company, projectId: number, subJobId: number | null): SimRecord[] {
    return this.records
      .of(company, 'cost_code')
      .filter((r) => r.fields['project_id'] === projectId && (r.fields['sub_job_id'] ?? null) === subJobId);
  }

  /** Under the longest known code that its own code begins with. */
  private placed(company: Company, siblings: SimRecord[], seed: CodeSeed): RecordSeed {
    const parent = siblings
      .map((r) => ({ id: r.id, code: this.views.fullCode(company, r) }))
      .filter(({ code }) => seed.code.startsWith(`${code}-`))
      .sort((a, b) => b.code.length - a.code.length)[0];
    if (!parent) return { parent_id: null, ...seed };
    return { ...seed, parent_id: parent.id, code: seed.code.slice(parent.code.length + 1) };
  }

  private put(company: Company, kind: Kind, { id, ...fields }: RecordSeed): SimRecord {
    if (id !== undefined && this.records.find(company, kind, id)) {
      throw new ActionRefused(`${kind} ${id} exists`, 409);
    }
    const entity = exportableOf(kind)?.entity;
    const complaints = entity ? ruleComplaints(company.connection?.metadata, entity, 'save', fields) : [];
    if (complaints.length > 0) throw new ActionRefused(complaints.join(' '));
    return asPerson(() => this.records.create(company, kind, fields, id));
  }
}

/** What the API answers per field, a person sees as sentences. */
export function asPerson<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
    const sentences = Object.entries(error.errors).map(([field, words]) => `${field} ${words.join(', ')}`);
    throw new ActionRefused(sentences.join('; '));
  }
}
