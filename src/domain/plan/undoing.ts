import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { Operation } from './operation';
import { isErpWrite, isPayBatch } from './operation';

/** How what was written to an ERP is taken back there, by people: books that were posted are not erased, they are reversed. */
const CREATED: Readonly<Record<Kind, string>> = {
  vendor: 'set it inactive in the ERP; one that has postings cannot be deleted there',
  standard_cost_code: 'set it inactive in the ERP, where nothing was posted to it',
  line_item_type: 'set it inactive in the ERP, where nothing was posted to it',
  project: 'close the job in the ERP; one that has postings cannot be deleted there',
  sub_job: 'close it in the ERP; one that has postings cannot be deleted there',
  budget: 'enter the opposite change of the budget in the ERP, or send one from Procore',
  commitment:
    'void or close it in the ERP, and void it in Procore; nothing may be invoiced against it by then',
  commitment_change_order: 'send a change order with the opposite amounts',
  requisition:
    'void the invoice in the ERP where it is not paid; where it is posted, reverse it there in an open period',
  contract_payment: 'void the payment in the ERP, in an open period',
  invoice_payment: 'void the payment in the ERP, in an open period',
  payment_application:
    'void it in the ERP where it is not posted; otherwise reverse it there in an open period',
  prime_contract: 'void or close it in the ERP; nothing may be billed against it by then',
  prime_contract_change_order: 'send a change order with the opposite amounts',
  company_level_direct_cost: 'reverse the posting in the ERP, in an open period',
};

/**
 * What would undo a plan once it is written, a sentence each; empty: it writes nothing to the ERP. Tieback deletes nothing there by itself, and says so instead
 * of promising more.
 */
export function undoing(operations: readonly Operation[]): readonly string[] {
  const sentences = operations.flatMap((operation): readonly string[] => {
    if (isPayBatch(operation))
      return [
        'Hours: correct the timecards in Procore. Tieback withdraws what the ERP has not processed yet, and reverses and replaces what it has, in the next open period.',
      ];
    if (!isErpWrite(operation)) return [];
    const { label } = definitionOf(operation.kind);
    return [
      operation.action === 'create'
        ? `${label}, new in the ERP: ${CREATED[operation.kind]}.`
        : `${label}, changed in the ERP: set back what the plan shows as old, in Procore and then through Tieback, or in the ERP by hand.`,
    ];
  });
  return [...new Set(sentences)];
}
