import * as fc from 'fast-check';
import type { KnownRecord } from '../../../../src/domain/kinds/record';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import type { Plan, PlanBody } from '../../../../src/domain/plan/plan';
import { planHash } from '../../../../src/domain/plan/plan';
import { planIn, planText } from '../../../../src/domain/plan/stored';
import { planSync } from '../../../../src/domain/plan/sync';
import { body, operation, staging } from '../plans';

const text = fc.oneof(fc.constant(''), fc.constantFrom('record', '0', 'Cobalt "ñ"'), fc.string());
const known = fc.record({
  key: fc.integer({ min: 1, max: 9 }).map((number) => `1|${number}`),
  record: fc.record({
    fields: fc.dictionary(
      fc.constantFrom('name', 'code', 'city', 'isActive', 'paymentTerms'),
      fc.oneof(text, fc.boolean(), fc.constant(null)),
    ),
    lines: fc.constant([]),
  }),
  state: fc.constantFrom('active', 'inactive'),
}) as fc.Arbitrary<KnownRecord>;
const linkOf = ({ key, record }: KnownRecord, state: RecordLink['state']): RecordLink => ({
  id: `L${key}`,
  kind: 'vendor',
  erpKey: key,
  procoreId: state === 'linked' ? 7 : null,
  state,
  generation: 3,
  procore: null,
  erp: record,
  erpRevision: null,
});

const bodyOf = ({ hash, ...made }: Plan): PlanBody => {
  expect(hash).toBe(planHash(made));
  return made;
};

/** Plans of pages of vendors: new ones, staged ones, linked ones and those that are gone. */
const plan = fc
  .record({
    records: fc.uniqueArray(known, { selector: ({ key }) => key, maxLength: 6 }),
    others: fc.array(fc.tuple(known, fc.constantFrom('staged', 'linked', 'unlinked')), { maxLength: 4 }),
  })
  .map(({ records, others }): PlanBody => {
    const links = others.map(([record, state]) => linkOf(record, state));
    return bodyOf(planSync({ connectionId: 'acme', kind: 'vendor', records, links, listId: null }));
  });

test('a stored plan is the plan, its hash too', () => {
  const bodies = fc.oneof(plan, fc.constantFrom(body(), body({ operations: [operation(), staging()] })));
  fc.assert(
    fc.property(bodies, (given) => {
      const back = planIn(planText(given));
      expect(back).toEqual(given);
      expect(planHash(back)).toBe(planHash(given));
    }),
  );
});

test('a plan of a first import has each value once', () => {
  const fields = { name: 'Only Once Builders', code: 'ONCE', contactName: 'Maya Ortiz' };
  const record = { fields, lines: [] };
  const given = planSync({
    connectionId: 'acme',
    kind: 'vendor',
    records: [{ key: '1|7', record, state: 'active' }],
    links: [],
    listId: null,
  });
  // In its record, and in what people are shown.
  expect(planText(given).split('Only Once Builders')).toHaveLength(3);
  expect(planText(given).split('Maya Ortiz')).toHaveLength(2);
});

test.each(['{}', '[]', '{"operations":1}', '{"labels":[],"operations":[{"changes":[]}]}'])(
  'what is no plan comes back: %s',
  (given) => {
    expect(() => planIn(given)).not.toThrow();
  },
);
