import type { RefTarget } from '../../domain/kinds';
import type { ProcoreHttp } from '../client/http';
import type { ProcoreCompany, ProcoreKind } from '../port';
import { budget, budgetLine } from './budget';
import { commitment } from './commitment';
import { commitmentChangeOrder } from './commitment-change-order';
import { companyLevelDirectCost } from './company-level-direct-cost';
import { contractPayment } from './contract-payment';
import { costCode } from './cost-code';
import { costTypeAssignment } from './cost-type-assignment';
import { invoicePayment } from './invoice-payment';
import { jobCost } from './job-cost';
import { lineItemType } from './line-item-type';
import { paymentApplication } from './payment-application';
import { primeContract } from './prime-contract';
import { primeContractChangeOrder } from './prime-contract-change-order';
import { project } from './project';
import { requisition } from './requisition';
import { standardCostCode } from './standard-cost-code';
import { subJob } from './sub-job';
import { vendor } from './vendor';
import type { KindRoom } from './toolbox/kind-room';

/** How to add a kind: a file beside this one, and a line here. */
export const KIND_ROOMS = {
  vendor,
  standard_cost_code: standardCostCode,
  line_item_type: lineItemType,
  project,
  sub_job: subJob,
  cost_code: costCode,
  cost_type_assignment: costTypeAssignment,
  job_cost: jobCost,
  budget,
  budget_line: budgetLine,
  commitment,
  commitment_change_order: commitmentChangeOrder,
  requisition,
  contract_payment: contractPayment,
  invoice_payment: invoicePayment,
  payment_application: paymentApplication,
  prime_contract: primeContract,
  prime_contract_change_order: primeContractChangeOrder,
  company_level_direct_cost: companyLevelDirectCost,
} as const satisfies Partial<Record<RefTarget, KindRoom>>;

export type CarriedKind = keyof typeof KIND_ROOMS;

/** What the kinds can in one company. */
export const kindsOf = (http: ProcoreHttp): ProcoreCompany['kinds'] & Record<CarriedKind, ProcoreKind> =>
  Object.fromEntries(Object.entries(KIND_ROOMS).map(([name, { port }]) => [name, port(http)])) as Record<
    CarriedKind,
    ProcoreKind
  >;
