/** Whatever an account of the machine does in the name of a person has an entry of its own in the log, and nothing else has. */
import fc from 'fast-check';
import { breakGlassIn } from '../../../../src/domain/audit/break-glass';
import type { AuditEntry } from '../../../../src/domain/audit/chain';
import { actorOf } from '../../../../src/domain/people/decision';

const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  ...{ at: '2026-11-27T09:00:00.000Z', actor: 'tieback', action: 'approval.granted', subject: 'erp/1' },
  ...{ requestId: 'erp/1', planHash: null, workflowId: null, detail: {} },
  ...more,
});

test('one for each account, person, request and plan; none for who decides themselves or in the name of who handed it on', () => {
  const anyEntry = fc
    .record({
      by: fc.constantFrom('maria', 'tom'),
      account: fc.constantFrom(null, 'uid 1000 (ops)', 'uid 0 (root)'),
      inNameOf: fc.constantFrom(undefined, 'nora'),
      requestId: fc.constantFrom(null, 'erp/1', 'erp/2'),
      planHash: fc.constantFrom(null, 'a'.repeat(64)),
      action: fc.constantFrom('approval.granted' as const, 'correction.entered' as const),
    })
    .map(({ by, account, inNameOf, requestId, ...more }) => ({
      account,
      made: entry({
        ...more,
        requestId,
        subject: requestId ?? 'vendor/7',
        actor: actorOf({ by, account, ...(inNameOf === undefined ? {} : { inNameOf }) }),
      }),
    }));
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 12 }), (given) => {
      const told = breakGlassIn(given.map(({ made }) => made));
      const keyOf = ({ actor, subject, planHash }: AuditEntry): string =>
        JSON.stringify([actor, subject, planHash]);
      const broken = given.filter(({ account }) => account !== null);
      expect(told.map(keyOf).sort()).toEqual([...new Set(broken.map(({ made }) => keyOf(made)))].sort());
      for (const one of told) {
        const same = broken.filter(({ made }) => keyOf(made) === keyOf(one));
        expect(one.action).toBe('breakglass.used');
        expect(one.detail).toMatchObject({ account: same[0]?.account });
        expect(one.detail['did']).toEqual([...new Set(same.map(({ made }) => made.action))]);
      }
    }),
  );
});
