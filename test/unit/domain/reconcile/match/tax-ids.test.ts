import { taxIdHash, taxIdHashesOf } from '../../../../../src/domain/reconcile/match';

const hash = taxIdHash(Buffer.alloc(32, 7));

test('only the digits count', () => {
  expect(hash('91-2345678')).toMatch(/^[0-9a-f]{64}$/);
  for (const same of ['912345678', ' 91 2345678 ', 'EIN 91-2345678', '９１-２３４５６７８'])
    expect(hash(same)).toBe(hash('91-2345678'));
  expect(hash('91-2345679')).not.toBe(hash('91-2345678'));
});

test.each(['', 'applied for', '12-345', '000-00-0000', '99-9999999'])(
  '%j says nothing of whose it is',
  (given) => {
    expect(hash(given)).toBeNull();
  },
);

test('with another key it is another hash, and every comparison has a key of its own', () => {
  expect(taxIdHash()('91-2345678')).not.toBe(hash('91-2345678'));
  expect(taxIdHash()('91-2345678')).not.toBe(taxIdHash()('91-2345678'));
});

test('both sides are hashed with one key, by the keys of their records', async () => {
  const { erp, procore } = await taxIdHashesOf(
    {
      erp: (keys, one) => Promise.resolve(new Map(keys.map((key) => [key, one('91-2345678') ?? '']))),
      procore: (ids, one) => Promise.resolve(new Map(ids.map((id) => [id, one('912345678') ?? '']))),
    },
    { erp: ['1|7'], procore: ['901'] },
  );
  expect([...erp.keys(), ...procore.keys()]).toEqual(['1|7', '901']);
  expect(erp.get('1|7')).toBe(procore.get('901'));
});
