import * as fc from 'fast-check';
import type { Fields } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { planSync, syncRevisionOf } from '../../../../src/domain/plan/sync';
import { untoldIn } from '../../../../src/domain/reconcile/untold';
import { linkOf, recordOf } from '../records';
import { knownVendor, VENDOR } from '../vendors';

const KEY = '1|10442';
const STATES = ['staged', 'archived', 'linked', 'unlinked', 'merged'] as const;

function link(state: LinkState): RecordLink {
  const record = recordOf(VENDOR);
  return linkOf('vendor', state === 'staged' || state === 'archived' ? null : 7, KEY, {
    state,
    erp: record,
    erpRevision: syncRevisionOf('vendor', record),
  });
}

const input = (fields: Fields, links: readonly RecordLink[]) => ({
  connectionId: 'acme',
  kind: 'vendor' as const,
  records: [knownVendor(KEY, fields)],
  links,
  listId: null,
});

test('what is as it was carried is untold by nobody; what moved, or was never carried, is', () => {
  expect(untoldIn(input({}, [link('linked')]))).toEqual([]);
  expect(untoldIn(input({ city: 'Tacoma' }, [link('linked')]))).toEqual([KEY]);
  expect(untoldIn(input({}, []))).toEqual([KEY]);
  // Procore cannot take it: the next sync says why.
  expect(untoldIn(input({ name: '' }, [link('linked')]))).toEqual([KEY]);
});

test('a record that was linked or unlinked in Procore did not change in the ERP', () => {
  expect(untoldIn(input({}, [link('unlinked')]))).toEqual([]);
  expect(untoldIn(input({}, [{ ...link('linked'), erp: null, erpRevision: null }]))).toEqual([]);
});

test('a sweep names nothing that a sync would not carry: handed over once, it is quiet', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STATES),
      fc.record({ city: fc.string(), isActive: fc.boolean() }),
      (state, fields) => {
        const given = input(fields, [link(state)]);
        const { operations, leftOut } = planSync(given);
        for (const key of untoldIn(given))
          expect([...operations, ...leftOut].map(({ erpKey }) => erpKey)).toContain(key);
        if (operations.length + leftOut.length === 0) expect(untoldIn(given)).toEqual([]);
      },
    ),
  );
});
