/** Records with thousands of lines, and thousands of problems, go their way; what crosses Temporal does not grow with them. */
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { ANY, vendorFields, World } from '../../support/world';

const LINES = 20_000;
/** Bytes of a whole history: a few steps, none of which carries a record. */
const MOST_HISTORY = 100_000;

let temporal: TestTemporal;
let world: World;
let project: number;
let vendor: number;

beforeAll(async () => {
  temporal = await testTemporal();
  const rules = [{ name: 'everything', decision: 'approve' as const, when: ANY }];
  world = await World.create(temporal, { policy: { rules }, seedErp: true });
  await world.tie();
  await all(world.procore.refresh('standard_cost_codes').map(({ requestId }) => requestId));
  project = world.procore.seedProject({ name: 'Eastgate', project_number: 'P-2417' }).id;
  world.procore.seedCostCodes(project, [
    { code: '23', name: 'HVAC' },
    { code: '23-050', name: 'HVAC systems', types: ['3'] },
  ]);
  await all([world.procore.exportJob(project, { code: '2417-001' }).requestId]);
  vendor = world.procore.seedVendors([vendorFields()])[0]?.id ?? 0;
  await all([world.procore.exportVendor(vendor, { code: '10442' }).requestId]);
}, 300_000);
afterAll(async () => {
  await world.close();
  await temporal.close();
});

async function all(requestIds: readonly number[]): Promise<void> {
  await world.poll();
  for (const requestId of requestIds)
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
}

/** Sends a subcontract with that many lines. */
function subcontract(number: string, description: (line: number) => string): number {
  const lines = Array.from({ length: LINES }, (_, line) => ({
    code: '23-050',
    type: '3',
    amount: '1.25',
    description: description(line),
  }));
  const { id } = world.procore.seedCommitment(project, {
    number,
    title: `Work ${number}`,
    vendor_id: vendor,
    contract_date: '2026-07-01',
    lines,
  });
  return world.procore.exportCommitment(id, { code: number, accountingDate: '2026-07-31' }).requestId;
}

async function historySize(requestId: number): Promise<number> {
  const history = await world.client.workflow.getHandle(world.workflowId(requestId)).fetchHistory();
  return historyToJSON(history).length;
}

test(`a commitment of ${LINES} lines is written, each line once`, async () => {
  const requestId = subcontract('SC-1', (line) => `Line ${line}`);
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  const [written] = world.erp.commitments().filter(({ SL }) => String(SL) === 'SC-1');
  expect(world.erp.commitmentLines(Number(written?.['KeyID']))).toHaveLength(LINES);
  expect(await historySize(requestId)).toBeLessThan(MOST_HISTORY);
}, 600_000);

test(`a commitment of ${LINES} problems is parked with the first of them, and can be given up`, async () => {
  const requestId = subcontract('SC-2', (line) => `Line ${line} \u6f22`);
  await world.poll();
  const row = await world.until(requestId, 'parked');
  expect(row.reason).toMatch(/Line 1: Description .*\.\.\. and 199\d\d more\./);
  expect(row.reason?.length).toBeLessThan(3_000);
  const [exception] = await world.openExceptions();
  expect(exception?.problems).toHaveLength(LINES);
  expect(await historySize(requestId)).toBeLessThan(MOST_HISTORY);
  await world.reject(requestId, 'too much of everything');
  expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
}, 600_000);
