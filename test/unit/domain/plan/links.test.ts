import * as fc from 'fast-check';
import type { Kind } from '../../../../src/domain/kinds';
import { definitionOf, KINDS } from '../../../../src/domain/kinds';
import type { ProcoreId } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { canBecome } from '../../../../src/domain/kinds/record-link';
import { candidatesFor, planLinks } from '../../../../src/domain/plan/links';
import { linkOf as linkMovedBy } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { LinkNotice, NoticedRecord } from '../../../../src/domain/request/intent';
import { lineOf, linkOf, recordOf } from '../records';

type How = LinkNotice['how'];

const noticed = (
  target: NoticedRecord['target'],
  procoreId: number | null,
  originId: string | null,
  more: Partial<NoticedRecord> = {},
): NoticedRecord => ({ target, procoreId, originId, projectOriginId: null, title: null, ...more });

const noticeOf = (
  how: How,
  records: readonly NoticedRecord[],
  more: Partial<LinkNotice> = {},
): LinkNotice => ({
  way: 'links',
  how,
  label: 'Notice',
  records,
  master: null,
  wholeProjectId: null,
  ...more,
});

const follow = (
  intent: LinkNotice,
  links: readonly RecordLink[] = [],
  found: Readonly<Record<string, ProcoreId>> = {},
): Plan => planLinks({ connectionId: 'acme', intent, links, found });

const plan = (
  how: How,
  records: readonly NoticedRecord[],
  links: readonly RecordLink[] = [],
  { found = {}, ...more }: Partial<LinkNotice> & { found?: Readonly<Record<string, ProcoreId>> } = {},
): Plan => follow(noticeOf(how, records, more), links, found);

const moves = ({ operations }: Plan): readonly RecordLink[] =>
  operations.map((operation) => {
    const link = linkMovedBy(operation);
    if (!link) throw new Error('an operation without a link');
    return link;
  });

/** The links as they are once the plan was recorded: forward only, every step lawful. */
function after(links: readonly RecordLink[], result: Plan): readonly RecordLink[] {
  const byKey = new Map(links.map((link) => [`${link.kind}:${link.erpKey}`, link]));
  for (const link of moves(result)) {
    const name = `${link.kind}:${link.erpKey}`;
    const before = byKey.get(name);
    expect(link.generation).toBe((before?.generation ?? 0) + 1);
    expect(link.id).toBe(before?.id);
    expect(canBecome(before?.state ?? 'none', link.state)).toBe(true);
    byKey.set(name, link);
    // Also half-way, as the store would have it.
    const ties = [...byKey.values()].filter(({ state }) => state === 'linked');
    expect(new Set(ties.map(({ kind, procoreId }) => `${kind}/${procoreId}`)).size).toBe(ties.length);
  }
  const keys = result.operations.map(({ operationKey }) => operationKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(result.operations.map(({ seq }) => seq)).toEqual(keys.map((_, index) => index + 1));
  expect(result.operations.every(({ side }) => side === 'tieback')).toBe(true);
  return [...byKey.values()];
}

const states = (links: readonly RecordLink[]): string[] =>
  links.map(({ kind, erpKey, state, procoreId }) => `${kind} ${erpKey} ${state} ${procoreId ?? '-'}`);

describe('an import', () => {
  test.each<[string, RecordLink | null, readonly string[]]>([
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

  test('keeps the staged record as both shadows, and the project', () => {
    const staged = recordOf({ code: 'SC-008' });
    const link = linkOf('commitment', null, '1|77', {
      id: 'L1',
      state: 'staged',
      procore: staged,
      erp: staged,
      erpRevision: 'r',
      projectId: 9,
    });
    expect(moves(plan('imported', [noticed('commitment', 71, 'commitment|1|77')], [link]))).toEqual([
      { ...link, state: 'linked', procoreId: 71, generation: 2 },
    ]);
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
        erp: recordOf({ job: '1|1024', name: 'HVAC' }),
      }),
      linkOf('commitment', null, '1|78', {
        state: 'staged',
        erp: recordOf({ job: '1|1024', name: 'HVAC' }),
      }),
      linkOf('commitment', null, '1|79', {
        state: 'staged',
        erp: recordOf({ job: '1|1024', name: 'Steel' }),
      }),
      linkOf('commitment', null, '1|80', {
        state: 'staged',
        erp: recordOf({ job: '1|2000', name: 'HVAC' }),
      }),
      linkOf('commitment', 5, '1|81', { erp: recordOf({ job: '1|1024', name: 'HVAC' }) }),
      linkOf('prime_contract', null, '1|82', {
        state: 'staged',
        erp: recordOf({ job: '1|1024', name: 'HVAC' }),
      }),
      linkOf('commitment', null, '1|83', { state: 'staged' }),
    ];
    const record = noticed('commitment', null, null, { projectOriginId: 'project|1|1024', title: 'HVAC' });
    expect(candidatesFor(record, links)).toEqual(['commitment|1|77', 'commitment|1|78']);
    const result = plan('imported', [record], links, { found: { 'commitment|1|78': 71 } });
    expect(states(moves(result))).toEqual(['commitment 1|78 linked 71']);
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
        reason:
          'origin_id "QB-1" is not one of ours (expected "commitment|<company or group>|<number>"): another integration may own it.',
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

describe.each<Exclude<How, 'merged' | 'imported' | 'linked'>>(['reset', 'unlinked', 'deleted'])(
  '%s',
  (how) => {
    const erp = recordOf({ code: 'SC-008' });
    const record = noticed('commitment', 71, 'commitment|1|77');

    test('lets go of the link, and remembers where the ERP record is', () => {
      const links = [linkOf('commitment', 71, '1|77', { erp, generation: 4 })];
      const [operation] = plan(how, [record], links).operations;
      expect(operation).toMatchObject({ side: 'tieback', action: 'unlink', erpKey: '1|77', generation: 5 });
      const [link] = moves(plan(how, [record], links));
      expect(link).toMatchObject({ state: 'unlinked', erpKey: '1|77', erp });
      // What was deleted has no id any more.
      expect(link?.procoreId).toBe(how === 'deleted' ? null : 71);
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
  },
);

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
  const erp = recordOf({ code: '1024' }, [
    line('23-050', '1|101', 501),
    line('23-060', '1|102', 502),
    line('23-070', '1|103', 503),
    lineOf('cost_type_assignment', '23-050/1|4', {}, { erpKey: '1|101/1|4', procoreId: 501 }),
  ]);
  const links = [linkOf('project', 9, '1|1024', { procore: erp, erp, erpRevision: 'r' })];
  const kept = (result: Plan): (string[] | undefined)[] =>
    moves(result).flatMap((link) =>
      [link.procore, link.erp].map((shadow) => shadow?.lines.map(({ number }) => number)),
    );

  test('leave both shadows of their project, all of them, by id or by key', () => {
    const result = plan(
      'deleted',
      [noticed('cost_code', 501, 'cost_code|1|101'), noticed('cost_code', null, 'cost_code|1|102')],
      links,
    );
    expect(result.operations).toHaveLength(1);
    expect(kept(result)).toEqual([
      ['23-070', '23-050/1|4'],
      ['23-070', '23-050/1|4'],
    ]);
    expect(after(links, result)[0]).toMatchObject({ state: 'linked', procoreId: 9, generation: 2 });
  });

  test('that are not there, or whose project is not linked, change nothing', () => {
    expect(plan('deleted', [noticed('cost_code', 999, null)], links)).toMatchObject({
      operations: [],
      unchanged: 1,
    });
    const unlinked = [linkOf('project', 9, '1|1024', { erp, state: 'unlinked' })];
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

describe('a link or an import', () => {
  test('of the same ERP record: what was staged is known, what was linked by hand was never compared', () => {
    const staged = recordOf({ name: 'Cobalt' });
    const link = linkOf('vendor', null, '1|1', {
      state: 'staged',
      procore: staged,
      erp: staged,
      erpRevision: 'r',
    });
    const record = noticed('vendor', 7, 'vendor|1|1');
    expect(moves(plan('imported', [record], [link]))).toMatchObject([
      { procore: staged, erp: staged, erpRevision: 'r' },
    ]);
    expect(moves(plan('linked', [record], [link]))).toMatchObject([
      { procore: null, erp: null, erpRevision: null },
    ]);
  });

  test.each<LinkState>(['unlinked', 'merged', 'linked'])(
    'of one that was not staged but %s: nobody knows what Procore holds, so it is compared anew',
    (state) => {
      const old = recordOf({ name: 'Long ago' });
      const link = linkOf('vendor', 5, '1|1', { state, procore: old, erp: old, erpRevision: 'r' });
      expect(moves(plan('imported', [noticed('vendor', 7, 'vendor|1|1')], [link]))).toMatchObject([
        { state: 'linked', procoreId: 7, procore: null, erp: null, erpRevision: null },
      ]);
    },
  );

  test('the subject is what the notice says', () => {
    expect(follow(noticeOf('linked', [], { label: '2 companies linked' })).subject).toBe(
      '2 companies linked',
    );
  });

  test('a long origin_id of somebody else does not fill the message', () => {
    const [left] = plan('linked', [noticed('vendor', 7, 'x'.repeat(5000))]).leftOut;
    expect(left?.reason.length).toBeLessThan(300);
  });

  test('what was never ours is left out with the reason; the others go on', () => {
    const records = [noticed('vendor', 7, 'other-system-7'), noticed('vendor', 8, 'vendor|1|1')];
    const result = plan('linked', records);
    expect(result.leftOut).toEqual([
      {
        recordId: 'vendor/7',
        erpKey: null,
        reason:
          'origin_id "other-system-7" is not one of ours (expected "vendor|<company or group>|<number>"): another integration may own it.',
      },
    ]);
    expect(states(after([], result))).toEqual(['vendor 1|1 linked 8']);
  });
});

const A = '1|1';
const B = '1|2';

describe.each(KINDS)('one record, one partner: %s', (kind) => {
  const originId = (key: string): string => `${kind}|${key}`;
  const at = (key: string, procoreId: number | null, state: LinkState = 'linked'): RecordLink =>
    linkOf(kind, procoreId, key, { id: `L${key}`, state, generation: 2 });
  const pairs = (how: How, ...records: readonly [number, string | null][]): LinkNotice =>
    noticeOf(
      how,
      records.map(([procoreId, key]) => noticed(kind, procoreId, key === null ? null : originId(key))),
    );
  const merged = (master: [number, string | null], ...sources: readonly [number, string | null][]) => ({
    ...pairs('merged', ...sources),
    master: noticed(kind, master[0], master[1] === null ? null : originId(master[1])),
  });

  test.each<[string, LinkNotice, readonly RecordLink[], readonly string[]]>([
    ['import of a staged one', pairs('imported', [7, A]), [at(A, null, 'staged')], [`${A} linked 7`]],
    ['import of one we never saw', pairs('imported', [7, A]), [], [`${A} linked 7`]],
    ['link of an archived one', pairs('linked', [7, A]), [at(A, null, 'archived')], [`${A} linked 7`]],
    ['link of a merged one', pairs('linked', [7, A]), [at(A, 5, 'merged')], [`${A} linked 7`]],
    ['link of one that another record had', pairs('linked', [7, A]), [at(A, 5)], [`${A} linked 7`]],
    [
      'relinking to another ERP record unlinks the old partner',
      pairs('linked', [7, B]),
      [at(A, 7)],
      [`${A} unlinked 7`, `${B} linked 7`],
    ],
    [
      'an import over another partner unlinks it too',
      pairs('imported', [7, B]),
      [at(A, 7), at(B, null, 'staged')],
      [`${A} unlinked 7`, `${B} linked 7`],
    ],
    [
      'one record twice in a notice',
      pairs('linked', [7, A], [7, B]),
      [],
      [`${A} unlinked 7`, `${B} linked 7`],
    ],
    ['one ERP record twice in a notice', pairs('linked', [7, A], [8, A]), [], [`${A} linked 8`]],
    [
      'handed on within a notice',
      pairs('linked', [7, B], [8, A]),
      [at(A, 7)],
      [`${A} linked 8`, `${B} linked 7`],
    ],
    [
      'two records swap their partners',
      pairs('linked', [7, B], [8, A]),
      [at(A, 7), at(B, 8)],
      [`${A} linked 8`, `${B} linked 7`],
    ],
    [
      'merge, both linked',
      merged([7, null], [8, null]),
      [at(A, 7), at(B, 8)],
      [`${A} linked 7`, `${B} merged 8`],
    ],
    ['merge, only the source linked', merged([7, null], [8, null]), [at(B, 8)], [`${B} linked 7`]],
    ['merge, only the master linked', merged([7, null], [8, null]), [at(A, 7)], [`${A} linked 7`]],
    [
      'merge, the master known by origin_id',
      merged([7, A], [8, null]),
      [at(B, 8)],
      [`${A} linked 7`, `${B} merged 8`],
    ],
    ['merge, one origin_id', merged([7, B], [8, B]), [at(B, 8)], [`${B} linked 7`]],
    [
      'merge, a source twice',
      merged([7, null], [8, null], [8, null]),
      [at(A, 7), at(B, 8)],
      [`${A} linked 7`, `${B} merged 8`],
    ],
    ['merge into itself', merged([7, null], [7, null]), [at(A, 7)], [`${A} linked 7`]],
    ['merge of nothing', merged([7, null]), [at(A, 7)], [`${A} linked 7`]],
    ['unlink', pairs('unlinked', [7, null]), [at(A, 7)], [`${A} unlinked 7`]],
    ['reset', pairs('reset', [7, null]), [at(A, 7)], [`${A} unlinked 7`]],
    ['deleted', pairs('deleted', [7, null]), [at(A, 7)], [`${A} unlinked -`]],
    ['unlink of what is unlinked', pairs('unlinked', [7, null]), [at(A, 7, 'unlinked')], [`${A} unlinked 7`]],
  ])('%s', (_name, intent, links, expected) => {
    const left = after(links, follow(intent, links));
    expect(states(left).sort()).toEqual(expected.map((text) => `${kind} ${text}`).sort());
  });

  test('the words of a link name the ERP record, a merge says what became of it', () => {
    const label = definitionOf(kind).label.toLowerCase();
    const targets = (intent: LinkNotice, links: readonly RecordLink[]): string[] =>
      follow(intent, links).operations.map(({ action, target }) => `${action}: ${target}`);
    expect(targets(pairs('linked', [7, B]), [at(A, 7)])).toEqual([
      `unlink: ERP ${label} ${A}`,
      `link: ERP ${label} ${B}`,
    ]);
    expect(targets(merged([7, null], [8, null]), [at(A, 7), at(B, 8)])).toEqual([
      `merge: ERP ${label} ${B} (its record was merged into another)`,
    ]);
    expect(targets(merged([7, null], [8, null]), [at(B, 8)])).toEqual([
      `merge: ERP ${label} ${B} to record 7`,
    ]);
  });

  test('what a merge hands on was never compared with its new record', () => {
    const shadow = recordOf({ name: 'x' });
    const links = [{ ...at(B, 8), procore: shadow, erp: shadow, erpRevision: 'r' }];
    expect(moves(follow(merged([7, null], [8, null]), links))).toMatchObject([
      { procoreId: 7, state: 'linked', procore: null, erp: null, erpRevision: null },
    ]);
  });
});

test('an origin_id without its type is understood', () => {
  expect(states(moves(plan('linked', [noticed('vendor', 7, A)])))).toEqual([`vendor ${A} linked 7`]);
});

test('plans tell the policy which kinds and projects they are about', () => {
  const links = [
    linkOf('project', 9, '1|1024', { projectId: 9 }),
    linkOf('commitment', 71, '1|77', { projectId: 9 }),
    linkOf('budget', 31, '1|77', { projectId: 9 }),
  ];
  expect(plan('reset', [], links, { wholeProjectId: 9 }).facts).toEqual({
    kinds: ['project', 'commitment', 'budget'],
    projects: [9],
    amount: null,
    dates: [],
    flags: {},
  });
  expect(plan('linked', [noticed('vendor', 7, 'vendor|1|1')]).facts).toMatchObject({
    kinds: ['vendor'],
    projects: [],
  });
});

// ---- against a naive model ----------------------------------------------------------------------

const PROJECT = 100;

/** Who is tied to whom, kept in the simplest way there is. */
class Model {
  /** `<kind> <ERP key>` → Procore id. */
  readonly ties = new Map<string, number>();

  apply(
    { how, records, master, wholeProjectId }: LinkNotice,
    projectOf: (name: string) => number | null,
  ): void {
    if (how === 'merged') {
      if (master) this.merge(master, records);
    } else {
      for (const { target, procoreId, originId } of records) {
        if (how === 'imported' || how === 'linked') this.tie(target, procoreId, originId);
        else if (procoreId !== null) this.drop(target, procoreId);
        else if (originId !== null) this.ties.delete(this.nameOf(target, originId));
      }
    }
    if (wholeProjectId === null) return;
    for (const name of [...this.ties.keys()]) if (projectOf(name) === wholeProjectId) this.ties.delete(name);
  }

  private merge(master: NoticedRecord, sources: readonly NoticedRecord[]): void {
    const { target, procoreId: masterId } = master;
    if (masterId === null) return;
    if (this.find(target, masterId) === undefined && master.originId !== null)
      this.tie(target, masterId, master.originId);
    for (const { procoreId } of sources) {
      const name = procoreId === null ? undefined : this.find(target, procoreId);
      if (name === undefined || procoreId === masterId) continue;
      if (this.find(target, masterId) === undefined) this.ties.set(name, masterId);
      else this.ties.delete(name);
    }
  }

  private find(kind: string, procoreId: number): string | undefined {
    return [...this.ties].find(([name, id]) => id === procoreId && name.startsWith(`${kind} `))?.[0];
  }

  private tie(kind: string, procoreId: number | null, originId: string | null): void {
    if (procoreId === null || originId?.startsWith(`${kind}|`) !== true) return;
    this.drop(kind, procoreId);
    this.ties.set(this.nameOf(kind, originId), procoreId);
  }

  private drop(kind: string, procoreId: number): void {
    const name = this.find(kind, procoreId);
    if (name !== undefined) this.ties.delete(name);
  }

  private nameOf(kind: string, originId: string): string {
    return `${kind} ${originId.slice(kind.length + 1)}`;
  }
}

const id = fc.integer({ min: 1, max: 5 });
const kindOfNotice = fc.constantFrom<Kind>('vendor', 'commitment');
const originIdFor = (kind: Kind): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }).map((number) => `${kind}|1|${number}`) },
    { weight: 1, arbitrary: fc.constant('other-system-7') },
  );
const anyRecord = (kind: Kind): fc.Arbitrary<NoticedRecord> =>
  fc
    .tuple(id, fc.option(originIdFor(kind), { nil: null }))
    .map(([procoreId, originId]) => noticed(kind, procoreId, originId));
const tiedRecord = (kind: Kind): fc.Arbitrary<NoticedRecord> =>
  fc.tuple(id, originIdFor(kind)).map(([procoreId, originId]) => noticed(kind, procoreId, originId));
const loose = (kind: Kind): fc.Arbitrary<NoticedRecord> =>
  fc.oneof(
    anyRecord(kind),
    originIdFor(kind).map((originId) => noticed(kind, null, originId)),
  );
const noticesOf = (most: number): fc.Arbitrary<LinkNotice> =>
  kindOfNotice.chain((kind) =>
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .tuple(
            fc.constantFrom<How>('imported', 'linked'),
            fc.array(tiedRecord(kind), { minLength: 1, maxLength: most }),
          )
          .map(([how, records]) => noticeOf(how, records)),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(anyRecord(kind), fc.array(anyRecord(kind), { minLength: 1, maxLength: most }))
          .map(([master, records]) => noticeOf('merged', records, { master })),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(
            fc.constantFrom<How>('reset', 'unlinked', 'deleted'),
            fc.array(loose(kind), { minLength: 1, maxLength: most }),
          )
          .map(([how, records]) => noticeOf(how, records)),
      },
      { weight: 1, arbitrary: fc.constant(noticeOf('reset', [], { wholeProjectId: PROJECT })) },
    ),
  );

/** Only what the notice names is read, as in the store. */
function seenBy(intent: LinkNotice, links: readonly RecordLink[]): readonly RecordLink[] {
  const named = [...intent.records, ...(intent.master ? [intent.master] : [])];
  return links.filter(
    ({ kind, erpKey, procoreId, projectId }) =>
      (intent.wholeProjectId !== null && projectId === intent.wholeProjectId) ||
      named.some(
        (record) =>
          record.target === kind &&
          (record.originId === `${kind}|${erpKey}` || (procoreId !== null && record.procoreId === procoreId)),
      ),
  );
}

/** Two ERP records live in the project; the others belong to the company, or nobody knows. */
const BEGIN: readonly RecordLink[] = [A, B].map((key) =>
  linkOf('commitment', null, key, { state: 'staged', projectId: PROJECT }),
);
const projectOf = (name: string): number | null =>
  BEGIN.some(({ kind, erpKey }) => `${kind} ${erpKey}` === name) ? PROJECT : null;

test('any sequence of notices: one ERP record per record, one record per ERP record, as the model says', () => {
  fc.assert(
    fc.property(fc.array(noticesOf(4), { maxLength: 15 }), (intents) => {
      const model = new Model();
      let links = BEGIN;
      for (const intent of intents) {
        const seen = seenBy(intent, links);
        const left = after(seen, follow(intent, seen));
        const moved = new Set(left.map(({ kind, erpKey }) => `${kind} ${erpKey}`));
        links = [...links.filter(({ kind, erpKey }) => !moved.has(`${kind} ${erpKey}`)), ...left];
        model.apply(intent, projectOf);

        const ties = links.filter(({ state }) => state === 'linked');
        expect(new Set(ties.map(({ kind, procoreId }) => `${kind}/${procoreId}`)).size).toBe(ties.length);
        expect(new Set(links.map(({ kind, erpKey }) => `${kind} ${erpKey}`)).size).toBe(links.length);
        expect(ties.map(({ kind, erpKey, procoreId }) => `${kind} ${erpKey} ${procoreId}`).sort()).toEqual(
          [...model.ties].map(([name, procoreId]) => `${name} ${procoreId}`).sort(),
        );
      }
    }),
    { numRuns: 250 },
  );
});

test('a notice about single records that comes twice changes nothing the second time', () => {
  fc.assert(
    fc.property(fc.array(noticesOf(4), { maxLength: 8 }), noticesOf(1), (history, intent) => {
      let links = BEGIN;
      for (const one of [...history, intent]) links = after(links, follow(one, links));
      expect(follow(intent, links).operations).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
