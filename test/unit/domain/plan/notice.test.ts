import type { NoticedRecord, RecordNotice } from '../../../../src/domain/request/intent';
import type { Plan } from '../../../../src/domain/plan/plan';
import { candidatesFor, planNotice } from '../../../../src/domain/plan/notice';
import type { CanonicalRecord } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { canBecome } from '../../../../src/domain/kinds/record-link';
import { lineOf, linkOf, recordOf } from '../records';

type Link = RecordLink<CanonicalRecord>;

const noticed = (
  target: NoticedRecord['target'],
  procoreId: number | null,
  originId: string | null,
  more: Partial<NoticedRecord> = {},
): NoticedRecord => ({ target, procoreId, originId, projectOriginId: null, title: null, ...more });

const plan = (
  how: RecordNotice['how'],
  records: readonly NoticedRecord[],
  links: readonly Link[] = [],
  {
    wholeProjectId = null,
    found = {},
  }: { wholeProjectId?: number | null; found?: Record<string, number> } = {},
): Plan =>
  planNotice({
    connectionId: 'acme',
    intent: { kind: 'notice', how, label: 'Notice', records, wholeProjectId },
    links,
    found,
  });

/** The links as they are once the plan was recorded. */
function after(links: readonly Link[], { operations }: Plan): readonly Link[] {
  const byKey = new Map(links.map((link) => [`${link.entity}:${link.erpKey}`, link]));
  for (const { link } of operations) {
    if (!link) throw new Error('an operation without a link');
    const name = `${link.entity}:${link.erpKey}`;
    const before = byKey.get(name);
    expect(link.generation).toBe((before?.generation ?? 0) + 1);
    expect(canBecome(before?.state ?? 'none', link.state)).toBe(true);
    byKey.set(name, link as Link);
  }
  return [...byKey.values()];
}

const states = (links: readonly Link[]): string[] =>
  links.map(({ entity, erpKey, state, procoreId }) => `${entity} ${erpKey} ${state} ${procoreId ?? '-'}`);

describe('an import', () => {
  test.each<[string, Link | null, readonly string[]]>([
    [
      'of a staged record',
      linkOf('commitment', null, '1|77', { state: 'staged' }),
      ['commitment 1|77 linked 71'],
    ],
    [
      'of an archived one',
      linkOf('commitment', null, '1|77', { state: 'archived' }),
      ['commitment 1|77 linked 71'],
    ],
    ['of one we never staged', null, ['commitment 1|77 linked 71']],
    [
      'of one that was unlinked',
      linkOf('commitment', 5, '1|77', { state: 'unlinked' }),
      ['commitment 1|77 linked 71'],
    ],
    [
      'of one that was tied to another record',
      linkOf('commitment', 5, '1|77'),
      ['commitment 1|77 linked 71'],
    ],
  ])('%s is linked', (_name, link, expected) => {
    const links = link ? [link] : [];
    const result = plan('imported', [noticed('commitment', 71, 'commitment|1|77')], links);
    expect(states(after(links, result))).toEqual(expected);
    expect(result).toMatchObject({ leftOut: [], warnings: [], unchanged: 0 });
    expect(result.operations).toMatchObject([{ side: 'tieback', action: 'link', recordId: 'commitment/71' }]);
  });

  test('keeps the staged record as the base, and the project', () => {
    const base = recordOf({ code: 'SC-008' });
    const link = linkOf('commitment', null, '1|77', {
      state: 'staged',
      base,
      baseRevision: 'r',
      projectId: 9,
    });
    const [operation] = plan('imported', [noticed('commitment', 71, 'commitment|1|77')], [link]).operations;
    expect(operation?.link).toMatchObject({ base, baseRevision: 'r', projectId: 9, procoreId: 71 });
  });

  test('that is linked already changes nothing', () => {
    const links = [linkOf('commitment', 71, '1|77')];
    expect(plan('imported', [noticed('commitment', 71, 'commitment|1|77')], links)).toMatchObject({
      operations: [],
      leftOut: [],
      unchanged: 1,
    });
  });

  test('that does not say which record it was is found by what was staged', () => {
    const links = [
      linkOf('commitment', null, '1|77', {
        state: 'staged',
        base: recordOf({ job: '1|1024', name: 'HVAC' }),
      }),
      linkOf('commitment', null, '1|78', {
        state: 'staged',
        base: recordOf({ job: '1|1024', name: 'HVAC' }),
      }),
      linkOf('commitment', null, '1|79', {
        state: 'staged',
        base: recordOf({ job: '1|1024', name: 'Steel' }),
      }),
      linkOf('commitment', null, '1|80', {
        state: 'staged',
        base: recordOf({ job: '1|2000', name: 'HVAC' }),
      }),
      linkOf('commitment', 5, '1|81', { base: recordOf({ job: '1|1024', name: 'HVAC' }) }),
      linkOf('prime_contract', null, '1|82', {
        state: 'staged',
        base: recordOf({ job: '1|1024', name: 'HVAC' }),
      }),
      linkOf('commitment', null, '1|83', { state: 'staged' }),
    ];
    const record = noticed('commitment', null, null, { projectOriginId: 'project|1|1024', title: 'HVAC' });
    expect(candidatesFor(record, links)).toEqual(['commitment|1|77', 'commitment|1|78']);
    const result = plan('imported', [record], links, { found: { 'commitment|1|78': 71 } });
    expect(states(result.operations.map(({ link }) => link as Link))).toEqual(['commitment 1|78 linked 71']);
  });

  test('that nobody finds is left out with a sentence', () => {
    const record = noticed('commitment', null, null, { title: 'HVAC' });
    expect(plan('imported', [record])).toMatchObject({
      operations: [],
      unchanged: 0,
      leftOut: [
        {
          recordId: 'commitment/unknown',
          reason:
            '"HVAC" was imported, but Procore does not say which record it is; it is linked when it is found.',
        },
      ],
    });
    expect(plan('imported', [noticed('sub_job', 3, null)]).leftOut[0]?.reason).toMatch(
      /^sub job was imported/,
    );
  });

  test('of a record of another integration is left out with a sentence', () => {
    expect(plan('imported', [noticed('commitment', 71, 'QB-1')]).leftOut).toEqual([
      {
        recordId: 'commitment/71',
        erpKey: null,
        reason: 'origin_id "QB-1" is not one of ours: another integration may own it.',
      },
    ]);
  });

  test('of a budget without a key has nothing to link; one bad record does not stop the others', () => {
    expect(plan('imported', [noticed('budget', 31, null)])).toMatchObject({
      operations: [],
      leftOut: [],
      unchanged: 1,
    });
    const mixed = plan('imported', [
      noticed('commitment', 1, 'QB-1'),
      noticed('commitment', 2, 'commitment|1|2'),
    ]);
    expect(mixed).toMatchObject({
      operations: [{ recordId: 'commitment/2' }],
      leftOut: [{ recordId: 'commitment/1' }],
    });
  });
});

describe.each<RecordNotice['how']>(['reset', 'unlinked', 'deleted'])('%s', (how) => {
  const base = recordOf({ code: 'SC-008' });
  const record = noticed('commitment', 71, 'commitment|1|77');

  test('lets go of the link, and remembers where the ERP record is', () => {
    const links = [linkOf('commitment', 71, '1|77', { base, generation: 4 })];
    const [operation] = plan(how, [record], links).operations;
    expect(operation).toMatchObject({ side: 'tieback', action: 'unlink', erpKey: '1|77', generation: 5 });
    expect(operation?.link).toMatchObject({ state: 'unlinked', erpKey: '1|77', base });
    // What was deleted has no id any more.
    expect(operation?.link?.procoreId).toBe(how === 'deleted' ? null : 71);
  });

  test.each<LinkState>(['staged', 'archived', 'unlinked', 'merged'])(
    'a link that is %s stays as it is',
    (state) => {
      expect(plan(how, [record], [linkOf('commitment', 71, '1|77', { state })])).toMatchObject({
        operations: [],
        unchanged: 1,
      });
    },
  );

  test('a repeated notice, in one request or another, changes nothing more', () => {
    const links = [linkOf('commitment', 71, '1|77'), linkOf('commitment', 72, '1|78')];
    const once = plan(how, [record, record], links);
    expect(once.operations).toHaveLength(1);
    const left = after(links, once);
    expect(plan(how, [record], left).operations).toEqual([]);
    expect(left[1]).toBe(links[1]);
  });

  test('is found by id or by key, whichever the notice has', () => {
    const links = [linkOf('commitment', 71, '1|77')];
    expect(plan(how, [noticed('commitment', 71, null)], links).operations).toHaveLength(1);
    expect(plan(how, [noticed('commitment', null, 'commitment|1|77')], links).operations).toHaveLength(1);
    expect(plan(how, [noticed('commitment', 5, null)], links).operations).toEqual([]);
    expect(plan(how, [noticed('requisition', 71, null)], links).operations).toEqual([]);
    expect(plan(how, [noticed('commitment', null, 'QB-1')], links).operations).toEqual([]);
  });

  test('an ERP record that belongs to another record by now is left alone', () => {
    const links = [linkOf('commitment', 5, '1|77')];
    expect(plan(how, [record], links).operations).toEqual([]);
  });
});

test('a reset of a project takes everything in it along, and nothing else', () => {
  const links = [
    linkOf('project', 9, '1|1024', { projectId: 9 }),
    linkOf('commitment', 71, '1|77', { projectId: 9 }),
    linkOf('budget', 31, '1|5', { projectId: 9, state: 'unlinked' }),
    linkOf('requisition', null, '1|6', { projectId: 9, state: 'staged' }),
    linkOf('commitment', 72, '1|78', { projectId: 10 }),
    linkOf('vendor', 8, '1|10442'),
  ];
  const record = noticed('project', 9, 'project|1|1024');
  const result = plan('reset', [record], links, { wholeProjectId: 9 });
  const left = after(links, result);
  expect(states(left)).toEqual([
    'project 1|1024 unlinked 9',
    'commitment 1|77 unlinked 71',
    'budget 1|5 unlinked 31',
    'requisition 1|6 staged -',
    'commitment 1|78 linked 72',
    'vendor 1|10442 linked 8',
  ]);
  expect(plan('reset', [record], left, { wholeProjectId: 9 })).toMatchObject({
    operations: [],
    unchanged: 1,
  });
});

describe('deleted cost codes', () => {
  const line = (number: string, erpKey: string, procoreId: number) =>
    lineOf('cost_code', number, { code: number }, { erpKey, procoreId });
  const base = recordOf({ code: '1024' }, [
    line('23-050', '1|101', 501),
    line('23-060', '1|102', 502),
    line('23-070', '1|103', 503),
    lineOf('cost_type_assignment', '23-050/1|4', {}, { erpKey: '1|101/1|4', procoreId: 501 }),
  ]);
  const links = [linkOf('project', 9, '1|1024', { base, baseRevision: 'r' })];
  const kept = (result: Plan): string[] =>
    (result.operations[0]?.link as Link | undefined)?.base?.lines.map(({ number }) => number) ?? [];

  test('leave the base of their project, all of them, by id or by key', () => {
    const result = plan(
      'deleted',
      [noticed('cost_code', 501, 'cost_code|1|101'), noticed('cost_code', null, 'cost_code|1|102')],
      links,
    );
    expect(result.operations).toHaveLength(1);
    expect(kept(result)).toEqual(['23-070', '23-050/1|4']);
    expect(after(links, result)[0]).toMatchObject({ state: 'linked', procoreId: 9, generation: 2 });
  });

  test('that are not there, or whose project is not linked, change nothing', () => {
    expect(plan('deleted', [noticed('cost_code', 999, null)], links)).toMatchObject({
      operations: [],
      unchanged: 1,
    });
    const unlinked = [linkOf('project', 9, '1|1024', { base, state: 'unlinked' })];
    expect(plan('deleted', [noticed('cost_code', 501, null)], unlinked).operations).toEqual([]);
    expect(
      plan('deleted', [noticed('cost_code', 501, null)], [linkOf('project', 9, '1|1')]).operations,
    ).toEqual([]);
  });

  test('twice told, once forgotten', () => {
    const record = noticed('cost_code', 501, 'cost_code|1|101');
    const left = after(links, plan('deleted', [record], links));
    expect(plan('deleted', [record], left).operations).toEqual([]);
  });
});

test('operations of one notice have different keys, and the same keys when planned again', () => {
  const links = [
    linkOf('commitment', 71, '1|77', { projectId: 9 }),
    linkOf('budget', 31, '1|77', { projectId: 9 }),
  ];
  const keys = () =>
    plan('reset', [], links, { wholeProjectId: 9 }).operations.map(({ operationKey }) => operationKey);
  expect(new Set(keys()).size).toBe(2);
  expect(keys()).toEqual(keys());
});
