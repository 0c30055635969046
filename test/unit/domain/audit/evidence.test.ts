import type { AuditAction, AuditEntry } from '../../../../src/domain/audit/chain';
import { decisionOn, planSeal, sealedCorrections, tamperedPlan } from '../../../../src/domain/audit/evidence';
import { sealPlan } from '../../../../src/domain/plan/plan';
import { body } from '../plans';

const HASH = 'a'.repeat(64);
const entry = (action: AuditAction, more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: '2026-11-27T09:00:00.000Z',
  actor: 'tieback',
  action,
  subject: 'erp/1',
  requestId: 'erp/1',
  planHash: HASH,
  workflowId: null,
  detail: {},
  ...more,
});
const approved = (actor: string) => entry('approval.granted', { actor });
const rejected = (actor: string) => entry('approval.rejected', { actor, detail: { comment: 'no' } });
const found = entry('incident.found');

test.each<[string, readonly AuditEntry[], string | null]>([
  ['nothing was decided', [], null],
  ['a rule approved', [approved('rule:all')], 'approved by rule:all'],
  ['a person outweighs a rule', [approved('maria'), approved('rule:all')], 'approved by maria'],
  ['the later person counts', [approved('maria'), approved('tom')], 'approved by tom'],
  ['a rejection outweighs an approval', [rejected('tom'), approved('maria')], 'rejected by tom'],
  ['an incident voids what was decided before', [approved('maria'), found], null],
  ['what is decided after it counts', [approved('maria'), found, approved('tom')], 'approved by tom'],
  ['another plan is another decision', [entry('approval.granted', { planHash: 'b', actor: 'maria' })], null],
])('%s', (_what, sealed, expected) => {
  const decision = decisionOn(HASH, sealed);
  expect(decision && `${decision.decision} by ${decision.by}`).toBe(expected);
});

test('a plan is the one that was built, or it is said what is wrong with it', () => {
  const { hash, ...stored } = sealPlan(body());
  const built = [entry('plan.built', { planHash: hash, detail: { seal: planSeal(stored) } })];
  expect(tamperedPlan({ hash, body: stored }, built)).toBeNull();
  expect(tamperedPlan({ hash, body: stored }, [])).toMatch(/does not know that this plan was built/);
  expect(tamperedPlan({ hash, body: { ...stored, warnings: [] } }, built)).toMatch(/does not have the hash/);
  const [first] = stored.operations;
  if (!first) throw new Error('an operation is needed');
  const moved = { ...stored, operations: [{ ...first, generation: 7 }] };
  expect(tamperedPlan({ hash, body: moved }, built)).toMatch(/was changed after it was built/);
});

test('corrections add up', () => {
  const entered = (values: object) => entry('correction.entered', { detail: { values } });
  expect(sealedCorrections([entered({ city: 'Tacoma', zip: '1' }), entered({ zip: null })])).toEqual({
    city: 'Tacoma',
    zip: null,
  });
});
