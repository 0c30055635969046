/**
 * How to add a kind: 1. add its name in `names.ts`; 2. write its file here and add it below; 3. write `procore/kinds/<kind>`; 4. give it a
 * table in the adapters that keep it. How to add a field: add it to the kind, read it in Procore's file, give it a column in the adapters
 * (fields without one are noted in the plan as not carried).
 */
import type { KindDefinition, LineDefinition } from './definition';
import type { Kind, LineKind } from './names';
import { budget } from './budget';
import { commitment } from './commitment';
import { commitmentChangeOrder } from './commitment-change-order';
import { companyLevelDirectCost } from './company-level-direct-cost';
import { contractPayment } from './contract-payment';
import { invoicePayment } from './invoice-payment';
import { lineItemType } from './line-item-type';
import { paymentApplication } from './payment-application';
import { primeContract } from './prime-contract';
import { primeContractChangeOrder } from './prime-contract-change-order';
import { project } from './project';
import { requisition } from './requisition';
import { standardCostCode } from './standard-cost-code';
import { subJob } from './sub-job';
import { vendor } from './vendor';

export const KIND_DEFINITIONS: Readonly<Record<Kind, KindDefinition>> = {
  vendor,
  standard_cost_code: standardCostCode,
  line_item_type: lineItemType,
  project,
  sub_job: subJob,
  budget,
  commitment,
  commitment_change_order: commitmentChangeOrder,
  requisition,
  contract_payment: contractPayment,
  invoice_payment: invoicePayment,
  payment_application: paymentApplication,
  prime_contract: primeContract,
  prime_contract_change_order: primeContractChangeOrder,
  company_level_direct_cost: companyLevelDirectCost,
};

export const definitionOf = (kind: Kind): KindDefinition => KIND_DEFINITIONS[kind];

/** The definition of a line of this kind. Throws where such records have no such lines: a fault of the program. */
export function lineDefinitionOf(kind: Kind, line: LineKind): LineDefinition {
  const definition = KIND_DEFINITIONS[kind].lines[line];
  if (!definition) throw new Error(`a ${kind} has no lines of kind ${line}`);
  return definition;
}

/** Staged `item_type` of a record ("Staged Records" guide); the contracts have one each. */
export const stagedItemTypeOf = (kind: Kind, fields: Readonly<Record<string, unknown>>): string => {
  if (kind !== 'commitment') return kind;
  return fields['type'] === 'purchase_order' ? 'purchase_order_contract' : 'work_order_contract';
};

export { KINDS, LINE_KINDS, isKind } from './names';
export type { Kind, LineKind, RefTarget } from './names';
export type { FieldDefinition, FieldType, ImportWay, KindDefinition, LineDefinition } from './definition';
