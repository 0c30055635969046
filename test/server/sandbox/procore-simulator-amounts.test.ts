/** Amounts that overlap must agree with one another, in whatever the simulator sends or answers. */
import fc from 'fast-check';
import { loadEvents } from '../../../sandbox/procore-simulator/data';
import type { EmitResult } from '../../../sandbox/procore-simulator/types';
import { brokenRelations, RELATION_NAMES } from './support/amount-relations';
import { constructionCompany, metadata } from './support/construction-company';
import { withBench, type Bench } from './support/procore-client';

const cents = fc.integer({ min: 0, max: 99_999_999 }).map((value) => (value / 100).toFixed(2));
const numbers = fc.record({
  lines: fc.array(cents, { minLength: 1, maxLength: 3 }),
  tax: cents,
  markups: fc.array(cents, { maxLength: 3 }),
  change: cents,
  work: cents,
  retained: cents,
  released: cents,
  stored: cents,
  before: cents,
  quantity: fc.integer({ min: 1, max: 9999 }).map((value) => (value / 100).toFixed(2)),
  unitCost: cents,
});
type Numbers = typeof numbers extends fc.Arbitrary<infer T> ? T : never;

const COST = { code: '23-050', type: 'S' };

let serial = 0;

/** One of everything that can be exported, with these amounts; the requests that came of it. */
function everything(bench: Bench, project: number, vendor: number, n: Numbers): EmitResult[] {
  const { sim } = bench;
  const origin = (): { origin_id: string } => ({ origin_id: `x|${(serial += 1)}` });
  const lines = n.lines.map((amount) => ({ ...COST, amount, tax_amount: n.tax }));
  const contract = { title: 'HVAC', number: 'SC', vendor_id: vendor };
  const fresh = sim.seedCommitment(project, { ...contract, lines });

  const linked = () => lines.map((line) => ({ ...line, ...origin() }));
  const commitment = sim.seedCommitment(project, { ...contract, ...origin(), lines: linked() });
  sim.seedCommitmentChangeOrder(commitment.id, { title: 'Not yet', status: 'Pending', lines });
  const more = { title: 'More', number: '1', lines: [{ ...COST, amount: n.change }] };
  const order = sim.seedCommitmentChangeOrder(commitment.id, more);
  const line = Number(commitment.lines?.[0]?.id);
  const invoice = sim.seedRequisition(commitment.id, {
    invoice_number: 'A-1',
    billing_date: '2026-03-31',
    items: [
      {
        line_item_id: line,
        amount: n.work,
        retainage_work_completed_this_period: n.retained,
        retainage_materials_presently_stored: n.stored,
        released_work_completed_this_period: n.released,
      },
      { line_item_id: line, amount: n.change, retainage_this_period: n.retained },
    ],
  });
  sim.seedPayment(invoice.id, { amount: n.work });

  const prime = sim.seedPrimeContract(project, { title: 'Prime', number: 'P', ...origin(), lines: linked() });
  const owners = { ...COST, amount: n.change, tax_amount: n.tax };
  const markups = n.markups.map((amount) => ({ name: 'Fee', amount }));
  const change = sim.seedPrimeContractChangeOrder(prime.id, {
    title: 'Owner change',
    number: '1',
    lines: [{ ...owners, markups }],
  });
  const application = sim.seedPaymentApplication(prime.id, {
    invoice_number: 'O-1',
    items: [
      {
        line_item_id: Number(prime.lines?.[0]?.id),
        work_completed_this_period: Number(n.work),
        work_completed_from_previous_application: Number(n.before),
        work_completed_retainage_retained_this_period: Number(n.retained),
        materials_presently_stored: Number(n.stored),
        materials_stored_retainage_retained_this_period: Number(n.released),
      },
    ],
  });
  const cost = sim.seedCompanyLevelDirectCost({
    vendor_id: vendor,
    lines: [
      { ...COST, project_id: project, quantity: n.quantity, unit_cost: n.unitCost },
      { ...COST, project_id: project, amount: n.change, quantity: n.quantity },
    ],
  });
  return [
    sim.exportCommitment(fresh.id),
    sim.exportCommitmentChangeOrder(order.id),
    sim.exportRequisitions([invoice.id]),
    sim.exportPrimeContractChangeOrder(change.id),
    sim.exportPaymentApplication(application.id),
    sim.exportCompanyLevelDirectCost(cost.id),
  ];
}

/** Lists of the API that show amounts of a project. */
const LISTS = [
  'work_order_contracts',
  'prime_contracts',
  'requisitions',
  'change_order_packages',
  'commitments',
];

test('whatever the amounts are, they agree in every request and in every list', () =>
  withBench({}, async (bench) => {
    const { project, vendor } = constructionCompany(bench);
    await metadata(bench, {
      prime_contract_change_orders: { configs: { export_estimate_markup: { enabled: true } } },
    });
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(numbers, (n) => {
        for (const { body } of everything(bench, project, vendor, n))
          expect(brokenRelations(body, '$', seen)).toEqual([]);
      }),
      { numRuns: 40 },
    );
    // None of the relations was left out.
    expect(RELATION_NAMES.filter((name) => !seen.has(name))).toEqual([]);

    for (const list of LISTS) {
      const { status, body } = await bench.call(
        'GET',
        `/rest/v1.0/${list}?project_id=${project}&per_page=2000`,
      );
      expect([list, status, (body as unknown[]).length > 0]).toEqual([list, 200, true]);
      expect(brokenRelations(body, list)).toEqual([]);
    }
  }));

test('a relation that is broken is found', () => {
  const item = {
    amount: '388.70',
    extended_amount: '299.0',
    total_amount: '299.0',
    markup_line_items: [{ amount: '44.85' }],
  };
  expect(brokenRelations({ items: [item] })).toEqual([
    '$.items[0]: amount of a prime change = extended amount + markups: 388.70, not 343.85',
  ]);
  expect(brokenRelations({ items: [{ ...item, amount: '343.85' }] })).toEqual([]);
});

test('the examples of the dictionary keep the relations', () => {
  for (const { requestName, examplePayload } of loadEvents())
    expect([requestName, ...brokenRelations(examplePayload)]).toEqual([requestName]);
});
