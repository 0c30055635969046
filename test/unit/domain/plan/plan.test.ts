import * as fc from 'fast-check';
import type { Plan, PlanBody, PlannedOperation } from '../../../../src/domain/plan/plan';
import { planHash, sealPlan } from '../../../../src/domain/plan/plan';
import type { PolicyRule } from '../../../../src/domain/request/policy';
import { decide } from '../../../../src/domain/request/policy';
import { vendorOf } from '../vendors';

const operation = (more: Partial<PlannedOperation> = {}): PlannedOperation => ({
  seq: 1,
  side: 'erp',
  action: 'create',
  entity: 'vendor',
  recordId: 'vendor/1',
  target: 'Vendor 10442 Cobalt',
  erpKey: null,
  procoreId: 1,
  generation: 1,
  targetRevision: 'r1',
  operationKey: 'acme:vendor/1:1:r1',
  changes: [{ field: 'name', label: 'Name', old: null, new: 'Cobalt' }],
  record: vendorOf(),
  link: null,
  ...more,
});

const body = (more: Partial<PlanBody> = {}): PlanBody => ({
  subject: 'Cobalt',
  operations: [operation()],
  warnings: ['Possible duplicate'],
  notes: ['Web site is not carried'],
  facts: { prequalified: true },
  leftOut: [],
  unchanged: 0,
  ...more,
});

const base = planHash(body());
const changed = (more: Partial<PlannedOperation>): string =>
  planHash(body({ operations: [operation(more)] }));

test.each<[string, string]>([
  ['the side', changed({ side: 'procore' })],
  ['the action', changed({ action: 'update' })],
  ['the record', changed({ recordId: 'vendor/2' })],
  ['the ERP record', changed({ erpKey: '1|10442' })],
  ['the company', changed({ procoreId: 2 })],
  ['a new value', changed({ changes: [{ field: 'name', label: 'Name', old: null, new: 'Cobalt 2' }] })],
  ['an old value', changed({ changes: [{ field: 'name', label: 'Name', old: 'C', new: 'Cobalt' }] })],
  ['a field', changed({ changes: [{ field: 'city', label: 'Name', old: null, new: 'Cobalt' }] })],
  ['true instead of "true"', changed({ changes: [{ field: 'name', label: 'Name', old: null, new: true }] })],
  ['one field less', changed({ changes: [] })],
  ['one operation more', planHash(body({ operations: [operation(), operation({ recordId: 'vendor/2' })] }))],
  ['no operation', planHash(body({ operations: [] }))],
  ['a warning', planHash(body({ warnings: ['Another warning'] }))],
  ['one warning less', planHash(body({ warnings: [] }))],
])('%s moves the hash', (_what, hash) => {
  expect(hash).not.toBe(base);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test.each<[string, string]>([
  ['the generation', changed({ generation: 7, operationKey: 'acme:vendor/1:7:r1' })],
  ['the revision', changed({ targetRevision: 'r2' })],
  ['the words for the target', changed({ target: 'something else' })],
  [
    'the label of a field',
    changed({ changes: [{ field: 'name', label: 'Firm', old: null, new: 'Cobalt' }] }),
  ],
  ['the place in the list', changed({ seq: 9 })],
  ['the rest of the record', changed({ record: vendorOf({ city: 'Tacoma' }) })],
  ['notes', planHash(body({ notes: [] }))],
  ['facts', planHash(body({ facts: {} }))],
  ['the subject', planHash(body({ subject: 'x' }))],
  ['what is unchanged', planHash(body({ unchanged: 5 }))],
  ['what is left out', planHash(body({ leftOut: [{ recordId: 'vendor/9', erpKey: null, reason: 'x' }] }))],
])('%s does not move the hash', (_what, hash) => {
  expect(hash).toBe(base);
});

test('values cannot be shifted between fields or warnings without moving the hash', () => {
  const short = fc.string({ maxLength: 5 });
  fc.assert(
    fc.property(fc.array(short, { maxLength: 3 }), fc.array(short, { maxLength: 3 }), (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(planHash(body({ warnings: a })) === planHash(body({ warnings: b }))).toBe(same);
    }),
  );
});

test('a sealed plan carries its hash', () => {
  expect(sealPlan(body())).toEqual({ ...body(), hash: base });
});

describe('policy', () => {
  const plan = (more: Partial<PlanBody> = {}): Plan => sealPlan(body({ warnings: [], ...more }));
  const rule = (when: PolicyRule['when'], more: Partial<PolicyRule> = {}): PolicyRule => ({
    name: 'rule',
    decision: 'approve',
    when,
    ...more,
  });
  const procoreOnly = [operation({ side: 'procore', action: 'stage' })];

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
      plan({ operations: procoreOnly, warnings: ['w'] }),
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
      'as many warnings as allowed',
      plan({ warnings: ['a', 'b'] }),
      [rule({ maxWarnings: 2 })],
      'approve',
      'rule',
    ],
    ['one warning too many', plan({ warnings: ['a'] }), [rule({ maxWarnings: 0 })], 'ask_finance', 'default'],
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
    ['a fact that is not there', plan(), [rule({ facts: { bonded: true } })], 'ask_finance', 'default'],
    [
      'a fact that is text where true is wanted',
      plan({ facts: { prequalified: 'true' } }),
      [rule({ facts: { prequalified: true } })],
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
    expect(decide(subject, 'create_vendor', rules)).toEqual({ decision, rule: by });
  });
});
