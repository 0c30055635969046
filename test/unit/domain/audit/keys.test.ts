import { randomBytes } from 'node:crypto';
import type { AuditEntry, StoredLink } from '../../../../src/domain/audit/chain';
import { ChainVerifier, GENESIS_HASH, nextLink } from '../../../../src/domain/audit/chain';
import type { AuditKey } from '../../../../src/domain/audit/keys';
import { AuditKeys } from '../../../../src/domain/audit/keys';

const key = (id: string): AuditKey => ({ id, key: randomBytes(32).toString('base64') });
const [first, second] = [key('2026-11'), key('2027-01')];

const entry = (n: number): AuditEntry => ({
  at: '2026-03-09T15:22:41.108Z',
  actor: 'tieback',
  action: 'intake.received',
  subject: `erp/${n}`,
  requestId: null,
  planHash: null,
  workflowId: null,
  detail: {},
});

/** A chain with one link for each of these key rings; none: not keyed. */
function chainOf(rings: readonly (readonly AuditKey[])[], from = 0): StoredLink[] {
  let head = { seq: 0, hash: GENESIS_HASH };
  return rings.map((ring, n) => {
    const entries = [entry(from + n)];
    const link = nextLink('acme', head, entries, new AuditKeys(ring));
    head = link;
    return { ...link, entries: entries.map((one, idx) => ({ idx, entry: one })) };
  });
}

function verify(chain: readonly StoredLink[], keys: readonly AuditKey[]) {
  const verifier = new ChainVerifier('acme', new AuditKeys(keys));
  const told = chain.flatMap((link) => verifier.check(link)).map(({ seq, what }) => `${seq}: ${what}`);
  return { told, first: verifier.firstKeyed, unchecked: verifier.unchecked };
}

test('a chain that was keyed some day, and whose key was changed, is whole', () => {
  const chain = chainOf([[], [], [first], [second, first]]);
  expect(chain.map(({ keyId }) => keyId)).toEqual([null, null, '2026-11', '2027-01']);
  expect(verify(chain, [second, first])).toEqual({ told: [], first: 3, unchecked: 0 });
});

test('a chain that was built anew without the key is found, though its hashes are right', () => {
  const forged = chainOf([[key('2026-11')], [key('2026-11')]], 70);
  expect(verify(forged, [first]).told).toEqual([
    expect.stringMatching(/^1: its HMAC is not that of key "2026-11"/),
    expect.stringMatching(/^2: its HMAC is not that of key "2026-11"/),
  ]);
  expect(verify(chainOf([[key('mine')]]), [first]).told).toEqual([
    '1: it names key "mine", which is not among audit.keys',
  ]);
});

test('after the first link with an HMAC, one without is found', () => {
  const chain = chainOf([[], [first], [], [first]]);
  expect(verify(chain, [first]).told).toEqual(['3: it has no HMAC, though link 2 before it has one']);
  const half = chain.map((link) => ({ ...link, keyId: null }));
  expect(verify(half, [first]).told).toContain('2: key id or HMAC was taken away');
});

test('without a key at hand the hashes are checked, and what was not checked is counted', () => {
  expect(verify(chainOf([[], [first], [first]]), [])).toEqual({ told: [], first: 2, unchecked: 2 });
});
