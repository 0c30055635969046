/**
 * One contractor's story, told through all 51 events of Procore's dictionary: people press every button of the ERP tool, and the ERP
 * answers. Each scene says what people do, what must be sent to Procore, in order, and how it ends; scenes build on those before.
 */
import { loadOperations } from '../../sandbox/procore-simulator/data';
import type { ProcoreSimulator } from '../../sandbox/procore-simulator/simulator';
import type { EmitResult, StagedRecord } from '../../sandbox/procore-simulator/types';
import type { Accounting } from '../../sandbox/sample-erp/company';
import type { RecordLink } from '../../src/domain/kinds/record-link';
import { vendorFields } from './world';

/** What the story asks of the people of an accounting office. Rows have the names of the sample ERP. */
export type StoryOffice = Pick<
  Accounting,
  | 'addChangeOrder'
  | 'addCommitment'
  | 'addPhase'
  | 'addPrimeContract'
  | 'addSubJob'
  | 'assignCostType'
  | 'budgetLines'
  | 'budgets'
  | 'changeOrders'
  | 'commitments'
  | 'deleteChangeOrder'
  | 'deleteCommitment'
  | 'deleteOwnerInvoice'
  | 'deletePayment'
  | 'deletePhase'
  | 'deletePrimeChangeOrder'
  | 'invoices'
  | 'jobs'
  | 'ownerInvoices'
  | 'payInvoice'
  | 'phases'
  | 'postBudget'
  | 'primeChangeOrders'
  | 'removeCostType'
  | 'setJobCosts'
  | 'standardCodes'
  | 'voidInvoice'
>;

/** Where the story is told. */
export interface Stage {
  readonly procore: ProcoreSimulator;
  readonly erp: StoryOffice;
  links(): Promise<readonly RecordLink[]>;
}

const JOB = ' 2417-001';

export interface Scene {
  /** `request_name` of what it raises. */
  readonly events: readonly string[];
  /** What happens, for the reader of the test report. */
  readonly when: string;
  /** What people do; the requests that it raises in Procore. */
  readonly act: () => EmitResult | readonly EmitResult[];
  /** Writes to Procore in order, by the names of the documented operations. */
  readonly sends: readonly string[];
  readonly status?: 'applied' | 'failed';
  /** What the closing says, in Procore and in our own list. */
  readonly says: RegExp;
  readonly details?: readonly string[];
  readonly then?: () => void | Promise<void>;
}

const EXTERNAL = 'externalData.sync';
const CLOSE = 'requestDetail.update';
const CLOSE_EACH = 'requestDetail.sync';
const STAGE = 'stagedRecords.sync';
const PAIRS = 'costCodeLineItemTypes.sync';

/** The story, told on this stage. `world` is the stage, as people see it. */
export function story(world: Stage): readonly Scene[] {
  /** Ids by name, filled in as the story goes. */
  const ids = new Map<string, number>();
  const id = (name: string): number => {
    const found = ids.get(name);
    if (found === undefined) throw new Error(`the story has not come to "${name}" yet`);
    return found;
  };

  const staged = (itemType: string, title: string): number => {
    const found = stagedRecords(world).find(
      (record) =>
        record.item_type === itemType && [record.data['title'], record.data['name']].includes(title),
    );
    if (!found) throw new Error(`no staged ${itemType} "${title}"`);
    return found.id;
  };

  const vendorNamed = (name: string): number => {
    const found = world.procore.state().companies[0]?.records.vendor.find((vendor) => vendor.name === name);
    if (!found) throw new Error(`no company "${name}"`);
    return found.id;
  };
  const commitmentLine = (name: string): number => {
    const [line] = world.procore.record('commitment', id(name)).lines ?? [];
    return line?.id ?? 0;
  };

  return [
    {
      events: ['sync_standard_cost_codes', 'sync_standard_categories'],
      when: 'the ERP codes come to Procore',
      act: () => world.procore.refresh('standard_cost_codes'),
      // Codes go level by level: each names its parent by the id that Procore gave.
      sends: ['lineItemTypes.sync', 'standardCostCodes.sync', 'standardCostCodes.sync', CLOSE],
      says: /brought up to date/,
    },
    {
      events: ['create_standard_cost_codes'],
      when: 'a division and a code below it are exported together',
      act: () => {
        const codes = world.procore.seedStandardCodes([
          { code: '35', name: 'Waterway' },
          { code: '35-100', name: 'Dredging' },
        ]);
        codes.forEach((code, index) => ids.set(`standard code ${index}`, code.id));
        return world.procore.exportStandardCostCodes(codes.map((code) => code.id));
      },
      sends: [EXTERNAL, CLOSE_EACH],
      says: /2 records were written to the ERP/,
      then: () => {
        const written = world.erp.standardCodes().filter(({ Phase }) => String(Phase).startsWith('35'));
        expect(written).toHaveLength(2);
        expect(world.procore.record('standard_cost_code', id('standard code 1'))).toMatchObject({
          linked: true,
        });
      },
    },
    {
      events: ['create_vendor'],
      when: 'a new subcontractor is exported',
      act: () => {
        const [vendor] = world.procore.seedVendors([vendorFields()]);
        ids.set('Cobalt', vendor?.id ?? 0);
        return world.procore.exportVendor(id('Cobalt'), { code: '10442' });
      },
      sends: [EXTERNAL, CLOSE],
      says: /Vendor 10442 "Cobalt Mechanical LLC" was created in the ERP/,
    },
    {
      events: ['sync_vendors'],
      when: 'the ERP vendors are offered for import',
      act: () => world.procore.refreshVendors(),
      sends: [STAGE, CLOSE],
      says: /brought up to date/,
    },
    {
      events: ['create_vendor_in_procore'],
      when: 'one of them is imported',
      act: () => world.procore.importVendor(staged('vendor', 'Beacon Electric Corporation')),
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['link_vendor'],
      when: 'one is linked to a company that is there',
      act: () => {
        const [company] = world.procore.seedVendors([{ name: 'Corvus Fire Protection' }]);
        ids.set('Corvus', company?.id ?? 0);
        return world.procore.linkVendor(staged('vendor', 'Corvus Fire Protection LLC'), id('Corvus'));
      },
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['link_all_vendors'],
      when: 'all others with the same name are linked',
      act: () => {
        world.procore.seedVendors([{ name: 'Delta Drywall Inc.' }, { name: 'Falcon Demolition LLC' }]);
        return world.procore.linkAllVendors();
      },
      sends: [],
      says: /link(s)? changed/,
    },
    {
      events: ['merge_vendors'],
      when: 'a double is merged into the company that stays',
      act: () => {
        const [kept] = world.procore.seedVendors([{ name: 'Delta Drywall Incorporated' }]);
        return world.procore.mergeVendors(kept?.id ?? 0, [vendorNamed('Delta Drywall Inc.')]);
      },
      sends: [],
      says: /merged/,
    },
    {
      events: ['unlink_vendor'],
      when: 'a company is unlinked',
      act: () => world.procore.unlinkVendor(id('Corvus')),
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['create_or_update_job'],
      when: 'a project goes to the ERP with its codes and cost types',
      act: () => {
        const project = world.procore.seedProject({
          name: 'Eastgate Parking Structure',
          project_number: 'P-2417',
          address: '900 Eastgate Blvd',
          city: 'Bellevue',
          state_code: 'WA',
          zip: '98006',
        });
        ids.set('Eastgate', project.id);
        const codes = world.procore.seedCostCodes(project.id, [
          { code: '23', name: 'HVAC' },
          { code: '23-050', name: 'HVAC systems', types: ['3', '2'] },
          { code: '23-060', name: 'HVAC controls', types: ['3'] },
        ]);
        ids.set('code 23-050', codes[1]?.id ?? 0);
        ids.set('code 23-060', codes[2]?.id ?? 0);
        return world.procore.exportJob(project.id, { code: '2417-001' });
      },
      sends: [EXTERNAL, PAIRS, CLOSE],
      says: /Project 2417-001 "Eastgate Parking Structure" was created in the ERP/,
      then: () => {
        const job = world.erp.jobs().find(({ Job }) => Job === JOB);
        expect(job).toMatchObject({ Description: 'Eastgate Parking Structure', JobStatus: 1 });
        ids.set('job', Number(job?.KeyID));
        expect(world.erp.phases(1, JOB).map(({ Phase }) => Phase)).toEqual([
          '23-   -  ',
          '23-050-  ',
          '23-060-  ',
        ]);
        expect(world.procore.record('cost_code', id('code 23-050'))).toMatchObject({ linked: true });
      },
    },
    {
      events: ['create_or_update_job'],
      when: 'one more code follows later',
      act: () => {
        const [code] = world.procore.seedCostCodes(id('Eastgate'), [
          { code: '23-070', name: 'Ductwork', types: ['2'] },
        ]);
        ids.set('code 23-070', code?.id ?? 0);
        return world.procore.exportJob(id('Eastgate'), {});
      },
      sends: [EXTERNAL, PAIRS, CLOSE],
      says: /brought up to date in the ERP/,
      then: () => {
        expect(world.erp.jobs().filter(({ Job }) => Job === JOB)).toHaveLength(1);
        expect(world.erp.phases(1, JOB)).toHaveLength(4);
      },
    },
    {
      events: ['sync_jobs'],
      when: 'the jobs of the ERP are offered for import',
      act: () => world.procore.refresh('jobs'),
      sends: [STAGE, CLOSE],
      says: /brought up to date/,
    },
    {
      events: ['create_job_in_procore'],
      when: 'one is imported and gets its codes, cost types and costs',
      act: () => {
        const imported = world.procore.importStaged(staged('project', 'Harbor Street Apartments'));
        ids.set('Harbor', imported.id);
        return imported.event ?? [];
      },
      sends: ['costCodes.sync', PAIRS],
      says: /Cost codes/,
    },
    {
      events: ['create_sub_job'],
      when: 'a sub job goes to the ERP',
      act: () => {
        const subJob = world.procore.seedSubJob(id('Eastgate'), { code: '2417-101', name: 'Garage' });
        ids.set('Garage', subJob.id);
        const [code] = world.procore.seedCostCodes(
          id('Eastgate'),
          [{ code: '03-300', name: 'Slab on grade', types: ['2'] }],
          { subJobId: subJob.id },
        );
        ids.set('sub job code', code?.id ?? 0);
        return world.procore.exportSubJob(subJob.id);
      },
      sends: [EXTERNAL, PAIRS, CLOSE],
      says: /Sub job 2417-101 "Garage" was created in the ERP/,
    },
    {
      events: ['sync_sub_jobs'],
      when: 'a sub job of the ERP is offered for import',
      act: () => {
        world.erp.addSubJob(1, JOB, ' 2417-102', 'Ramp');
        return world.procore.refresh('sub_jobs');
      },
      sends: [STAGE, CLOSE],
      says: /brought up to date/,
    },
    {
      events: ['create_sub_job_in_procore'],
      when: 'it is imported',
      act: () => {
        const imported = world.procore.importStaged(staged('sub_job', 'Ramp'));
        ids.set('Ramp', imported.id);
        return imported.event ?? [];
      },
      sends: [],
      says: /Sub job 2417-102/,
    },
    {
      events: ['sync_single_job', 'sync_sub_job'],
      when: 'Procore asks on its own clock, after a phase and its cost were added in the ERP',
      act: () => {
        world.erp.addPhase(1, JOB, '26-050-  ', 'Electrical rough-in');
        world.erp.assignCostType(1, JOB, '26-050', '3');
        world.erp.setJobCosts(
          1,
          JOB,
          { phase: '26-050', costType: '3' },
          { originalBudget: '1000.00', actual: '12.50' },
        );
        return world.procore.runPeriodicSync();
      },
      sends: ['costCodes.sync', PAIRS, 'jobCosts.sync'],
      says: /nothing changed|Cost codes/,
    },
    {
      events: ['create_budget'],
      when: 'the locked budget goes to the ERP',
      act: () => {
        world.procore.seedBudget(id('Eastgate'), [
          { code: '23-050', type: '3', amount: '184500.00' },
          { code: '23-050', type: '2', amount: '20000.10' },
        ]);
        return world.procore.exportBudget(id('Eastgate'));
      },
      sends: [EXTERNAL, 'transactions.sync', CLOSE],
      says: /was created in the ERP/,
      then: () => {
        const [budget] = world.erp.budgets();
        ids.set('ERP budget', Number(budget?.KeyID));
        const amounts = world.erp.budgetLines(id('ERP budget')).map(({ Amount }) => Amount);
        expect(amounts).toEqual(['184500.00', '20000.10']);
      },
    },
    {
      events: ['update_budget'],
      when: 'only what is new follows, once the first entry was posted',
      act: () => {
        world.erp.postBudget(id('ERP budget'));
        world.procore.changeBudget(id('Eastgate'), [
          { code: '23-060', type: '3', amount: '-500.00', revised: true },
        ]);
        return world.procore.exportBudget(id('Eastgate'));
      },
      sends: [EXTERNAL, 'transactions.sync', CLOSE],
      says: /was created in the ERP/,
      then: () => {
        expect(world.erp.budgets().map(({ KeyID }) => world.erp.budgetLines(KeyID).length)).toEqual([2, 1]);
      },
    },
    {
      events: ['create_commitment'],
      when: 'an approved subcontract goes to the ERP',
      act: () => {
        const contract = world.procore.seedCommitment(id('Eastgate'), {
          number: 'SC-2417-008',
          title: 'HVAC - Eastgate',
          vendor_id: id('Cobalt'),
          retainage_percent: '10.0',
          contract_date: '2026-07-01',
          lines: [
            { code: '23-050', type: '3', amount: '150000.00', description: 'Rough-in' },
            { code: '23-060', type: '3', amount: '34500.00', description: 'Controls' },
          ],
        });
        ids.set('HVAC', contract.id);
        return world.procore.exportCommitment(contract.id, {
          code: 'SC-2417-008',
          accountingDate: '2026-07-31',
        });
      },
      sends: [EXTERNAL, CLOSE],
      says: /Commitment SC-2417-008 "HVAC - Eastgate" was created in the ERP/,
      then: () => {
        const contract = world.erp.commitments().find(({ SL }) => SL === 'SC-2417-008');
        expect(contract).toMatchObject({ Amount: '184500.00', Vendor: 10442, SLType: 'S' });
        ids.set('ERP HVAC', Number(contract?.KeyID));
        expect(world.procore.record('commitment', id('HVAC'))).toMatchObject({
          linked: true,
          erp_status: 'synced',
        });
        expect(world.procore.record('commitment', id('HVAC')).lines?.every(({ linked }) => linked)).toBe(
          true,
        );
      },
    },
    {
      events: ['unlink_commitment'],
      when: 'it may not be unlinked while the ERP has it',
      act: () => world.procore.unlinkRecord('commitment', id('HVAC')),
      sends: [CLOSE],
      status: 'failed',
      says: /still exists in the ERP; delete it there first/,
    },
    {
      events: ['create_commitment'],
      when: 'a purchase order in units goes to the ERP',
      act: () => {
        const contract = world.procore.seedCommitment(id('Eastgate'), {
          type: 'PurchaseOrderContract',
          number: 'PO-2417-001',
          title: 'Ducts',
          vendor_id: id('Cobalt'),
          contract_date: '2026-07-02',
          lines: [
            {
              code: '23-070',
              type: '2',
              quantity: '120.0',
              unit_cost: '12.345',
              amount: '1481.40',
              extended_type: 'calculated',
              uom: 'ft',
              description: 'Duct',
            },
          ],
        });
        ids.set('PO', contract.id);
        return world.procore.exportCommitment(contract.id, {
          code: 'PO-2417-001',
          accountingDate: '2026-07-31',
        });
      },
      sends: [EXTERNAL, CLOSE],
      says: /Commitment PO-2417-001 "Ducts" was created in the ERP/,
      then: () => {
        const order = world.erp.commitments().find(({ SL }) => SL === 'PO-2417-001');
        ids.set('ERP PO', Number(order?.KeyID));
        expect(order).toMatchObject({ SLType: 'P', Amount: '1481.40' });
      },
    },
    {
      events: ['unlink_commitment'],
      when: 'the order was deleted in the ERP: header and lines are let go, though the event names a type that nobody knows',
      act: () => {
        world.erp.deleteCommitment(id('ERP PO'));
        const requestData = {
          procore_commitment_id: id('PO'),
          commitment_type: 'CommitmentContract',
          commitment_origin_id: world.procore.record('commitment', id('PO')).origin_id,
          project_id: id('Eastgate'),
        };
        return world.procore.emitEvent('unlink_commitment', { requestData, freshIds: false });
      },
      sends: [EXTERNAL, CLOSE],
      says: /the ERP no longer has it/,
      then: () => {
        const order = world.procore.record('commitment', id('PO'));
        expect(order).toMatchObject({ linked: false });
        expect(order.lines?.some(({ linked }) => linked)).toBe(false);
      },
    },
    {
      events: ['sync_commitments'],
      when: 'a subcontract born in the ERP is offered with its lines',
      act: () => {
        const key = world.erp.addCommitment(1, {
          job: JOB,
          vendor: 10442,
          number: 'SC-ERP-1',
          title: 'Sprinklers',
          lines: [{ phase: '23-050', costType: '3', amount: '9000.00' }],
        });
        ids.set('ERP sprinklers', key);
        return world.procore.refresh('commitments');
      },
      sends: [STAGE, CLOSE],
      says: /brought up to date/,
    },
    {
      events: ['create_commitment_in_procore'],
      when: 'it is imported, and found although the event names no id',
      act: () => {
        const imported = world.procore.importStaged(staged('work_order_contract', 'Sprinklers'));
        ids.set('Sprinklers', imported.id);
        return imported.event ?? [];
      },
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['create_commitment_change_order'],
      when: 'a change order to the subcontract',
      act: () => {
        const order = world.procore.seedCommitmentChangeOrder(id('HVAC'), {
          number: '1',
          title: 'More ducts',
          lines: [
            { code: '23-050', type: '3', amount: '2500.00', commitment_line_item_id: commitmentLine('HVAC') },
            { code: '23-060', type: '3', amount: '-300.00' },
          ],
        });
        ids.set('CCO', order.id);
        return world.procore.exportCommitmentChangeOrder(order.id, {
          code: '1',
          accountingDate: '2026-07-31',
        });
      },
      sends: [EXTERNAL, CLOSE],
      says: /Commitment change order 1 "More ducts" was created in the ERP/,
      then: () => {
        const order = world.erp.changeOrders(id('ERP HVAC'))[0];
        expect(order).toMatchObject({ Amount: '2200.00' });
        ids.set('ERP CCO', Number(order?.KeyID));
      },
    },
    {
      events: ['sync_commitment_change_orders'],
      when: 'a change order born in the ERP is offered',
      act: () => {
        world.erp.addChangeOrder(id('ERP HVAC'), {
          number: '2',
          title: 'Hangers',
          lines: [{ phase: '23-050', costType: '3', amount: '75.00' }],
        });
        return world.procore.refresh('commitment_change_orders');
      },
      sends: [STAGE, CLOSE],
      says: /brought up to date/,
    },
    {
      events: ['create_requisitions'],
      when: 'two invoices of the subcontract are exported in one batch',
      act: () => {
        const invoices = ['COB-1187', 'COB-1188'].map((number, index) =>
          world.procore.seedRequisition(id('HVAC'), {
            invoice_number: number,
            number: index + 1,
            billing_date: '2026-07-31',
            items: [
              {
                line_item_id: commitmentLine('HVAC'),
                amount: index === 0 ? '18450.00' : '1000.00',
                retainage_this_period: index === 0 ? '1845.00' : '100.00',
              },
            ],
          }),
        );
        invoices.forEach((invoice, index) => ids.set(`invoice ${index}`, invoice.id));
        return world.procore.exportRequisitions(
          invoices.map((invoice) => invoice.id),
          { customFields: { accounting_date: '2026-07-31' } },
        );
      },
      sends: [EXTERNAL, CLOSE],
      says: /2 records were written to the ERP/,
      then: () => {
        const invoice = world.erp.invoices().find(({ APRef }) => APRef === 'COB-1187');
        expect(invoice).toMatchObject({
          Amount: '18450.00',
          Retainage: '1845.00',
          AmountDue: '16605.00',
          Vendor: 10442,
        });
        ids.set('ERP invoice', Number(invoice?.KeyID));
        ids.set(
          'ERP invoice 2',
          Number(world.erp.invoices().find(({ APRef }) => APRef === 'COB-1188')?.KeyID),
        );
      },
    },
    {
      events: ['create_contract_payment'],
      when: 'Procore Pay paid an invoice',
      act: () => {
        const payment = world.procore.seedPayment(id('invoice 0'), {
          amount: '16605.00',
          external_payment_id: 'pp-7710023',
          date_payment_funded: '2026-08-21T15:06:05Z',
          payment_method: 'ach',
        });
        ids.set('payment', payment.id);
        return world.procore.exportPayment(payment.id);
      },
      sends: [EXTERNAL, CLOSE],
      says: /Payment pp-7710023 was created in the ERP/,
    },
    {
      events: ['sync_contract_payments'],
      when: 'the accounting office paid the other one',
      act: () => {
        const key = world.erp.payInvoice(id('ERP invoice 2'), {
          date: '2026-08-25',
          amount: '900.00',
          number: 'CK-99812',
        });
        ids.set('ERP payment', key);
        return world.procore.refresh('contract_payments');
      },
      sends: ['invoicePayments.sync', CLOSE],
      says: /1 invoice payment brought up to date/,
      then: () => {
        const payment = world.procore.state().companies[0]?.records['invoice_payment']?.[0];
        ids.set('invoice payment', Number(payment?.id));
      },
    },
    {
      events: ['reset_payment'],
      when: 'support resets it after it was deleted in the ERP',
      act: () => {
        world.erp.deletePayment(id('ERP payment'));
        return world.procore.resetPayment(id('invoice payment'));
      },
      sends: ['invoicePayments.unlink'],
      says: /the ERP no longer has it/,
    },
    {
      events: ['unlink_commitment_change_order'],
      when: 'the change order was deleted in the ERP',
      act: () => {
        world.erp.deleteChangeOrder(id('ERP CCO'));
        return world.procore.unlinkRecord('commitment_change_order', id('CCO'));
      },
      sends: [EXTERNAL, CLOSE],
      says: /the ERP no longer has it/,
    },
    {
      events: ['reset_requisition'],
      when: 'support resets an invoice',
      act: () => world.procore.resetRequisition(id('invoice 1')),
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['sync_prime_contracts'],
      when: 'the prime contract of the ERP is offered',
      act: () => {
        const lines = [{ phase: '23-050', costType: '3', amount: '1500000.00' }];
        world.erp.addPrimeContract(1, { job: JOB, number: 'PC-1', title: 'Eastgate prime', lines });
        return world.procore.refresh('prime_contracts');
      },
      sends: [STAGE, CLOSE],
      says: /brought up to date/,
      then: () => {
        const imported = world.procore.importStaged(staged('prime_contract', 'Eastgate prime'));
        ids.set('prime', imported.id);
      },
    },
    {
      events: ['create_prime_contract_change_order'],
      when: 'an owner change with a markup',
      act: () => {
        const [line] = world.procore.record('prime_contract', id('prime')).lines ?? [];
        ids.set('prime line', Number(line?.id));
        const order = world.procore.seedPrimeContractChangeOrder(id('prime'), {
          number: '004',
          title: 'VAV boxes',
          lines: [{ code: '23-050', type: '3', amount: '12750.00', prime_line_item_id: Number(line?.id) }],
        });
        ids.set('PCCO', order.id);
        return world.procore.exportPrimeContractChangeOrder(order.id, {
          code: '004',
          customFields: { transaction_date: '2026-07-31' },
        });
      },
      sends: [EXTERNAL, CLOSE],
      says: /Prime contract change order 004 "VAV boxes" was created in the ERP/,
      then: () => {
        ids.set('ERP PCCO', Number(world.erp.primeChangeOrders()[0]?.KeyID));
      },
    },
    {
      events: ['unlink_prime_contract_change_order'],
      when: 'it may not be unlinked while the ERP has it',
      act: () => world.procore.unlinkRecord('prime_contract_change_order', id('PCCO')),
      sends: [CLOSE],
      status: 'failed',
      says: /still exists in the ERP/,
    },
    {
      events: ['reset_prime_contract_change_order'],
      when: 'support resets it after it was deleted in the ERP',
      act: () => {
        world.erp.deletePrimeChangeOrder(id('ERP PCCO'));
        return world.procore.resetPrimeContractChangeOrder(id('PCCO'));
      },
      sends: [EXTERNAL],
      says: /the ERP no longer has it/,
    },
    {
      events: ['create_payment_application'],
      when: 'an owner invoice goes to the ERP',
      act: () => {
        const invoice = world.procore.seedPaymentApplication(id('prime'), {
          invoice_number: 'OI-2417-03',
          billing_date: '2026-07-31',
          items: [
            {
              line_item_id: id('prime line'),
              work_completed_this_period: 250000,
              work_completed_retainage_retained_this_period: 25000,
            },
          ],
        });
        ids.set('owner invoice', invoice.id);
        return world.procore.exportPaymentApplication(invoice.id, { code: 'OI-2417-03' });
      },
      sends: [EXTERNAL, CLOSE],
      says: /Owner invoice OI-2417-03.* was created in the ERP/,
      then: () => {
        const [invoice] = world.erp.ownerInvoices();
        expect(invoice).toMatchObject({ Amount: '250000.00', Retainage: '25000.00', AmountDue: '225000.00' });
        ids.set('ERP owner invoice', Number(invoice?.KeyID));
      },
    },
    {
      events: ['unlink_payment_application'],
      when: 'it was deleted in the ERP',
      act: () => {
        world.erp.deleteOwnerInvoice(id('ERP owner invoice'));
        return world.procore.unlinkRecord('payment_application', id('owner invoice'));
      },
      sends: [EXTERNAL, CLOSE],
      says: /the ERP no longer has it/,
    },
    {
      events: ['create_company_level_direct_cost'],
      when: 'an invoice without a contract goes to the ERP',
      act: () => {
        const cost = world.procore.seedCompanyLevelDirectCost({
          vendor_id: id('Cobalt'),
          invoice_number: '7714',
          description: 'Crane inspection',
          direct_cost_date: '2026-07-28',
          accounting_date: '2026-07-31',
          lines: [{ project_id: id('Eastgate'), code: '23-050', type: '3', amount: '1240.00' }],
        });
        ids.set('direct cost', cost.id);
        return world.procore.exportCompanyLevelDirectCost(cost.id);
      },
      sends: [EXTERNAL, CLOSE],
      says: /Direct cost 7714.* was created in the ERP/,
      then: () => {
        ids.set('ERP direct cost', Number(world.erp.invoices().find(({ APRef }) => APRef === '7714')?.KeyID));
      },
    },
    {
      events: ['unlink_company_level_direct_cost'],
      when: 'it was voided in the ERP',
      act: () => {
        world.erp.voidInvoice(id('ERP direct cost'));
        return world.procore.unlinkRecord('company_level_direct_cost', id('direct cost'));
      },
      sends: [EXTERNAL, CLOSE],
      says: /the ERP no longer has it/,
    },
    {
      events: ['create_company_level_direct_cost'],
      when: 'sent again after the unlink, it is a new invoice',
      act: () => world.procore.exportCompanyLevelDirectCost(id('direct cost')),
      sends: [EXTERNAL, CLOSE],
      says: /was created in the ERP/,
    },
    {
      events: ['reset_company_level_direct_cost'],
      when: 'support resets it',
      act: () => world.procore.resetCompanyLevelDirectCost(id('direct cost')),
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['create_budget_in_procore'],
      when: 'the budget of the imported project is imported',
      act: () => world.procore.importBudget(id('Harbor'), []).event ?? [],
      sends: [],
      says: /links were so already/,
    },
    {
      events: ['delete_cost_type_assignments'],
      when: 'one pair is gone from the ERP, one is not',
      act: () => {
        world.erp.removeCostType(1, JOB, '23-070', '2');
        const pairs = world.procore.state().companies[0]?.records['cost_code_line_item_type'] ?? [];
        const ofCode = (code: string): number =>
          Number(pairs.find((pair) => pair['cost_code_id'] === id(code))?.id);
        return world.procore.deleteCostTypeAssignments([ofCode('code 23-070'), ofCode('code 23-060')]);
      },
      sends: [PAIRS.replace('.sync', '.delete'), CLOSE_EACH],
      status: 'failed',
      says: /still exists in the ERP/,
      details: ['success', 'failed'],
    },
    {
      events: ['delete_cost_codes'],
      when: 'one code is gone from the ERP, one is not',
      act: () => {
        world.erp.deletePhase(1, JOB, '23-070');
        return world.procore.deleteCostCodes([id('code 23-070'), id('code 23-050')]);
      },
      sends: [CLOSE_EACH],
      status: 'failed',
      says: /still exists in the ERP/,
      details: ['success', 'failed'],
    },
    {
      events: ['delete_cost_code'],
      when: 'support deletes a code',
      act: () => world.procore.deleteCostCode([id('code 23-060')]),
      sends: [],
      says: /1 cost code/,
    },
    {
      events: ['reset_sub_job'],
      when: 'support resets a sub job',
      act: () => world.procore.resetSubJob(id('Garage')),
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['reset_job'],
      when: 'support resets the project: everything in it is let go',
      act: () => world.procore.resetJob(id('Eastgate')),
      sends: [],
      says: /links changed/,
      then: async () => {
        const links = (await world.links()).filter(
          ({ projectId, state }) => projectId === id('Eastgate') && state === 'linked',
        );
        expect(links).toEqual([]);
      },
    },
    {
      events: ['unlink_standard_cost_codes'],
      when: 'support unlinks a standard code',
      act: () => world.procore.unlinkStandardCostCodes([id('standard code 1')]),
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['delete_standard_cost_codes'],
      when: 'support deletes a standard code',
      act: () => world.procore.deleteStandardCostCodes([id('standard code 0')]),
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['delete_standard_categories'],
      when: 'support deletes a cost type',
      act: () => {
        const types = world.procore.state().companies[0]?.records['line_item_type'] ?? [];
        const other = types.find(({ name }) => name === 'Other');
        return world.procore.deleteStandardCategories([Number(other?.id)]);
      },
      sends: [],
      says: /1 link changed/,
    },
    {
      events: ['sync_metadata'],
      when: 'Procore asks for the configuration',
      act: () => world.procore.requestMetadata(),
      sends: ['metadata.update'],
      says: /metadata configuration was sent/,
    },
  ];
}

const stagedRecords = (world: Stage): readonly StagedRecord[] =>
  world.procore.state().companies[0]?.stagedRecords ?? [];

/** The name that the guides use for an operation of the OpenAPI. */
export function documentedName(operationId: string): string {
  return loadOperations().find((operation) => operation.operationId === operationId)?.alias ?? operationId;
}
