import fc from 'fast-check';
import type { Kind, RefTarget } from '../../../../src/domain/kinds';
import { definitionOf } from '../../../../src/domain/kinds';
import type { SyncPlace } from '../../../../src/domain/plan/operation';
import type { CompanyOptions } from '../../../../src/procore/company';
import type { ProcoreCompany, SeenRecord, SyncItem } from '../../../../src/procore/port';
import type { ProcoreSettingsInput } from '../../../../src/procore/client/settings';
import { can, ClientBench, collect, COMPANY, COMPANY_PATH, failure } from '../../../support/procore/client';
import { pageOf, range } from '../../../support/procore/paged-list';
import type { Received, Reply } from '../../../support/procore/scripted-server';

/* What a reconcile reads: a missing key is unknown, a missing row is not gone before it was asked for. */

let bench: ClientBench;
beforeAll(async () => {
  bench = await new ClientBench().start();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.server.received.splice(0);
  bench.logged.splice(0);
});

type Row = Readonly<Record<string, unknown>>;

const PROJECT = 598134325190455;
const IN_PROJECT: SyncPlace = { projectId: PROJECT, subJobId: null };
const ACTIVE = '/rest/v1.0/vendors';
const INACTIVE = `${COMPANY_PATH}/vendors/inactive`;
const PROJECTS = '/rest/v1.0/projects';

const vendors = (ids: readonly number[], more: Row = {}): readonly Row[] =>
  ids.map((id) => ({ id, name: `Vendor ${id}`, origin_id: null, ...more }));

/** Serves lists as Procore does, with `filters[id][]` where the list has it, and records of lists by their id. */
const serving =
  (lists: Readonly<Record<string, readonly Row[]>>) =>
  (request: Received): Reply => {
    const rows = lists[request.path];
    const wanted = request.query.getAll('filters[id][]').map(Number);
    const found = rows?.filter(({ id }) => wanted.length === 0 || wanted.includes(Number(id)));
    if (found !== undefined) return pageOf(found, request, { base: bench.server.url });
    const [, path, id] = /^(.*)\/(\d+)$/.exec(request.path) ?? [];
    const all = path === ACTIVE ? [...(lists[ACTIVE] ?? []), ...(lists[INACTIVE] ?? [])] : lists[path ?? ''];
    const one = all?.find((row) => row['id'] === Number(id));
    return one === undefined ? { status: 404, body: { message: 'not found' } } : { body: one };
  };

const scan = (
  kind: RefTarget,
  since: string | null = null,
  place: SyncPlace = {},
  settings: Partial<ProcoreSettingsInput> = {},
): Promise<readonly SeenRecord[]> => collect(can(bench.company(settings), kind, 'scan')(since, place));
const see = (
  kind: RefTarget,
  ids: readonly number[],
  place: SyncPlace = {},
): Promise<readonly SeenRecord[]> => can(bench.company(), kind, 'see')(ids, place);
const LABEL: unknown = expect.any(String);
const idsOf = (seen: readonly SeenRecord[]): readonly number[] => seen.map(({ draft }) => draft.procoreId);
const asked = (): readonly string[] => bench.server.received.map(({ path }) => path);

describe('a scan', () => {
  test('shows companies of both lists, those of the inactive list as inactive', async () => {
    const [gone] = vendors([3]);
    bench.server.script = serving({
      [ACTIVE]: vendors([1, 2], { is_active: true }),
      [INACTIVE]: [gone ?? {}],
    });
    const seen = await scan('vendor');
    expect(seen.map(({ draft }) => [draft.procoreId, draft.fields['isActive']])).toEqual(
      expect.arrayContaining([
        [1, true],
        [2, true],
        [3, false],
      ]),
    );
    // What was switched on while the inactive ones were read is asked for at last.
    expect(asked()).toEqual([ACTIVE, INACTIVE, ACTIVE]);
    expect(bench.server.received.map(({ query }) => query.has('filters[updated_at]'))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('finds a company that is switched on between the two lists', async () => {
    let isActive = false;
    bench.server.script = (request) => {
      if (request.path === INACTIVE) isActive = true;
      const lists = {
        [ACTIVE]: vendors(isActive ? [1, 2] : [1]),
        [INACTIVE]: vendors(isActive ? [] : [2]),
      };
      return serving(lists)(request);
    };
    expect(new Set(idsOf(await scan('vendor')))).toEqual(new Set([1, 2]));
  });

  test('of changes filters where the list can, and by what the rows say where it cannot', async () => {
    const since = '2026-03-01T00:00:00.000Z';
    bench.server.script = serving({
      [ACTIVE]: vendors([1]),
      [INACTIVE]: [
        ...vendors([2], { updated_at: '2026-02-28T23:59:59Z' }),
        ...vendors([3], { updated_at: '2026-03-01T00:00:00Z' }),
        ...vendors([4]),
      ],
    });
    expect(idsOf(await scan('vendor', since))).toEqual([1, 3, 4]);
    const [active, inactive, ...others] = bench.server.received.map(({ query }) => query);
    expect(active?.get('filters[updated_at]')).toMatch(/^2026-03-01T00:00:00\.000Z\.\.\.\d{4}-/);
    expect(inactive?.has('filters[updated_at]')).toBe(false);
    expect(others).toEqual([]);
  });

  test('of 300 projects costs one call, without their cost codes, whatever their status', async () => {
    bench.server.script = serving({ [PROJECTS]: range(1, 300).map((id) => ({ id, name: `Job ${id}` })) });
    expect(await scan('project')).toHaveLength(300);
    expect(bench.server.received).toHaveLength(1);
    const [request] = bench.server.received;
    expect(request?.query.get('filters[by_status]')).toBe('All');
    expect(request?.query.get('per_page')).toBe('2000');
  });

  test('costs a call a page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (rows, size) => {
          bench.server.received.splice(0);
          bench.server.script = serving({
            '/rest/v1.0/line_item_types': range(1, rows).map((id) => ({ id })),
          });
          expect(idsOf(await scan('line_item_type', null, {}, { scanPageSize: size }))).toEqual(
            range(1, rows),
          );
          expect(bench.server.received).toHaveLength(Math.max(1, Math.ceil(rows / size)));
        },
      ),
      { numRuns: 25, examples: [[10, 10]] },
    );
  });

  test.each([408, 413])('asks for smaller pages after a %s', async (status) => {
    const types = { '/rest/v1.0/line_item_types': range(1, 5).map((id) => ({ id })) };
    bench.server.script = (request) =>
      Number(request.query.get('per_page')) > 2 ? { status } : serving(types)(request);
    expect(idsOf(await scan('line_item_type', null, {}, { scanPageSize: 8 }))).toEqual(range(1, 5));
    expect(bench.server.received).toHaveLength(2 + 3);
  });

  test.each<[Kind, string, SyncPlace]>([
    ['project', PROJECTS, {}],
    ['vendor', ACTIVE, {}],
    ['sub_job', '/rest/v1.0/sub_jobs', IN_PROJECT],
    ['standard_cost_code', '/rest/v1.0/standard_cost_codes', { listId: 5521 }],
    ['line_item_type', '/rest/v1.0/line_item_types', {}],
  ])('of %ss that moved between two pages shows them and then says so', async (kind, path, place) => {
    let rows = range(1, 5);
    bench.server.script = (request) => {
      const reply = serving({ [path]: vendors(rows), [INACTIVE]: [] })(request);
      // The first row goes, and the fourth slips onto the page that was read already.
      rows = range(2, 5);
      return reply;
    };
    const seen: number[] = [];
    const reading = (async () => {
      const pages = can(bench.company({ scanPageSize: 3 }), kind, 'scan')(null, place);
      for await (const page of pages) seen.push(...idsOf(page));
    })();
    const error = await failure(reading);
    expect(error).toMatchObject({ code: 'PROCORE_LIST_MOVED', class: 'transient' });
    expect(error.message).toContain('it had 5 records at first and 4 later');
    expect(seen).toEqual([1, 2, 3, 5]);
  });

  test('that shows fewer records than there are is no complete one, but one of changes goes on', async () => {
    bench.server.script = ({ path }) => ({
      body: path === INACTIVE ? [] : [{ id: 1, name: 'A' }],
      headers: { total: path === INACTIVE ? '0' : '2' },
    });
    const error = await failure(scan('vendor'));
    expect(error).toMatchObject({ code: 'PROCORE_LIST_MOVED' });
    expect(error.message).toContain('it has 2 records and showed 1');
    expect(await scan('vendor', '2026-03-01T00:00:00Z')).toHaveLength(1);
  });

  test('of a list without a total ends as any other', async () => {
    bench.server.script = () => ({ body: [{ id: 1, name: 'A' }] });
    expect(idsOf(await scan('project'))).toEqual([1]);
  });
});

describe('records that are seen', () => {
  const lists = { [ACTIVE]: vendors(range(1, 250)), [INACTIVE]: vendors(range(301, 310)) };

  test('many come in a call for every hundred', async () => {
    bench.server.script = serving(lists);
    expect(idsOf(await see('vendor', range(1, 250)))).toEqual(range(1, 250));
    expect(asked()).toEqual([ACTIVE, ACTIVE, ACTIVE]);
    expect(bench.server.received.map(({ query }) => query.getAll('filters[id][]').length)).toEqual([
      100, 100, 50,
    ]);
  });

  test('one is asked for by its id', async () => {
    bench.server.script = serving(lists);
    expect(idsOf(await see('vendor', [7]))).toEqual([7]);
    expect(asked()).toEqual([`${ACTIVE}/7`]);
  });

  test('few inactive ones are asked for each, many are looked for in their list; what is gone is absent', async () => {
    bench.server.script = serving(lists);
    expect(idsOf(await see('vendor', [1, 2, 301, 999]))).toEqual([1, 2, 301]);
    expect(asked()).toEqual([ACTIVE, `${ACTIVE}/301`, `${ACTIVE}/999`]);
    bench.server.received.splice(0);
    expect(new Set(idsOf(await see('vendor', [1, ...range(301, 305), 999])))).toEqual(
      new Set([1, ...range(301, 305)]),
    );
    expect(asked()).toEqual([ACTIVE, INACTIVE, `${ACTIVE}/999`]);
  });

  test('a filter that the server does not know hides none and shows none too many', async () => {
    bench.server.script = (request) => {
      request.query.delete('filters[id][]');
      return serving(lists)(request);
    };
    expect(idsOf(await see('vendor', [3, 5]))).toEqual([3, 5]);
    // A server that takes it for something else answers nothing.
    bench.server.script = (request) =>
      request.query.has('filters[id][]') ? { body: [] } : serving(lists)(request);
    expect(idsOf(await see('vendor', [3, 5]))).toEqual([3, 5]);
  });

  test('projects of any status', async () => {
    bench.server.script = serving({
      [PROJECTS]: [
        { id: 1, name: 'A', active: false },
        { id: 2, name: 'B' },
      ],
    });
    expect(idsOf(await see('project', [1, 2, 3]))).toEqual([1, 2]);
    expect(bench.server.received[0]?.query.get('filters[by_status]')).toBe('All');
  });

  test.each<[RefTarget, string, SyncPlace]>([
    ['sub_job', '/rest/v1.0/sub_jobs', IN_PROJECT],
    ['standard_cost_code', '/rest/v1.0/standard_cost_codes', { listId: 5521 }],
    ['line_item_type', '/rest/v1.0/line_item_types', {}],
  ])('%s: a list without filters is read whole, or not at all', async (kind, path, place) => {
    bench.server.script = serving({ [path]: vendors(range(1, 9)) });
    expect(idsOf(await see(kind, [2, 4, 11], place))).toEqual([2, 4]);
    expect(bench.server.received).toHaveLength(1);
    expect(await see(kind, [], place)).toEqual([]);
    expect(bench.server.received).toHaveLength(1);
    bench.server.script = () => ({ body: vendors([2]), headers: { total: '9' } });
    expect(await failure(see(kind, [4], place))).toMatchObject({ code: 'PROCORE_LIST_MOVED' });
  });

  test('none is no call', async () => {
    bench.server.script = serving(lists);
    expect([...(await see('vendor', [])), ...(await see('project', []))]).toEqual([]);
    expect(bench.server.received).toEqual([]);
  });
});

async function one(
  kind: RefTarget,
  raw: Row,
  place: SyncPlace = {},
  company: ProcoreCompany = bench.company(),
): Promise<SeenRecord> {
  bench.server.script = ({ path, query }) => ({
    body: path === INACTIVE || query.has('filters[updated_at]') ? [] : [raw],
  });
  const [seen, ...others] = await collect(can(company, kind, 'scan')(null, place));
  expect(others).toEqual([]);
  if (seen === undefined) throw new Error('nothing was seen');
  return seen;
}

const fieldsOf = async (...given: Parameters<typeof one>) => (await one(...given)).draft.fields;

describe('fields', () => {
  test('that the answer does not have are unknown; those that are null are empty', async () => {
    expect(await fieldsOf('vendor', { id: 1, name: 'A' })).toEqual({ name: 'A' });
    expect(await fieldsOf('vendor', { id: 1, name: 'A', fax_number: null, city: ' ' })).toEqual({
      name: 'A',
      fax: null,
      city: null,
    });
    expect(await fieldsOf('vendor', { id: 1 })).toEqual({});
  });

  test('that cannot be read are unknown, the record is there, and the log has no values', async () => {
    const seen = await one('vendor', { id: 1, name: '', business_phone: 2065550134, is_active: 'yes' });
    expect(seen.draft).toMatchObject({ procoreId: 1, label: 'Vendor 1', fields: {} });
    const [line, ...others] = bench.logged.filter((text) => text.includes('cannot be read'));
    expect(others).toEqual([]);
    expect(line).toContain('vendor 1: business_phone: expected text');
    expect(line).not.toContain('2065550134');
  });

  test.each<[Kind, Row, SyncPlace, Row, Row]>([
    [
      'project',
      {
        name: 'Eastgate',
        accounting_project_number: '2417-',
        origin_code: '2416-',
        project_number: 'P9',
        address: '1 Kelp Way',
        city: 'Seattle',
        state_code: 'WA',
        zip: '98101',
        active: false,
      },
      {},
      {
        code: '2417-',
        name: 'Eastgate',
        address: '1 Kelp Way',
        city: 'Seattle',
        stateCode: 'WA',
        postalCode: '98101',
        isActive: false,
      },
      {},
    ],
    [
      'sub_job',
      { code: 'GAR', name: 'Garage' },
      { ...IN_PROJECT, jobOriginId: 'project|1|2417-' },
      { code: 'GAR', name: 'Garage' },
      {
        job: {
          target: 'project',
          procoreId: PROJECT,
          originId: 'project|1|2417-',
          label: LABEL,
        },
      },
    ],
    [
      'standard_cost_code',
      { code: '050', full_code: '23-050', name: 'HVAC', parent_id: 7 },
      { listId: 5521 },
      { code: '23-050', name: 'HVAC' },
      { parent: { target: 'standard_cost_code', procoreId: 7, originId: null, label: LABEL } },
    ],
    [
      'line_item_type',
      { code: 'S', name: 'Subcontract', base_type: 'commitment' },
      {},
      { code: 'S', name: 'Subcontract', baseType: 'commitments' },
      {},
    ],
  ])('of a %s', async (kind, raw, place, fields, refs) => {
    const row = { id: 5, origin_id: `${kind}|1|5`, updated_at: '2026-03-01T08:00:00Z', ...raw };
    const { draft, changedAt } = await one(kind, row, place);
    expect(draft).toMatchObject({ kind, procoreId: 5, originId: `${kind}|1|5`, lines: [] });
    expect([draft.fields, draft.refs]).toEqual([fields, refs]);
    expect(changedAt).toBe('2026-03-01T08:00:00.000Z');
    const { carries } = bench.company().kinds[kind] ?? {};
    expect(Object.keys({ ...fields, ...refs }).sort()).toEqual([...(carries?.reads ?? [])].sort());
  });

  test('the number of a project is known only where nothing that comes first is missing', async () => {
    const numbers = { accounting_project_number: null, origin_code: '', project_number: 'P9' };
    expect(await fieldsOf('project', { id: 1, ...numbers })).toEqual({ code: 'P9' });
    expect(
      await fieldsOf('project', { id: 1, accounting_project_number: null, project_number: 'P9' }),
    ).toEqual({});
  });

  test('the parent of a standard code is none, or unknown', async () => {
    const place = { listId: 5521 };
    expect((await one('standard_cost_code', { id: 1, parent_id: null }, place)).draft.refs).toEqual({
      parent: null,
    });
    expect((await one('standard_cost_code', { id: 1 }, place)).draft.refs).toEqual({});
  });

  test('custom fields that are not there are unknown', async () => {
    const options: CompanyOptions = {
      customFields: { project: { custom_field_7: 'udPermit', custom_field_8: 'udZone' } },
    };
    const company = bench.app().company(COMPANY, options);
    const custom = { custom_field_7: { data_type: 'string', value: 'BP-1' } };
    expect(await fieldsOf('project', { id: 1, custom_fields: custom }, {}, company)).toEqual({
      custom_udPermit: 'BP-1',
    });
    expect(await fieldsOf('project', { id: 1 }, {}, company)).toEqual({});
    const unreadable = { custom_field_7: { data_type: 'boolean', value: 'BP-1' } };
    expect(await fieldsOf('project', { id: 1, custom_fields: unreadable }, {}, company)).toEqual({});
  });

  test.each([
    ['2026-03-01T08:00:00Z', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01T08:00:00.5-08:00', '2026-03-01T16:00:00.500Z'],
    ['2026-03-01 08:00:00', '2026-03-01T08:00:00.000Z'],
    ['', null],
    ['soon', null],
    [null, null],
    [undefined, null],
  ])('changed at %j is %j', async (updated, changedAt) => {
    expect((await one('project', { id: 1, updated_at: updated })).changedAt).toBe(changedAt);
  });

  test('all that is carried is a field of its kind', () => {
    const { kinds } = bench.company();
    for (const kind of ['vendor', 'project', 'sub_job', 'standard_cost_code', 'line_item_type'] as const) {
      const { reads = [], writes = [] } = kinds[kind]?.carries ?? {};
      const known = Object.keys(definitionOf(kind).fields);
      expect(known).toEqual(expect.arrayContaining([...reads, ...writes]));
      // What is written can be read back.
      expect(reads).toEqual(expect.arrayContaining([...writes]));
    }
    expect(kinds.cost_code?.carries).toEqual({
      reads: ['code', 'name', 'isActive'],
      writes: ['code', 'name'],
    });
  });
});

describe('an echo', () => {
  const answer = (...entities: readonly Row[]): void => {
    bench.server.script = ({ method }) => ({ body: method === 'PATCH' ? { entities, errors: [] } : [] });
  };
  const write = (
    kind: RefTarget,
    place: SyncPlace,
    item: SyncItem,
    company: ProcoreCompany = bench.company(),
  ) => can(company, kind, 'write')(place, [item]);
  const WHOLE = {
    id: 5,
    origin_id: 'line_item_type|1|3',
    code: 'SUB',
    name: 'Subcontract',
    base_type: 'commitment',
  };

  test('says what Procore made of what was sent', async () => {
    answer(WHOLE);
    const fields = { code: 'SUBC', name: ' Subcontract', baseType: 'commitments' };
    const { ids, echoes } = await write('line_item_type', {}, { key: 'S', procoreId: 5, fields });
    expect(ids).toEqual([{ key: 'S', procoreId: 5 }]);
    expect(echoes).toMatchObject([
      {
        key: 'S',
        seen: {
          changedAt: null,
          draft: {
            originId: 'line_item_type|1|3',
            fields: { code: 'SUB', name: 'Subcontract', baseType: 'commitments' },
          },
        },
      },
    ]);
  });

  test.each([
    ['lacks a field', { ...WHOLE, code: undefined }],
    ['has a field that cannot be read', { ...WHOLE, name: 7 }],
    ['does not say who it belongs to', { ...WHOLE, origin_id: undefined }],
    ['is but an id', { id: 5 }],
  ])('that %s is none', async (_, entity) => {
    answer(entity);
    const outcome = await write('line_item_type', {}, { key: 'S', procoreId: 5, fields: { name: 'S' } });
    expect(outcome).toEqual({ errors: [], ids: [{ key: 'S', procoreId: 5 }] });
  });

  test.each<[RefTarget, SyncPlace, Row]>([
    ['sub_job', IN_PROJECT, { code: 'GAR', name: 'Garage' }],
    ['standard_cost_code', { listId: 5521 }, { full_code: '23', name: 'HVAC', parent_id: null }],
    [
      'project',
      {},
      {
        ...{ name: 'A', accounting_project_number: '1', origin_code: null, project_number: null },
        ...{ address: null, city: null, state_code: null, zip: null, active: true },
      },
    ],
  ])('of a %s', async (kind, place, raw) => {
    answer({ id: 5, origin_id: null, ...raw });
    const { echoes = [] } = await write(kind, place, { key: 'a', procoreId: 5, fields: { name: 'X' } });
    expect(echoes).toMatchObject([{ key: 'a', seen: { draft: { kind, procoreId: 5 } } }]);
  });

  test('comes through the open door', async () => {
    const company = bench.app().company(COMPANY, {
      openDoor: {
        vendors: 'all',
        projects: 'active',
        commitments: { statuses: ['Approved'] },
        syncEveryMinutes: 60,
      },
    });
    answer(WHOLE);
    const type = await write(
      'line_item_type',
      {},
      { key: 'S', procoreId: 5, fields: { name: 'S' } },
      company,
    );
    expect(type.echoes).toMatchObject([{ key: 'S' }]);
    answer({ id: 77, origin_id: 'cost_code|1|77', full_code: '23', name: 'HVAC', deleted_at: null });
    const item = { key: '23', procoreId: 77, fields: { code: '23' } };
    const { lineEchoes } = await write('cost_code', IN_PROJECT, item, company);
    expect(lineEchoes).toMatchObject([
      { key: '23', seen: { originId: 'cost_code|1|77', line: { number: '23', procoreId: 77 } } },
    ]);
    expect(company.kinds.cost_code).toMatchObject({ carries: { writes: ['code', 'name'] } });
  });
});

describe('lines', () => {
  const CODES = '/rest/v1.0/cost_codes';
  const TYPE = { id: 71205, origin_id: 'line_item_type|1|3', name: 'Subcontract', code: 'S' };
  const code = (id: number, fullCode: string, more: Row = {}): Row => ({
    id,
    full_code: fullCode,
    name: `Code ${fullCode}`,
    origin_id: `cost_code|1|${id}`,
    biller_type: 'Project',
    deleted_at: null,
    updated_at: '2026-03-01T08:00:00Z',
    line_item_types: [],
    ...more,
  });
  const DELETED = { deleted_at: '2026-02-01T00:00:00Z' };
  const lines = (rows: readonly Row[], kind: RefTarget = 'project', place = IN_PROJECT) => {
    bench.server.script = serving({ [CODES]: rows });
    return can(bench.company(), kind, 'lines')(place);
  };

  test('codes and assignments come in one list', async () => {
    const { lines: seen, shown } = await lines([
      code(1, '23'),
      code(2, '23-050', { line_item_types: [TYPE] }),
      code(3, '31', { ...DELETED, line_item_types: [TYPE] }),
      code(4, '40', { biller_type: 'SubJob' }),
    ]);
    expect(shown).toEqual(['cost_code', 'cost_type_assignment']);
    const told = seen.map(({ line, originId }) => [line.number, line.fields['isActive'], originId]);
    expect(new Set(told)).toEqual(
      new Set([
        ['23', true, 'cost_code|1|1'],
        ['23-050', true, 'cost_code|1|2'],
        ['31', false, 'cost_code|1|3'],
        ['23-050/S', undefined, null],
      ]),
    );
    expect(seen.find(({ line }) => line.number === '23-050/S')).toMatchObject({
      changedAt: null,
      line: { pair: { costCodeId: 2, lineItemTypeId: 71205 }, refs: { costType: { procoreId: 71205 } } },
    });
    expect(seen.find(({ line }) => line.number === '23')?.changedAt).toBe('2026-03-01T08:00:00.000Z');
    expect(bench.server.received).toHaveLength(1);
  });

  test('a deleted code is left out where the code stands there again', async () => {
    const { lines: seen } = await lines([code(1, '23'), code(2, '23', DELETED)]);
    expect(seen.map(({ line }) => [line.procoreId, line.fields['isActive']])).toEqual([[1, true]]);
  });

  test('what the answer does not have is unknown', async () => {
    const { lines: seen, shown } = await lines([{ id: 1, full_code: '23', name: 'HVAC', origin_id: null }]);
    expect(shown).toEqual(['cost_code']);
    expect(seen.map(({ line }) => line.fields)).toEqual([{ code: '23', name: 'HVAC' }]);
  });

  test('of a sub job', async () => {
    const place = { projectId: PROJECT, subJobId: 41207 };
    const rows = [code(1, '23', { biller_type: 'SubJob' }), code(2, '31')];
    const { lines: seen } = await lines(rows, 'sub_job', place);
    expect(seen.map(({ line }) => line.number)).toEqual(['23']);
    expect(bench.server.received[0]?.query.get('sub_job_id')).toBe('41207');
    expect(await failure(lines(rows, 'sub_job', IN_PROJECT))).toMatchObject({
      code: 'PROCORE_REQUEST_INVALID',
    });
  });

  test.each([
    ['cannot be read', [code(1, '')], 'cost code 1.full_code: expected text that is not empty'],
    ['is there twice', [code(1, '23'), code(2, '23')], 'cost code 2: 23 is there twice'],
  ])('a code that %s is said, and nothing is left out', async (_, rows, words) => {
    const error = await failure(lines(rows));
    expect(error).toMatchObject({ code: 'PROCORE_ANSWER_INVALID' });
    expect(error.message).toContain(words);
  });

  test('of an incomplete list are none', async () => {
    bench.server.script = () => ({ body: [code(1, '23')], headers: { total: '2' } });
    expect(await failure(can(bench.company(), 'project', 'lines')(IN_PROJECT))).toMatchObject({
      code: 'PROCORE_LIST_MOVED',
    });
  });
});
