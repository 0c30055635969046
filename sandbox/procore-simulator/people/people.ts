import { ActionRefused } from '../errors';
import type { JsonObject } from '../json';
import { ruleComplaints } from '../metadata-rules';
import { recordState, type Records } from '../records/store';
import { KINDS, type Kind, type SimRecord } from '../records/record';
import type { Company } from '../state';
import type { EmitResult, RecordState } from '../types';
import type { Asks, UnlinkableKind } from './asks';
import { EXPORTABLE, exportableOf, type ExportableKind } from './export-kinds';
import type { RecordExportForm, RecordExports } from './exports';
import type { ImportResult, Imports } from './imports';
import type { RefreshButton, Refreshes } from './refresh';
import {
  asPerson,
  type BudgetLineSeed,
  type CodeSeed,
  type CostCodeSeed,
  type LineSeed,
  type RecordSeed,
  type Seeds,
  type SeedWithLines,
} from './seeds';
import type { Support } from './support';

/** Who acts, and in which company; the first one when none is named. */
export interface Actor {
  userId?: number;
  companyId?: number;
}

export interface PeopleParts {
  records: Records;
  seeds: Seeds;
  exports: RecordExports;
  asks: Asks;
  imports: Imports;
  refreshes: Refreshes;
  support: Support;
}

type Form = RecordExportForm & Actor;

/**
 * The people of a construction company in Procore: project managers who enter records, accountants in the ERP Integrations tool,
 * Procore's support. Every method may be called through the control door as well.
 */
export abstract class People {
  protected abstract people(companyId?: number): { company: Company; parts: PeopleParts };

  // ---- entering records -----------------------------------------------------------------------

  seedProject(seed: RecordSeed, companyId?: number): RecordState {
    return this.seed(companyId, (s, company) => s.project(company, seed));
  }

  seedSubJob(projectId: number, seed: RecordSeed, companyId?: number): RecordState {
    return this.seed(companyId, (s, company) => s.subJob(company, projectId, seed));
  }

  /** Whole codes, parents first. */
  seedStandardCodes(seeds: CodeSeed[], companyId?: number): RecordState[] {
    return this.seedAll(companyId, (s, company) => s.standardCodes(company, seeds));
  }

  seedCostTypes(seeds: (RecordSeed & { code: string; name: string })[], companyId?: number): RecordState[] {
    return this.seedAll(companyId, (s, company) => s.costTypes(company, seeds));
  }

  /** Whole codes, parents first, with the codes of their cost types. */
  seedCostCodes(
    projectId: number,
    seeds: CostCodeSeed[],
    options: { subJobId?: number; companyId?: number } = {},
  ): RecordState[] {
    return this.seedAll(options.companyId, (s, company) =>
      s.costCodes(company, projectId, seeds, options.subJobId ?? null),
    );
  }

  /** `type` is `WorkOrderContract` (default) or `PurchaseOrderContract`; lines name cost code and cost type by their codes. */
  seedCommitment(
    projectId: number,
    seed: SeedWithLines & { type?: string },
    companyId?: number,
  ): RecordState {
    return this.seed(companyId, (s, company) => s.commitment(company, projectId, seed));
  }

  seedCommitmentChangeOrder(commitmentId: number, seed: SeedWithLines, companyId?: number): RecordState {
    return this.seed(companyId, (s, company) =>
      s.changeOrder(company, 'commitment_change_order', commitmentId, seed),
    );
  }

  seedPrimeContract(projectId: number, seed: SeedWithLines, companyId?: number): RecordState {
    return this.seed(companyId, (s, company) => s.primeContract(company, projectId, seed));
  }

  /** Lines may carry `prime_line_item_id` and `markups`. */
  seedPrimeContractChangeOrder(
    primeContractId: number,
    seed: SeedWithLines,
    companyId?: number,
  ): RecordState {
    return this.seed(companyId, (s, company) =>
      s.changeOrder(company, 'prime_contract_change_order', primeContractId, seed),
    );
  }

  addLines(
    kind: 'commitment' | 'prime_contract' | 'commitment_change_order' | 'prime_contract_change_order',
    id: number,
    lines: LineSeed[],
    companyId?: number,
  ): RecordState[] {
    const { parts } = this.people(companyId);
    return this.seedAll(companyId, (s, company) => {
      const kinds = kind === 'prime_contract' ? kind : EXPORTABLE[kind].kinds;
      const holder = parts.records.get(company, kinds, id);
      if (holder.kind !== 'prime_contract' && holder.erp.status !== 'not_in_erp') {
        throw new ActionRefused(`The ${KINDS[holder.kind].label} is locked by ERP`);
      }
      return s.addLines(company, holder, lines);
    });
  }

  /** Items name their commitment line by `line_item_id`, or `change_order_line_item_id`. */
  seedRequisition(
    commitmentId: number,
    seed: RecordSeed & { items?: JsonObject[] },
    companyId?: number,
  ): RecordState {
    return this.seed(companyId, (s, company) => s.requisition(company, commitmentId, seed));
  }

  seedPayment(requisitionId: number, seed: RecordSeed, companyId?: number): RecordState {
    return this.seed(companyId, (s, company) => s.payment(company, requisitionId, seed));
  }

  /** Items name their prime contract line by `line_item_id`. */
  seedPaymentApplication(
    primeContractId: number,
    seed: RecordSeed & { items?: JsonObject[] },
    companyId?: number,
  ): RecordState {
    return this.seed(companyId, (s, company) => s.paymentApplication(company, primeContractId, seed));
  }

  /** The budget of a project with its first amounts; locked unless told otherwise. */
  seedBudget(
    projectId: number,
    lines: BudgetLineSeed[],
    options: { locked?: boolean; companyId?: number } = {},
  ): RecordState {
    return this.seed(options.companyId, (s, company) =>
      s.budget(company, projectId, lines, options.locked ?? true),
    );
  }

  /** Moves budget amounts; answers the transactions that now wait for the ERP. */
  changeBudget(projectId: number, lines: BudgetLineSeed[], companyId?: number): RecordState[] {
    return this.seedAll(companyId, (s, company) => s.changeBudget(company, projectId, lines));
  }

  /** Lines carry `project_id` beside cost code and cost type. */
  seedCompanyLevelDirectCost(seed: SeedWithLines, companyId?: number): RecordState {
    return this.seed(companyId, (s, company) => s.directCost(company, seed));
  }

  /** A person edits a record: locks and save rules hold. */
  editRecord(kind: Kind | ExportableKind, id: number, patch: JsonObject, companyId?: number): RecordState {
    const { company, parts } = this.people(companyId);
    const record = this.find(company, parts, kind, id);
    const entity = exportableOf(record.kind)?.entity ?? '';
    const complaints = ruleComplaints(company.connection?.metadata, entity, 'save', {
      ...record.fields,
      ...patch,
    });
    if (complaints.length > 0) throw new ActionRefused(complaints.join(' '));
    return recordState(
      parts.records,
      company,
      asPerson(() => parts.records.update(company, record, patch)),
    );
  }

  // ---- to the ERP -----------------------------------------------------------------------------

  sendToErp(kind: ExportableKind, id: number, actor: Actor = {}): RecordState {
    const { company, parts } = this.people(actor.companyId);
    return recordState(parts.records, company, parts.exports.send(company, kind, id, actor.userId));
  }

  retrieve(kind: ExportableKind, id: number, actor: Actor = {}): RecordState {
    const { company, parts } = this.people(actor.companyId);
    return recordState(parts.records, company, parts.exports.retrieve(company, kind, id));
  }

  reject(kind: ExportableKind, id: number, comment: string, actor: Actor = {}): RecordState {
    const { company, parts } = this.people(actor.companyId);
    return recordState(parts.records, company, parts.exports.reject(company, kind, id, comment));
  }

  /** Accept and Export of one record. */
  exportRecord(kind: ExportableKind, id: number, form: Form = {}): EmitResult {
    return this.exportAll(kind, [id], form);
  }

  exportStandardCostCodes(ids: number[], form: Form = {}): EmitResult {
    return this.exportAll('standard_cost_code', ids, form);
  }
  exportJob(projectId: number, form: Form = {}): EmitResult {
    return this.exportRecord('project', projectId, form);
  }
  exportSubJob(subJobId: number, form: Form = {}): EmitResult {
    return this.exportRecord('sub_job', subJobId, form);
  }
  /** The first time `create_budget`, afterwards `update_budget` with what is new. */
  exportBudget(projectId: number, form: Form = {}): EmitResult {
    const { company, parts } = this.people(form.companyId);
    const budget = parts.records.of(company, 'budget').find((r) => r.fields['project_id'] === projectId);
    if (!budget) throw new ActionRefused(`project ${projectId} has no budget`, 404);
    return this.exportRecord('budget', budget.id, form);
  }
  exportCommitment(id: number, form: Form = {}): EmitResult {
    return this.exportRecord('commitment', id, form);
  }
  exportCommitmentChangeOrder(id: number, form: Form = {}): EmitResult {
    return this.exportRecord('commitment_change_order', id, form);
  }
  exportRequisitions(ids: number[], form: Form = {}): EmitResult {
    return this.exportAll('requisition', ids, form);
  }
  exportPayment(id: number, form: Form = {}): EmitResult {
    return this.exportRecord('contract_payment', id, form);
  }
  exportPaymentApplication(id: number, form: Form = {}): EmitResult {
    return this.exportRecord('payment_application', id, form);
  }
  exportPrimeContractChangeOrder(id: number, form: Form = {}): EmitResult {
    return this.exportRecord('prime_contract_change_order', id, form);
  }
  exportCompanyLevelDirectCost(id: number, form: Form = {}): EmitResult {
    return this.exportRecord('company_level_direct_cost', id, form);
  }

  // ---- from the ERP ---------------------------------------------------------------------------

  /** A refresh button; the one of standard cost codes raises two events. */
  refresh(button: RefreshButton, options: Actor & { force?: boolean } = {}): EmitResult[] {
    const { company, parts } = this.people(options.companyId);
    return parts.refreshes.press(company, button, options.userId, options.force);
  }

  /** `sync_single_job` and `sync_sub_job` for everything synced, as Procore sends them on its own clock. */
  runPeriodicSync(companyId?: number): EmitResult[] {
    const { company, parts } = this.people(companyId);
    return parts.refreshes.periodic(company);
  }

  /** Import of a staged record of any kind but a vendor. */
  importStaged(stagedRecordId: number, actor: Actor = {}): ImportResult {
    const { company, parts } = this.people(actor.companyId);
    return parts.imports.import(company, stagedRecordId, actor.userId);
  }

  importBudget(projectId: number, lines: BudgetLineSeed[], actor: Actor = {}): ImportResult {
    const { company, parts } = this.people(actor.companyId);
    return parts.imports.budget(company, projectId, lines, actor.userId);
  }

  // ---- questions to the ERP -------------------------------------------------------------------

  unlinkRecord(kind: UnlinkableKind, id: number, actor: Actor = {}): EmitResult {
    const { company, parts } = this.people(actor.companyId);
    return parts.asks.unlink(company, kind, id, actor.userId);
  }

  deleteCostCodes(ids: number[], actor: Actor = {}): EmitResult {
    const { company, parts } = this.people(actor.companyId);
    return parts.asks.deleteCostCodes(company, ids, actor.userId);
  }

  deleteCostTypeAssignments(ids: number[], actor: Actor = {}): EmitResult {
    const { company, parts } = this.people(actor.companyId);
    return parts.asks.deleteAssignments(company, ids, actor.userId);
  }

  // ---- Procore's support ----------------------------------------------------------------------

  resetJob(projectId: number, companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.resetJob(company, projectId));
  }
  resetSubJob(subJobId: number, companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.resetSubJob(company, subJobId));
  }
  resetRequisition(requisitionId: number, companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.resetRequisition(company, requisitionId));
  }
  resetPayment(paymentId: number, companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.resetPayment(company, paymentId));
  }
  resetPrimeContractChangeOrder(changeOrderId: number, companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.resetPrimeContractChangeOrder(company, changeOrderId));
  }
  resetCompanyLevelDirectCost(directCostId: number, companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.resetCompanyLevelDirectCost(company, directCostId));
  }
  unlinkStandardCostCodes(ids: number[], companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.unlinkStandardCostCodes(company, ids));
  }
  deleteStandardCostCodes(ids: number[], companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.deleteStandardCostCodes(company, ids));
  }
  deleteStandardCategories(ids: number[], companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.deleteStandardCategories(company, ids));
  }
  deleteCostCode(ids: number[], companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.deleteCostCode(company, ids));
  }
  requestMetadata(companyId?: number): EmitResult {
    return this.ask(companyId, (s, company) => s.requestMetadata(company));
  }

  /** Any record but a vendor; `commitment` finds contracts of both types. */
  record(kind: Kind | ExportableKind, id: number, companyId?: number): RecordState {
    const { company, parts } = this.people(companyId);
    return recordState(parts.records, company, this.find(company, parts, kind, id));
  }

  private find(company: Company, parts: PeopleParts, kind: Kind | ExportableKind, id: number): SimRecord {
    const kinds = kind in EXPORTABLE ? EXPORTABLE[kind as ExportableKind].kinds : (kind as Kind);
    return parts.records.get(company, kinds, id);
  }

  private exportAll(kind: ExportableKind, ids: number[], form: Form): EmitResult {
    const { company, parts } = this.people(form.companyId);
    return parts.exports.export(company, kind, ids, form);
  }

  private ask(companyId: number | undefined, work: (s: Support, company: Company) => EmitResult): EmitResult {
    const { company, parts } = this.people(companyId);
    return work(parts.support, company);
  }

  private seed(
    companyId: number | undefined,
    work: (seeds: Seeds, company: Company) => SimRecord,
  ): RecordState {
    const { company, parts } = this.people(companyId);
    return recordState(parts.records, company, work(parts.seeds, company));
  }

  private seedAll(
    companyId: number | undefined,
    work: (seeds: Seeds, company: Company) => SimRecord[],
  ): RecordState[] {
    const { company, parts } = this.people(companyId);
    return work(parts.seeds, company).map((r) => recordState(parts.records, company, r));
  }
}

/** Methods that the control door opens to other processes. */
export const PEOPLE_ACTIONS = [
  'seedProject',
  'seedSubJob',
  'seedStandardCodes',
  'seedCostTypes',
  'seedCostCodes',
  'seedCommitment',
  'seedCommitmentChangeOrder',
  'seedPrimeContract',
  'seedPrimeContractChangeOrder',
  'addLines',
  'seedRequisition',
  'seedPayment',
  'seedPaymentApplication',
  'seedBudget',
  'changeBudget',
  'seedCompanyLevelDirectCost',
  'editRecord',
  'sendToErp',
  'retrieve',
  'reject',
  'exportRecord',
  'exportStandardCostCodes',
  'exportJob',
  'exportSubJob',
  'exportBudget',
  'exportCommitment',
  'exportCommitmentChangeOrder',
  'exportRequisitions',
  'exportPayment',
  'exportPaymentApplication',
  'exportPrimeContractChangeOrder',
  'exportCompanyLevelDirectCost',
  'refresh',
  'runPeriodicSync',
  'importStaged',
  'importBudget',
  'unlinkRecord',
  'deleteCostCodes',
  'deleteCostTypeAssignments',
  'resetJob',
  'resetSubJob',
  'resetRequisition',
  'resetPayment',
  'resetPrimeContractChangeOrder',
  'resetCompanyLevelDirectCost',
  'unlinkStandardCostCodes',
  'deleteStandardCostCodes',
  'deleteStandardCategories',
  'deleteCostCode',
  'requestMetadata',
  'record',
] as const satisfies (keyof People)[];

export type PeopleAction = (typeof PEOPLE_ACTIONS)[number];
