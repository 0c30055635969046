import { definitionOf } from '../../../../src/domain/kinds';
import type { CanonicalRecord } from '../../../../src/domain/kinds/record';
import type { MergedRecord } from '../../../../src/domain/reconcile/merge-record';
import { comparedFields, mergeRecord } from '../../../../src/domain/reconcile/merge-record';
import type { Owner, Ownership } from '../../../../src/domain/reconcile/ownership';
import { mayOwn, ownerOf, OWNERS } from '../../../../src/domain/reconcile/ownership';
import type { SideName, SideRecord } from '../../../../src/domain/reconcile/side-record';
import { recordOf } from '../records';
import { VENDOR_COLUMNS } from '../vendors';

/*
 * The contact of a vendor is a person of Procore's directory: read there, never written, and the ERP follows.
 */

const side = (name: SideName, contactName: string | null): SideRecord => ({
  kind: 'vendor',
  side: name,
  key: name === 'erp' ? '1|10442' : '7001',
  originId: null,
  record: recordOf({ contactName }),
  state: 'active',
  changedAt: null,
});

type Contact = string | null | undefined;
interface Held {
  readonly procore: string | null;
  readonly erp: string | null;
  /** Undefined: the field was never compared. */
  readonly shadows?: { readonly procore: Contact; readonly erp: Contact };
}

const shadow = (contactName: Contact): CanonicalRecord =>
  recordOf(contactName === undefined ? {} : { contactName });

const merged = ({ procore, erp, shadows }: Held, ownership: Ownership = {}): MergedRecord =>
  mergeRecord({
    kind: 'vendor',
    link: { procore: shadow(shadows?.procore), erp: shadow(shadows?.erp) },
    procore: side('procore', procore),
    erp: side('erp', erp),
    decisions: new Map(),
    rules: {
      ownership,
      columns: VENDOR_COLUMNS,
      procoreTakes: comparedFields('vendor'),
      skewMs: 0,
    },
  });

const LONG = 'Bartholomew Featherstonehaugh-Cholmondeley';

test.each<[string, Held, { toErp?: string | null; lost?: string | null; unfit?: RegExp }]>([
  ['fills the ERP', { procore: 'Maya Ortiz', erp: null }, { toErp: 'Maya Ortiz', lost: null }],
  ['never empties the ERP at first', { procore: null, erp: 'Ben Hsu' }, {}],
  [
    'counts where both were never compared',
    { procore: 'Maya Ortiz', erp: 'Ben Hsu' },
    { toErp: 'Maya Ortiz', lost: 'Ben Hsu' },
  ],
  [
    'carries another one',
    { procore: 'Maya Ortiz', erp: 'Ben Hsu', shadows: { procore: 'Ben Hsu', erp: 'Ben Hsu' } },
    { toErp: 'Maya Ortiz', lost: null },
  ],
  [
    'puts back what somebody changed in the ERP, with a word',
    { procore: 'Maya Ortiz', erp: 'Ben Hsu', shadows: { procore: 'Maya Ortiz', erp: 'Maya Ortiz' } },
    { toErp: 'Maya Ortiz', lost: 'Ben Hsu' },
  ],
  [
    'leaves what somebody changed in the ERP while Procore never had one',
    { procore: null, erp: 'Ben Hsu', shadows: { procore: null, erp: 'Al Petit' } },
    {},
  ],
  [
    'leaves it where Procore was never read',
    { procore: null, erp: 'Ben Hsu', shadows: { procore: undefined, erp: 'Al Petit' } },
    {},
  ],
  [
    'empties the ERP where somebody took the contact away',
    { procore: null, erp: 'Ben Hsu', shadows: { procore: 'Ben Hsu', erp: 'Ben Hsu' } },
    { toErp: null, lost: null },
  ],
  [
    'is an exception where the ERP has no room',
    { procore: LONG, erp: 'Ben Hsu', shadows: { procore: 'Ben Hsu', erp: 'Ben Hsu' } },
    { unfit: /characters long; the ERP takes 30/ },
  ],
])('the contact of Procore %s', (_, held, { toErp, lost = null, unfit }) => {
  const found = merged(held);
  expect(found.toProcore).toEqual([]);
  expect(found.conflicts).toEqual([]);
  expect(found.toErp).toEqual(
    toErp === undefined ? [] : [{ field: 'contactName', old: held.erp, value: toErp, lost }],
  );
  expect(found.unfit.map(({ problem }) => problem)).toEqual(
    unfit === undefined ? [] : [expect.stringMatching(unfit)],
  );
});

test('only those who can own it do, whatever is said of all fields', () => {
  const contact = { kind: 'vendor', line: null, field: 'contactName' } as const;
  expect(ownerOf(contact)).toBe('procore');
  const ownerWith = (all: Owner): Owner => ownerOf(contact, { vendor: { all } });
  expect(OWNERS.map((owner) => [owner, ownerWith(owner)])).toEqual([
    ['erp', 'procore'],
    ['procore', 'procore'],
    ['last', 'procore'],
    ['ask', 'procore'],
    ['never', 'never'],
  ]);
  expect(OWNERS.filter((owner) => mayOwn(owner, contact))).toEqual(['procore', 'never']);
  for (const field of Object.keys(definitionOf('vendor').fields))
    if (field !== 'contactName')
      expect(OWNERS.every((owner) => mayOwn(owner, { kind: 'vendor', field }))).toBe(true);
});

test.each(['erp', 'last', 'ask'] as const)(
  'where somebody made it "%s" all the same, Procore gets nothing and the reason is said',
  (owner) => {
    const ownership: Ownership = { vendor: { all: 'ask', fields: { contactName: owner } } };
    const found = merged({ procore: null, erp: 'Ben Hsu' }, ownership);
    expect(found.toProcore).toEqual([]);
    expect(found.unfit).toMatchObject([{ to: 'procore', problem: 'only people in Procore can enter it' }]);
  },
);
