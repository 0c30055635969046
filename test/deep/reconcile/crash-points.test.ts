/**
 * One run of a reconcile that has everything in it dies at every call that leaves the process, before and after it, or loses the answer. Once the step was
 * tried again, the end is the same: every value where it belongs, and nothing there twice.
 */
import type { FaultKind } from '../../support/troubles';
import { dropTemplate, REFUSED, ReconcileWorld } from '../../support/reconcile-world';

const tried = new Map<string, number>();
afterAll(async () => {
  await dropTemplate();
  const all = [...tried.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(`\nReconcile, points tried: ${all}\n`);
  for (const [name, count] of [...tried].sort())
    process.stdout.write(`  ${String(count).padStart(4)}  ${name}\n`);
});

const NAMES = ['Cobalt', 'Harborline', 'Trujillo', 'Rasmussen', 'Kowalski', 'Larkspur', 'Juniper'];

/** Vendors 0 to 5 are linked; 6 stands in Procore under its `origin_id` and is not linked yet. */
async function installation(): Promise<{ readonly world: ReconcileWorld; readonly act: () => void }> {
  const world = await ReconcileWorld.create({ door: 'open', pageSize: 3 });
  const numbers = NAMES.slice(0, 6).map((name, n) =>
    world.erp.addVendor({
      Name: `${name} Works ${n}`,
      SortName: `S${n}`,
      City: 'Seattle',
      Phone: `555-010${n}`,
      VendorType: 'SUB',
    }),
  );
  await world.reconcile();
  await world.reconcile();
  const links = await world.read((t) => t.links.all(world.connectionId));
  const idOf = (n: number): number =>
    links.find(({ erpKey }) => erpKey === `1|${numbers[n] ?? 0}`)?.procoreId ?? 0;
  const act = (): void => {
    world.erp.changeVendor(numbers[0] ?? 0, { City: 'Tacoma' });
    world.procore.editRecord('vendor', idOf(1), { email_address: 'ap@harborline.example' });
    world.erp.changeVendor(numbers[2] ?? 0, { City: 'Olympia' });
    world.procore.editRecord('vendor', idOf(2), { city: 'Olympia', business_phone: '555-0177' });
    world.erp.changeVendor(numbers[3] ?? 0, { Phone: '555-0155', Fax: '555-0156' });
    world.procore.editRecord('vendor', idOf(3), { business_phone: '555-0166' });
    world.procore.editRecord('vendor', idOf(4), {
      city: `${REFUSED} by the ERP`,
      email_address: 'ap@kowalski.example',
    });
    world.erp.changeVendor(numbers[5] ?? 0, { Phone: REFUSED, City: 'Yakima' });
    const adopted = world.erp.addVendor({
      Name: 'Juniper Works 6',
      SortName: 'S6',
      City: 'Seattle',
      Phone: '555-0106',
      VendorType: 'SUB',
    });
    world.procore.seedVendors([
      {
        name: 'Juniper Works 6',
        city: 'Seattle',
        business_phone: '555-0106',
        email_address: 'ap@juniper.example',
        is_active: true,
        origin_id: `vendor|1|${adopted}`,
      },
    ]);
    world.erp.addVendor({
      Name: 'Osprey Roofing',
      SortName: 'S7',
      City: 'Seattle',
      Phone: '555-0107',
      VendorType: 'SUB',
    });
  };
  return { world, act };
}

/** What both sides and our store come to, without ids, times and how often a link moved. */
async function endOf(world: ReconcileWorld): Promise<unknown> {
  const vendors = (world.procore.state().companies[0]?.records.vendor ?? []).map(
    ({ name, city, business_phone, email_address, fax_number, origin_id, is_active }) => ({
      name,
      city,
      business_phone,
      email_address,
      fax_number,
      origin_id,
      is_active,
    }),
  );
  const { links, conflicts, exceptions } = await world.read(async (t) => ({
    links: await t.links.all(world.connectionId),
    conflicts: await t.conflicts.open(world.connectionId),
    exceptions: await t.exceptions.listOpen(world.connectionId),
  }));
  return {
    erp: world.erp.vendors().map(({ Vendor, Name, City, Phone, EMail, Fax, Status }) => ({
      Vendor,
      Name,
      City,
      Phone,
      EMail,
      Fax,
      Status,
    })),
    vendors: [...vendors].sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1)),
    links: links.map(({ erpKey, state, procore, erp }) => ({
      erpKey,
      state,
      procore: procore?.fields,
      erp: erp?.fields,
    })),
    conflicts: conflicts.map(({ erpKey, field, procore, erp }) => ({ erpKey, field, procore, erp })),
    exceptions: exceptions.map(({ erpKey, cause }) => `${erpKey ?? ''} ${cause}`).sort(),
  };
}

interface Played {
  readonly end: unknown;
  readonly calls: readonly string[];
  /** It cannot fail after a call that failed by itself: the ERP refused what it was told. */
  readonly hasFailed: boolean;
}

async function played(at: number, kind: FaultKind): Promise<Played> {
  const { world, act } = await installation();
  try {
    act();
    world.setTrouble({ faults: new Map([[at, kind]]) });
    await world.reconcile();
    const { calls } = world;
    const hasFailed = world.faultsInjected > 0;
    world.setTrouble({});
    await world.reconcile();
    await world.reconcile();
    const end = await endOf(world);
    expect(await world.auditFindings()).toEqual([]);
    return { end, calls, hasFailed };
  } finally {
    await world.close();
  }
}

/** Calls that change something, here or there. */
const WRITES =
  /commit$|vendor\.write$|stage$|store\.(request\.open|reconcile\.(look|read|plan|written|told|close))$/;

test.each<[FaultKind, string, RegExp]>([
  ['crash-after', 'the process dies after a call', /./],
  ['crash-before', 'the process dies before a write', WRITES],
  ['error-after', 'the answer to a write is lost', WRITES],
])(
  '%s: when %s, both sides come to the same end',
  async (kind, _, where) => {
    const { end: wanted, calls } = await played(0, kind);
    expect(wanted).toMatchObject({ conflicts: [{ field: 'phone', procore: '555-0166', erp: '555-0155' }] });
    for (const [index, name] of calls.entries()) {
      if (!where.test(name)) continue;
      const at = index + 1;
      const { end, hasFailed } = await played(at, kind).catch((error: unknown) => {
        throw new Error(`${kind} at call ${at} (${name}): ${(error as Error).message}`, { cause: error });
      });
      expect({ at, name, end }).toEqual({ at, name, end: wanted });
      if (hasFailed) tried.set(`${kind} ${name}`, (tried.get(`${kind} ${name}`) ?? 0) + 1);
    }
  },
  600_000,
);
