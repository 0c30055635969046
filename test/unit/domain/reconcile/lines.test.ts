import * as fc from 'fast-check';
import type { CanonicalRecord, RecordLine } from '../../../../src/domain/kinds/record';
import { linesOf } from '../../../../src/domain/kinds/record';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import type { SyncRow } from '../../../../src/domain/plan/operation';
import type { PlannedLines } from '../../../../src/domain/plan/reconcile-lines';
import { linesAreSettled, planLines } from '../../../../src/domain/plan/reconcile-lines';
import type { MergeRules } from '../../../../src/domain/reconcile/merge-record';
import type { Owner } from '../../../../src/domain/reconcile/ownership';
import { ownerOf, OWNERS } from '../../../../src/domain/reconcile/ownership';
import { turnOf } from '../../../../src/domain/reconcile/rotation';
import type { SideLine, SideRecord } from '../../../../src/domain/reconcile/side-record';
import { columnsFor, lineOf, linkOf, recordOf } from '../records';

const TYPES = [linkOf('line_item_type', 4, '1|L')];
const rules = (owner: Owner | null = null): MergeRules => ({
  ownership: owner === null ? {} : { project: { all: 'ask', fields: { cost_code: owner } } },
  columns: columnsFor('project'),
  procoreTakes: ['name'],
  skewMs: 0,
});

/** A code of the ERP: key, number, name. */
const code = (key: string, number: string, name: string, isActive = true): RecordLine =>
  lineOf('cost_code', number, { code: number, name, isActive }, { erpKey: `1|${key}` });
const assigned = (key: string, number: string, type = 'L'): RecordLine =>
  lineOf(
    'cost_type_assignment',
    `${number}/1|${type}`,
    { costCode: number, costType: `1|${type}` },
    { erpKey: `1|${key}/1|${type}` },
  );
const shown = (
  procoreId: number,
  number: string,
  name: string,
  key: string | null,
  isLive = true,
): SideLine => ({
  kind: 'cost_code',
  number,
  procoreId,
  originId: key === null ? null : `cost_code|1|${key}`,
  fields: { code: number, name, isActive: isLive },
});

/** Both sides of a job, and what is remembered of them. */
interface Job {
  readonly erp: readonly RecordLine[];
  readonly procore: readonly SideLine[];
  readonly link: RecordLink;
}

const seenOf = ({ procore }: Job): SideRecord => ({
  kind: 'project',
  side: 'procore',
  key: '9',
  originId: 'project|1|7',
  record: recordOf({ code: '2417' }),
  state: 'active',
  changedAt: null,
  lines: { lines: procore },
});

const NEVER: RecordLink = linkOf('project', 9, '1|7', { projectId: 9, procore: null, erp: null });

const plan = (job: Job, owner: Owner | null = null, costTypes = TYPES): PlannedLines =>
  planLines({
    kind: 'project',
    link: job.link,
    record: recordOf({ code: '2417' }, job.erp),
    seen: seenOf(job),
    projectId: 9,
    costTypes,
    decisions: new Map(),
    rules: rules(owner),
  });

const rowsOf = ({ calls }: PlannedLines, resource: string): readonly SyncRow[] =>
  calls.flatMap((call) => (call.resource === resource ? call.rows : []));

/** Both sides as the plan leaves them. Procore gives ids, the ERP gives keys. */
function applied(job: Job, planned: PlannedLines): Job {
  const procore = new Map(job.procore.map((line) => [line.procoreId, line]));
  const ids = new Map<string, number>();
  let next = Math.max(900, ...job.procore.map(({ procoreId }) => procoreId ?? 0));
  for (const { key, procoreId = (next += 1), originId = null, fields } of rowsOf(planned, 'cost_code')) {
    ids.set(key, procoreId);
    const number = String(fields['code']);
    const isLive = true;
    procore.set(procoreId, {
      ...shown(procoreId, number, String(fields['name']), null, isLive),
      originId,
    });
  }
  const erp = job.erp.map((line) => {
    const write = planned.toErp.lines.find(({ number }) => number === line.number);
    return write === undefined || line.kind !== 'cost_code'
      ? line
      : { ...line, fields: { ...line.fields, ...write.fields } };
  });
  const born = planned.toErp.lines
    .filter(({ erpKey }) => erpKey === null)
    .map((line): RecordLine => ({ ...line, erpKey: `1|born${line.number}`, procoreId: null }));
  const { shadows } = planned;
  const withIds = (lines: readonly RecordLine[]): CanonicalRecord =>
    recordOf(
      {},
      lines.map((line) => ({
        ...line,
        procoreId: ids.get(`cost_code|${line.erpKey ?? ''}`) ?? line.procoreId,
      })),
    );
  const link: RecordLink = {
    ...job.link,
    procore: withIds(shadows?.procore ?? []),
    erp: withIds(shadows?.erp ?? []),
    linesRevision: shadows?.revision ?? null,
    procoreLinesRevision: shadows?.procoreRevision ?? null,
  };
  return { erp: [...erp, ...born], procore: [...procore.values()], link };
}

/** Both sides agree about these. */
const agreed = (...codes: readonly (readonly [key: string, number: string, name: string])[]): Job => {
  const erp = codes.map(([key, number, name]) => code(key, number, name));
  const fresh: Job = { erp, procore: [], link: NEVER };
  return applied(fresh, plan(fresh));
};
const names = ({ procore }: Job): string[] =>
  procore.map(
    ({ number, fields, originId }) => `${number} ${String(fields['name'])}${originId === null ? '' : ' *'}`,
  );
const settledOf = ({ link, erp, ...job }: Job): boolean =>
  linesAreSettled(link, recordOf({}, erp), seenOf({ link, erp, ...job }));

describe('codes of the ERP', () => {
  test.each([
    ['a new one', code('c', '26-050', 'Wiring'), ['23-050 Ducts *', '26-050 Wiring *']],
    ['an inactive one is not brought', code('c', '26-050', 'Wiring', false), ['23-050 Ducts *']],
    ['another name', code('a', '23-050', 'Sheet metal'), ['23-050 Sheet metal *']],
    ['another number is a rename', code('a', '23-060', 'Ducts'), ['23-060 Ducts *']],
    ['one that is made inactive stays there', code('a', '23-050', 'Ducts', false), ['23-050 Ducts *']],
  ])('%s', (_, line, expected) => {
    const before = agreed(['a', '23-050', 'Ducts']);
    const erp = [...before.erp.filter(({ erpKey }) => erpKey !== line.erpKey), line];
    const job = { ...before, erp };
    const after = applied(job, plan(job));
    expect(names(after)).toEqual(expected);
    expect(plan(after)).toMatchObject({ calls: [], toErp: { lines: [] }, problems: [] });
  });

  test('300 with another mask are 300 renames and nothing else', () => {
    const all = Array.from(
      { length: 300 },
      (_, index) => [`k${index}`, `${index}-050`, `Name ${index}`] as const,
    );
    const before = agreed(...all);
    const erp = all.map(([key, number, name]) => code(key, `0${number}`, name));
    const planned = plan({ ...before, erp });
    expect(rowsOf(planned, 'cost_code')).toHaveLength(300);
    expect(rowsOf(planned, 'cost_code').every(({ procoreId }) => procoreId !== undefined)).toBe(true);
    expect(planned).toMatchObject({ problems: [], toErp: { lines: [] } });
    expect(applied({ ...before, erp }, planned).procore).toHaveLength(300);
  });

  test('one that is active again has the name that it has now', () => {
    const before = agreed(['a', '23-050', 'Ducts']);
    const off = { ...before, erp: [code('a', '23-050', 'Sheet metal', false)] };
    const resting = applied(off, plan(off));
    expect(names(resting)).toEqual(['23-050 Ducts *']);
    const on = { ...resting, erp: [code('a', '23-050', 'Sheet metal')] };
    expect(names(applied(on, plan(on)))).toEqual(['23-050 Sheet metal *']);
  });

  test('one that somebody took from Procore is not put there again, and a person hears of it once', () => {
    const before = agreed(['a', '23-050', 'Ducts'], ['b', '26-050', 'Wiring']);
    const job = { ...before, procore: before.procore.slice(1) };
    const planned = plan(job);
    expect(planned).toMatchObject({
      calls: [],
      problems: [expect.stringMatching(/^Cost code 23-050 of the ERP is not in Procore any more/)],
    });
    expect(settledOf(job)).toBe(false);
    expect(settledOf(applied(job, planned))).toBe(true);
  });
});

describe('codes of Procore', () => {
  test.each<[string, SideLine, readonly string[], readonly RegExp[]]>([
    [
      'the same number is the same code, whatever its blanks and capitals',
      shown(1, ' a-50 ', 'Ducts', null),
      ['A-50 Ducts *'],
      [],
    ],
    [
      'one that another integration tied is not taken',
      { ...shown(1, 'A-50', 'Ducts', null), originId: 'other:1' },
      ['A-50 Ducts *'],
      [/tied to other:1/],
    ],
    [
      'one that only Procore has is held',
      shown(1, '31', 'Trench', null),
      ['31 Trench', 'A-50 Ducts *'],
      [/31 is in Procore alone/],
    ],
    [
      'one whose code is gone in the ERP is told',
      shown(1, '31', 'Trench', 'x'),
      ['31 Trench *', 'A-50 Ducts *'],
      [/31 is in Procore and not in the ERP any more/],
    ],
  ])('%s', (_, line, expected, problems) => {
    const job: Job = { erp: [code('a', 'A-50', 'Ducts')], procore: [line], link: NEVER };
    const planned = plan(job);
    expect(names(applied(job, planned))).toEqual(expected);
    expect(planned.problems).toEqual(problems.map((words) => expect.stringMatching(words) as string));
  });

  test('two that may be the same one are a question', () => {
    const procore = [shown(1, 'a-50', 'Ducts', null), shown(2, 'A -50', 'Ducts', null)];
    expect(plan({ erp: [code('a', 'A-50', 'Ducts')], procore, link: NEVER })).toMatchObject({
      calls: [],
      problems: [expect.stringMatching(/may be one of several/), expect.anything()],
    });
  });

  test('a heading of others is no code that somebody has to enter', () => {
    const procore = [shown(1, 'A', 'Heading', null), shown(2, 'A-50', 'Ducts', null)];
    expect(plan({ erp: [code('a', 'A-50', 'Ducts')], procore, link: NEVER }).problems).toEqual([]);
  });

  test.each<[Owner | null, string, string]>([
    [null, '23-050 Ducts *', 'Ducts'],
    ['erp', '23-050 Ducts *', 'Ducts'],
    ['ask', '23-050 Sheet metal *', 'Sheet metal'],
    ['procore', '23-050 Sheet metal *', 'Sheet metal'],
    ['never', '23-050 Sheet metal *', 'Ducts'],
  ])('renamed in Procore, codes owned by %s', (owner, there, here) => {
    const before = agreed(['a', '23-050', 'Ducts']);
    const procore = before.procore.map((line) => ({
      ...line,
      fields: { ...line.fields, name: 'Sheet metal' },
    }));
    const job = { ...before, procore };
    const planned = plan(job, owner);
    // What gives way is told, and what stays different.
    expect(planned.notes).toHaveLength(owner === null || owner === 'erp' || owner === 'never' ? 1 : 0);
    const after = applied(job, planned);
    expect([names(after)[0], after.erp[0]?.fields['name']]).toEqual([there, here]);
  });

  test.each(['ask', 'procore'] as const)(
    'a new one is born in the ERP and tied, codes owned by %s',
    (owner) => {
      const job: Job = { erp: [], procore: [shown(1, '31', 'Trench', null)], link: NEVER };
      const born = applied(job, plan(job, owner));
      expect(born.erp).toMatchObject([{ number: '31', fields: { name: 'Trench', isActive: true } }]);
      expect(names(applied(born, plan(born, owner)))).toEqual(['31 Trench *']);
    },
  );

  test('both gave it another name, and a person decides', () => {
    const before = agreed(['a', '23-050', 'Ducts']);
    const procore = before.procore.map((line) => ({ ...line, fields: { ...line.fields, name: 'Tubes' } }));
    const planned = plan({ ...before, procore, erp: [code('a', '23-050', 'Pipes')] }, 'ask');
    expect(planned).toMatchObject({
      calls: [],
      toErp: { lines: [] },
      conflicts: [
        {
          field: 'cost_code[23-050].name',
          pair: { procore: 'Tubes', erp: 'Pipes' },
          agreed: { procore: 'Ducts', erp: 'Ducts' },
        },
      ],
    });
  });

  test('another number cannot be kept in the ERP', () => {
    const before = agreed(['a', '23-050', 'Ducts']);
    const procore = before.procore.map((line) => ({
      ...line,
      number: '24',
      fields: { ...line.fields, code: '24' },
    }));
    expect(plan({ ...before, procore }, 'procore')).toMatchObject({
      calls: [],
      problems: [expect.stringMatching(/code "24" of Procore cannot be kept in the ERP/)],
    });
  });
});

describe('assignments', () => {
  const job: Job = {
    erp: [code('a', '23-050', 'Ducts'), assigned('a', '23-050'), assigned('a', '23-050', 'M')],
    procore: [],
    link: NEVER,
  };

  test('come with their codes; those whose cost type is missing wait and are found again', () => {
    const planned = plan(job);
    expect(rowsOf(planned, 'cost_type_assignment')).toMatchObject([
      { key: '23-050/1|L', costCode: { key: 'cost_code|1|a', procoreId: null }, lineItemTypeId: 4 },
    ]);
    expect(planned.waits).toEqual([expect.stringMatching(/Cost type 1\|M/)]);
    const after = applied(job, planned);
    expect(settledOf(after)).toBe(false);
    const later = plan(after, null, [...TYPES, linkOf('line_item_type', 5, '1|M')]);
    expect(rowsOf(later, 'cost_code')).toEqual([]);
    expect(rowsOf(later, 'cost_type_assignment')).toMatchObject([{ key: '23-050/1|M', lineItemTypeId: 5 }]);
    expect(settledOf(applied(after, later))).toBe(true);
  });

  test('are not told again because their code has another number', () => {
    const after = applied(job, plan(job));
    const erp = [code('a', '23-060', 'Ducts'), assigned('a', '23-060'), assigned('a', '23-060', 'M')];
    expect(rowsOf(plan({ ...after, erp }), 'cost_type_assignment')).toEqual([]);
  });
});

test('costs of the ledger stay in the shadow as the refresh left them', () => {
  const cost = lineOf('job_cost', '23-050/1|L', { jobToDateCosts: '1.00' }, { erpKey: '1|a/1|L' });
  const before = agreed(['a', '23-050', 'Ducts']);
  const shadow = recordOf({}, [...(before.link.erp?.lines ?? []), cost]);
  const job = { ...before, link: { ...before.link, erp: shadow, procore: shadow } };
  expect(plan(job).shadows?.erp).toContainEqual(cost);
  expect(settledOf({ ...job, erp: [...job.erp, { ...cost, fields: { jobToDateCosts: '2.00' } }] })).toBe(
    true,
  );
});

describe('laws', () => {
  const name = fc.constantFrom('Ducts', 'Wiring', 'Pipes');
  /** One code, as each side may have it; its number in Procore is sometimes written otherwise. */
  const one = fc.record({
    inErp: fc.boolean(),
    isActive: fc.boolean(),
    inProcore: fc.constantFrom('no', 'tied', 'loose', 'dead', 'foreign'),
    erpName: name,
    procoreName: name,
    isOtherNumber: fc.boolean(),
    isOtherForm: fc.boolean(),
    wasAgreed: fc.boolean(),
  });
  const jobs = fc.array(one, { maxLength: 8 }).map((all): Job => {
    const known = agreed(
      ...all.flatMap(({ wasAgreed, erpName }, index) =>
        wasAgreed ? [[`k${index}`, `C-${index}`, erpName] as const] : [],
      ),
    );
    const idOf = (key: string): number =>
      known.procore.find(({ originId }) => originId === `cost_code|1|${key}`)?.procoreId ?? 0;
    return {
      erp: all.flatMap(({ inErp, isActive, erpName, isOtherNumber }, index) =>
        inErp ? [code(`k${index}`, isOtherNumber ? `D-${index}` : `C-${index}`, erpName, isActive)] : [],
      ),
      procore: all.flatMap(({ inProcore, procoreName, isOtherForm }, index) => {
        if (inProcore === 'no') return [];
        const isTied = inProcore === 'tied' || inProcore === 'dead';
        const number = isOtherForm ? ` c-${index}` : `C-${index}`;
        const id = idOf(`k${index}`) || 500 + index;
        const line = shown(id, number, procoreName, isTied ? `k${index}` : null, inProcore !== 'dead');
        return [inProcore === 'foreign' ? { ...line, originId: 'other:1' } : line];
      }),
      link: known.link,
    };
  });
  const owners = fc.constantFrom<Owner | null>(null, ...OWNERS);
  /** What is born in the ERP is tied with the next look. */
  const twice = (job: Job, owner: Owner | null): Job => {
    const once = applied(job, plan(job, owner));
    return applied(once, plan(once, owner));
  };

  test('what was planned and done needs nothing more, and is settled', () => {
    fc.assert(
      fc.property(jobs, owners, (job, owner) => {
        const after = twice(job, owner);
        const again = plan(after, owner);
        expect([again.calls, again.toErp.lines]).toEqual([[], []]);
        expect(settledOf(applied(after, again))).toBe(true);
      }),
    );
  });

  test('the order of lines does not matter', () => {
    fc.assert(
      fc.property(jobs, owners, fc.infiniteStream(fc.nat()), (job, owner, random) => {
        const shuffled = <T>(all: readonly T[]): T[] =>
          all
            .map((each) => [random.next().value as number, each] as const)
            .sort(([a], [b]) => a - b)
            .map(([, each]) => each);
        const other = { ...job, erp: shuffled(job.erp), procore: shuffled(job.procore) };
        expect(plan(other, owner)).toEqual(plan(job, owner));
      }),
    );
  });

  test('no code is lost: what is active in the ERP is in Procore, or somebody must look; nothing goes from either side', () => {
    fc.assert(
      fc.property(jobs, owners, (job, owner) => {
        const planned = plan(job, owner);
        const after = applied(job, planned);
        const words = planned.problems.join(' ');
        for (const { erpKey, number } of linesOf(recordOf({}, job.erp), 'cost_code').filter(
          ({ fields }) => fields['isActive'] !== false,
        )) {
          const isThere = after.procore.some(
            ({ originId, fields }) => originId === `cost_code|${erpKey ?? ''}` && fields['isActive'] === true,
          );
          expect(isThere || words.includes(number)).toBe(true);
        }
        for (const { procoreId } of job.procore)
          expect(after.procore.some((line) => line.procoreId === procoreId)).toBe(true);
        expect(after.erp.length).toBeGreaterThanOrEqual(job.erp.length);
      }),
    );
  });
});

test('rules of a kind do not reach its codes unless they name them', () => {
  const field = { kind: 'project', line: 'cost_code', field: 'name' } as const;
  expect(ownerOf(field, { project: { all: 'procore' } })).toBe('erp');
  expect(ownerOf(field, { project: { all: 'erp', fields: { cost_code: 'ask' } } })).toBe('ask');
  expect(
    ownerOf(field, { project: { all: 'erp', fields: { cost_code: 'ask', 'cost_code.name': 'never' } } }),
  ).toBe('never');
});

describe('rotation', () => {
  test('of 300 projects and a look every five minutes, two at a time', () => {
    const ids = Array.from({ length: 300 }, (_, index) => index + 1);
    expect(turnOf(ids, null, 300)).toEqual({ now: [1, 2], last: 2 });
    expect(turnOf(ids, 299, 300)).toEqual({ now: [300, 1], last: 1 });
    expect(turnOf([], 7, 300)).toEqual({ now: [], last: null });
  });

  test('everybody has had a turn within a day', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1 }), { maxLength: 60 }),
        fc.option(fc.integer({ min: 1 })),
        fc.integer({ min: 600, max: 86_400 }),
        (ids, start, everySeconds) => {
          const met = new Set<number>();
          let last = start;
          for (let time = 0; time < 86_400; time += everySeconds) {
            const turn = turnOf(ids, last, everySeconds);
            for (const id of turn.now) met.add(id);
            last = turn.last;
          }
          expect(met.size).toBe(ids.length);
        },
      ),
    );
  });
});
