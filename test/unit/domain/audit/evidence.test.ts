import type { AuditAction, AuditEntry } from '../../../../src/domain/audit/chain';
import { decisionOn, sealedCorrections, tamperedPlan } from '../../../../src/domain/audit/evidence';
import type { PlanBody } from '../../../../src/domain/plan/plan';
import { sealPlan } from '../../../../src/domain/plan/plan';
import { planSeal, planText } from '../../../../src/domain/plan/stored';
import type { Correction, Decision } from '../../../../src/domain/request/flow';
import { signedBy, TEST_KEYS } from '../../../support/people';
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
const REF = { connectionId: 'acme', id: 'erp/1' };
let second = 0;
const signed = (
  update: 'approve' | 'reject' | 'withdraw',
  by: string,
  comment: string,
): AuditEntry['detail'] => {
  second += 1;
  const given = { planHash: HASH, by, comment, channel: 'cli', at: new Date(second * 1000).toISOString() };
  const { at, signatures, channel } = signedBy<Decision>(TEST_KEYS, REF, update, given);
  return { comment, channel, signedAt: at, signatures };
};
const approved = (actor: string): AuditEntry =>
  entry('approval.granted', { actor, detail: actor.startsWith('rule:') ? {} : signed('approve', actor, '') });
const rejected = (actor: string) =>
  entry('approval.rejected', { actor, detail: signed('reject', actor, 'no') });
const unsigned = (actor: string) => entry('approval.granted', { actor });
const taken = (actor: string) =>
  entry('approval.granted', { actor, detail: signed('approve', 'somebody else', '') });
const withdrawn = (actor: string): AuditEntry =>
  entry('approval.withdrawn', { actor, detail: signed('withdraw', actor, '') });
const found = entry('incident.found');
const marias = approved('maria');

test.each<[string, readonly AuditEntry[], string | null]>([
  ['nothing was decided', [], null],
  ['a rule approved', [approved('rule:all')], 'approved by rule:all'],
  ['a person outweighs a rule', [approved('maria'), approved('rule:all')], 'approved by maria'],
  ['the later person counts', [approved('maria'), approved('tom')], 'approved by tom'],
  ['a rejection outweighs an approval', [rejected('tom'), approved('maria')], 'rejected by tom'],
  ['an incident voids what was decided before', [approved('maria'), found], null],
  ['what is decided after it counts', [approved('maria'), found, approved('tom')], 'approved by tom'],
  ['a withdrawal voids what was approved before', [marias, withdrawn('maria')], null],
  ['what is approved after it counts', [marias, withdrawn('maria'), approved('tom')], 'approved by tom'],
  ['a copy of what was withdrawn', [marias, withdrawn('maria'), marias], null],
  [
    'a withdrawal that nobody signed',
    [marias, entry('approval.withdrawn', { actor: 'eve' })],
    'approved by maria',
  ],
  ['another plan is another decision', [entry('approval.granted', { planHash: 'b', actor: 'maria' })], null],
  ['nobody signed it', [unsigned('maria')], null],
  ["somebody else's signature", [taken('maria')], null],
  ['a copy of what an incident voided', [marias, found, marias], null],
  ['what maria signed, in the name of tom', [{ ...marias, actor: 'tom' }], null],
  ['tom as the person behind maria', [{ ...marias, detail: { ...marias.detail, person: 'tom' } }], null],
  ['what nobody signed outweighs nothing', [approved('maria'), unsigned('tom')], 'approved by maria'],
  [
    'a rejection with the signature of an approval',
    [entry('approval.rejected', { actor: 'maria', detail: signed('approve', 'maria', '') })],
    null,
  ],
])('%s', (_what, sealed, expected) => {
  const decision = decisionOn({ ...REF, planHash: HASH }, sealed, TEST_KEYS);
  expect(decision && `${decision.decision} by ${decision.by}`).toBe(expected);
});

test('a plan is the one that was built, or it is said what is wrong with it', () => {
  const { hash, ...stored } = sealPlan(body());
  const sealOf = (plan: PlanBody): string => planSeal(planText(plan));
  const tampered = (plan: PlanBody, sealed: readonly AuditEntry[]): string | null =>
    tamperedPlan({ hash, body: plan, seal: sealOf(plan) }, sealed);
  const built = [entry('plan.built', { planHash: hash, detail: { seal: sealOf(stored) } })];
  expect(tampered(stored, built)).toBeNull();
  expect(tampered(stored, [])).toMatch(/does not know that this plan was built/);
  expect(tampered({ ...stored, warnings: [] }, built)).toMatch(/does not have the hash/);
  const [first] = stored.operations;
  if (!first) throw new Error('an operation is needed');
  const moved = { ...stored, operations: [{ ...first, generation: 7 }] };
  expect(tampered(moved, built)).toMatch(/was changed after it was built/);
});

test('corrections add up', () => {
  const entered = (values: Correction['values'], more: object = {}) => {
    second += 1;
    const at = new Date(second * 1000).toISOString();
    const given = { values, by: 'maria', comment: '', channel: 'cli', at };
    const { signatures } = signedBy<Correction>(TEST_KEYS, REF, 'correct', given);
    const detail = { values, comment: '', channel: 'cli', signedAt: at, signatures, ...more };
    return entry('correction.entered', { actor: 'maria', detail });
  };
  const first = entered({ city: 'Tacoma', zip: '1' });
  const sealed = [
    first,
    entered({ zip: null }),
    first,
    entered({ city: 'Reno' }, { signatures: [] }),
    entered({ city: 'Reno' }, { values: { city: 'Elko' } }),
  ];
  expect(sealedCorrections(REF, sealed, TEST_KEYS)).toEqual({ city: 'Tacoma', zip: null });
});
