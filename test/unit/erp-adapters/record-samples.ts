import type { Accounting } from '../../../sandbox/sample-erp/company';
import type { LineKind } from '../../../src/domain/kinds';
import type { CanonicalRecord, Fields, RecordLine } from '../../../src/domain/kinds/record';
import type { KindSamples } from '../../../src/erp-adapters/contract/conformance';

const JOB = '1024-001';
const JULY = { co: 1, mth: '2026-07' };

export const lineOf = (kind: LineKind, number: string, fields: Fields): RecordLine => ({
  kind,
  number,
  fields,
  erpKey: null,
  procoreId: null,
});

export const recordOf = (fields: Fields, ...lines: readonly RecordLine[]): CanonicalRecord => ({
  fields,
  lines,
});

/** Keys of what is in the seeded company. */
export function keysOf(accounting: Accounting): {
  readonly job: string;
  readonly phase: (code: string, job?: string) => string;
  readonly costType: (code: string) => string;
  readonly commitment: string;
  readonly commitmentLine: string;
  readonly contract: string;
  readonly contractLine: string;
} {
  const first = (rows: readonly { readonly KeyID: number }[]): number => rows[0]?.KeyID ?? 0;
  const commitment = first(accounting.commitments());
  const contract = first(accounting.primeContracts());
  return {
    job: `1|${accounting.jobKey(1, JOB)}`,
    phase: (code, job = JOB) => `1|${accounting.phaseKey(1, job, code)}`,
    costType: (code) => `1|${accounting.costTypeKey(code)}`,
    commitment: `1|${commitment}`,
    commitmentLine: `1|${first(accounting.commitmentLines(commitment))}`,
    contract: `1|${contract}`,
    contractLine: `1|${first(accounting.primeContractLines(contract))}`,
  };
}

/** A valid new record of every kind that can be written, in the seeded company. */
export function recordSamples(accounting: Accounting): KindSamples {
  let count = 0;
  let costTypes = 0;
  const next = (): number => (count += 1);
  const keys = keysOf(accounting);
  const cost = { costCode: keys.phase('26-050'), costType: keys.costType('3') };
  const idOf = (key: string): number => Number(key.split('|')[1]);

  const contractLine = (kind: LineKind, more: Fields = {}): RecordLine[] => [
    lineOf(kind, '1', {
      description: 'Rough-in',
      ...cost,
      basis: 'unit',
      quantity: '10.5000',
      uom: 'EA',
      unitCost: '20.12345',
      amount: '211.30',
      taxCode: 'WA',
      taxAmount: '21.76',
      ...more,
    }),
    lineOf(kind, '2', { description: 'Credit', ...cost, basis: 'lump_sum', amount: '-11.30', ...more }),
  ];

  const jobLines = (): RecordLine[] => [
    // Before its phase on purpose: the order of lines is not for the sender to know.
    lineOf('cost_type_assignment', `26-050/${keys.costType('3')}`, {
      costCode: '26-050',
      costType: keys.costType('3'),
    }),
    lineOf('cost_code', '26-050', { code: '26-050', name: 'Electrical rough-in', isActive: true }),
    lineOf('cost_code', '3-300-10', { code: '3-300-10', name: 'Slab', isActive: false }),
  ];

  return {
    vendor: {
      sample: (tag) =>
        recordOf({
          code: null,
          name: `Check ${tag}`,
          sortName: tag,
          address: '77 Industrial Loop',
          city: 'Tacoma',
          stateCode: 'WA',
          postalCode: '98421',
          countryCode: 'US',
          phone: '206-555-0199',
          fax: null,
          email: `ap@${tag.toLowerCase()}.example`,
          contactName: 'Maya Ortiz',
          vendorType: 'SUB',
          retainagePercent: '10.00',
          isActive: true,
        }),
      changes: 'name',
    },
    standard_cost_code: {
      sample: (tag) =>
        recordOf({
          code: `40-${next()}`,
          name: `Check ${tag}`,
          parent: null,
          incomeAccount: '4000-000',
          expenseAccount: null,
          isActive: true,
        }),
      changes: 'name',
    },
    line_item_type: {
      sample(tag) {
        // There are 255 numbers in all: one that was used long ago is given up for it.
        costTypes += 1;
        const code = String(10 + (costTypes % 240));
        accounting.runScript(`DELETE FROM JCCT WHERE CostType = '${code}'`);
        return recordOf({ code, name: `Check ${tag}`, baseType: 'other', isActive: true });
      },
      changes: 'name',
    },
    project: {
      sample: (tag) =>
        recordOf(
          {
            code: `${next() + 3000}-001`,
            name: `Check ${tag}`,
            address: '1 Pier Rd',
            city: 'Seattle',
            stateCode: 'WA',
            postalCode: '98101',
            isActive: true,
          },
          ...jobLines(),
        ),
      changes: 'name',
    },
    sub_job: {
      sample: (tag) =>
        recordOf(
          { code: `${next() + 5000}-002`, name: `Check ${tag}`, job: keys.job, isActive: true },
          ...jobLines(),
        ),
      changes: 'name',
    },
    budget: {
      // A job of its own each time: the budget before must be posted first.
      sample(tag) {
        const job = `${String(next() + 7000)}-001`;
        accounting.addJob(1, ` ${job}`, `Check ${tag}`);
        accounting.addPhase(1, job, '26-050-  ', 'Electrical');
        accounting.assignCostType(1, job, '26-050', '3');
        const place = { costCode: keys.phase('26-050', job), costType: keys.costType('3') };
        return recordOf(
          { job: `1|${accounting.jobKey(1, job)}` },
          lineOf('budget_line', 'original-771', {
            ...place,
            movement: 'original',
            amount: '1000.00',
            notes: 'From estimate',
          }),
          lineOf('budget_line', 'change-772', { ...place, movement: 'revised', amount: '-10.05' }),
        );
      },
    },
    commitment: {
      sample: (tag) =>
        recordOf(
          {
            type: 'purchase_order',
            code: `SC-${tag}`,
            name: `Check ${tag}`,
            description: 'As discussed',
            job: keys.job,
            vendor: '1|10011',
            status: 'Approved',
            date: '2026-07-01',
            accountingDate: '2026-07-02',
            retainagePercent: '7.50',
            amount: '200.00',
          },
          ...contractLine('commitment_line'),
        ),
      changes: 'name',
    },
    commitment_change_order: {
      sample: (tag) =>
        recordOf(
          {
            code: tag,
            name: `Check ${tag}`,
            description: null,
            job: keys.job,
            commitment: keys.commitment,
            date: '2026-07-05',
            amount: '200.00',
          },
          ...contractLine('change_order_line', { commitmentLine: keys.commitmentLine }),
        ),
      changes: 'name',
    },
    requisition: {
      sample: (tag) =>
        recordOf(
          {
            code: tag,
            requisitionNumber: '3',
            description: `Check ${tag}`,
            job: keys.job,
            commitment: keys.commitment,
            date: '2026-07-31',
            accountingDate: '2026-07-31',
            amount: '100.00',
            retainage: '10.00',
            amountDue: '90.00',
          },
          lineOf('invoice_line', '1', {
            description: 'Period 3',
            commitmentLine: keys.commitmentLine,
            ...cost,
            amount: '100.00',
            retainage: '10.00',
            retainageReleased: '0.00',
          }),
        ),
      changes: 'description',
    },
    contract_payment: {
      sample(tag) {
        const batch = accounting.createBatch(JULY, 'Lee Park');
        const invoice = accounting.addCommitmentInvoice(JULY, batch, {
          commitment: idOf(keys.commitment),
          reference: `P${tag}`,
          amount: '90.00',
          by: 'Lee Park',
        });
        return recordOf({
          code: `PAY-${tag}`,
          invoiceNumber: `P${tag}`,
          commitment: keys.commitment,
          requisition: `1|${invoice}`,
          vendor: '1|10006',
          method: 'ACH',
          checkNumber: '100',
          date: '2026-08-15',
          accountingDate: '2026-08-15',
          amount: '90.00',
          retainageReleased: '0.00',
        });
      },
      changes: 'method',
    },
    payment_application: {
      sample: (tag) =>
        recordOf(
          {
            code: tag,
            applicationNumber: '2',
            name: `Check ${tag}`,
            primeContract: keys.contract,
            date: '2026-07-31',
            accountingDate: '2026-07-31',
            periodStart: '2026-07-01',
            periodEnd: '2026-07-31',
            amount: '150.00',
            retainage: '15.00',
            amountDue: '135.00',
          },
          lineOf('owner_invoice_line', '1', {
            description: 'Structure',
            primeContractLine: keys.contractLine,
            workCompleted: '100.00',
            storedMaterials: '50.00',
            amount: '150.00',
            retainage: '15.00',
          }),
        ),
      changes: 'name',
    },
    prime_contract_change_order: {
      sample: (tag) =>
        recordOf(
          {
            code: tag,
            name: `Check ${tag}`,
            job: keys.job,
            primeContract: keys.contract,
            date: '2026-07-20',
            accountingDate: '2026-07-20',
            amount: '110.00',
          },
          lineOf('prime_change_line', '1', {
            description: 'Owner change',
            primeContractLine: keys.contractLine,
            ...cost,
            amount: '100.00',
          }),
          // The same number as the line: numbers are unique among the lines of their kind only.
          lineOf('prime_change_markup', '1', { description: 'Fee 10%', ...cost, amount: '10.00' }),
        ),
      changes: 'name',
    },
    company_level_direct_cost: {
      sample: (tag) =>
        recordOf(
          {
            code: tag,
            description: `Check ${tag}`,
            vendor: '1|10018',
            date: '2026-07-09',
            accountingDate: '2026-07-10',
            dueDate: '2026-08-09',
            amount: '45.10',
          },
          lineOf('direct_cost_line', '1', {
            description: 'Rental',
            job: keys.job,
            ...cost,
            quantity: '2.0000',
            uom: 'DY',
            unitCost: '22.55000',
            amount: '45.10',
          }),
        ),
      changes: 'description',
    },
  };
}
