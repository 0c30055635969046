/** Records one history per path through each workflow, for this release. Run it when a release changes workflow code; keep the old ones. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { TiebackError } from '../../src/domain/base/errors';
import { PayrollWeeks } from '../support/payroll-weeks';
import { story } from '../support/story';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { ANY, vendorFields, World } from '../support/world';

const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
  version: string;
};
const folder = join(__dirname, 'histories', version);

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  temporal = await testTemporal();
  world = await World.create(temporal, { pageSize: 3, webhook: true });
  // By default nobody is told: the tests poll.
  world.procore.setWebhookOptions({ delivery: 'manual' });
});
afterAll(async () => {
  await world.close();
  await temporal.close();
});

async function record(name: string, workflowId: string): Promise<void> {
  const history = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
  // Who ran it is no part of what is replayed.
  const json = historyToJSON(history).replace(/"\d+@[^"]*"/g, '"worker"');
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(JSON.parse(json), null, 1)}\n`);
}

let counter = 0;

function exportVendor(fields: Record<string, unknown>, code?: string): number {
  counter += 1;
  const unique = {
    name: `History Builders ${counter}`,
    abbreviated_name: `HIST${counter}`,
    email_address: `ap${counter}@history.example`,
    business_phone: `20655${30000 + counter}`,
  };
  const [vendor] = world.procore.seedVendors([vendorFields({ ...unique, ...fields })]);
  if (!vendor) throw new Error('unreachable');
  return world.procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
    ...(code === undefined ? {} : { code }),
  }).requestId;
}

test('export by rule, found by poll', async () => {
  const requestId = exportVendor({});
  await world.poll();
  await world.result(requestId);
  await record('sync-request-export-by-rule-polled', world.workflowId(requestId));
});

test('export by rule, told by webhook', async () => {
  const requestId = exportVendor({});
  await world.procore.deliverNow();
  await world.until(requestId, 'applied');
  await world.result(requestId);
  await record('sync-request-export-by-rule-webhook', world.workflowId(requestId));
});

test('export approved by finance', async () => {
  const requestId = exportVendor({ prequalified: false });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  await world.approve(requestId);
  await world.result(requestId);
  await record('sync-request-export-approved', world.workflowId(requestId));
});

test('export that Procore shows as closed', async () => {
  const requestId = exportVendor({ prequalified: false });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  await world.closeInProcore(requestId, 'failed', ['Given up by the sender.']);
  world.skipMinutes(11);
  await world.poll();
  await world.until(requestId, 'failed');
  await world.result(requestId);
  await record('sync-request-adopted', world.workflowId(requestId));
});

test('export rejected by finance', async () => {
  const requestId = exportVendor({ prequalified: false });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  await world.reject(requestId, 'no');
  await world.result(requestId);
  await record('sync-request-export-rejected', world.workflowId(requestId));
});

test('export parked, corrected, then busy', async () => {
  world.erp.lockVendorFile('Dana');
  const requestId = exportVendor({ address: '1, Comma Street', email_address: 'nobody' });
  await world.poll();
  await world.until(requestId, 'parked');
  await world.correct(requestId, { address: '1 Comma Street', email: 'ap@history.example' });
  await world.until(requestId, 'busy');
  world.erp.unlockVendorFile();
  await world.correct(requestId, {});
  await world.result(requestId);
  await record('sync-request-export-parked-corrected-busy', world.workflowId(requestId));
});

test('sync of several pages', async () => {
  for (let Vendor = 50_001; Vendor <= 50_007; Vendor += 1) {
    world.erp.addVendor({
      Name: `History ${Vendor}`,
      SortName: `HISTORY${Vendor}`,
      Vendor,
      VendorType: 'SUP',
      Country: 'US',
    });
  }
  const { requestId } = world.procore.refreshVendors();
  await world.poll();
  await world.result(requestId);
  await record('sync-request-sync-pages', world.workflowId(requestId));
});

test('unlink', async () => {
  const vendor = world.procore
    .state()
    .companies[0]?.records.vendor.find(({ synced_to_erp }) => synced_to_erp);
  if (!vendor) throw new Error('nothing is synced');
  const { requestId } = world.procore.unlinkVendor(vendor.id);
  await world.poll();
  await world.result(requestId);
  await record('sync-request-links', world.workflowId(requestId));
});

test('a request that cannot be read', async () => {
  const body = { request_name: 'create_commitment', request_data: 'lost on the way' };
  const { requestId } = world.procore.emitRaw(body, { envelope: true });
  await world.poll();
  await world.result(requestId);
  await record('sync-request-malformed', world.workflowId(requestId));
});

test('held until the parent is there, then given up', async () => {
  const item = { id: 9_000_001, parent_id: 9_000_002, code: '100', full_code: '41-100', name: 'Piles' };
  const body = { request_name: 'create_standard_cost_codes', request_data: [item] };
  const { requestId } = world.procore.emitRaw(body, { envelope: true });
  await world.poll();
  await world.until(requestId, 'held');
  await world.reject(requestId, 'no');
  await world.result(requestId);
  await record('sync-request-held', world.workflowId(requestId));
});

/** One history for every way through the workflow that the story takes. */
const TOLD: Readonly<Record<string, string>> = {
  create_standard_cost_codes: 'batch',
  create_or_update_job: 'job',
  create_commitment: 'commitment',
  sync_jobs: 'sync-records',
  create_job_in_procore: 'refresh',
  unlink_commitment: 'release',
  create_commitment_in_procore: 'notice-looked-up',
  reset_job: 'notice',
  create_payment_application: 'export-learns-a-link',
  sync_metadata: 'metadata',
};

test('the story of every event', async () => {
  const rules = [{ name: 'everything', decision: 'approve' as const, when: ANY }];
  const told = await World.create(temporal, { policy: { rules }, seedErp: true });
  try {
    await told.tie();
    const stage = { procore: told.procore, erp: told.erp, links: () => told.links() };
    for (const scene of story(stage)) {
      const raised = [scene.act()].flat();
      await told.poll();
      for (const { requestId } of raised) await told.result(requestId);
      await scene.then?.();
      const [event = ''] = scene.events;
      const name = TOLD[event];
      const [first] = raised;
      if (name !== undefined && first) await record(`sync-request-${name}`, told.workflowId(first.requestId));
    }
  } finally {
    await told.close();
  }
}, 120_000);

test('intake', async () => {
  const handle = await temporal.client.workflow.start('intake', {
    taskQueue: world.config.temporal.taskQueue,
    workflowId: `intake-history-${world.connectionId}`,
    args: [{ connectionId: world.connectionId, procoreQueue: `procore-${world.config.apps[0]?.name ?? ''}` }],
  });
  await handle.result();
  await record('intake', handle.workflowId);
});

test('sweep', async () => {
  const handle = await temporal.client.workflow.start('sweep', {
    taskQueue: world.config.temporal.taskQueue,
    workflowId: `sweep-history-${world.connectionId}`,
    args: [{ connectionId: world.connectionId, erpQueue: `erp-${world.connectionId}` }],
  });
  await handle.result();
  await record('sweep', handle.workflowId);
});

test('sweep of an ERP of which one kind cannot be read', async () => {
  const io = <T>(name: string, call: () => T): T => {
    if (name.startsWith('erp.vendor.keys')) throw new TiebackError('ERP_CONFIG', { reason: 'no right' });
    return call();
  };
  const broken = await World.create(temporal, { hooks: { erp: io } });
  try {
    broken.erp.addVendor({ Name: 'History', SortName: 'HISTORY', Vendor: 50_001, VendorType: 'SUP' });
    await broken.refreshVendors();
    const handle = await temporal.client.workflow.start('sweep', {
      taskQueue: broken.config.temporal.taskQueue,
      workflowId: `sweep-history-${broken.connectionId}`,
      args: [{ connectionId: broken.connectionId, erpQueue: `erp-${broken.connectionId}` }],
    });
    await handle.result();
    await record('sweep-with-a-problem', handle.workflowId);
  } finally {
    await broken.close();
  }
});

test('reconcile', async () => {
  const rules = [
    {
      name: 'edits',
      decision: 'approve' as const,
      when: { events: ['reconcile'], kinds: ['vendor' as const] },
    },
  ];
  const both = await World.create(temporal, { policy: { rules } });
  const run = async (name: string, request?: string): Promise<void> => {
    const { requests, workflowId } = await both.reconcileRun('vendor');
    await record(`reconcile-${name}`, workflowId);
    if (request !== undefined) await record(request, both.workflowId(requests[0] ?? ''));
  };
  try {
    const number = both.erp.addVendor({ Name: 'History LLC', SortName: 'HISTORY', VendorType: 'SUP' });
    await run('first-import', 'sync-request-reconcile-first-import');
    const { requestId, vendorId } = both.procore.importVendor(both.staged()[0]?.id ?? 0);
    await both.poll();
    await both.result(requestId);
    await both.reconcile();
    both.erp.changeVendor(number, { City: 'Tacoma', Phone: '206-555-0101' });
    both.procore.editRecord('vendor', vendorId, {
      email_address: 'ap@history.example',
      business_phone: '206-555-0102',
    });
    await run('both-sides', 'sync-request-reconcile-both-sides');
    await run('idle');
  } finally {
    await both.close();
  }
}, 120_000);

test('reconcile that waits for finance', async () => {
  const asked = await World.create(temporal);
  try {
    const number = asked.erp.addVendor({ Name: 'History LLC', SortName: 'HISTORY', VendorType: 'SUP' });
    await asked.reconcile();
    const { requestId, vendorId } = asked.procore.importVendor(asked.staged()[0]?.id ?? 0);
    await asked.poll();
    await asked.result(requestId);
    await asked.reconcile();
    asked.procore.editRecord('vendor', vendorId, { email_address: 'ap@history.example' });
    const { requests, workflowId } = await asked.reconcileRun('vendor');
    const [waiting = ''] = requests;
    await asked.until(waiting, 'waiting_for_finance');
    await record('reconcile-waits-for-finance', workflowId);
    const [first] = await asked.read((t) => t.plans.pagesRead(asked.ref(waiting)));
    const plan = await asked.read((t) => t.plans.latest({ ...asked.ref(waiting), page: first?.page ?? 0 }));
    await asked.approve(waiting, { planHash: plan?.hash ?? '' });
    await asked.until(waiting, 'applied');
    await record('sync-request-reconcile-approved', asked.workflowId(waiting));
    expect(number).toBeGreaterThan(0);
  } finally {
    await asked.close();
  }
}, 120_000);

test('a pay period: gathered, rejected, edited, approved, busy, posted', async () => {
  const payroll = await World.create(temporal, { seedErp: true });
  const weeks = await PayrollWeeks.on(payroll);
  const { period } = weeks;
  weeks.enter(501, '8.00');
  await weeks.look();
  await weeks.untilRests(period, /gathers until/);
  weeks.cutOff();
  await weeks.look();
  await payroll.until(period, 'waiting_for_finance');
  await payroll.reject(period, 'the foreman is asked first');
  await weeks.untilRests(period, /Rejected by/);
  const more = weeks.enter(502, '4.00');
  await weeks.look();
  await payroll.until(period, 'waiting_for_finance');
  weeks.edit(more, '4.25');
  await weeks.look();
  await weeks.approve(period);
  await payroll.untilOneOf(period, ['waiting_for_finance', 'held']);
  if ((await payroll.request(period)).status === 'waiting_for_finance') await weeks.approve(period);
  await weeks.untilRests(period, /waits to be posted/);
  weeks.use('Mary Lindqvist');
  weeks.edit(more, '4.50');
  await weeks.look();
  await weeks.approve(period);
  await payroll.until(period, 'busy');
  weeks.use(null);
  await payroll.correct(period, {});
  await weeks.untilRests(period, /waits to be posted/);
  weeks.postAndClose();
  await weeks.look();
  await payroll.result(period);
  await record('pay-period', payroll.workflowId(period));
  await record('payroll-look', weeks.looks.at(-1) ?? '');
  await payroll.close();
});
