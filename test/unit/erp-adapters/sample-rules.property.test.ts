import fc from 'fast-check';
import type { RecordColumns } from '../../../src/domain/kinds/fit-record';
import { fitRecord } from '../../../src/domain/kinds/fit-record';
import type { Fields, FieldValue } from '../../../src/domain/kinds/record';
import type { RecordWrite } from '../../../src/erp-adapters/contract/adapter';
import { recordOf } from './record-samples';
import { kindOf, sampleCompany } from './sample-kit';

/** Text that hits the limits often: allowed and odd characters, all lengths around the widths of the columns. */
const text = (most: number): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...'abcXYZ019 .-&') },
        { weight: 1, arbitrary: fc.constantFrom(...'ñ€–“@,;\u0301\u0000\n\u200B😀Łㄱ') },
      ),
      maxLength: most,
    })
    .map((value) => value.trim());

const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { nil: null, freq: 3 });

const EMPTY: Fields = {
  code: null,
  name: '',
  sortName: null,
  address: null,
  city: null,
  stateCode: null,
  postalCode: null,
  countryCode: null,
  phone: null,
  fax: null,
  email: null,
  website: null,
  contactName: null,
  vendorType: null,
  retainagePercent: null,
  isActive: true,
};

const email = fc.oneof(
  text(64),
  fc
    .tuple(text(8), fc.constantFrom('@', '@@', ' '), text(8), fc.constantFrom('.', ''), text(4))
    .map((p) => p.join('')),
);
const someVendor: fc.Arbitrary<Fields> = fc
  .record({
    name: text(64).filter((name) => name !== ''),
    address: nullable(text(64).map((value) => value || null)),
    city: nullable(text(33).map((value) => value || null)),
    phone: nullable(text(22).map((value) => value || null)),
    email: nullable(email.map((value) => value.trim() || null)),
    contactName: nullable(text(33).map((value) => value || null)),
    retainagePercent: nullable(fc.constantFrom('0', '0.1', '0.10', '10', '100.00', '33.333', '99.99', '5.')),
  })
  .map((fields) => ({ ...EMPTY, ...fields }));

describe('the rules of the sample ERP and what it really does', () => {
  const company = sampleCompany();
  const vendors = kindOf(company.open(), 'vendor');
  let rules: RecordColumns;
  let sequence = 0;
  beforeAll(async () => {
    rules = await vendors.rules();
  });
  afterAll(() => company.remove());

  const create = (fields: Fields): RecordWrite => ({
    operationKey: `k${(sequence += 1)}`,
    recordId: `vendor/${sequence}`,
    generation: 1,
    targetRevision: 'r',
    planHash: 'h',
    action: 'create',
    erpKey: null,
    record: recordOf({ ...fields, sortName: `S${sequence}` }),
    expected: null,
  });

  test('what the planner fits to the rules is written and comes back as planned', async () => {
    await fc.assert(
      fc.asyncProperty(someVendor, async (vendor) => {
        const { problems, record } = fitRecord('vendor', recordOf(vendor), rules);
        fc.pre(problems.length === 0);
        const [result] = await vendors.write([create(record.fields)]);
        expect(result).toMatchObject({ status: 'written' });
        if (result?.status !== 'written') return;
        for (const field of [
          'name',
          'address',
          'city',
          'phone',
          'email',
          'contactName',
          'retainagePercent',
        ] as const) {
          const planned = record.fields[field] ?? null;
          if (planned !== null) expect(result.record.fields[field]).toBe(planned);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('whatever comes, the answer is a value: written as it was, or refused with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(someVendor, async (vendor) => {
        const [result] = await vendors.write([create(vendor)]);
        if (result?.status === 'written') {
          for (const field of ['name', 'email', 'address'])
            expect(result.record.fields[field]).toBe(vendor[field]);
        } else {
          expect(result).toMatchObject({ status: 'refused', error: { class: 'data' } });
          // What the planner finds nothing wrong with, the ERP does not refuse.
          const fitted = fitRecord('vendor', recordOf(vendor), rules);
          const folded = fitted.notes.filter((note) => note.includes('written with blanks'));
          expect([...fitted.problems, ...fitted.warnings, ...folded]).not.toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('any order of pages and changes shows every newest value', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('change' as const), vendor: fc.integer({ min: 10001, max: 10042 }) }),
      fc.record({ kind: fc.constant('read' as const), size: fc.integer({ min: 1, max: 20 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        let cursor: string | null = null;
        const seen = new Map<string, FieldValue>();
        const readOn = async (size: number, pages: number): Promise<void> => {
          let left = pages;
          for await (const page of vendors.readChanged(cursor, size)) {
            for (const { key, record } of page.records) seen.set(key, record.fields['phone'] ?? null);
            cursor = page.cursor;
            if (--left === 0) return;
          }
        };
        for (const one of steps) {
          if (one.kind === 'read') await readOn(one.size, 1);
          else company.accounting.changeVendor(one.vendor, { Phone: String((sequence += 1)) });
        }
        await readOn(50, Infinity);
        for (const { Vendor, Phone } of company.accounting.vendors()) {
          expect(seen.get(`1|${Vendor}`)).toBe(Phone);
        }
      }),
      { numRuns: 25 },
    );
  });
});
