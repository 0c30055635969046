/** A record that refers to something the ERP does not have yet waits for it, says so, and goes on by itself. */
import type { Hooks } from '../../../src/composition';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { ANY, MARIA, vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;
let project: number;
/** Called when Procore has answered what ties a record. */
let afterAnswer: () => Promise<void>;

/** Everything but vendors is approved by a rule: a vendor waits for finance. */
const RULES = [
  { name: 'vendors', decision: 'ask_finance' as const, when: { events: ['create_vendor'] } },
  { name: 'others', decision: 'approve' as const, when: ANY },
];

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  afterAnswer = () => Promise.resolve();
  const hooks: Hooks = {
    procore: (company) => ({
      ...company,
      ties: {
        ...company.ties,
        read: async (itemType, id) => {
          const answer = await company.ties.read?.(itemType, id);
          await afterAnswer();
          return answer ?? null;
        },
      },
    }),
  };
  const customFields = { commitment: { permit_no: 'udPermit' } };
  world = await World.create(temporal, { policy: { rules: RULES }, seedErp: true, hooks, customFields });
  await world.tie();
  const codes = world.procore.refresh('standard_cost_codes');
  await world.poll();
  for (const { requestId } of codes) await world.result(requestId);
  project = world.procore.seedProject({ name: 'Eastgate', project_number: 'P-2417' }).id;
  world.procore.seedCostCodes(project, [
    { code: '23', name: 'HVAC' },
    { code: '23-050', name: 'HVAC systems', types: ['3'] },
  ]);
  const job = world.procore.exportJob(project, { code: '2417-001' });
  await world.poll();
  expect(await world.result(job.requestId)).toMatchObject({ status: 'applied' });
}, 60_000);
afterEach(() => world.close());

const company = (more: Record<string, unknown> = {}): number => {
  const [vendor] = world.procore.seedVendors([vendorFields(more)]);
  if (!vendor) throw new Error('unreachable');
  return vendor.id;
};

const subcontract = (vendorId: number, number: string): number => {
  const { id } = world.procore.seedCommitment(project, {
    number,
    title: `Work ${number}`,
    vendor_id: vendorId,
    contract_date: '2026-07-01',
    lines: [{ code: '23-050', type: '3', amount: '1000.00' }],
  });
  return world.procore.exportCommitment(id, {
    code: number,
    accountingDate: '2026-07-31',
    allowUnsyncedVendor: true,
    customFields: { permit_no: `BP-${number}` },
  }).requestId;
};

test('a commitment waits for its vendor, others go on, and it is released when the vendor is linked', async () => {
  const vendor = company();
  const held = subcontract(vendor, 'SC-1');
  await world.poll();
  const row = await world.until(held, 'held');
  expect(row.reason).toMatch(/Vendor Cobalt Mechanical LLC is not in the ERP yet. Export or link it/);
  // Nobody has to do anything about it: it is no exception.
  expect(await world.openExceptions()).toEqual([]);
  expect(await world.waits(held)).toMatchObject([
    { recordId: `vendor/${vendor}`, since: expect.any(String) as unknown },
  ]);

  const export1 = world.procore.exportVendor(vendor, { code: '10442' });
  const other = company({
    name: 'Other Builders',
    abbreviated_name: 'OTHER',
    email_address: 'a@b.example',
    business_phone: '1',
  });
  const export2 = world.procore.exportVendor(other, { code: '10443' });
  await world.poll();
  await world.until(export2.requestId, 'waiting_for_finance');
  await world.approve(export2.requestId);
  await world.result(export2.requestId);
  const free = subcontract(other, 'SC-2');
  await world.poll();
  expect(await world.result(free)).toMatchObject({ status: 'applied' });
  expect((await world.request(held)).status).toBe('held');
  // A custom field of Procore that is mapped to a column of the ERP is approved and written like any other.
  expect(world.erp.commitments().find(({ SL }) => SL === 'SC-2')).toMatchObject({ udPermit: 'BP-SC-2' });
  const [link] = (await world.links()).filter(({ kind }) => kind === 'commitment');
  expect(link?.erp?.fields).toMatchObject({ custom_udPermit: 'BP-SC-2' });
  expect(await world.auditFindings()).toEqual([]);

  await world.until(export1.requestId, 'waiting_for_finance');
  await world.approve(export1.requestId);
  expect(await world.result(held)).toMatchObject({ status: 'applied' });
  const ours = world.erp.commitments().filter(({ SL }) => String(SL) === 'SC-1');
  expect(ours).toMatchObject([{ Vendor: 10442, Amount: '1000.00' }]);
  expect(await world.openExceptions()).toEqual([]);
  expect(world.procore.violations()).toEqual([]);
});

test('what comes while the request is about to wait is not missed', async () => {
  const vendor = company();
  const { requestId } = world.procore.exportVendor(vendor, { code: '10442' });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  // After the plan found that the vendor is not there, and before the request rests.
  afterAnswer = async () => {
    afterAnswer = () => Promise.resolve();
    await world.approve(requestId);
    await world.result(requestId);
  };
  const held = subcontract(vendor, 'SC-1');
  await world.poll();
  expect(await world.result(held)).toMatchObject({ status: 'applied' });
  // It did not find out by looking from time to time.
  const history = await world.client.workflow.getHandle(`${world.connectionId}/erp/${held}`).fetchHistory();
  expect(history.events?.filter(({ timerFiredEventAttributes }) => timerFiredEventAttributes)).toEqual([]);
});

test('what is never satisfied can be given up, and Procore shows why', async () => {
  const held = subcontract(company(), 'SC-1');
  await world.poll();
  await world.until(held, 'held');
  await world.reject(held, 'the vendor was not accepted', { by: MARIA });
  expect(await world.result(held)).toMatchObject({ status: 'rejected' });
  const [detail] = world.details(held);
  expect(detail).toMatchObject({ status: 'failed' });
  expect(detail?.messages.join(' ')).toMatch(/not accepted.*is not in the ERP yet/);
  expect(await world.openExceptions()).toEqual([]);
});

test('requests that wait for each other are told so', async () => {
  const code = (id: number, parent: number, whole: string) => ({
    request_name: 'create_standard_cost_codes',
    request_data: [
      {
        id,
        standard_cost_code_list_id: 1,
        origin_id: null,
        parent_id: parent,
        code: whole,
        full_code: whole,
        name: whole,
      },
    ],
  });
  const first = world.procore.emitRaw(code(9_000_001, 9_000_002, '41-100'), { envelope: true });
  const second = world.procore.emitRaw(code(9_000_002, 9_000_001, '41-200'), { envelope: true });
  await world.poll();
  await world.until(first.requestId, 'held');
  await world.until(second.requestId, 'held');
  const reasons = [await world.request(first.requestId), await world.request(second.requestId)].map(
    ({ reason }) => reason,
  );
  expect(reasons.join(' ')).toMatch(
    /They wait for each other \(ERP request \d+, ERP request \d+\): reject one of them/,
  );
});

test('requests about one record are worked on in the order they came', async () => {
  const vendor = company();
  const first = world.procore.exportVendor(vendor, { code: '10442' });
  await world.poll();
  await world.until(first.requestId, 'waiting_for_finance');
  const body = first.body as { request_data: Record<string, unknown> };
  const again = world.procore.emitRaw(
    { request_name: 'create_vendor', request_data: { ...body.request_data, request_detail_id: null } },
    { envelope: true },
  );
  await world.poll();
  const row = await world.until(again.requestId, 'held');
  expect(row.reason).toMatch(new RegExp(`ERP request ${first.requestId} about the same record came first`));
  await world.approve(first.requestId);
  await world.until(again.requestId, 'waiting_for_finance');
  await world.reject(again.requestId, 'done already');
  expect(world.erp.vendors().filter(({ Vendor }) => Vendor === 10442)).toHaveLength(1);
});
