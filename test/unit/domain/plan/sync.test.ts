import * as fc from 'fast-check';
import type { Plan } from '../../../../src/domain/plan/plan';
import { linkOf as linkMovedBy } from '../../../../src/domain/plan/operation';
import { planSync, syncRevisionOf } from '../../../../src/domain/plan/sync';
import type { Kind } from '../../../../src/domain/kinds';
import { definitionOf, KINDS } from '../../../../src/domain/kinds';
import type { CanonicalRecord, Fields, KnownRecord, RecordLine } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { canBecome } from '../../../../src/domain/kinds/record-link';
import { known, lineOf, linkOf, recordOf } from '../records';

type Link = RecordLink;
type KnownState = KnownRecord['state'];

const PARENTS: readonly Link[] = [
  linkOf('project', 9, '1|1024'),
  linkOf('vendor', 8, '1|10442'),
  linkOf('commitment', 71, '1|77', { projectId: 9 }),
  linkOf('requisition', 61, '1|6'),
];

const plan = (
  kind: Kind,
  records: readonly KnownRecord[],
  links: readonly RecordLink[] = [],
  listId: number | null = 3,
): Plan => planSync({ connectionId: 'acme', kind, records, links: [...PARENTS, ...links], listId });

const actions = ({ operations }: Plan): string[] =>
  operations.map(({ action, erpKey }) => `${action} ${erpKey}`);
const rows = ({ operations }: Plan) =>
  operations.flatMap((operation) => ('rows' in operation ? operation.rows : []));

/** A record of each kind, with everything it hangs below. */
const RECORDS: Readonly<Record<string, CanonicalRecord>> = {
  standard_cost_code: recordOf({ code: '23', name: 'HVAC', parent: null, isActive: true }),
  line_item_type: recordOf({ code: 'L', name: 'Labor', baseType: 'labor', isActive: true }),
  invoice_payment: recordOf({ code: 'CHK-1', requisition: '1|6', amount: '100.00' }),
  vendor: recordOf({ code: '10442', name: 'Cobalt', phone: '2065550134', isActive: true }),
  project: recordOf({ code: '1024', name: 'Eastgate', isActive: true }),
  sub_job: recordOf({ code: '01', name: 'Garage', job: '1|1024', isActive: true }),
  commitment: recordOf({ code: 'SC-008', name: 'HVAC', job: '1|1024', vendor: '1|10442' }, [
    lineOf('commitment_line', '1', { amount: '100.00' }, { erpKey: '1|a' }),
  ]),
  commitment_change_order: recordOf({ code: '001', name: 'More', commitment: '1|77' }),
  prime_contract: recordOf({ code: 'P-1', name: 'Owner', job: '1|1024' }, [
    lineOf('prime_contract_line', '1', { amount: '100.00' }, { erpKey: '1|a' }),
  ]),
};
const SYNCED = KINDS.filter((kind) => definitionOf(kind).import !== undefined);
const recordFor = (kind: Kind): CanonicalRecord => {
  const record = RECORDS[kind];
  if (!record) throw new Error(`no ${kind} to test with`);
  return record;
};

const KEY = '1|900';
const linkAs = (
  kind: Kind,
  state: LinkState,
  base: CanonicalRecord | null = recordFor(kind),
  more: Partial<Link> = {},
): Link =>
  linkOf(kind, state === 'staged' || state === 'archived' ? null : 900, KEY, {
    state,
    generation: 3,
    procore: base,
    erp: base,
    erpRevision: base === null ? null : syncRevisionOf(kind, base),
    ...more,
  });

const renamed = ({ fields, lines }: CanonicalRecord): CanonicalRecord =>
  recordOf({ ...fields, name: 'Renamed' }, lines);

test('what is not synced from the ERP is a fault of the program', () => {
  expect(() => plan('requisition', [])).toThrow('requisition is not synced from the ERP');
});

describe('staged for import: commitments, change orders, prime contracts', () => {
  const cells: [LinkState | 'none', 'same' | 'changed', KnownState, string | null][] = [
    ['none', 'same', 'active', 'stage'],
    ['none', 'same', 'inactive', null],
    ['none', 'same', 'void', null],
    ['staged', 'same', 'active', null],
    ['staged', 'changed', 'active', 'stage'],
    ['staged', 'same', 'inactive', 'archive'],
    ['staged', 'same', 'void', 'archive'],
    ['archived', 'same', 'active', 'stage'],
    ['archived', 'same', 'inactive', null],
    ['archived', 'changed', 'void', null],
    ['linked', 'same', 'active', null],
    ['linked', 'changed', 'active', null],
    ['linked', 'changed', 'inactive', null],
    ['linked', 'changed', 'void', null],
    ['unlinked', 'same', 'active', 'stage'],
    ['unlinked', 'same', 'inactive', null],
    ['unlinked', 'same', 'void', null],
    ['merged', 'changed', 'active', null],
    ['merged', 'same', 'void', null],
  ];
  describe.each<Kind>(['commitment', 'commitment_change_order', 'prime_contract'])('%s', (kind) => {
    test.each(cells)('%s, %s, %s in the ERP: %s', (state, change, inErp, action) =>
      check(kind, state, change, inErp, action),
    );
  });
});

describe('staged, then kept up to date: vendors, projects and sub jobs', () => {
  const cells: [LinkState | 'none', 'same' | 'changed', KnownState, string | null][] = [
    ['none', 'same', 'active', 'stage'],
    ['none', 'same', 'inactive', null],
    ['staged', 'same', 'active', null],
    ['staged', 'changed', 'active', 'stage'],
    ['staged', 'same', 'inactive', 'archive'],
    ['archived', 'same', 'active', 'stage'],
    ['archived', 'same', 'inactive', null],
    ['linked', 'same', 'active', null],
    ['linked', 'changed', 'active', 'update'],
    ['linked', 'changed', 'inactive', 'update'],
    ['linked', 'same', 'inactive', null],
    ['unlinked', 'same', 'active', 'stage'],
    ['unlinked', 'changed', 'inactive', null],
    ['merged', 'changed', 'active', null],
  ];
  describe.each<Kind>(['vendor', 'project', 'sub_job'])('%s', (kind) => {
    test.each(cells)('%s, %s, %s in the ERP: %s', (state, change, inErp, action) =>
      check(kind, state, change, inErp, action),
    );
  });
});

describe('written straight: standard codes, cost types, payments', () => {
  const cells: [LinkState | 'none', 'same' | 'changed', KnownState, string | null][] = [
    ['none', 'same', 'active', 'sync'],
    ['none', 'same', 'inactive', null],
    ['none', 'same', 'void', null],
    ['linked', 'same', 'active', null],
    ['linked', 'changed', 'active', 'sync'],
    ['linked', 'changed', 'inactive', null],
    ['linked', 'changed', 'void', null],
    ['unlinked', 'same', 'active', 'sync'],
    ['unlinked', 'same', 'inactive', null],
    ['merged', 'changed', 'active', null],
  ];
  describe.each<Kind>(['standard_cost_code', 'line_item_type', 'invoice_payment'])('%s', (kind) => {
    test.each(cells)('%s, %s, %s in the ERP: %s', (state, change, inErp, action) =>
      check(kind, state, change, inErp, action),
    );
  });
});

function check(
  kind: Kind,
  state: LinkState | 'none',
  change: 'same' | 'changed',
  inErp: KnownState,
  action: string | null,
): void {
  const link = state === 'none' ? null : linkAs(kind, state);
  const record = recordFor(kind);
  const result = plan(
    kind,
    [
      known(
        KEY,
        change === 'same' ? record : { ...record, fields: { ...record.fields, code: 'changed' } },
        inErp,
      ),
    ],
    link ? [link] : [],
  );
  expect(actions(result)).toEqual(action === null ? [] : [`${action} ${KEY}`]);
  expect(result).toMatchObject({ unchanged: action === null ? 1 : 0, leftOut: [], warnings: [] });
  for (const operation of result.operations) {
    const { generation } = operation;
    const next = linkMovedBy(operation);
    expect(generation).toBe((link?.generation ?? 0) + 1);
    expect(next).toMatchObject({ erpKey: KEY, generation });
    expect(canBecome(state, next?.state ?? 'merged')).toBe(true);
  }
}

describe('an update', () => {
  test('names the changed header fields with old and new, and carries no origin_id', () => {
    const record = renamed(recordFor('project'));
    const result = plan('project', [known(KEY, record)], [linkAs('project', 'linked')]);
    expect(result.operations).toMatchObject([
      {
        side: 'procore',
        target: 'Project 1024 Renamed',
        procoreId: 900,
        recordId: 'project/900',
        changes: [{ field: 'name', label: 'Name', old: 'Eastgate', new: 'Renamed' }],
        link: { state: 'linked', projectId: 900 },
      },
    ]);
    expect(rows(result)).toEqual([{ key: KEY, procoreId: 900, fields: { name: 'Renamed' } }]);
  });

  test('of a field that was emptied sends the emptiness', () => {
    const base = recordOf({ ...recordFor('project').fields, city: 'Seattle' });
    const record = recordOf({ ...recordFor('project').fields, city: null });
    expect(rows(plan('project', [known(KEY, record)], [linkAs('project', 'linked', base)]))).toMatchObject([
      { fields: { city: null } },
    ]);
  });

  test('of a record that was never compared sends what the ERP has', () => {
    const result = plan('project', [known(KEY, recordFor('project'))], [linkAs('project', 'linked', null)]);
    expect(rows(result)).toMatchObject([{ fields: { code: '1024', name: 'Eastgate', isActive: true } }]);
  });

  test('ignores codes and costs, and keeps those of the base: they have a way of their own', () => {
    const code = lineOf('cost_code', '23-050', {}, { erpKey: '1|101', procoreId: 501 });
    const base = recordOf(recordFor('project').fields, [code]);
    const more = lineOf('cost_code', '23-060', {}, { erpKey: '1|102' });
    const same = recordOf(base.fields, [code, more]);
    expect(plan('project', [known(KEY, same)], [linkAs('project', 'linked', base)]).operations).toEqual([]);
    const [update] = plan(
      'project',
      [known(KEY, renamed(same))],
      [linkAs('project', 'linked', base)],
    ).operations;
    expect(update && linkMovedBy(update)?.erp?.lines).toEqual([code]);
  });
});

describe('lines of contracts', () => {
  const line = (key: string, amount = '100.00', procoreId: number | null = null): RecordLine =>
    lineOf('prime_contract_line', key.slice(-1), { amount }, { erpKey: key, procoreId });
  const contract = (...lines: readonly RecordLine[]) => recordOf(recordFor('prime_contract').fields, lines);

  test.each<[string, readonly RecordLine[], KnownState, boolean]>([
    ['a line was added', [line('1|a'), line('1|b')], 'active', true],
    ['a line was added to a closed contract', [line('1|a'), line('1|b')], 'inactive', false],
    ['a line was changed', [line('1|a', '200.00')], 'active', false],
    ['a line is gone', [], 'active', false],
    ['the same', [line('1|a')], 'active', false],
  ])('a linked prime contract, %s: staged again %s', (_name, lines, state, again) => {
    const links = [linkAs('prime_contract', 'linked', contract(line('1|a', '100.00', 5001)))];
    const result = plan('prime_contract', [known(KEY, contract(...lines), state)], links);
    expect(actions(result)).toEqual(again ? [`stage ${KEY}`] : []);
    for (const operation of result.operations) {
      const link = linkMovedBy(operation);
      expect(link).toMatchObject({ state: 'linked', procoreId: 900 });
      expect(link?.erp?.lines.map(({ procoreId }) => procoreId)).toEqual([5001, null]);
    }
  });

  test('a commitment is never updated once it is linked, whatever happens to it', () => {
    const record = recordOf({ ...recordFor('commitment').fields, name: 'Renamed', amount: '1' }, [
      line('1|x'),
    ]);
    expect(plan('commitment', [known(KEY, record)], [linkAs('commitment', 'linked')]).operations).toEqual([]);
    expect(
      plan('commitment', [known(KEY, record)], [linkAs('commitment', 'linked', null)]).operations,
    ).toEqual([]);
  });

  test('ids that our own links gave to lines are no change of the ERP', () => {
    const base = contract(line('1|a', '100.00', 5001));
    const links = [linkAs('prime_contract', 'staged', base)];
    expect(plan('prime_contract', [known(KEY, contract(line('1|a')))], links)).toMatchObject({
      operations: [],
      unchanged: 1,
    });
  });

  test('a staged record shows the values of its lines', () => {
    const [stage] = plan('commitment', [known(KEY, recordFor('commitment'))]).operations;
    expect(stage?.target).toBe('Ready to import: Commitment SC-008 HVAC');
    expect(stage?.changes).toContainEqual({
      field: 'commitment_line[1].amount',
      label: 'Line 1 · Amount',
      old: null,
      new: '100.00',
    });
  });
});

describe('what hangs below something that Procore does not have', () => {
  const without = (kind: Kind, links: readonly RecordLink[] = []): Plan =>
    planSync({
      connectionId: 'acme',
      kind,
      records: [known(KEY, recordFor(kind))],
      links,
      listId: 3,
    });

  test.each<[Kind, string]>([
    ['sub_job', 'Sub job 01 waits: its job is not in Procore yet.'],
    ['commitment', 'Commitment SC-008 waits: its job is not in Procore yet.'],
    ['commitment_change_order', 'Commitment change order 001 waits: its commitment is not in Procore yet.'],
    ['prime_contract', 'Prime contract P-1 waits: its job is not in Procore yet.'],
  ])('%s waits, and says for what', (kind, reason) => {
    expect(without(kind)).toMatchObject({
      operations: [],
      unchanged: 0,
      leftOut: [{ recordId: `${kind}/erp:${KEY}`, erpKey: KEY, reason, waits: true }],
    });
  });

  test.each<LinkState>(['archived', 'unlinked', 'merged'])('a parent that is %s is not there', (state) => {
    expect(without('prime_contract', [linkOf('project', 9, '1|1024', { state })]).leftOut).toHaveLength(1);
  });

  test('a staged parent is enough for something staged, every parent being asked', () => {
    const staged = linkOf('project', null, '1|1024', { state: 'staged' });
    expect(actions(without('prime_contract', [staged]))).toEqual([`stage ${KEY}`]);
    expect(without('commitment', [staged]).leftOut[0]?.reason).toMatch(/its vendor is not in Procore yet/);
  });

  test('a linked sub job is not updated below a project that Procore does not have', () => {
    const sub = known(KEY, renamed(recordFor('sub_job')));
    const links = [linkAs('sub_job', 'linked'), linkOf('project', null, '1|1024', { state: 'staged' })];
    const input = { connectionId: 'acme', kind: 'sub_job' as const, records: [sub], links, listId: null };
    expect(planSync(input)).toMatchObject({ operations: [], leftOut: [{ waits: true }] });
  });

  test('a parent that the ERP does not name is not waited for', () => {
    const record = recordOf({ code: 'P-1', name: 'Owner', job: null });
    expect(actions(plan('prime_contract', [known(KEY, record)]))).toEqual([`stage ${KEY}`]);
  });

  test.each<[string, Fields, readonly RecordLink[]]>([
    ['an invoice that Procore never sent us', { requisition: '1|99' }, []],
    [
      'an invoice that is not linked any more',
      { requisition: '1|98' },
      [linkOf('requisition', 6, '1|98', { state: 'unlinked' })],
    ],
    [
      'an invoice that is only staged',
      { requisition: '1|98' },
      [linkOf('requisition', null, '1|98', { state: 'staged' })],
    ],
    ['no invoice at all', { requisition: null }, []],
  ])('a payment of %s is none of ours', (_name, fields, links) => {
    const record = recordOf({ ...recordFor('invoice_payment').fields, ...fields });
    expect(plan('invoice_payment', [known(KEY, record)], links)).toMatchObject({
      operations: [],
      leftOut: [],
      unchanged: 1,
    });
  });

  test('an archive needs no parent', () => {
    const records = [known(KEY, recordFor('commitment'), 'void')];
    const links = [linkAs('commitment', 'staged')];
    const input = { connectionId: 'acme', kind: 'commitment' as const, records, links, listId: null };
    expect(actions(planSync(input))).toEqual([`archive ${KEY}`]);
  });
});

describe('standard cost codes', () => {
  const code = (name: string, parent: string | null = null): KnownRecord =>
    known(
      `1|${name}`,
      recordOf({ code: name, name, parent: parent === null ? null : `1|${parent}`, isActive: true }),
    );
  const order = (...records: readonly KnownRecord[]): string[] =>
    plan('standard_cost_code', records).operations.map(({ erpKey }) => String(erpKey).slice(2));

  test('parents come before their children, however deep and in whatever order', () => {
    expect(order(code('c', 'b'), code('b', 'a'), code('x'), code('a'))).toEqual(['a', 'b', 'c', 'x']);
  });

  test('codes that are each other’s parents, or their own, are all sent once', () => {
    expect([...order(code('a', 'b'), code('b', 'a'), code('c', 'c'))].sort()).toEqual(['a', 'b', 'c']);
  });

  test('a parent on another page is no obstacle', () => {
    expect(order(code('a', 'elsewhere'))).toEqual(['a']);
  });

  test('random forests: every parent before its child', () => {
    const forest = fc
      .array(fc.nat(19), { minLength: 1, maxLength: 20 })
      .map((parents) =>
        parents.map((parent, index) => code(`n${index}`, parent < index ? `n${parent}` : null)),
      )
      .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length }));
    fc.assert(
      fc.property(forest, (records) => {
        const sent = order(...records);
        expect(sent).toHaveLength(records.length);
        for (const { key, record } of records) {
          const { parent } = record.fields;
          if (typeof parent === 'string')
            expect(sent.indexOf(parent.slice(2))).toBeLessThan(sent.indexOf(key.slice(2)));
        }
      }),
    );
  });

  test('go to the list of the connection by origin_id; known ones by id alone; unlinked ones by both', () => {
    const record = known(KEY, renamed(recordFor('standard_cost_code')));
    const row = (link: Link | null) => rows(plan('standard_cost_code', [record], link ? [link] : []))[0];
    expect(row(null)).toMatchObject({ originId: `standard_cost_code|${KEY}`, key: KEY });
    expect(row(null)).not.toHaveProperty('procoreId');
    expect(row(linkAs('standard_cost_code', 'linked'))).not.toHaveProperty('originId');
    expect(row(linkAs('standard_cost_code', 'linked'))).toMatchObject({ procoreId: 900 });
    expect(row(linkAs('standard_cost_code', 'unlinked'))).toMatchObject({
      procoreId: 900,
      originId: `standard_cost_code|${KEY}`,
    });
    // What was deleted in Procore has no id any more, and comes anew.
    expect(row(linkAs('standard_cost_code', 'unlinked', null, { procoreId: null }))).not.toHaveProperty(
      'procoreId',
    );
    const [operation] = plan('standard_cost_code', [record]).operations;
    expect(operation).toMatchObject({ resource: 'standard_cost_code', place: { listId: 3 } });
  });
});

test('a payment names its invoice by the id in Procore', () => {
  expect(rows(plan('invoice_payment', [known(KEY, recordFor('invoice_payment'))]))).toEqual([
    {
      key: KEY,
      originId: `invoice_payment|${KEY}`,
      invoiceId: 61,
      fields: recordFor('invoice_payment').fields,
    },
  ]);
});

test('plans tell the policy which kind and which projects they are about', () => {
  const facts = (kind: Kind) => plan(kind, [known(KEY, recordFor(kind))], [linkAs(kind, 'unlinked')]).facts;
  expect(facts('commitment')).toMatchObject({
    kinds: ['commitment'],
    projects: [9],
    amount: null,
    dates: [],
  });
  expect(facts('vendor')).toMatchObject({ kinds: ['vendor'], projects: [] });
});

test('a record that comes twice on a page counts once, as it was read last', () => {
  const page = [known(KEY, recordFor('project')), known(KEY, renamed(recordFor('project')))];
  const result = plan('project', page);
  expect(result.operations).toHaveLength(1);
  expect(result.operations[0]).toMatchObject({ record: { fields: { name: 'Renamed' } } });
  expect(result.subject).toBe('1 of 1 ERP projects');
});

test('every kind that is synced has a record to test with', () => {
  expect(SYNCED).toHaveLength(9);
  expect([...SYNCED].sort()).toEqual(Object.keys(RECORDS).sort());
});

describe.each(SYNCED)('every kind that comes from the ERP takes the same path: %s', (kind) => {
  const record = recordFor(kind);
  const changed: CanonicalRecord = { ...record, fields: { ...record.fields, code: 'changed' } };
  const how = definitionOf(kind).import?.how;
  const begins = how === 'direct' ? 'sync' : 'stage';
  /** What happens to a linked record that changed. */
  const follows = { direct: 'sync', stage_and_update: 'update', stage: null }[how ?? 'stage'];
  const settle = (links: readonly Link[], result: Plan): readonly Link[] => {
    const byKey = new Map(links.map((link) => [link.erpKey, link]));
    for (const operation of result.operations) {
      const link = linkMovedBy(operation);
      // A direct write tells us the id in Procore.
      if (link)
        byKey.set(link.erpKey, { ...link, procoreId: link.state === 'linked' ? 900 : link.procoreId });
    }
    return [...byKey.values()];
  };
  /** Plans, then plans again once that was done: settled input gives no operation. */
  const step = (known: KnownRecord, links: readonly Link[]): readonly [string[], readonly Link[]] => {
    const result = plan(kind, [known], links);
    const settled = settle(links, result);
    expect(plan(kind, [known], settled)).toMatchObject({ operations: [], leftOut: [], unchanged: 1 });
    return [result.operations.map(({ action }) => action), settled];
  };

  test('new, the same again, changed, and changed back', () => {
    const [first, links] = step(known(KEY, record), []);
    expect(first).toEqual([begins]);
    const [second, same] = step(known(KEY, record), links);
    expect(second).toEqual([]);
    expect(same).toEqual(links);
    const [third, later] = step(known(KEY, changed), links);
    expect(third).toEqual([begins]);
    expect(step(known(KEY, record), later)[0]).toEqual([begins]);
  });

  test('linked, then changed', () => {
    const [actionsThen] = step(known(KEY, changed), [linkAs(kind, 'linked')]);
    expect(actionsThen).toEqual(follows === null ? [] : [follows]);
  });

  test('inactive: off the list where it waits for import, never taken away where it is used', () => {
    const inactive = known(KEY, record, 'inactive');
    expect(step(inactive, [])[0]).toEqual([]);
    expect(step(inactive, [linkAs(kind, 'linked')])[0]).toEqual([]);
    if (how === 'direct') return;
    const [archived, links] = step(inactive, [linkAs(kind, 'staged')]);
    expect(archived).toEqual(['archive']);
    expect(links).toMatchObject([{ state: 'archived' }]);
    expect(step(known(KEY, record), links)[0]).toEqual(['stage']);
  });

  test('both shadows know what was told, the link keeps its identity', () => {
    const link = linkAs(kind, 'linked', record, { id: 'L1', projectId: 9 });
    for (const operation of plan(kind, [known(KEY, changed)], [link]).operations) {
      const next = linkMovedBy(operation);
      expect(next).toMatchObject({ id: 'L1', erpKey: KEY, state: 'linked', procoreId: 900 });
      expect(next?.erp?.fields).toEqual(changed.fields);
      expect(next?.procore?.fields).toEqual(changed.fields);
      expect(next?.erpRevision).toBe(syncRevisionOf(kind, changed));
    }
  });

  test('the lines of the shadow keep their ids in Procore', () => {
    const withIds = { ...record, lines: record.lines.map((line) => ({ ...line, procoreId: 5001 })) };
    const [operation] = plan(kind, [known(KEY, changed)], [linkAs(kind, 'staged', withIds)]).operations;
    const next = operation ? linkMovedBy(operation) : null;
    expect(next?.erp?.lines.map(({ procoreId }) => procoreId)).toEqual(record.lines.map(() => 5001));
  });
});

describe('for random pages', () => {
  const value = fc.option(fc.constantFrom('a', 'b', 'c', ''), { nil: null });
  const line = (lineKind: 'commitment_line' | 'prime_contract_line', index: number) =>
    fc
      .record({ amount: value, description: value })
      .map((fields) => lineOf(lineKind, `${index + 1}`, fields, { erpKey: `1|l${index}` }));
  const linesOf = (kind: Kind): fc.Arbitrary<RecordLine[]> => {
    const lineKind =
      kind === 'commitment' ? 'commitment_line' : kind === 'prime_contract' ? 'prime_contract_line' : null;
    if (lineKind === null) return fc.constant([]);
    return fc
      .integer({ min: 0, max: 3 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => line(lineKind, index))));
  };
  const recordLike = (kind: Kind): fc.Arbitrary<CanonicalRecord> =>
    fc
      .tuple(fc.record({ code: value, name: value }), linesOf(kind))
      .map(([header, lines]) => recordOf({ ...recordFor(kind).fields, ...header }, lines));
  const world = fc.constantFrom(...SYNCED).chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      records: fc.array(
        fc.record({
          key: fc.integer({ min: 1, max: 6 }).map((number) => `1|${number}`),
          record: recordLike(kind),
          state: fc.constantFrom<KnownState>('active', 'inactive', 'void'),
        }),
        { maxLength: 6 },
      ),
      links: fc.uniqueArray(
        fc.record({
          number: fc.integer({ min: 1, max: 6 }),
          state: fc.constantFrom<LinkState>('staged', 'archived', 'linked', 'unlinked', 'merged'),
          base: fc.option(recordLike(kind), { nil: null }),
        }),
        { maxLength: 6, selector: ({ number }) => number },
      ),
    }),
  );
  const linksOf = ({
    kind,
    links,
  }: {
    kind: Kind;
    links: { number: number; state: LinkState; base: CanonicalRecord | null }[];
  }) =>
    links.map(({ number, state, base }) =>
      linkAs(kind, state, base, {
        erpKey: `1|${number}`,
        procoreId: state === 'staged' || state === 'archived' ? null : 900 + number,
      }),
    );

  test('an unchanged second run plans nothing', () => {
    fc.assert(
      fc.property(world, (value) => {
        const links = linksOf(value);
        const first = plan(value.kind, value.records, links);
        const after = new Map(links.map((link) => [link.erpKey, link]));
        for (const operation of first.operations) {
          const link = linkMovedBy(operation);
          if (link) after.set(link.erpKey, link);
        }
        const second = plan(value.kind, value.records, [...after.values()]);
        expect(second.operations).toEqual([]);
        expect(second.leftOut).toEqual(first.leftOut);
      }),
      { numRuns: 500 },
    );
  });

  test('every record is an operation, left out, or unchanged; every link moves on lawfully', () => {
    fc.assert(
      fc.property(world, (value) => {
        const links = linksOf(value);
        const states = new Map(links.map((link) => [link.erpKey, link]));
        const result = plan(value.kind, value.records, links);
        const distinct = new Set(value.records.map(({ key }) => key)).size;
        expect(result.operations.length + result.leftOut.length + result.unchanged).toBe(distinct);
        for (const operation of result.operations) {
          const { erpKey, changes, action } = operation;
          const link = linkMovedBy(operation);
          const before = states.get(erpKey ?? '');
          expect(canBecome(before?.state ?? 'none', link?.state ?? 'merged')).toBe(true);
          expect(link?.generation).toBe((before?.generation ?? 0) + 1);
          if (action === 'update') expect(changes).not.toEqual([]);
        }
        expect(plan(value.kind, structuredClone(value.records), structuredClone(links)).hash).toBe(
          result.hash,
        );
      }),
      { numRuns: 500 },
    );
  });
});
