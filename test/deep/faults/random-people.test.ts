/**
 * People do things in any order: export, reject, edit, unlink, reset, merge, delete in the ERP, export again. A naive model says what must
 * be in the ERP and what must be linked afterwards; nothing may be doubled, lost or tied to the wrong record.
 */
import * as fc from 'fast-check';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { ANY, vendorFields, World } from '../../support/world';

const RUNS = Number(process.env['PEOPLE_RUNS'] ?? 5);
const STEPS = 16;
const RULES = [
  { name: 'commitments', decision: 'ask_finance' as const, when: { events: ['create_commitment'] } },
  { name: 'others', decision: 'approve' as const, when: ANY },
];

let temporal: TestTemporal;
let world: World;
let counter = 0;

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, { policy: { rules: RULES }, seedErp: true });
  await world.tie();
  const codes = world.procore.refresh('standard_cost_codes');
  await world.poll();
  for (const { requestId } of codes) await world.result(requestId);
}, 300_000);
afterAll(async () => {
  await world.close();
  await temporal.close();
});

/** What must be true of one commitment. */
interface Contract {
  readonly id: number;
  readonly number: string;
  readonly amount: string;
  /** It stands in the ERP, under one number, once. */
  inErp: boolean;
  linked: boolean;
}

interface Model {
  project: number;
  projectLinked: boolean;
  vendor: number;
  vendorNumber: number;
  readonly contracts: Contract[];
}

async function finish(requestId: number): Promise<{ status: string; summary: string }> {
  return world.result(requestId);
}

async function begin(): Promise<Model> {
  counter += 1;
  const vendorNumber = 20_000 + counter;
  const unique = {
    name: `People ${counter}`,
    abbreviated_name: `PEOPLE${counter}`,
    email_address: `p${counter}@people.example`,
    business_phone: `20655${20000 + counter}`,
  };
  const [vendor] = world.procore.seedVendors([vendorFields(unique)]);
  const vendorExport = world.procore.exportVendor(vendor?.id ?? 0, { code: String(vendorNumber) });
  const project = world.procore.seedProject({
    name: `Project ${counter}`,
    project_number: `P-${counter}`,
  }).id;
  world.procore.seedCostCodes(project, [
    { code: '23', name: 'HVAC' },
    { code: '23-050', name: 'HVAC systems', types: ['3'] },
  ]);
  const model = { project, projectLinked: false, vendor: vendor?.id ?? 0, vendorNumber, contracts: [] };
  await world.poll();
  expect(await finish(vendorExport.requestId)).toMatchObject({ status: 'applied' });
  await exportJob(model);
  return model;
}

async function exportJob(model: Model): Promise<void> {
  const { requestId } = world.procore.exportJob(model.project, { code: `${3000 + counter}-001` });
  await world.poll();
  expect(await finish(requestId)).toMatchObject({ status: 'applied' });
  model.projectLinked = true;
}

/** Exports a commitment; finance says yes or no. */
async function send(contract: Contract, yes: boolean): Promise<void> {
  const form = { code: contract.number, accountingDate: '2026-07-31' };
  const { requestId } = world.procore.exportCommitment(contract.id, form);
  await world.poll();
  // Tying to what is there needs no approval unless there is something to warn of.
  const row = await world.untilOneOf(requestId, ['waiting_for_finance', 'applied']);
  if (row.status === 'waiting_for_finance') {
    if (yes) await world.approve(requestId);
    else await world.reject(requestId, 'not now');
  }
  const { status } = await finish(requestId);
  if (status === 'applied') Object.assign(contract, { inErp: true, linked: true });
  else expect({ status, yes }).toEqual({ status: 'rejected', yes: false });
}

type Step = readonly [name: keyof typeof STEP, index: number];

const STEP = {
  async create(model: Model) {
    const number = `SC-${counter}-${model.contracts.length + 1}`;
    const amount = `${1000 + model.contracts.length}.50`;
    const { id } = world.procore.seedCommitment(model.project, {
      number,
      title: `Work ${number}`,
      vendor_id: model.vendor,
      contract_date: '2026-07-01',
      lines: [{ code: '23-050', type: '3', amount }],
    });
    const contract = { id, number, amount, inErp: false, linked: false };
    model.contracts.push(contract);
    if (model.projectLinked) await send(contract, true);
  },
  async createRejected(model: Model) {
    await STEP.create({ ...model, projectLinked: false });
    const contract = model.contracts.at(-1);
    if (model.projectLinked && contract) await send(contract, false);
  },
  async again(model: Model, contract?: Contract) {
    if (contract && !contract.linked && model.projectLinked) await send(contract, true);
  },
  async unlink(_: Model, contract?: Contract) {
    if (!contract?.linked) return;
    const { requestId } = world.procore.unlinkRecord('commitment', contract.id);
    await world.poll();
    const { status } = await finish(requestId);
    expect(status).toBe(contract.inErp ? 'failed' : 'applied');
    if (!contract.inErp) contract.linked = false;
  },
  async erpDeletes(_: Model, contract?: Contract) {
    const row = contract && world.erp.commitments().find(({ SL }) => SL === contract.number);
    if (!contract || !row) return;
    world.erp.deleteCommitment(Number(row.KeyID));
    contract.inErp = false;
  },
  async edit(_: Model, contract?: Contract) {
    if (contract && !contract.linked) {
      world.procore.editRecord('commitment', contract.id, {
        title: `Edited ${contract.number}`,
      });
    }
  },
  async resetJob(model: Model) {
    if (!model.projectLinked) return;
    const { requestId } = world.procore.resetJob(model.project);
    await world.poll();
    expect(await finish(requestId)).toMatchObject({ status: 'applied' });
    model.projectLinked = false;
    for (const contract of model.contracts) contract.linked = false;
  },
  async exportJob(model: Model) {
    await exportJob(model);
  },
  async merge(model: Model) {
    const [double] = world.procore.seedVendors([{ name: `Double ${counter} of ${model.vendor}` }]);
    const { requestId } = world.procore.mergeVendors(model.vendor, [double?.id ?? 0]);
    await world.poll();
    expect(await finish(requestId)).toMatchObject({ status: 'applied' });
  },
  async syncCommitments() {
    const [raised] = world.procore.refresh('commitments', { force: true });
    await world.poll();
    await finish(raised?.requestId ?? 0);
  },
} satisfies Readonly<Record<string, (model: Model, contract?: Contract) => Promise<void>>>;

async function check(model: Model): Promise<void> {
  const rows = world.erp.commitments().filter(({ Vendor }) => Vendor === model.vendorNumber);
  const wanted = model.contracts.filter(({ inErp }) => inErp);
  expect(rows.map(({ SL, Amount }) => [SL, Amount]).sort()).toEqual(
    wanted.map(({ number, amount }) => [number, amount]).sort(),
  );
  const links = (await world.links()).filter(({ kind }) => kind === 'commitment');
  for (const contract of model.contracts) {
    const row = rows.find(({ SL }) => SL === contract.number);
    const record = world.procore.record('commitment', contract.id);
    expect({ number: contract.number, linked: record.linked }).toEqual({
      number: contract.number,
      linked: contract.linked,
    });
    const inForce = links.filter(({ procoreId, state }) => procoreId === contract.id && state === 'linked');
    expect(inForce).toHaveLength(contract.linked ? 1 : 0);
    if (contract.linked && row) expect(record.origin_id).toBe(`commitment|1|${String(row.KeyID)}`);
    if (contract.linked) expect(inForce[0]?.erpKey).toBe(String(record.origin_id).replace('commitment|', ''));
  }
}

const names = Object.keys(STEP) as (keyof typeof STEP)[];
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.tuple(fc.constantFrom<keyof typeof STEP>('create', 'again', ...names), fc.nat(3)),
  { minLength: STEPS, maxLength: STEPS },
);

test('in any order, the ERP and the links are what the model says', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const model = await begin();
      for (const [name, index] of story) {
        const contract = model.contracts[index % Math.max(1, model.contracts.length)];
        await STEP[name](model, contract);
        await check(model);
      }
      expect(world.procore.violations()).toEqual([]);
      expect(await world.auditFindings()).toEqual([]);
    }),
    // A failing story is long to repeat: it is shown whole, with its seed.
    { numRuns: RUNS, endOnFailure: true },
  );
}, 600_000);
