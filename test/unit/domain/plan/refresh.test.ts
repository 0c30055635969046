import * as fc from 'fast-check';
import type { JobRefresh } from '../../../../src/domain/request/intent';
import type { Operation, SyncRow, SyncRows } from '../../../../src/domain/plan/operation';
import { linkOf as linkMovedBy } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import { planRefresh, refreshedShadow } from '../../../../src/domain/plan/refresh';
import type { CanonicalRecord, RecordLine } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { known, lineOf, linkOf, recordOf } from '../records';

type Link = RecordLink;

const KEY = '1|1024';
const HEADER = { code: '1024', name: 'Eastgate', city: 'Seattle', isActive: true };
const TYPES = [linkOf('line_item_type', 4, '1|L'), linkOf('line_item_type', 5, '1|M')];

const code = (number: string, more: Partial<RecordLine> = {}, isActive = true): RecordLine =>
  lineOf(
    'cost_code',
    number,
    { code: number, name: `Name ${number}`, isActive },
    { erpKey: `1|p${number}`, ...more },
  );
const assignment = (number: string, type = 'L'): RecordLine =>
  lineOf(
    'cost_type_assignment',
    `${number}/1|${type}`,
    { costCode: number, costType: `1|${type}` },
    { erpKey: `1|p${number}/1|${type}` },
  );
const cost = (number: string, jobToDateCosts: string, type = 'L'): RecordLine =>
  lineOf(
    'job_cost',
    `${number}/1|${type}`,
    { costCode: number, costType: `1|${type}`, originalBudget: '100.00', jobToDateCosts },
    { erpKey: `1|p${number}/1|${type}` },
  );

const JOB = recordOf(HEADER, [code('a'), code('b'), assignment('a'), assignment('b'), cost('a', '10.00')]);
const withIdsOf = (record: CanonicalRecord): CanonicalRecord =>
  recordOf(
    record.fields,
    record.lines.map((line, index) =>
      line.kind === 'cost_code' ? { ...line, procoreId: 500 + index } : line,
    ),
  );

const refresh = (more: Partial<JobRefresh> = {}): JobRefresh => ({
  way: 'refresh',
  kind: 'project',
  originId: `project|${KEY}`,
  projectId: 9,
  subJobId: null,
  why: 'periodic',
  label: 'Job 1024',
  ...more,
});

const linkAt = (base: CanonicalRecord | null, more: Partial<Link> = {}): Link =>
  linkOf('project', 9, KEY, { generation: 3, procore: base, erp: base, projectId: 9, ...more });

const plan = (
  record: CanonicalRecord,
  link: Link | null = linkAt(withIdsOf(JOB)),
  intent: JobRefresh = refresh(),
  costTypes: readonly RecordLink[] = TYPES,
): Plan => planRefresh({ connectionId: 'acme', intent, known: known(KEY, record), link, costTypes });

const isRows = (operation: Operation): operation is SyncRows => 'rows' in operation;
const resources = ({ operations }: Plan): string[] =>
  operations.map((operation) =>
    isRows(operation) ? operation.resource : `${operation.side} ${operation.action}`,
  );
const rowsOf = ({ operations }: Plan, resource: string): readonly SyncRow[] =>
  operations.filter(isRows).flatMap((operation) => (operation.resource === resource ? operation.rows : []));
const keysOf = (result: Plan, resource: string): string[] => rowsOf(result, resource).map(({ key }) => key);
const baseOf = ({ operations }: Plan): CanonicalRecord => {
  const [first] = operations;
  const shadow = first && linkMovedBy(first)?.erp;
  if (!shadow) throw new Error('the plan moves no link');
  return shadow;
};
const change = (line: RecordLine, more: Partial<RecordLine['fields']>): RecordLine => ({
  ...line,
  fields: { ...line.fields, ...(more as RecordLine['fields']) },
});
const replace = (record: CanonicalRecord, ...lines: readonly RecordLine[]): CanonicalRecord => {
  const byKey = new Map([...record.lines, ...lines].map((line) => [`${line.kind}/${line.number}`, line]));
  return recordOf(record.fields, [...byKey.values()]);
};

describe('a project whose link is in force', () => {
  test('and that did not change: nothing, however often', () => {
    expect(plan(JOB)).toMatchObject({ operations: [], leftOut: [], warnings: [], unchanged: 1 });
  });

  test('everything changed: header, codes, assignments, costs, in this order', () => {
    const record = replace(
      recordOf({ ...HEADER, name: 'Renamed' }, JOB.lines),
      code('c'),
      assignment('c'),
      cost('c', '1.00'),
    );
    const result = plan(record);
    expect(resources(result)).toEqual(['project', 'cost_code', 'cost_type_assignment', 'job_cost']);
    expect(new Set(result.operations.map(({ operationKey }) => operationKey)).size).toBe(4);
    expect(result.operations.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('only the changed header fields are sent, and shown with old and new', () => {
    const result = plan(recordOf({ ...HEADER, name: 'Renamed', city: null }, JOB.lines));
    expect(rowsOf(result, 'project')).toEqual([
      { key: '9', procoreId: 9, fields: { name: 'Renamed', city: null } },
    ]);
    expect(result.operations[0]).toMatchObject({
      action: 'update',
      target: 'Header of Job 1024',
      changes: [
        { field: 'name', label: 'Name', old: 'Eastgate', new: 'Renamed' },
        { field: 'city', label: 'City', old: 'Seattle', new: null },
      ],
    });
  });

  test('only the changed codes are sent, by their ids; new ones by origin_id', () => {
    const result = plan(replace(JOB, change(code('b'), { name: 'Renamed' }), code('c')));
    expect(resources(result)).toEqual(['cost_code']);
    expect(rowsOf(result, 'cost_code')).toEqual([
      {
        key: 'b',
        procoreId: 501,
        originId: 'cost_code|1|pb',
        fields: { code: 'b', name: 'Renamed', isActive: true },
      },
      { key: 'c', originId: 'cost_code|1|pc', fields: { code: 'c', name: 'Name c', isActive: true } },
    ]);
  });

  test('only the new assignments are sent, with their code by id or, while it has none, by number', () => {
    const result = plan(replace(JOB, assignment('a', 'M'), code('c'), assignment('c')));
    expect(rowsOf(result, 'cost_type_assignment')).toEqual([
      {
        key: 'a/1|M',
        fields: { synced: true },
        costCode: { key: 'a', procoreId: 500 },
        lineItemTypeId: 5,
      },
      {
        key: 'c/1|L',
        fields: { synced: true },
        costCode: { key: 'c', procoreId: null },
        lineItemTypeId: 4,
      },
    ]);
  });

  test('only the changed costs are sent, amounts alone, to the job by its origin_id', () => {
    const result = plan(replace(JOB, cost('a', '11.00')));
    expect(resources(result)).toEqual(['job_cost']);
    expect(rowsOf(result, 'job_cost')).toMatchObject([
      { key: 'a/1|L', fields: { originalBudget: '100.00', jobToDateCosts: '11.00' }, lineItemTypeId: 4 },
    ]);
    expect(rowsOf(result, 'job_cost')[0]?.fields).not.toHaveProperty('costType');
    expect(result.operations[0]).toMatchObject({ place: { jobOriginId: `project|${KEY}` } });
  });

  test('an inactive code stays as it is in Procore, and new inactive ones are not brought', () => {
    expect(plan(replace(JOB, code('a', {}, false))).operations).toEqual([]);
    expect(plan(replace(JOB, code('old', {}, false))).operations).toEqual([]);
  });

  test('nothing hangs below an inactive code that Procore does not have; when it is active again all of it comes', () => {
    const closed = replace(JOB, code('old', {}, false), assignment('old'), cost('old', '5.00'), code('c'));
    const first = plan(closed);
    expect(resources(first)).toEqual(['cost_code']);
    expect(keysOf(first, 'cost_code')).toEqual(['c']);
    const reopened = replace(closed, code('old'));
    const second = plan(reopened, linkAt(baseOf(first)));
    expect(resources(second)).toEqual(['cost_code', 'cost_type_assignment', 'job_cost']);
  });

  test('an inactive code that Procore has still gets its costs', () => {
    const result = plan(replace(JOB, code('a', {}, false), cost('a', '11.00')));
    expect(resources(result)).toEqual(['job_cost']);
  });

  test('what disappeared from the ERP is left in Procore', () => {
    expect(plan(recordOf(HEADER, [code('a')])).operations).toEqual([]);
  });
});

describe('a cost type that Procore does not have', () => {
  const record = replace(JOB, assignment('a', 'X'), assignment('b', 'X'), cost('a', '7.00', 'X'), code('c'));

  test('is left out with one sentence; everything else goes on', () => {
    const result = plan(record);
    expect(resources(result)).toEqual(['cost_code']);
    expect(result.leftOut).toEqual([
      {
        recordId: 'line_item_type/erp:1|X',
        erpKey: '1|X',
        reason: 'Cost type 1|X is not in Procore yet: refresh the cost types there, then this project.',
      },
    ]);
  });

  test('is found again by the next refresh, once it is there', () => {
    const next = plan(record, linkAt(baseOf(plan(record))), refresh(), [
      ...TYPES,
      linkOf('line_item_type', 6, '1|X'),
    ]);
    expect(next.leftOut).toEqual([]);
    expect(keysOf(next, 'cost_type_assignment')).toEqual(['a/1|X', 'b/1|X']);
    expect(keysOf(next, 'job_cost')).toEqual(['a/1|X']);
  });

  test.each<Partial<RecordLink>>([{ state: 'unlinked' }, { procoreId: null }])(
    '%j is as good as none',
    (more) => {
      const types = [...TYPES, { ...linkOf('line_item_type', 6, '1|X'), ...more }];
      expect(plan(record, undefined, refresh(), types).leftOut).toHaveLength(1);
    },
  );
});

describe('a link that is not in force', () => {
  test.each<LinkState>(['staged', 'archived', 'unlinked'])(
    '%s: it is linked first, and everything is sent',
    (state) => {
      const result = plan(JOB, linkAt(withIdsOf(JOB), { state, procoreId: state === 'unlinked' ? 9 : null }));
      expect(resources(result)).toEqual([
        'tieback link',
        'project',
        'cost_code',
        'cost_type_assignment',
        'job_cost',
      ]);
      expect(result.operations[0]).toMatchObject({
        changes: [{ field: 'state', old: state, new: 'linked' }],
        link: { state: 'linked', procoreId: 9, projectId: 9, generation: 4 },
      });
      // Ids of another life are not trusted.
      expect(rowsOf(result, 'cost_code')[0]).not.toHaveProperty('procoreId');
    },
  );

  test('none at all, or one of another project', () => {
    expect(plan(JOB, null).operations[0]).toMatchObject({ action: 'link', generation: 1 });
    expect(resources(plan(JOB, linkAt(withIdsOf(JOB), { procoreId: 10 })))).toEqual(['tieback link']);
  });

  test('just imported: the header came with the import', () => {
    const result = plan(
      JOB,
      linkAt(recordOf(HEADER), { state: 'staged', procoreId: null }),
      refresh({ why: 'imported' }),
    );
    expect(resources(result)).toEqual(['tieback link', 'cost_code', 'cost_type_assignment', 'job_cost']);
  });

  test('imported without anything below it: only the link', () => {
    const bare = recordOf(HEADER);
    expect(resources(plan(bare, null, refresh({ why: 'imported' })))).toEqual(['tieback link']);
    expect(plan(bare, linkAt(bare), refresh({ why: 'imported' }))).toMatchObject({
      operations: [],
      unchanged: 1,
    });
  });
});

test.each([
  ['the filter leaves out', { outside: true as const }, /leaves it out/, []],
  ['cannot be mapped', { unfit: 'Its code would come back as another one.' }, null, [/another one/]],
])('a job that %s is left as it is, new or linked', (_when, aside, note, reasons) => {
  const of = (link: Link | null): Plan =>
    planRefresh({
      ...{ connectionId: 'acme', intent: refresh(), link, costTypes: TYPES },
      known: { ...known(KEY, recordOf({ ...HEADER, name: 'Renamed' }, JOB.lines)), ...aside },
    });
  const linked = of(linkAt(withIdsOf(JOB)));
  expect(linked.operations).toEqual([]);
  expect(linked.notes).toEqual(note === null ? [] : [expect.stringMatching(note)]);
  expect(linked.leftOut.map(({ reason }) => reason)).toEqual(
    reasons.map((reason) => expect.stringMatching(reason) as string),
  );
  expect(resources(of(null))).toEqual(['tieback link']);
  expect(of(null).operations).toMatchObject([{ link: { procore: null, erp: null, erpRevision: null } }]);
});

test('a sub job is refreshed in its place, by its own id, without naming its job', () => {
  const record = recordOf({ code: '01', name: 'Garage', job: '1|1024', isActive: true }, [
    code('a'),
    cost('a', '1.00'),
  ]);
  const intent = refresh({ kind: 'sub_job', originId: 'sub_job|1|1024', subJobId: 6 });
  const result = plan(record, null, intent);
  expect(result.operations[0]?.recordId).toBe('sub_job/6');
  expect(rowsOf(result, 'sub_job')).toEqual([
    { key: '6', procoreId: 6, fields: { code: '01', name: 'Garage', isActive: true } },
  ]);
  expect(result.operations.map((operation) => (isRows(operation) ? operation.place : null))).toEqual([
    null,
    { projectId: 9, subJobId: 6 },
    { projectId: 9, subJobId: 6 },
    { jobOriginId: 'sub_job|1|1024' },
  ]);
});

describe('the base after Procore answered', () => {
  const before = withIdsOf(JOB);
  const record = replace(
    recordOf({ ...HEADER, name: 'Renamed' }, before.lines),
    change(before.lines[1] ?? code('b'), { name: 'Renamed' }),
    code('c'),
    assignment('c'),
    cost('a', '11.00'),
  );

  test('all taken: everything is agreed, and new codes have their ids', () => {
    const base = refreshedShadow(record, before, new Map([['c', 777]]), new Set());
    expect(base.fields).toEqual(record.fields);
    expect(base.lines.find(({ number }) => number === 'c')?.procoreId).toBe(777);
    expect(plan(record, linkAt(base)).operations).toEqual([]);
  });

  test.each<[string, readonly string[]]>([
    ['header/9', ['project']],
    ['cost_code/c', ['cost_code']],
    ['cost_code/b', ['cost_code']],
    ['cost_type_assignment/c/1|L', ['cost_type_assignment']],
    ['job_cost/a/1|L', ['job_cost']],
  ])('%s refused: it is tried again, and nothing else', (refused, expected) => {
    const base = refreshedShadow(record, before, new Map([['c', 777]]), new Set([refused]));
    const again = plan(record, linkAt(base));
    expect(resources(again)).toEqual(expected);
    expect(again.operations.filter(isRows).flatMap(({ rows }) => rows)).toHaveLength(1);
  });

  test('a header that was never taken is sent whole', () => {
    const base = refreshedShadow(record, null, new Map(), new Set(['header/9']));
    expect(rowsOf(plan(record, linkAt(base)), 'project')[0]?.fields).toEqual(record.fields);
  });
});

describe('for random jobs', () => {
  const names = fc.subarray(['a', 'b', 'c', 'd']);
  const job = fc
    .record({
      name: fc.constantFrom('Eastgate', 'Renamed'),
      active: names,
      inactive: names,
      pairs: names,
      types: fc.subarray(['L', 'M', 'X']),
      amount: fc.constantFrom('1.00', '2.00'),
    })
    .map(({ name, active, inactive, pairs, types, amount }) =>
      recordOf({ ...HEADER, name }, [
        ...[...new Set([...active, ...inactive])].map((number) =>
          code(number, {}, !inactive.includes(number)),
        ),
        ...pairs.flatMap((number) => types.map((type) => assignment(number, type))),
        ...pairs.flatMap((number) => types.map((type) => cost(number, amount, type))),
      ]),
    )
    .filter(({ lines }) =>
      lines.every(
        ({ kind, fields }) =>
          kind === 'cost_code' ||
          lines.some((line) => line.kind === 'cost_code' && line.number === fields['costCode']),
      ),
    );

  /** The link once everything that was sent was taken. */
  const taken = (result: Plan, link: Link | null): Link | null => {
    const [first] = result.operations;
    const next = first ? linkMovedBy(first) : null;
    if (!next?.erp) return link;
    const ids = new Map(keysOf(result, 'cost_code').map((key, index) => [key, 800 + index]));
    const told = refreshedShadow(next.erp, link?.erp ?? null, ids, new Set());
    return { ...next, procore: told, erp: told };
  };

  test('refreshed once, nothing is left to do but what had to wait', () => {
    fc.assert(
      fc.property(job, job, (first, second) => {
        const link = taken(plan(first, null), null);
        const moved = taken(plan(second, link), link);
        const again = plan(second, moved);
        expect(again.operations).toEqual([]);
        expect(plan(second, moved).leftOut).toEqual(plan(second, link).leftOut);
      }),
    );
  });

  test('every row names a code that is in Procore or comes before it', () => {
    fc.assert(
      fc.property(job, job, (first, second) => {
        const link = taken(plan(first, null), null);
        for (const result of [plan(first, null), plan(second, link)]) {
          const codes = new Set(keysOf(result, 'cost_code'));
          for (const resource of ['cost_type_assignment', 'job_cost']) {
            for (const { costCode } of rowsOf(result, resource)) {
              expect(costCode?.procoreId !== null || codes.has(costCode.key)).toBe(true);
            }
          }
        }
      }),
    );
  });
});
