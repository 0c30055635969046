import * as fc from 'fast-check';
import { magnitude, sum } from '../../../../src/domain/base/money';
import type { WarningCode } from '../../../../src/domain/base/warning';
import { isContradiction, WARNING_CODES, warning } from '../../../../src/domain/base/warning';
import type { Plan, PlanBody, PlanFacts } from '../../../../src/domain/plan/plan';
import { NO_FACTS, sealPlan } from '../../../../src/domain/plan/plan';
import { planExport } from '../../../../src/domain/plan/export';
import type { PolicyConditions, PolicyRule } from '../../../../src/domain/request/policy';
import { PAYROLL_EVENT } from '../../../../src/domain/request/own-request';
import { decide, explainRule } from '../../../../src/domain/request/policy';
import type { RecordDraft } from '../../../../src/domain/request/intent';
import { entry, payrollInput, planOfPayroll } from '../payroll/fixtures';
import { body, operation, staging } from '../plans';
import {
  budget,
  columnsFor,
  commitment,
  draftLine,
  exportOf,
  known,
  lineOf,
  linkOf,
  recordOf,
} from '../records';

const plan = (more: Partial<PlanBody> = {}): Plan => sealPlan(body({ warnings: [], ...more }));
const rule = (when: PolicyConditions, more: Partial<PolicyRule> = {}): PolicyRule => ({
  name: 'rule',
  decision: 'approve',
  when,
  ...more,
});
const procoreOnly = [staging()];
const warned = (...codes: readonly WarningCode[]) => codes.map((code) => warning(code, `a case of ${code}`));

test.each<[string, Plan, PolicyRule[], string, string]>([
  ['no rules: what writes to the ERP goes to finance', plan(), [], 'ask_finance', 'default'],
  [
    'no rules: what writes elsewhere is approved',
    plan({ operations: procoreOnly }),
    [],
    'approve',
    'nothing-written-to-erp',
  ],
  [
    'no rules: with a warning it goes to finance',
    plan({ operations: procoreOnly, warnings: warned('erp_keeps') }),
    [],
    'ask_finance',
    'default',
  ],
  ['a rule without conditions always holds', plan(), [rule({})], 'approve', 'rule'],
  ['the event matches', plan(), [rule({ events: ['create_vendor'] })], 'approve', 'rule'],
  ['the event does not match', plan(), [rule({ events: ['sync_vendors'] })], 'ask_finance', 'default'],
  ['no event matches an empty list', plan(), [rule({ events: [] })], 'ask_finance', 'default'],
  ['the action matches', plan(), [rule({ erpActions: ['create'] })], 'approve', 'rule'],
  [
    'one action does not match',
    plan({ operations: [operation(), operation({ action: 'update' })] }),
    [rule({ erpActions: ['create'] })],
    'ask_finance',
    'default',
  ],
  [
    'actions elsewhere do not count',
    plan({ operations: [operation(), ...procoreOnly] }),
    [rule({ erpActions: ['create'] })],
    'approve',
    'rule',
  ],
  [
    'warnings whose codes the rule names',
    plan({ warnings: warned('units_differ', 'possible_duplicate', 'units_differ') }),
    [rule({ warnings: ['possible_duplicate', 'units_differ'] })],
    'approve',
    'rule',
  ],
  [
    'a warning beside those that the rule names',
    plan({ warnings: warned('units_differ', 'possible_duplicate') }),
    [rule({ warnings: ['units_differ'] })],
    'ask_finance',
    'default',
  ],
  [
    'a rule that names no codes lets no warning through',
    plan({ warnings: warned('units_differ') }),
    [rule({ events: ['create_vendor'] })],
    'ask_finance',
    'default',
  ],
  [
    'a contradiction about money, named all the same',
    plan({ warnings: warned('currency_differs') }),
    [rule({ warnings: ['currency_differs'] })],
    'ask_finance',
    'default',
  ],
  [
    'asked about, because of one of its warnings',
    plan({ warnings: warned('units_differ', 'erp_keeps') }),
    [
      rule({ warnings: ['erp_keeps'] }, { name: 'look', decision: 'ask_finance' }),
      rule({ warnings: ['erp_keeps', 'units_differ'] }),
    ],
    'ask_finance',
    'look',
  ],
  [
    'not asked about for a warning that it does not carry',
    plan({ warnings: warned('units_differ') }),
    [
      rule({ warnings: ['erp_keeps'] }, { name: 'look', decision: 'ask_finance' }),
      rule({ warnings: ['erp_keeps', 'units_differ'] }),
    ],
    'approve',
    'rule',
  ],
  ['as many operations as allowed', plan(), [rule({ maxErpOperations: 1 })], 'approve', 'rule'],
  [
    'one operation too many',
    plan({ operations: [operation(), operation()] }),
    [rule({ maxErpOperations: 1 })],
    'ask_finance',
    'default',
  ],
  ['a fact as wanted', plan(), [rule({ facts: { prequalified: true } })], 'approve', 'rule'],
  ['a fact that differs', plan(), [rule({ facts: { prequalified: false } })], 'ask_finance', 'default'],
  [
    'a fact that is not there',
    plan(),
    [rule({ facts: { authorizedBidder: true } })],
    'ask_finance',
    'default',
  ],
  [
    'all conditions must hold',
    plan(),
    [rule({ events: ['create_vendor'], facts: { prequalified: false } })],
    'ask_finance',
    'default',
  ],
  [
    'the first rule that matches decides',
    plan(),
    [rule({ events: ['x'] }), rule({}, { name: 'ask', decision: 'ask_finance' }), rule({})],
    'ask_finance',
    'ask',
  ],
  [
    'a rule may ask finance about what would be approved',
    plan({ operations: procoreOnly }),
    [rule({}, { decision: 'ask_finance' })],
    'ask_finance',
    'rule',
  ],
])('%s', (_name, subject, rules, decision, by) => {
  expect(decide(subject, 'create_vendor', rules)).toMatchObject({ decision, rule: by });
});

/** Whether a rule with these conditions holds for a plan with these facts. */
const holds = (when: PolicyConditions, facts: Partial<PlanFacts>, more: Partial<PlanBody> = {}): boolean =>
  decide(plan({ ...more, facts: { ...NO_FACTS, ...facts } }), 'create_vendor', [rule(when)]).decision ===
  'approve';

describe('amounts', () => {
  test.each<[string | null, PolicyConditions, boolean]>([
    ['24999.99', { amountBelow: '25000.00' }, true],
    ['25000', { amountBelow: '25000.00' }, false],
    ['25000.00', { amountBelow: '25000' }, false],
    ['25000.01', { amountBelow: '25000.00' }, false],
    ['25000', { amountAtMost: '25000.00' }, true],
    ['25000.01', { amountAtMost: '25000.00' }, false],
    ['0', { amountAtMost: '0' }, true],
    ['9007199254740993', { amountAtMost: '9007199254740992' }, false],
    ['100', { amountBelow: '25000.00', amountAtMost: '99' }, false],
    [null, { amountBelow: '25000.00' }, false],
    [null, { amountAtMost: '25000.00' }, false],
    [null, {}, true],
  ])('%s where %j: %s', (amount, when, expected) => {
    expect(holds(when, { amount })).toBe(expected);
  });

  test('under is at most, and not the same', () => {
    const money = fc.integer({ min: 0, max: 10_000 }).map((cents) => (cents / 100).toFixed(2));
    fc.assert(
      fc.property(money, money, (amount, limit) => {
        const under = holds({ amountBelow: limit }, { amount });
        const atMost = holds({ amountAtMost: limit }, { amount });
        expect(under).toBe(atMost && Number(amount) !== Number(limit));
        expect(atMost).toBe(Number(amount) <= Number(limit));
      }),
    );
  });

  const factsOf = (drafts: readonly RecordDraft[]): PlanFacts => {
    const result = planExport({
      connectionId: 'acme',
      intent: exportOf(...drafts),
      corrections: {},
      columns: columnsFor(drafts[0]?.kind ?? 'commitment'),
      sides: drafts.map(() => ({ own: null, same: [], similar: [], ledgerHead: null })),
      states: [],
      links: [],
    });
    if (result.kind !== 'plan') throw new Error(JSON.stringify(result));
    return result.plan.facts;
  };
  const invoice = (procoreId: number, amount: string, more: Partial<RecordDraft> = {}): RecordDraft => ({
    ...commitment(),
    kind: 'requisition',
    itemType: 'requisition',
    procoreId,
    label: `Invoice ${procoreId}`,
    fields: { code: `I-${procoreId}`, date: '2026-03-31', amount },
    refs: {
      job: commitment().refs['job'] ?? null,
      commitment: { target: 'commitment', procoreId: 71, originId: 'commitment|1|77', label: 'commitment' },
    },
    lines: [draftLine('invoice_line', '1', { amount })],
    ...more,
  });

  test('a credit counts by its magnitude: it slips under no limit', () => {
    const facts = factsOf([invoice(1, '-30000.00')]);
    expect(facts.amount).toBe('30000');
    expect(holds({ amountBelow: '25000.00' }, facts)).toBe(false);
  });

  test('a credit does not make room for an invoice of the same request', () => {
    expect(factsOf([invoice(1, '20000.00'), invoice(2, '-20000.00')]).amount).toBe('40000');
  });

  test('any batch: the sum of the magnitudes of its documents', () => {
    const amounts = fc.array(
      fc.integer({ min: -10_000, max: 10_000 }).map((cents) => (cents / 100).toFixed(2)),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(amounts, (all) => {
        const facts = factsOf(all.map((amount, index) => invoice(index + 1, amount)));
        expect(facts.amount).toBe(sum(all.map(magnitude)));
      }),
      { numRuns: 30 },
    );
  });

  test('a budget has no amount of its own: its movements count, each by its magnitude', () => {
    expect(
      factsOf([
        budget([
          [1, '100.00'],
          [2, '-100.00'],
        ]),
      ]).amount,
    ).toBe('200');
  });

  test('of a budget that is exported again, only what is written counts', () => {
    const written = [lineOf('budget_line', '1', { amount: '90000.00' }, { erpKey: '1|b1', procoreId: 1 })];
    const result = planExport({
      connectionId: 'acme',
      intent: exportOf(
        budget([
          [1, '90000.00'],
          [2, '10.00'],
        ]),
      ),
      corrections: {},
      columns: columnsFor('budget'),
      sides: [{ own: known('1|5', recordOf({}, written)), same: [], similar: [], ledgerHead: null }],
      states: [],
      links: [linkOf('budget', 31, '1|5', { erp: recordOf({}, written) })],
    });
    expect(result).toMatchObject({ kind: 'plan', plan: { facts: { amount: '10' } } });
  });

  test('dates of a batch: each accounting date once, in order', () => {
    const on = (id: number, date: string, accountingDate: string | null) =>
      invoice(id, '1.00', { fields: { code: `I-${id}`, date, accountingDate, amount: '1.00' } });
    const drafts = [on(1, '2026-04-02', null), on(2, '2026-03-31', '2026-03-01'), on(3, '2026-04-02', null)];
    expect(factsOf(drafts).dates).toEqual(['2026-03-01', '2026-04-02']);
  });
});

test.each<[string, PolicyConditions, Partial<PlanFacts>, boolean]>([
  ['the kind', { kinds: ['vendor'] }, { kinds: ['vendor'] }, true],
  ['one of the kinds', { kinds: ['vendor', 'project'] }, { kinds: ['project'] }, true],
  ['every kind must be among them', { kinds: ['vendor'] }, { kinds: ['vendor', 'project'] }, false],
  ['another kind', { kinds: ['vendor'] }, { kinds: ['project'] }, false],
  ['no kind at all', { kinds: ['vendor'] }, { kinds: [] }, false],
  ['an empty list of kinds', { kinds: [] }, { kinds: ['vendor'] }, false],
  ['the project', { projects: [9] }, { projects: [9] }, true],
  ['both projects', { projects: [9, 10] }, { projects: [10, 9] }, true],
  ['another project as well', { projects: [9] }, { projects: [9, 10] }, false],
  ['the company alone is in no project', { projects: [9] }, { projects: [] }, false],
  ['on the first day', { dateFrom: '2026-03-01' }, { dates: ['2026-03-01'] }, true],
  ['the day before', { dateFrom: '2026-03-01' }, { dates: ['2026-02-28'] }, false],
  ['on the last day', { dateTo: '2026-03-31' }, { dates: ['2026-03-31'] }, true],
  ['the day after', { dateTo: '2026-03-31' }, { dates: ['2026-04-01'] }, false],
  ['one of two too late', { dateTo: '2026-03-31' }, { dates: ['2026-03-31', '2026-04-01'] }, false],
  ['one of two too early', { dateFrom: '2026-03-01' }, { dates: ['2026-02-28', '2026-03-01'] }, false],
  [
    'within the month',
    { dateFrom: '2026-03-01', dateTo: '2026-03-31' },
    { dates: ['2026-03-01', '2026-03-15', '2026-03-31'] },
    true,
  ],
  ['no date', { dateFrom: '2026-03-01' }, { dates: [] }, false],
  ['no date', { dateTo: '2026-03-31' }, { dates: [] }, false],
])('facts: %s', (_name, when, facts, expected) => {
  expect(holds(when, facts)).toBe(expected);
});

test('payroll is let through by a rule that names its event, and by no other', () => {
  const paid = planOfPayroll(payrollInput([entry(1)]));
  const of = (when: PolicyConditions): string => decide(paid, PAYROLL_EVENT, [rule(when)]).decision;
  expect([of({}), of({ maxErpOperations: 5 }), of({ erpActions: ['write_batch'] })]).toEqual([
    'ask_finance',
    'ask_finance',
    'ask_finance',
  ]);
  expect([of({ events: ['create_vendor'] }), of({ events: [PAYROLL_EVENT] })]).toEqual([
    'ask_finance',
    'approve',
  ]);
  const asked = rule({}, { decision: 'ask_finance', name: 'everything' });
  expect(decide(paid, PAYROLL_EVENT, [asked]).rule).toBe('everything');
});

test('no rule lets a contradiction through, whatever codes it names', () => {
  for (const code of WARNING_CODES) {
    const warnings = warned(code);
    expect([code, holds({ warnings: WARNING_CODES }, {}, { warnings })]).toEqual([
      code,
      !isContradiction(code),
    ]);
  }
});

test('more conditions never approve more', () => {
  const conditions: fc.Arbitrary<PolicyConditions> = fc.record(
    {
      kinds: fc.subarray(['vendor', 'commitment'] as const),
      projects: fc.subarray([9, 10]),
      amountBelow: fc.constantFrom('1', '100'),
      amountAtMost: fc.constantFrom('1', '100'),
      dateFrom: fc.constantFrom('2026-03-01', '2026-03-31'),
      dateTo: fc.constantFrom('2026-03-01', '2026-03-31'),
      maxErpOperations: fc.nat(2),
      facts: fc.constantFrom({ prequalified: true }, { prequalified: false }),
    },
    { requiredKeys: [] },
  );
  const facts: fc.Arbitrary<PlanFacts> = fc.record({
    kinds: fc.subarray(['vendor', 'commitment'] as const),
    projects: fc.subarray([9, 10]),
    amount: fc.constantFrom(null, '1', '50', '100'),
    dates: fc.subarray(['2026-03-01', '2026-03-31', '2026-04-01']),
    flags: fc.constantFrom({}, { prequalified: true }),
  });
  fc.assert(
    fc.property(
      conditions,
      conditions,
      facts,
      fc.subarray(['erp_keeps', 'units_differ', 'total_differs'] as const),
      fc.subarray(['erp_keeps', 'units_differ'] as const),
      (a, b, given, carried, named) => {
        const warnings = warned(...carried);
        const both = { ...a, ...b };
        if (holds(both, given, { warnings })) expect(holds(b, given, { warnings })).toBe(true);
        expect(holds({}, given, { warnings })).toBe(carried.length === 0);
        if (holds(b, given, { warnings }))
          expect(holds({ ...b, warnings: named }, given, { warnings })).toBe(true);
      },
    ),
  );
});

describe('in words', () => {
  test.each<[PolicyConditions, string]>([
    [{ events: ['create_vendor', 'create_sub_job'] }, 'plans for create_vendor or create_sub_job'],
    [{ kinds: ['vendor', 'requisition'] }, 'plans about vendors or subcontractor invoices'],
    [{ projects: [9] }, 'plans in project 9'],
    [{ projects: [9, 10] }, 'plans in one of the projects 9, 10'],
    [{ erpActions: ['create', 'update'] }, 'plans that only create or update in the ERP'],
    [{ amountBelow: '25000.00' }, 'plans under 25,000.00'],
    [{ amountAtMost: '1000000' }, 'plans of at most 1,000,000'],
    [
      { dateFrom: '2026-03-01', dateTo: '2026-03-31' },
      'plans dated 2026-03-01 or later, dated 2026-03-31 or earlier',
    ],
    [{ maxErpOperations: 1 }, 'plans with at most 1 ERP operation'],
    [{ maxErpOperations: 3 }, 'plans with at most 3 ERP operations'],
    [
      { facts: { prequalified: true, corrected: false } },
      'plans where prequalified is true, where corrected is false',
    ],
    [{ kinds: ['vendor'], amountBelow: '25000' }, 'plans about vendors, under 25,000'],
  ])('%j is "%s"', (when, words) => {
    expect(explainRule(rule(when, { decision: 'ask_finance' }))).toBe(`asks finance about ${words}`);
  });

  test.each<[PolicyConditions, PolicyRule['decision'], string]>([
    [{}, 'ask_finance', 'asks finance about every plan'],
    [{}, 'approve', 'approves plans without warnings'],
    [{ warnings: ['erp_keeps'] }, 'approve', 'approves plans without warnings other than erp_keeps'],
    [
      { warnings: ['erp_keeps', 'left_out'] },
      'ask_finance',
      'asks finance about plans with a warning of erp_keeps or left_out',
    ],
  ])('%j that would %s', (when, decision, words) => {
    expect(explainRule(rule(when, { decision }))).toBe(words);
  });

  test('a decision says which rule made it, and why', () => {
    const small = rule({ kinds: ['vendor'] }, { name: 'small-vendors' });
    expect(decide(plan(), 'create_vendor', [small])).toEqual({
      decision: 'approve',
      rule: 'small-vendors',
      because: 'Policy rule "small-vendors" approves plans about vendors, without warnings.',
    });
    const careful = rule({}, { name: 'careful', decision: 'ask_finance' });
    expect(decide(plan(), 'create_vendor', [careful])).toEqual({
      decision: 'ask_finance',
      rule: 'careful',
      because: 'Policy rule "careful" asks finance about every plan.',
    });
    expect(decide(plan({ operations: procoreOnly }), 'sync_vendors', []).because).toBe(
      'Nothing is written to the ERP, and there is no warning.',
    );
    expect(decide(plan(), 'create_vendor', [])).toEqual({
      decision: 'ask_finance',
      rule: 'default',
      because: 'No policy rule approves this plan.',
    });
  });
});
