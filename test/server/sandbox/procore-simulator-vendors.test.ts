import { Bench, COMPANY, COMPANY_PATH, withBench, type Answer } from './support/procore-client';

interface Row {
  id: number;
  name: string;
  updated_at: string;
}
interface SyncBody {
  entities: (Row & { origin_id: string | null })[];
  errors: { origin_id?: string; errors: Record<string, string[]> }[];
}

const LIST = `/rest/v1.0/vendors?company_id=${COMPANY}`;

function rows(answer: Answer): Row[] {
  return answer.body as Row[];
}
function sync(answer: Answer): SyncBody {
  return answer.body as SyncBody;
}

describe('directory', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await new Bench().start();
  });
  afterEach(() => bench.stop());

  function create(vendor: object): Promise<Answer> {
    return bench.call('POST', '/rest/v1.0/vendors', { company_id: COMPANY, vendor });
  }

  test('create, show, update', async () => {
    const made = await create({ name: 'Ash', city: 'Reno' });
    expect(made.status).toBe(201);
    const { id } = made.body as Row;
    const changed = await bench.call('PATCH', `/rest/v1.0/vendors/${id}`, {
      company_id: COMPANY,
      vendor: { name: 'Ash', city: null },
    });
    expect(changed.body).toMatchObject({ id, city: null, is_active: true, synced_to_erp: false });
    expect((await bench.call('GET', `/rest/v1.0/vendors/${id}?company_id=${COMPANY}`)).body).toEqual(
      changed.body,
    );
    const compact = await bench.call('GET', `/rest/v1.0/vendors/${id}?company_id=${COMPANY}&view=compact`);
    expect(compact.body).toEqual({ id, name: 'Ash' });
    const none = await bench.call('GET', `/rest/v1.0/vendors/1?company_id=${COMPANY}`);
    expect([none.status, Object.keys(none.body as object)]).toEqual([404, ['message', 'exception']]);
  });

  test('validation', async () => {
    const blank = await create({ name: ' ' });
    expect([blank.status, blank.body]).toEqual([422, { errors: { name: ["can't be blank"] } }]);
    expect((await create({ name: 'A', country_code: 'XX' })).status).toBe(422);
    expect((await create({ name: 'A', country_code: 'CA', state_code: 'WA' })).status).toBe(422);
    expect((await create({ name: 'A', country_code: 'CA', state_code: 'BC' })).status).toBe(201);
    expect((await create({ name: 'A', country_code: 'DE', state_code: 'BY' })).status).toBe(201);
    const unwrapped = await bench.call('POST', '/rest/v1.0/vendors', { company_id: COMPANY, name: 'A' });
    expect(unwrapped.status).toBe(400);
  });

  test('origin_id is unique in the company', async () => {
    expect((await create({ name: 'A', origin_id: 'k' })).status).toBe(201);
    const twin = await create({ name: 'B', origin_id: 'k' });
    expect([twin.status, twin.body]).toEqual([409, { errors: { origin_id: ['has already been taken'] } }]);
  });

  test('filters', async () => {
    const a = (await create({ name: 'Alder Co', origin_id: 'k1' })).body as Row;
    bench.clock.advance(60_000);
    const middle = new Date(bench.clock.now()).toISOString();
    bench.clock.advance(60_000);
    const b = (await create({ name: 'Beech Co', origin_id: 'k2' })).body as Row;
    const ids = async (query: string): Promise<number[]> =>
      rows(await bench.call('GET', `${LIST}&${query}`)).map((r) => r.id);
    expect(await ids('filters[origin_id]=k2')).toEqual([b.id]);
    expect(await ids(`filters[id][]=${a.id}`)).toEqual([a.id]);
    expect(await ids(`filters[id]=[${a.id},${b.id}]`)).toEqual([a.id, b.id]);
    expect(await ids('filters[search]=BEECH')).toEqual([b.id]);
    const end = new Date(bench.clock.now()).toISOString();
    expect(await ids(`filters[updated_at]=${middle}...${end}`)).toEqual([b.id]);
    expect(await ids(`filters[updated_at]="${middle}...${end}"`)).toEqual([b.id]);
    expect(await ids('sort=-name')).toEqual([b.id, a.id]);
    expect((await bench.call('GET', `${LIST}&filters[updated_at]=yesterday`)).status).toBe(400);
  });

  test('inactive vendors have their own list', async () => {
    bench.sim.seedVendors([{ name: 'On' }, { name: 'Off', is_active: false }]);
    expect(rows(await bench.call('GET', LIST)).map((r) => r.name)).toEqual(['On']);
    const inactive = await bench.call('GET', `${COMPANY_PATH}/vendors/inactive`);
    expect(rows(inactive).map((r) => r.name)).toEqual(['Off']);
  });
});

describe('sync action', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await new Bench().start();
  });
  afterEach(() => bench.stop());

  test('the matching table', async () => {
    const neither = sync(await bench.vendorSync([{ name: 'N' }, { name: 'N' }])).entities;
    expect(new Set(neither.map((e) => e.id)).size).toBe(2);
    const byOrigin = sync(await bench.vendorSync([{ origin_id: 'k', name: 'O' }])).entities[0];
    const again = sync(await bench.vendorSync([{ origin_id: 'k', name: 'O2' }])).entities[0];
    expect(again).toMatchObject({ id: byOrigin?.id, name: 'O2' });
    const byId = sync(await bench.vendorSync([{ id: byOrigin?.id, name: 'O3' }])).entities[0];
    expect(byId).toMatchObject({ origin_id: 'k', name: 'O3' });
    const both = sync(await bench.vendorSync([{ id: byOrigin?.id, origin_id: 'k9' }])).entities[0];
    expect(both).toMatchObject({ id: byOrigin?.id, origin_id: 'k9', name: 'O3' });
    const missing = sync(await bench.vendorSync([{ id: 1, name: 'X' }]));
    expect(missing.errors[0]?.errors).toEqual({ id: ['Entity with this ID not found'] });
    expect(missing.entities).toEqual([]);
  });

  test('one bad item does not stop the others; errors echo the item', async () => {
    const answer = await bench.vendorSync([
      { origin_id: 'a', name: 'A' },
      { origin_id: 'b', name: '', city: 'Reno' },
      { origin_id: 'c', name: 'C', country_code: 'US', state_code: 'ON' },
    ]);
    expect(answer.status).toBe(200);
    expect(sync(answer).entities.map((e) => e.name)).toEqual(['A']);
    expect(sync(answer).errors).toEqual([
      { origin_id: 'b', name: '', city: 'Reno', errors: { name: ["can't be blank"] } },
      expect.objectContaining({ origin_id: 'c', errors: { state_code: [expect.any(String)] } }),
    ]);
  });

  test('a taken origin_id is an item error', async () => {
    const [a, b] = bench.sim.seedVendors([{ name: 'A', origin_id: 'k' }, { name: 'B' }]);
    expect(a?.synced_to_erp).toBe(true);
    const answer = sync(await bench.vendorSync([{ id: b?.id, origin_id: 'k' }]));
    expect(answer.errors[0]?.errors).toEqual({ origin_id: ['has already been taken'] });
  });

  test('null clears, missing stays, an unchanged item keeps updated_at', async () => {
    await bench.vendorSync([{ origin_id: 'k', name: 'A', city: 'Reno', zip: '1' }]);
    const before = bench.clock.now();
    bench.clock.advance(5000);
    const same = sync(await bench.vendorSync([{ origin_id: 'k', name: 'A' }])).entities[0];
    expect(Date.parse(same?.updated_at ?? '')).toBe(before);
    const cleared = sync(await bench.vendorSync([{ origin_id: 'k', city: null }])).entities[0];
    expect(cleared).toMatchObject({ city: null, zip: '1' });
    expect(Date.parse(cleared?.updated_at ?? '')).toBe(before + 5000);
  });

  test('1000 items pass, 1001 answer 413, none answers 400', async () => {
    const many = (count: number): object[] =>
      Array.from({ length: count }, (_, n) => ({ origin_id: `k${n}`, name: `V${n}` }));
    expect(sync(await bench.vendorSync(many(1000))).entities).toHaveLength(1000);
    expect((await bench.vendorSync(many(1001))).status).toBe(413);
    expect((await bench.vendorSync([])).status).toBe(400);
  });
});

test('the status of a taken origin_id can be 422', () =>
  withBench({ duplicateOriginIdStatus: 422 }, async (bench) => {
    const [, b] = bench.sim.seedVendors([{ name: 'A', origin_id: 'k' }, { name: 'B' }]);
    const answer = await bench.call('PATCH', `/rest/v1.0/vendors/${b?.id}`, {
      company_id: COMPANY,
      vendor: { name: 'B', origin_id: 'k' },
    });
    expect(answer.status).toBe(422);
  }));
