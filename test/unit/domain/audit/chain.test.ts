import * as fc from 'fast-check';
import type { AuditEntry, AuditLink, ChainFinding, StoredLink } from '../../../../src/domain/audit/chain';
import {
  AUDIT_ACTIONS,
  ChainVerifier,
  digestOf,
  GENESIS_HASH,
  linkHash,
  nextLink,
} from '../../../../src/domain/audit/chain';

const CONNECTION = 'acme';

const anyEntry: fc.Arbitrary<AuditEntry> = fc.record({
  at: fc.constant('2026-03-09T15:22:41.108Z'),
  actor: fc.constantFrom('tieback', 'maria@acme.example'),
  action: fc.constantFrom(...AUDIT_ACTIONS),
  // No two alike: an exchange of equal entries changes nothing.
  subject: fc.uuid(),
  requestId: fc.option(
    fc.integer({ min: 1 }).map((number) => `erp/${number}`),
    { nil: null },
  ),
  planHash: fc.option(fc.constant('f'.repeat(64)), { nil: null }),
  workflowId: fc.option(fc.string(), { nil: null }),
  detail: fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }),
});

/** A chain as stored: one to three entries per link. */
const anyChain: fc.Arbitrary<StoredLink[]> = fc
  .array(fc.array(anyEntry, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
  .map((transactions) => {
    let head = { seq: 0, hash: GENESIS_HASH };
    return transactions.map((entries) => {
      const link: AuditLink = nextLink(CONNECTION, head, entries);
      head = link;
      return { ...link, entries: entries.map((entry, idx) => ({ idx, entry })) };
    });
  });

const headOf = (chain: readonly StoredLink[]): { seq: number; hash: string } =>
  chain.at(-1) ?? { seq: 0, hash: GENESIS_HASH };

function verify(chain: readonly StoredLink[], head: { seq: number; hash: string }): ChainFinding[] {
  const verifier = new ChainVerifier(CONNECTION);
  return [...chain.flatMap((link) => verifier.check(link)), ...verifier.end(head)];
}

/** A chain, and a place in it. */
const anyPlace = fc.tuple(anyChain, fc.nat(), fc.nat());
const linkAt = (chain: readonly StoredLink[], n: number): number => n % chain.length;

function replace(
  chain: readonly StoredLink[],
  index: number,
  change: (link: StoredLink) => StoredLink,
): StoredLink[] {
  return chain.map((link, at) => (at === index ? change(link) : link));
}

test('an untouched chain has no findings, from the beginning to its head', () => {
  fc.assert(
    fc.property(anyChain, (chain) => {
      expect(verify(chain, headOf(chain))).toEqual([]);
      const verifier = new ChainVerifier(CONNECTION);
      for (const link of chain) verifier.check(link);
      expect(verifier.head).toMatchObject({ seq: headOf(chain).seq, hash: headOf(chain).hash });
      expect(verifier.entries).toBe(chain.flatMap(({ entries }) => entries).length);
    }),
  );
  expect(verify([], { seq: 0, hash: GENESIS_HASH })).toEqual([]);
});

test('any change of any field of an entry is found where it is', () => {
  const change = fc.constantFrom<(entry: AuditEntry) => AuditEntry>(
    (entry) => ({ ...entry, at: '2026-03-09T15:22:41.109Z' }),
    (entry) => ({ ...entry, actor: 'eve' }),
    (entry) => ({ ...entry, action: entry.action === 'plan.built' ? 'plan.moved' : 'plan.built' }),
    (entry) => ({ ...entry, subject: `${entry.subject} ` }),
    (entry) => ({ ...entry, requestId: `${entry.requestId ?? 'erp/'}1` }),
    (entry) => ({ ...entry, planHash: entry.planHash === null ? 'e'.repeat(64) : null }),
    (entry) => ({ ...entry, workflowId: `${entry.workflowId ?? ''}x` }),
    (entry) => ({ ...entry, detail: { ...entry.detail, added: true } }),
  );
  fc.assert(
    fc.property(anyPlace, change, ([chain, a, b], edit) => {
      const at = linkAt(chain, a);
      const idx = b % (chain[at]?.entries.length ?? 1);
      const forged = replace(chain, at, (link) => ({
        ...link,
        entries: link.entries.map((one) => (one.idx === idx ? { idx, entry: edit(one.entry) } : one)),
      }));
      expect(verify(forged, headOf(chain))).toEqual([{ seq: at + 1, idx, what: 'entry was changed' }]);
    }),
  );
});

test('a removed entry is found where it was', () => {
  fc.assert(
    fc.property(anyPlace, ([chain, a, b]) => {
      const at = linkAt(chain, a);
      const idx = b % (chain[at]?.entries.length ?? 1);
      const forged = replace(chain, at, (link) => ({
        ...link,
        entries: link.entries.filter((one) => one.idx !== idx),
      }));
      expect(verify(forged, headOf(chain))).toEqual([{ seq: at + 1, idx, what: 'entry is missing' }]);
    }),
  );
});

test('an entry slipped in is found, wherever it pretends to stand', () => {
  fc.assert(
    fc.property(
      anyPlace,
      anyEntry,
      fc.integer({ min: -3, max: 6 }),
      fc.boolean(),
      ([chain, a], entry, idx, before) => {
        const at = linkAt(chain, a);
        const forged = replace(chain, at, (link) => ({
          ...link,
          entries: before ? [{ idx, entry }, ...link.entries] : [...link.entries, { idx, entry }],
        }));
        expect(verify(forged, headOf(chain))).toContainEqual(
          expect.objectContaining({ seq: at + 1, idx, what: 'entry was added' }),
        );
      },
    ),
  );
});

test('two entries exchanged within a link are found and told where they belong', () => {
  fc.assert(
    fc.property(anyChain, (chain) => {
      const at = chain.findIndex(({ entries }) => entries.length > 1);
      fc.pre(at >= 0);
      const forged = replace(chain, at, (link) => ({
        ...link,
        entries: link.entries.map((one) => ({
          ...one,
          idx: one.idx === 0 ? 1 : one.idx === 1 ? 0 : one.idx,
        })),
      }));
      expect(verify(forged, headOf(chain))).toEqual([
        { seq: at + 1, idx: 0, what: 'entry was moved (it belongs at position 1)' },
        { seq: at + 1, idx: 1, what: 'entry was moved (it belongs at position 0)' },
      ]);
    }),
  );
});

test('entries exchanged between links are found in both', () => {
  fc.assert(
    fc.property(anyChain, (chain) => {
      fc.pre(chain.length > 1);
      const [first, second] = chain;
      const taken = first?.entries[0];
      const other = second?.entries[0];
      if (!taken || !other) return;
      let forged = replace(chain, 0, (link) => ({
        ...link,
        entries: [{ ...other }, ...link.entries.slice(1)],
      }));
      forged = replace(forged, 1, (link) => ({ ...link, entries: [{ ...taken }, ...link.entries.slice(1)] }));
      expect(verify(forged, headOf(chain)).map(({ seq, idx, what }) => [seq, idx, what])).toEqual([
        [1, 0, 'entry was changed'],
        [2, 0, 'entry was changed'],
      ]);
    }),
  );
});

test('a removed link is found: missing in the middle, cut off at the end', () => {
  fc.assert(
    fc.property(anyPlace, ([chain, a]) => {
      const at = linkAt(chain, a);
      const forged = chain.filter((_, index) => index !== at);
      const findings = verify(forged, headOf(chain));
      const last = at === chain.length - 1;
      expect(findings[0]?.what).toBe(
        last
          ? `the chain ends at link ${chain.length - 1}, but link ${chain.length} was written: the last 1 are missing`
          : `links ${at + 1} to ${at + 1} are missing`,
      );
      if (!last) expect(findings[1]?.what).toBe('does not continue the link before it');
    }),
  );
});

test('a chain cut off anywhere is found by its head, with the number of links', () => {
  fc.assert(
    fc.property(anyPlace, ([chain, a]) => {
      const kept = a % chain.length;
      expect(verify(chain.slice(0, kept), headOf(chain))).toEqual([
        {
          seq: chain.length,
          idx: null,
          what: expect.stringContaining(`the last ${chain.length - kept} are missing`) as string,
        },
      ]);
    }),
  );
});

test('two links exchanged, and a link twice, are found', () => {
  fc.assert(
    fc.property(anyChain, (chain) => {
      const [first, second, ...rest] = chain;
      if (!first) return;
      expect(verify([first, first, ...chain.slice(1)], headOf(chain)).length).toBeGreaterThan(0);
      if (!second) return;
      const whats = verify([second, first, ...rest], headOf(chain)).map(({ what }) => what);
      expect(whats).toContain('links 1 to 1 are missing');
      expect(whats).toContain('link number is repeated or out of order');
    }),
  );
});

test.each<[string, (link: StoredLink) => StoredLink]>([
  ['its hash', (link) => ({ ...link, hash: 'a'.repeat(64) })],
  ['its predecessor', (link) => ({ ...link, prevHash: 'a'.repeat(64) })],
  ['a digest', (link) => ({ ...link, digests: ['a'.repeat(64), ...link.digests.slice(1)] })],
  ['one digest less', (link) => ({ ...link, digests: link.digests.slice(1) })],
])('a link changed in %s is found', (_what, edit) => {
  fc.assert(
    fc.property(anyPlace, ([chain, a]) => {
      const at = linkAt(chain, a);
      expect(verify(replace(chain, at, edit), headOf(chain)).some(({ seq }) => seq >= at + 1)).toBe(true);
    }),
  );
});

test('a whole chain made anew from a forged entry is found by the head that somebody wrote down', () => {
  fc.assert(
    fc.property(anyPlace, anyEntry, ([chain, a], entry) => {
      const at = linkAt(chain, a);
      let head = { seq: 0, hash: GENESIS_HASH };
      const forged = chain.map((link, index) => {
        const entries = link.entries.map((one) => (index === at && one.idx === 0 ? entry : one.entry));
        const next = nextLink(CONNECTION, head, entries);
        head = next;
        return { ...next, entries: entries.map((one, idx) => ({ idx, entry: one })) };
      });
      expect(verify(forged, head)).toEqual([]);
      expect(verify(forged, headOf(chain))).toEqual([
        { seq: chain.length, idx: null, what: expect.stringContaining('differs there') as string },
      ]);
    }),
  );
});

test('links on from the head that was noted are told as such', () => {
  fc.assert(
    fc.property(anyChain, (chain) => {
      fc.pre(chain.length > 1);
      const noted = chain[0];
      if (noted) expect(verify(chain, noted)[0]?.what).toMatch(/goes on to link/);
    }),
  );
});

test('the chain of one connection is not the chain of another', () => {
  fc.assert(
    fc.property(anyChain, (chain) => {
      const verifier = new ChainVerifier('other');
      expect(chain.flatMap((link) => verifier.check(link)).map(({ what }) => what)).toContain(
        'link itself was changed',
      );
    }),
  );
});

test('digest and link hash are hashes of content', () => {
  fc.assert(
    fc.property(anyEntry, (entry) => {
      expect(digestOf(entry)).toBe(digestOf(structuredClone(entry)));
      const digests = [digestOf(entry)];
      expect(nextLink(CONNECTION, { seq: 4, hash: GENESIS_HASH }, [entry])).toEqual({
        seq: 5,
        prevHash: GENESIS_HASH,
        digests,
        keyId: null,
        hmac: null,
        hash: linkHash(CONNECTION, 5, GENESIS_HASH, digests),
      });
    }),
  );
});
