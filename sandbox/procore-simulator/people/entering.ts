import { ActionRefused } from '../errors';
import { DEFAULT_USER } from '../erp-events';
import { isObject, type JsonObject } from '../json';
import { COMMITMENTS, isWaiting, KINDS, type Kind, type SimRecord } from '../records/record';
import { erpListId } from '../records/views';
import { actions, type Actor, type Place } from '../stage';
import type { RecordState } from '../types';
import {
  asPerson,
  codesOf,
  coded,
  costType,
  put,
  putBudget,
  putBudgetChanges,
  putLines,
  refuseUnsavable,
  underParent,
  type BudgetLineSeed,
  type CodeSeed,
  type CostCodeSeed,
  type LineSeed,
  type RecordSeed,
  type SeedWithItems,
  type SeedWithLines,
} from './entry';
import { EXPORTABLE, isExportable, type ExportableKind } from './export-kinds';

/** Project managers and accountants enter records in Procore. */
export const ENTERING = actions({
  /** Companies of the directory. */
  seedVendors(vendors: RecordSeed[], companyId?: number): RecordState[] {
    if (!Array.isArray(vendors) || !vendors.every(isObject)) {
      throw new ActionRefused('vendors must be an array of objects', 400);
    }
    const at = this.at(companyId);
    return vendors.map((seed) => at.show(put(at, 'vendor', seed)));
  },

  seedProject(seed: RecordSeed, companyId?: number): RecordState {
    const at = this.at(companyId);
    return at.show(put(at, 'project', { active: true, custom_fields: {}, ...seed }));
  },

  seedSubJob(projectId: number, seed: RecordSeed, companyId?: number): RecordState {
    const at = this.at(companyId);
    at.records.get(at.company, 'project', projectId);
    return at.show(put(at, 'sub_job', { ...seed, project_id: projectId }));
  },

  /** Whole codes, parents first. */
  seedStandardCodes(seeds: CodeSeed[], companyId?: number): RecordState[] {
    const at = this.at(companyId);
    const list = { standard_cost_code_list_id: erpListId(at.company, () => at.state.nextId('list')) };
    return seeds.map((seed) => {
      const siblings = at.records.of(at.company, 'standard_cost_code');
      return at.show(put(at, 'standard_cost_code', { ...underParent(at, siblings, seed), ...list }));
    });
  },

  seedCostTypes(seeds: (RecordSeed & { code: string; name: string })[], companyId?: number): RecordState[] {
    const at = this.at(companyId);
    return seeds.map((seed) => at.show(put(at, 'line_item_type', { base_type: null, ...seed })));
  },

  /** Whole codes, parents first, with the codes of their cost types. */
  seedCostCodes(
    projectId: number,
    seeds: CostCodeSeed[],
    options: { subJobId?: number; companyId?: number } = {},
  ): RecordState[] {
    const at = this.at(options.companyId);
    at.records.get(at.company, 'project', projectId);
    const job = { project_id: projectId, sub_job_id: options.subJobId ?? null };
    return seeds.map(({ types, ...seed }) => {
      const standard = at.records
        .of(at.company, 'standard_cost_code')
        .find((r) => at.views.fullCode(at.company, r) === seed.code);
      const code = put(at, 'cost_code', {
        standard_cost_code_id: standard?.id ?? null,
        ...underParent(at, codesOf(at, projectId, job.sub_job_id), seed),
        ...job,
      });
      for (const type of types ?? []) {
        const pair = { cost_code_id: code.id, line_item_type_id: costType(at, type).id };
        put(at, 'cost_code_line_item_type', { ...job, ...pair, synced: false });
      }
      return at.show(code);
    });
  },

  /** `type` is `WorkOrderContract` (default) or `PurchaseOrderContract`; lines name cost code and cost type by their codes. */
  seedCommitment(
    projectId: number,
    { type, ...seed }: SeedWithLines & { type?: string },
    companyId?: number,
  ): RecordState {
    const kind = type === 'PurchaseOrderContract' ? 'purchase_order_contract' : 'work_order_contract';
    return contract(this.at(companyId), kind, projectId, seed);
  },

  seedPrimeContract(projectId: number, seed: SeedWithLines, companyId?: number): RecordState {
    return contract(this.at(companyId), 'prime_contract', projectId, seed);
  },

  seedCommitmentChangeOrder(commitmentId: number, seed: SeedWithLines, companyId?: number): RecordState {
    const at = this.at(companyId);
    const holder = at.records.get(at.company, COMMITMENTS, commitmentId);
    return changeOrder(at, 'commitment_change_order', holder, seed);
  },

  /** Lines may carry `prime_line_item_id` and `markups`. */
  seedPrimeContractChangeOrder(
    primeContractId: number,
    seed: SeedWithLines,
    companyId?: number,
  ): RecordState {
    const at = this.at(companyId);
    const holder = at.records.get(at.company, 'prime_contract', primeContractId);
    return changeOrder(at, 'prime_contract_change_order', holder, seed);
  },

  addLines(
    kind: 'commitment' | 'prime_contract' | 'commitment_change_order' | 'prime_contract_change_order',
    id: number,
    lines: LineSeed[],
    companyId?: number,
  ): RecordState[] {
    const at = this.at(companyId);
    const holder = found(at, kind, id);
    if (holder.kind !== 'prime_contract' && holder.erp.status !== 'not_in_erp') {
      throw new ActionRefused(`The ${KINDS[holder.kind].label} is locked by ERP`);
    }
    return putLines(at, holder, lines).map((line) => at.show(line));
  },

  /** Items name their commitment line by `line_item_id`, or `change_order_line_item_id`. */
  seedRequisition(commitmentId: number, { items, ...seed }: SeedWithItems, companyId?: number): RecordState {
    const at = this.at(companyId);
    const commitment = at.records.get(at.company, COMMITMENTS, commitmentId);
    const project = { project_id: commitment.fields['project_id'] };
    const requisition = put(at, 'requisition', {
      status: 'approved',
      custom_fields: {},
      ...seed,
      commitment_id: commitment.id,
      ...project,
    });
    for (const item of items ?? []) {
      put(at, 'requisition_item', {
        requisition_item_type: 'Billings::ContractItem',
        ...item,
        requisition_id: requisition.id,
        ...project,
      });
    }
    return at.show(requisition);
  },

  seedPayment(requisitionId: number, seed: RecordSeed, companyId?: number): RecordState {
    const at = this.at(companyId);
    const { company, records } = at;
    const requisition = records.get(company, 'requisition', requisitionId);
    const commitment = records.get(company, COMMITMENTS, requisition.fields['commitment_id']);
    const payment = put(at, 'contract_payment', {
      status: 'paid',
      invoice_number: requisition.fields['invoice_number'] ?? null,
      vendor_id: commitment.fields['vendor_id'] ?? null,
      ...seed,
      company_id: company.id,
      requisition_id: requisition.id,
      contract_id: commitment.id,
      project_id: requisition.fields['project_id'],
    });
    return at.show(payment);
  },

  /** Items name their prime contract line by `line_item_id`. */
  seedPaymentApplication(
    primeContractId: number,
    { items, ...seed }: SeedWithItems,
    companyId?: number,
  ): RecordState {
    const at = this.at(companyId);
    const prime = at.records.get(at.company, 'prime_contract', primeContractId);
    const project = { project_id: prime.fields['project_id'] };
    const fields = { status: 'approved', ...seed, contract_id: prime.id, ...project };
    const application = put(at, 'payment_application', fields);
    (items ?? []).forEach((item, index) =>
      put(at, 'payment_application_line_item', {
        item_number: index + 1,
        ...item,
        payment_application_id: application.id,
        ...project,
      }),
    );
    return at.show(application);
  },

  /** The budget of a project with its first amounts; locked unless told otherwise. */
  seedBudget(
    projectId: number,
    lines: BudgetLineSeed[],
    options: { locked?: boolean; companyId?: number } = {},
  ): RecordState {
    const at = this.at(options.companyId);
    return at.show(putBudget(at, projectId, lines, options.locked ?? true));
  },

  /** Moves budget amounts; answers the transactions that now wait for the ERP. */
  changeBudget(projectId: number, lines: BudgetLineSeed[], companyId?: number): RecordState[] {
    const at = this.at(companyId);
    return putBudgetChanges(at, projectId, lines).map((transaction) => at.show(transaction));
  },

  /** Lines carry `project_id` beside cost code and cost type. */
  seedCompanyLevelDirectCost({ lines, ...seed }: SeedWithLines, companyId?: number): RecordState {
    const at = this.at(companyId);
    const items = (lines ?? []).map((line, index) => ({
      id: at.state.nextId('record'),
      position: index + 1,
      ...coded(at, Number(line['project_id']), line),
    }));
    const fields = { status: 'approved', ...seed, line_items: items };
    return at.show(put(at, 'company_level_direct_cost', fields));
  },

  /** A person edits a record: locks and save rules hold. */
  editRecord(kind: Kind | ExportableKind, id: number, patch: JsonObject, companyId?: number): RecordState {
    const at = this.at(companyId);
    return edit(at, found(at, kind, id), patch);
  },

  editVendor(vendorId: number, patch: JsonObject, { userId, companyId }: Actor = {}): RecordState {
    const at = this.at(companyId);
    const author = { ...at, records: at.records.by(userId ?? DEFAULT_USER) };
    return edit(author, found(at, 'vendor', vendorId), patch);
  },

  /** A record that is deleted, or that the service account may not read any more: no list has it, and it answers 404. */
  hideRecord(kind: Kind, id: number, companyId?: number): void {
    const at = this.at(companyId);
    at.records.hide(at.company, at.records.get(at.company, kind, id));
  },

  /** It is there again, as it was. */
  showRecord(kind: Kind, id: number, companyId?: number): RecordState {
    const at = this.at(companyId);
    return at.show(at.records.show(at.company, kind, id));
  },

  /** Any record; `commitment` finds contracts of both types. */
  record(kind: Kind | ExportableKind, id: number, companyId?: number): RecordState {
    const at = this.at(companyId);
    return at.show(found(at, kind, id));
  },

  vendor(vendorId: number, companyId?: number): RecordState {
    const at = this.at(companyId);
    return at.show(found(at, 'vendor', vendorId));
  },
});

function found({ company, records }: Place, kind: Kind | ExportableKind, id: number): SimRecord {
  return records.get(company, isExportable(kind) ? EXPORTABLE[kind].kinds : kind, id);
}

function contract(at: Place, kind: Kind, projectId: number, { lines, ...seed }: SeedWithLines): RecordState {
  at.records.get(at.company, 'project', projectId);
  const record = put(at, kind, { status: 'Approved', ...seed, project_id: projectId });
  putLines(at, record, lines);
  return at.show(record);
}

function changeOrder(
  at: Place,
  kind: Kind,
  holder: SimRecord,
  { lines, ...seed }: SeedWithLines,
): RecordState {
  const order = put(at, kind, {
    status: 'approved',
    custom_fields: {},
    ...seed,
    contract_id: holder.id,
    project_id: holder.fields['project_id'],
  });
  putLines(at, order, lines);
  return at.show(order);
}

function edit(at: Place, record: SimRecord, patch: JsonObject): RecordState {
  const { label, locks } = KINDS[record.kind];
  if (locks?.peopleOnly === true && isWaiting(record)) {
    throw new ActionRefused(`This ${label} is waiting for the ERP and cannot be edited`);
  }
  refuseUnsavable(at.company.connection?.metadata, record.kind, { ...record.fields, ...patch });
  return at.show(asPerson(() => at.records.update(at.company, record, patch)));
}
