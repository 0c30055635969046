/**
 * Every kind of record Tieback carries, as data: its words, its fields and its lines. Readers, planners, adapters, the metadata
 * configuration and the CLI all work from this table.
 *
 * How to add a field: 1. add it here; 2. read it in `procore/erp-tool/readers/`; 3. give it a column in the adapters (fields without one
 * are noted in the plan as not carried).
 */

export type FieldKind =
  'text' | 'money' | 'quantity' | 'unit_cost' | 'percent' | 'date' | 'flag' | 'reference';

export interface FieldDefinition {
  /** Words for people. */
  readonly label: string;
  readonly kind: FieldKind;
  /** For `reference`: the value is the ERP key of a record (or line) of this kind. */
  readonly refersTo?: RefTarget;
  /** Without it the record cannot be written. */
  readonly required?: boolean;
}

export interface LineDefinition {
  readonly label: string;
  /** External-data item types of the line in Procore ("External Data" guide); empty: lines of this kind carry no external data. */
  readonly itemTypes: readonly string[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
}

export interface EntityDefinition {
  readonly label: string;
  readonly plural: string;
  /** External-data item types of the record in Procore. */
  readonly itemTypes: readonly string[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
  readonly lines: Readonly<Partial<Record<LineKind, LineDefinition>>>;
  /** `update`: sent again, the ERP record is brought up to date; `append`: every export adds a new ERP record; else only once. */
  readonly reexport?: 'update' | 'append';
  /** What to do in the ERP before Procore may let go of the record: `delete it`, `void it`. */
  readonly undo?: string;
  /** Header field that must be the sum of a line field: `amount` of the header and of the lines of these kinds. */
  readonly total?: {
    readonly field: string;
    readonly lines: readonly LineKind[];
    readonly lineField: string;
  };
}

const text = (label: string): FieldDefinition => ({ label, kind: 'text' });
const money = (label: string): FieldDefinition => ({ label, kind: 'money' });
const quantity = (label: string): FieldDefinition => ({ label, kind: 'quantity' });
const unitCost = (label: string): FieldDefinition => ({ label, kind: 'unit_cost' });
const percent = (label: string): FieldDefinition => ({ label, kind: 'percent' });
const date = (label: string): FieldDefinition => ({ label, kind: 'date' });
const flag = (label: string): FieldDefinition => ({ label, kind: 'flag' });
const ref = (label: string, refersTo: RefTarget): FieldDefinition => ({ label, kind: 'reference', refersTo });
const needs = (label: string, refersTo: RefTarget): FieldDefinition => ({
  ...ref(label, refersTo),
  required: true,
});

export const ENTITIES = [
  'vendor',
  'standard_cost_code',
  'line_item_type',
  'project',
  'sub_job',
  'budget',
  'commitment',
  'commitment_change_order',
  'requisition',
  'contract_payment',
  'invoice_payment',
  'payment_application',
  'prime_contract',
  'prime_contract_change_order',
  'company_level_direct_cost',
] as const;
export type Entity = (typeof ENTITIES)[number];

export const LINE_KINDS = [
  'cost_code',
  'cost_type_assignment',
  'job_cost',
  'budget_line',
  'commitment_line',
  'change_order_line',
  'invoice_line',
  'owner_invoice_line',
  'prime_contract_line',
  'prime_change_line',
  'prime_change_markup',
  'direct_cost_line',
] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** What a field may refer to: a record, or a line of one (a cost code is a line of its project). The prefix of its `origin_id`. */
export type RefTarget = Entity | LineKind;

/** Where the cost of a line goes. */
const COST = {
  costCode: needs('Cost code', 'cost_code'),
  costType: needs('Cost type', 'line_item_type'),
};

/** A line of a contract: units or a lump sum, and its tax. */
const CONTRACT_LINE = {
  description: text('Description'),
  ...COST,
  /** `unit` (quantity × unit cost) or `lump_sum`. */
  basis: text('Basis'),
  quantity: quantity('Quantity'),
  uom: text('Unit'),
  unitCost: unitCost('Unit cost'),
  /** Without tax. */
  amount: money('Amount'),
  taxCode: text('Tax code'),
  taxAmount: money('Tax'),
};

const JOB = {
  /** Job number people see. */
  code: text('Job number'),
  name: text('Name'),
  address: text('Address'),
  city: text('City'),
  stateCode: text('State'),
  postalCode: text('Postal code'),
  isActive: flag('Active'),
};

const JOB_LINES = {
  cost_code: {
    label: 'Cost code',
    itemTypes: ['cost_code'],
    fields: { code: text('Code'), name: text('Name'), isActive: flag('Active') },
  },
  cost_type_assignment: {
    label: 'Cost type assignment',
    itemTypes: [],
    fields: {
      /** `number` of the cost code line in the same record. */
      costCode: text('Cost code'),
      costType: ref('Cost type', 'line_item_type'),
    },
  },
  /** Totals of the ERP's job cost ledger, ERP → Procore only. */
  job_cost: {
    label: 'Job cost',
    itemTypes: [],
    fields: {
      costCode: text('Cost code'),
      costType: ref('Cost type', 'line_item_type'),
      originalBudget: money('Original budget'),
      revisedBudget: money('Revised budget'),
      committedCosts: money('Committed costs'),
      approvedCommitmentChanges: money('Approved commitment changes'),
      commitmentInvoiced: money('Commitment invoiced'),
      jobToDateCosts: money('Job to date costs'),
    },
  },
} satisfies EntityDefinition['lines'];

export const ENTITY_DEFINITIONS = {
  /** Its fields are in `vendor.ts`. */
  vendor: { label: 'Vendor', plural: 'vendors', itemTypes: ['vendor'], fields: {}, lines: {} },
  standard_cost_code: {
    label: 'Standard cost code',
    plural: 'standard cost codes',
    itemTypes: ['standard_cost_code'],
    fields: {
      /** Whole code, `23-050`. */
      code: text('Code'),
      name: text('Name'),
      parent: ref('Parent', 'standard_cost_code'),
      incomeAccount: text('Income account'),
      expenseAccount: text('Expense account'),
      isActive: flag('Active'),
    },
    lines: {},
  },
  line_item_type: {
    label: 'Cost type',
    plural: 'cost types',
    itemTypes: ['line_item_type'],
    fields: {
      code: text('Code'),
      name: text('Name'),
      /** One of Procore's base types: labor, equipment, materials, commitments, owner_cost, professional_services, other. */
      baseType: text('Base type'),
      isActive: flag('Active'),
    },
    lines: {},
  },
  project: {
    label: 'Project',
    plural: 'projects',
    itemTypes: ['project'],
    reexport: 'update',
    fields: JOB,
    lines: JOB_LINES,
  },
  sub_job: {
    label: 'Sub job',
    plural: 'sub jobs',
    itemTypes: ['sub_job'],
    reexport: 'update',
    fields: {
      code: text('Sub job number'),
      name: text('Name'),
      job: needs('Job', 'project'),
      isActive: flag('Active'),
    },
    lines: JOB_LINES,
  },
  budget: {
    label: 'Budget',
    plural: 'budgets',
    itemTypes: ['budget'],
    reexport: 'append',
    fields: { job: needs('Job', 'project') },
    lines: {
      budget_line: {
        label: 'Budget movement',
        itemTypes: [],
        fields: {
          job: ref('Sub job', 'sub_job'),
          ...COST,
          /** `original` or `revised`. */
          movement: text('Movement'),
          amount: money('Amount'),
          notes: text('Notes'),
        },
      },
    },
  },
  commitment: {
    label: 'Commitment',
    plural: 'commitments',
    itemTypes: ['work_order_contract', 'purchase_order_contract'],
    fields: {
      /** `subcontract` or `purchase_order`. */
      type: text('Type'),
      /** Number people see. */
      code: text('Number'),
      name: text('Title'),
      description: text('Description'),
      job: needs('Job', 'project'),
      vendor: needs('Vendor', 'vendor'),
      status: text('Status'),
      date: date('Contract date'),
      accountingDate: date('Accounting date'),
      retainagePercent: percent('Retainage %'),
      /** Sum of the lines without tax. */
      amount: money('Amount'),
    },
    lines: {
      commitment_line: { label: 'Line', itemTypes: ['line_item'], fields: CONTRACT_LINE },
    },
    total: { field: 'amount', lines: ['commitment_line'], lineField: 'amount' },
  },
  commitment_change_order: {
    label: 'Commitment change order',
    plural: 'commitment change orders',
    itemTypes: ['change_order'],
    fields: {
      code: text('Number'),
      name: text('Title'),
      description: text('Description'),
      job: needs('Job', 'project'),
      commitment: needs('Commitment', 'commitment'),
      date: date('Date'),
      accountingDate: date('Accounting date'),
      amount: money('Amount'),
    },
    lines: {
      change_order_line: {
        label: 'Line',
        itemTypes: ['line_item'],
        fields: { ...CONTRACT_LINE, commitmentLine: ref('Commitment line', 'commitment_line') },
      },
    },
    total: { field: 'amount', lines: ['change_order_line'], lineField: 'amount' },
  },
  requisition: {
    label: 'Subcontractor invoice',
    plural: 'subcontractor invoices',
    itemTypes: ['requisition'],
    undo: 'void it',
    fields: {
      /** The vendor's invoice number. */
      code: text('Invoice number'),
      /** Procore's own number of the invoice. */
      requisitionNumber: text('Requisition number'),
      description: text('Description'),
      job: needs('Job', 'project'),
      commitment: needs('Commitment', 'commitment'),
      date: date('Billing date'),
      accountingDate: date('Accounting date'),
      /** What is billed this period, before retainage. */
      amount: money('Amount'),
      retainage: money('Retainage held'),
      /** Amount less retainage held, plus retainage released. */
      amountDue: money('Payment due'),
    },
    lines: {
      invoice_line: {
        label: 'Line',
        itemTypes: [
          'requisition_contract_item',
          'requisition_contract_detail_item',
          'requisition_change_order_item',
        ],
        fields: {
          description: text('Description'),
          commitmentLine: ref('Commitment line', 'commitment_line'),
          changeOrderLine: ref('Change order line', 'change_order_line'),
          costCode: ref('Cost code', 'cost_code'),
          costType: ref('Cost type', 'line_item_type'),
          quantity: quantity('Quantity'),
          uom: text('Unit'),
          unitCost: unitCost('Unit cost'),
          amount: money('Amount'),
          retainage: money('Retainage held'),
          retainageReleased: money('Retainage released'),
          taxCode: text('Tax code'),
        },
      },
    },
    total: { field: 'amount', lines: ['invoice_line'], lineField: 'amount' },
  },
  contract_payment: {
    label: 'Payment',
    plural: 'payments',
    itemTypes: ['contract_payment'],
    undo: 'void it',
    fields: {
      /** Payment number, or the number of the payment service. */
      code: text('Payment number'),
      invoiceNumber: text('Invoice number'),
      commitment: ref('Commitment', 'commitment'),
      requisition: needs('Subcontractor invoice', 'requisition'),
      vendor: needs('Vendor', 'vendor'),
      method: text('Method'),
      checkNumber: text('Check number'),
      date: date('Payment date'),
      accountingDate: date('Accounting date'),
      amount: money('Amount'),
      retainageReleased: money('Retainage released'),
    },
    lines: {},
  },
  /** What the ERP paid on an exported subcontractor invoice, ERP → Procore only. */
  invoice_payment: {
    label: 'Invoice payment',
    plural: 'invoice payments',
    itemTypes: ['invoice_payment'],
    undo: 'void it',
    fields: {
      code: text('Payment number'),
      requisition: ref('Subcontractor invoice', 'requisition'),
      method: text('Method'),
      date: date('Payment date'),
      amount: money('Amount'),
    },
    lines: {},
  },
  payment_application: {
    label: 'Owner invoice',
    plural: 'owner invoices',
    itemTypes: ['payment_application'],
    undo: 'void it',
    fields: {
      code: text('Invoice number'),
      applicationNumber: text('Application number'),
      name: text('Contract'),
      primeContract: ref('Prime contract', 'prime_contract'),
      date: date('Billing date'),
      accountingDate: date('Accounting date'),
      periodStart: date('Period from'),
      periodEnd: date('Period to'),
      /** Work completed and materials stored this period, before retainage. */
      amount: money('Amount'),
      retainage: money('Retainage held'),
      amountDue: money('Payment due'),
    },
    lines: {
      owner_invoice_line: {
        label: 'Line',
        itemTypes: ['payment_application_line_item'],
        fields: {
          description: text('Description'),
          primeContractLine: ref('Prime contract line', 'prime_contract_line'),
          workCompleted: money('Work completed'),
          storedMaterials: money('Materials stored'),
          amount: money('Amount'),
          retainage: money('Retainage held'),
          retainageReleased: money('Retainage released'),
        },
      },
    },
    total: { field: 'amount', lines: ['owner_invoice_line'], lineField: 'amount' },
  },
  prime_contract: {
    label: 'Prime contract',
    plural: 'prime contracts',
    itemTypes: ['prime_contract'],
    fields: {
      code: text('Number'),
      name: text('Title'),
      description: text('Description'),
      status: text('Status'),
      job: ref('Job', 'project'),
      date: date('Contract date'),
      retainagePercent: percent('Retainage %'),
      amount: money('Amount'),
    },
    lines: {
      prime_contract_line: { label: 'Line', itemTypes: ['line_item'], fields: CONTRACT_LINE },
    },
    total: { field: 'amount', lines: ['prime_contract_line'], lineField: 'amount' },
  },
  prime_contract_change_order: {
    label: 'Prime contract change order',
    plural: 'prime contract change orders',
    itemTypes: ['change_order'],
    fields: {
      code: text('Number'),
      name: text('Title'),
      description: text('Description'),
      job: needs('Job', 'project'),
      primeContract: needs('Prime contract', 'prime_contract'),
      date: date('Date'),
      accountingDate: date('Accounting date'),
      amount: money('Amount'),
    },
    lines: {
      prime_change_line: {
        label: 'Line',
        itemTypes: ['line_item'],
        fields: {
          description: text('Description'),
          primeContractLine: ref('Prime contract line', 'prime_contract_line'),
          ...COST,
          amount: money('Amount'),
        },
      },
      prime_change_markup: {
        label: 'Markup',
        itemTypes: ['markup'],
        fields: {
          description: text('Description'),
          primeContractLine: ref('Prime contract line', 'prime_contract_line'),
          ...COST,
          amount: money('Amount'),
        },
      },
    },
    total: { field: 'amount', lines: ['prime_change_line', 'prime_change_markup'], lineField: 'amount' },
  },
  company_level_direct_cost: {
    label: 'Direct cost',
    plural: 'direct costs',
    itemTypes: ['company_level_direct_cost'],
    undo: 'void it',
    fields: {
      code: text('Invoice number'),
      description: text('Description'),
      vendor: needs('Vendor', 'vendor'),
      date: date('Date'),
      accountingDate: date('Accounting date'),
      dueDate: date('Due date'),
      amount: money('Amount'),
    },
    lines: {
      direct_cost_line: {
        label: 'Line',
        itemTypes: [],
        fields: {
          description: text('Description'),
          job: ref('Job', 'project'),
          ...COST,
          quantity: quantity('Quantity'),
          uom: text('Unit'),
          unitCost: unitCost('Unit cost'),
          amount: money('Amount'),
        },
      },
    },
    total: { field: 'amount', lines: ['direct_cost_line'], lineField: 'amount' },
  },
} as const satisfies Readonly<Record<Entity, EntityDefinition>>;

/** Staged `item_type` of a record ("Staged Records" guide); the contracts have one each. */
export const stagedItemTypeOf = (entity: Entity, fields: Readonly<Record<string, unknown>>): string => {
  if (entity !== 'commitment') return entity;
  return fields['type'] === 'purchase_order' ? 'purchase_order_contract' : 'work_order_contract';
};

export const definitionOf = (entity: Entity): EntityDefinition => ENTITY_DEFINITIONS[entity];

export const isEntity = (name: string): name is Entity => (ENTITIES as readonly string[]).includes(name);
