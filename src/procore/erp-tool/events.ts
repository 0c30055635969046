/** What an ERP request is for ("ERP Events Dictionary"). */
export type EventKind =
  'export' | 'sync' | 'import' | 'link' | 'merge' | 'unlink' | 'reset' | 'delete' | 'metadata';

/** A call to Procore, by its name in the ERP guides, and what it carries or when it is made. */
export interface CloseOutCall {
  readonly call: string;
  readonly about: string;
}

/**
 * One event: how it is routed, and what is told about it. `npm run docs` makes `docs/events.md` from this table, so what a user reads is
 * kept where the event is added.
 */
export interface EventDefinition {
  /** Procore's name of the record, e.g. `standard_cost_code`. */
  readonly entity: string;
  readonly kind: EventKind;
  /** What makes Procore send it. */
  readonly trigger: string;
  /** Request details that Procore waits for: the record or the button is blocked until they are closed. */
  readonly details: 'none' | 'one' | 'per_item';
  /** What Tieback does, for people. */
  readonly does: string;
  /** Calls that the dictionary requires, in order. */
  readonly closeOut: readonly CloseOutCall[];
  /** Calls that the dictionary leaves open, in the order in which Tieback makes them where they are needed. */
  readonly optional?: readonly CloseOutCall[];
  /** What the user sees when it fails. */
  readonly fails: string;
}

const call = (name: string, about: string): CloseOutCall => ({ call: name, about });
const links = (what: string): CloseOutCall => call('externalData.sync', `\`origin_id\` of ${what}`);
const lets = (what: string): CloseOutCall =>
  call('externalData.sync', `no \`origin_id\` any more for ${what}, when it is gone in the ERP`);
const PAIRS = call('costCodeLineItemTypes.sync', 'cost type assignments that the ERP has');
const CLOSE = call('requestDetail.update', 'success');
const CLOSE_EACH = call('requestDetail.sync', 'success or failed, for each record');

const IN_TIEBACK = 'Nothing in Procore. `tieback requests` shows it, with the reason.';

type Told = Pick<EventDefinition, 'trigger'>;

/** An export: planned, approved, written once, linked, closed. */
const exported = (
  entity: string,
  what: string,
  event: Told & Pick<EventDefinition, 'closeOut'> & { readonly also?: string },
): EventDefinition => {
  const { trigger, closeOut, also } = event;
  const perItem = closeOut.includes(CLOSE_EACH);
  return {
    entity,
    kind: 'export',
    trigger,
    details: perItem ? 'per_item' : 'one',
    does:
      `Plans ${what}, field by field; a policy rule or finance approves the plan; it is written to the ERP once and linked.` +
      (also === undefined ? '' : ` ${also}`),
    closeOut,
    fails: `${perItem ? 'Each record that failed' : 'The record'} moves to "Failed To Export", with our sentences in red. Nothing is linked; put right, it is exported again.`,
  };
};

/** ERP records for Procore, because somebody pressed the button or Procore's clock did. */
const synced = (
  entity: string,
  does: string,
  event: Told & Pick<EventDefinition, 'closeOut'>,
): EventDefinition => {
  const isClosed = event.closeOut.includes(CLOSE);
  return {
    entity,
    kind: 'sync',
    does,
    ...event,
    details: isClosed ? 'one' : 'none',
    fails: isClosed
      ? 'The refresh ends with an error: one sentence for each record that was not taken. The others are there, and the next refresh takes up the rest.'
      : IN_TIEBACK,
  };
};

const STAGED = (what: string): CloseOutCall => call('stagedRecords.sync', what);

/** One job, brought up to date. */
const refreshed = (
  entity: 'project' | 'sub_job',
  kind: 'sync' | 'import',
  event: Told & Pick<EventDefinition, 'does'>,
): EventDefinition => ({
  entity,
  kind,
  ...event,
  details: 'none',
  closeOut: [],
  optional: [
    ...(kind === 'import'
      ? []
      : [call(entity === 'project' ? 'projects.sync' : 'subJobs.sync', 'the header changed')]),
    call('costCodes.sync', 'cost codes changed'),
    call('costCodeLineItemTypes.sync', 'assignments changed'),
    call('jobCosts.sync', 'cost totals changed'),
  ],
  fails: `${IN_TIEBACK} The next refresh takes it up as well.`,
});

/** Procore did it already; our links follow. */
const noticed = (
  entity: string,
  kind: EventKind,
  event: Told & Pick<EventDefinition, 'does'>,
): EventDefinition => ({ entity, kind, ...event, details: 'none', closeOut: [], fails: IN_TIEBACK });

/** Whether Procore may let go of a record. */
const unlinkAsked = (
  entity: string,
  what: string,
  event: Told & { readonly letsGo: string },
): EventDefinition => ({
  entity,
  kind: 'unlink',
  trigger: event.trigger,
  details: 'one',
  does: `Asks the ERP whether ${what} is still there. Gone or void: it is unlinked; still there: nothing is changed and the user reads what to do in the ERP first.`,
  closeOut: [
    lets(event.letsGo),
    call('requestDetail.update', 'success, when it was unlinked'),
    call('requestDetail.update', 'failed with a sentence, when it is still in the ERP'),
  ],
  fails:
    'The record stays linked. The user reads "... still exists in the ERP; delete it there first.", or that the state in the ERP could not be checked.',
});

/** The same question without a request detail: nobody waits. */
const resetAsked = (
  entity: string,
  what: string,
  event: Told & Pick<EventDefinition, 'closeOut'>,
): EventDefinition => ({
  entity,
  kind: 'reset',
  ...event,
  details: 'none',
  does: `Asks the ERP whether ${what} is still there. Gone or void: it is let go in Procore; still there: nothing is changed.`,
  fails: IN_TIEBACK,
});

const gone = (what: string): string => `Ends our link of ${what}. Nothing is changed in the ERP.`;

/** All 51 events of the dictionary, by `request_name`. How to add one: a row here and a reader in `kinds/`, then `npm run docs`. */
export const ALL_EVENTS = {
  create_standard_cost_codes: exported('standard_cost_code', 'the codes (parents first)', {
    trigger: 'An accounting user picks standard codes to export (tab Std. Cost Codes & Cost Types).',
    closeOut: [links('every code'), CLOSE_EACH],
  }),
  delete_standard_cost_codes: noticed('standard_cost_code', 'delete', {
    trigger: 'Procore ERP support, asked by the customer, deletes standard cost codes.',
    does: gone('each of them'),
  }),
  sync_standard_cost_codes: synced(
    'standard_cost_code',
    "Reads what changed in the ERP and writes it straight into the ERP's list of codes, parents first.",
    {
      trigger: 'A user presses the button that refreshes standard cost codes and cost types.',
      closeOut: [call('standardCostCodes.sync', 'new and changed codes'), CLOSE],
    },
  ),
  unlink_standard_cost_codes: noticed('standard_cost_code', 'unlink', {
    trigger: 'Procore ERP support, asked by the customer, unlinks standard cost codes.',
    does: gone('each of them'),
  }),
  delete_standard_categories: noticed('line_item_type', 'delete', {
    trigger: 'Procore ERP support, asked by the customer, deletes cost types.',
    does: gone('each of them'),
  }),
  sync_standard_categories: synced(
    'line_item_type',
    'Reads what changed in the ERP and writes it straight into the cost types of the company.',
    {
      trigger: 'Same button as sync_standard_cost_codes.',
      closeOut: [call('lineItemTypes.sync', 'new and changed cost types')],
    },
  ),
  create_vendor: exported('vendor', 'the vendor', {
    trigger: 'An accounting approver accepts and exports a company from the ERP tool.',
    closeOut: [links('the vendor'), CLOSE],
  }),
  create_vendor_in_procore: noticed('vendor', 'import', {
    trigger: 'A user imports a staged vendor; Procore has already created and linked it.',
    does: 'Records the link.',
  }),
  link_all_vendors: noticed('vendor', 'link', {
    trigger: 'A user links many staged ERP vendors to Procore companies at once.',
    does: 'Records the links.',
  }),
  link_vendor: noticed('vendor', 'link', {
    trigger: 'A user links one staged ERP vendor to an existing Procore company.',
    does: 'Records the link.',
  }),
  merge_vendors: noticed('vendor', 'merge', {
    trigger: 'A user merges companies with the vendor merge tool.',
    does: 'Moves the link to the vendor that is left. Nothing is changed in the ERP.',
  }),
  sync_vendors: synced(
    'vendor',
    'Reads what changed in the ERP. New vendors are staged for import, linked ones are updated, and staged ones that became inactive are archived.',
    {
      trigger: 'A user presses Refresh Vendors List, or the tool does it on schedule.',
      closeOut: [
        STAGED('new vendors, and staged ones that changed'),
        call('vendors.sync', 'linked vendors that changed'),
        CLOSE,
      ],
    },
  ),
  unlink_vendor: noticed('vendor', 'unlink', {
    trigger: 'A user unlinks a synced company.',
    does: 'Ends our link. Nothing is changed in the ERP, and a later export finds the ERP vendor again.',
  }),
  create_job_in_procore: refreshed('project', 'import', {
    trigger: 'A user imports a staged project (Add to Procore).',
    does: 'Records the link, then brings cost codes, cost type assignments and job costs of the ERP job to the project.',
  }),
  create_or_update_job: exported('project', 'the project with its cost codes and cost type assignments', {
    trigger: 'An approver exports a project for the first time or re-exports it after an update.',
    also: 'Sent again, it brings the ERP job up to date.',
    closeOut: [links('project and cost codes'), PAIRS, CLOSE],
  }),
  reset_job: noticed('project', 'reset', {
    trigger: 'Procore ERP support resets a project.',
    does: 'Ends our links of the project and of everything in it. Nothing is changed in the ERP.',
  }),
  sync_jobs: synced(
    'project',
    'Reads what changed in the ERP. New jobs are staged for import, linked ones are updated, and staged ones that were closed are archived.',
    {
      trigger: 'A user presses Refresh Job List, or the tool does it on schedule.',
      closeOut: [
        STAGED('new jobs, and staged ones that changed'),
        call('projects.sync', 'linked jobs that changed'),
        CLOSE,
      ],
    },
  ),
  sync_single_job: refreshed('project', 'sync', {
    trigger: 'Procore sends it on its own clock for each synced project.',
    does: 'Compares header, cost codes, cost type assignments and job costs with the ERP, and sends only what changed.',
  }),
  create_sub_job: exported('sub_job', 'the sub job with its cost codes and cost type assignments', {
    trigger: 'An approver exports a sub job.',
    also: 'Sent again, it brings the ERP record up to date.',
    closeOut: [links('sub job and cost codes'), PAIRS, CLOSE],
  }),
  create_sub_job_in_procore: refreshed('sub_job', 'import', {
    trigger: 'A user imports a staged sub job.',
    does: 'Records the link, then brings cost codes, cost type assignments and job costs of the ERP to the sub job.',
  }),
  reset_sub_job: noticed('sub_job', 'reset', {
    trigger: 'Procore ERP support resets a sub job.',
    does: gone('the sub job'),
  }),
  sync_sub_job: refreshed('sub_job', 'sync', {
    trigger: 'Procore sends it on its own clock for each synced sub job.',
    does: 'Compares header, cost codes, cost type assignments and job costs with the ERP, and sends only what changed.',
  }),
  sync_sub_jobs: synced(
    'sub_job',
    'Reads what changed in the ERP. New sub jobs are staged for import, linked ones are updated, and staged ones that were closed are archived.',
    {
      trigger: 'A user presses Refresh Sub Jobs.',
      closeOut: [
        STAGED('new sub jobs, and staged ones that changed'),
        call('subJobs.sync', 'linked sub jobs that changed'),
        CLOSE,
      ],
    },
  ),
  delete_cost_code: noticed('cost_code', 'delete', {
    trigger: 'Procore ERP support deletes synced project cost codes.',
    does: gone('each of them'),
  }),
  delete_cost_codes: {
    entity: 'cost_code',
    kind: 'delete',
    trigger: 'A user tries to delete synced project cost codes.',
    details: 'per_item',
    does: 'Asks the ERP for each code whether it is still there. Gone: the detail is closed as success and Procore deletes the code; still there: nothing is changed.',
    closeOut: [
      call('requestDetail.sync', 'success, for codes that the ERP no longer has'),
      call('requestDetail.sync', 'failed with a sentence, for codes that it still has'),
    ],
    fails:
      'The code stays. The user reads that it still exists in the ERP, or that the state in the ERP could not be checked.',
  },
  delete_cost_type_assignments: {
    entity: 'cost_code_line_item_type',
    kind: 'delete',
    trigger: 'A user tries to delete synced cost type assignments.',
    details: 'per_item',
    does: 'Asks the ERP for each pair whether it is still there. Gone: job cost and assignment are deleted in Procore; still there: nothing is changed.',
    closeOut: [
      call('jobCosts.delete', 'job costs of pairs that the ERP no longer has'),
      call('costCodeLineItemTypes.delete', 'pairs that the ERP no longer has'),
      call('requestDetail.sync', 'success, for pairs that were deleted'),
      call('requestDetail.sync', 'failed with a sentence, for pairs that are still in the ERP'),
    ],
    fails:
      'The assignment stays. The user reads that it still exists in the ERP, or that the state in the ERP could not be checked.',
  },
  create_budget: exported('budget', 'the amounts of the budget', {
    trigger: 'An approver exports a locked budget for the first time.',
    closeOut: [links('the budget'), call('transactions.sync', 'amounts that the ERP has now'), CLOSE],
  }),
  update_budget: exported('budget', 'the amounts that the ERP does not have yet', {
    trigger: 'An approver exports a budget again.',
    closeOut: [links('the budget'), call('transactions.sync', 'amounts that the ERP has now'), CLOSE],
  }),
  create_budget_in_procore: noticed('budget', 'import', {
    trigger: 'A user imports a budget.',
    does: 'Records the link.',
  }),
  create_requisitions: exported('requisition', 'every invoice with its lines', {
    trigger: 'An approver exports a batch of subcontractor invoices.',
    closeOut: [links('invoices and lines'), CLOSE],
  }),
  reset_requisition: noticed('requisition', 'reset', {
    trigger: 'Procore ERP support resets a synced subcontractor invoice.',
    does: gone('the invoice'),
  }),
  create_payment: exported('contract_payment', 'the payment', {
    trigger: 'A payment (Procore Pay) is exported.',
    closeOut: [links('the payment'), CLOSE],
  }),
  reset_payment: resetAsked('contract_payment', 'the payment', {
    trigger: 'Procore ERP support resets a payment.',
    closeOut: [call('invoicePayments.unlink', 'the payment, when it is gone in the ERP')],
  }),
  sync_contract_payments: synced(
    'invoice_payment',
    'Reads what the ERP paid on exported subcontractor invoices and writes it straight to them.',
    {
      trigger:
        'A user starts a sync of invoice payments on the Subcontractor Invoices tab, or the tool does it on schedule.',
      closeOut: [call('invoicePayments.sync', 'new and changed payments'), CLOSE],
    },
  ),
  create_commitment: exported('commitment', 'the contract with its lines', {
    trigger: 'An approver exports an approved commitment (or the sender does, where direct export is on).',
    closeOut: [links('contract and lines'), CLOSE],
  }),
  create_commitment_in_procore: noticed('commitment', 'import', {
    trigger: 'A user imports a staged commitment.',
    does: 'Records the link of the contract.',
  }),
  sync_commitments: synced(
    'commitment',
    'Reads what changed in the ERP. New contracts are staged for import with their lines; linked ones are left alone.',
    {
      trigger: 'A user presses Refresh Commitments.',
      closeOut: [STAGED('new contracts with their lines, and staged ones that changed'), CLOSE],
    },
  ),
  unlink_commitment: unlinkAsked('commitment', 'the contract', {
    trigger: 'A user asks to unlink a synced commitment.',
    letsGo: 'the contract and its lines',
  }),
  create_commitment_change_order: exported('commitment_change_order', 'the change order with its lines', {
    trigger: 'An approver exports an approved commitment change order.',
    closeOut: [links('change order and lines'), CLOSE],
  }),
  sync_commitment_change_orders: synced(
    'commitment_change_order',
    'Reads what changed in the ERP. New change orders are staged for import with their lines; linked ones are left alone.',
    {
      trigger: 'A user starts a sync of commitment change orders.',
      closeOut: [STAGED('new change orders with their lines, and staged ones that changed'), CLOSE],
    },
  ),
  unlink_commitment_change_order: unlinkAsked('commitment_change_order', 'the change order', {
    trigger: 'A user asks to unlink a synced commitment change order.',
    letsGo: 'the change order and its lines',
  }),
  create_payment_application: exported('payment_application', 'the owner invoice with its lines', {
    trigger: 'An approver exports an owner invoice.',
    closeOut: [links('invoice and lines'), CLOSE],
  }),
  unlink_payment_application: unlinkAsked('payment_application', 'the owner invoice', {
    trigger: 'A user asks to unlink a synced owner invoice.',
    letsGo: 'the invoice and its lines',
  }),
  sync_prime_contracts: synced(
    'prime_contract',
    'Reads what changed in the ERP. New prime contracts are staged for import with their lines; linked ones that have new lines are staged again.',
    {
      trigger: 'A user presses Refresh Prime Contracts.',
      closeOut: [STAGED('new contracts, and those with new lines'), CLOSE],
    },
  ),
  create_prime_contract_change_order: exported(
    'prime_contract_change_order',
    'the change order with its lines and the markups that are exported',
    {
      trigger: 'An approver exports an approved prime contract change order.',
      closeOut: [links('change order, lines and markups'), CLOSE],
    },
  ),
  reset_prime_contract_change_order: resetAsked('prime_contract_change_order', 'the change order', {
    trigger: 'Procore ERP support resets a prime contract change order.',
    closeOut: [lets('the change order, its lines and markups')],
  }),
  unlink_prime_contract_change_order: unlinkAsked('prime_contract_change_order', 'the change order', {
    trigger: 'A user asks to unlink a synced prime contract change order.',
    letsGo: 'the change order, its lines and markups',
  }),
  create_company_level_direct_cost: exported('company_level_direct_cost', 'the invoice with its lines', {
    trigger: 'An approver exports a company-level direct cost (AP invoice).',
    closeOut: [links('the invoice'), CLOSE],
  }),
  reset_company_level_direct_cost: noticed('company_level_direct_cost', 'reset', {
    trigger: 'Procore ERP support resets a company-level direct cost.',
    does: gone('the invoice'),
  }),
  unlink_company_level_direct_cost: unlinkAsked('company_level_direct_cost', 'the invoice', {
    trigger: 'A user asks to unlink a synced company-level direct cost.',
    letsGo: 'the invoice',
  }),
  sync_metadata: {
    entity: 'metadata',
    kind: 'metadata',
    trigger: 'Procore needs the metadata configuration of the integration and holds none.',
    details: 'none',
    does: 'Reads from the ERP what it keeps and how long its fields are, and sends the whole configuration.',
    closeOut: [call('metadata.update', 'the configuration')],
    fails:
      'Nothing in Procore: its screens lack our fields and rules until the configuration arrives. `tieback provision procore --again` sends it, too.',
  },
} as const satisfies Readonly<Record<string, EventDefinition>>;

export type EventName = keyof typeof ALL_EVENTS;

/** The dictionary titles this event `create_payment`, its sample sends the other name. */
const ALIASES: Readonly<Record<string, EventName>> = { create_contract_payment: 'create_payment' };

/** The event of the dictionary that a `request_name` means, or null when Procore never published it. */
export function knownEvent(requestName: string): EventName | null {
  if (Object.hasOwn(ALIASES, requestName)) return ALIASES[requestName] ?? null;
  return Object.hasOwn(ALL_EVENTS, requestName) ? (requestName as EventName) : null;
}

/** Every other name under which Procore sends an event. */
export const aliasesOf = (event: EventName): readonly string[] =>
  Object.keys(ALIASES).filter((alias) => ALIASES[alias] === event);
