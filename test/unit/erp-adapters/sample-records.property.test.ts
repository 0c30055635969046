import fc from 'fast-check';
import { sum } from '../../../src/domain/base/money';
import type { CanonicalRecord, Fields } from '../../../src/domain/kinds/record';
import { fitRecord } from '../../../src/domain/kinds/fit-record';
import type { RecordWrite } from '../../../src/erp-adapters/contract/adapter';
import { Mask } from '../../../src/erp-adapters/sql/masks';
import { keysOf, lineOf } from './record-samples';
import { kindOf, sampleCompany } from './sample-kit';

const PHASE = new Mask([
  { width: 2, justify: 'R', optional: false, separator: '-' },
  { width: 3, justify: 'R', optional: true, separator: '-' },
  { width: 2, justify: 'L', optional: true, separator: '' },
]);

describe('the mask', () => {
  const digits = (most: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: most });
  const code = fc.oneof(
    digits(2),
    fc.tuple(digits(2), digits(3)).map((parts) => parts.join('-')),
    fc.tuple(digits(2), digits(3), digits(2)).map((parts) => parts.join('-')),
  );

  test('leads from the short form to the text of the ERP and back, one to one', () => {
    fc.assert(
      fc.property(code, code, (one, two) => {
        expect(PHASE.canonical(PHASE.raw(one))).toBe(one);
        expect(PHASE.raw(one)).toHaveLength(9);
        expect(new RegExp(PHASE.pattern).test(one)).toBe(true);
        expect(PHASE.raw(one) === PHASE.raw(two)).toBe(one === two);
      }),
    );
  });

  test('never makes two texts of the ERP look the same, when both follow it', () => {
    expect(PHASE.canonical('23-050-  ')).toBe('23-050');
    expect(PHASE.canonical('23-   -  ')).toBe('23');
    expect(PHASE.canonical(' 3- 50-1 ')).toBe('3-50-1');
    expect(PHASE.raw('23-0500')).toBe('23-0500');
    expect(PHASE.canonical('unheard of')).toBe('unheard of');
    expect(PHASE.raw('2-3-4-5')).toBe('2-3-4-5');
  });
});

/** Text that hits the limits often: allowed and odd characters, all lengths around the widths of the columns. */
const text = (most: number): fc.Arbitrary<string | null> =>
  fc
    .string({
      unit: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...'abcXYZ019 .,-&"') },
        { weight: 1, arbitrary: fc.constantFrom(...'ñ€–“@;\u0301\u0000\n\u200B😀Łㄱ') },
      ),
      maxLength: most,
    })
    .map((value) => value.trim() || null);

const decimal = (whole: number, places: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.boolean(),
      fc.nat({ max: whole }),
      fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: places }),
    )
    .map(
      ([negative, units, fraction]) =>
        `${negative ? '-' : ''}${units}${fraction === '' ? '' : `.${fraction}`}`,
    );

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const line = fc.record({
  description: text(64),
  basis: fc.constantFrom('unit', 'lump_sum', null),
  quantity: optional(decimal(99_999, 6)),
  uom: text(4),
  unitCost: optional(decimal(9_999, 7)),
  amount: decimal(999_999, 3),
  taxCode: text(11),
  taxAmount: optional(decimal(999, 2)),
});

const commitment = fc.record({
  header: fc.record({
    type: fc.constantFrom('subcontract', 'purchase_order'),
    name: text(64),
    description: text(260),
    status: text(22),
    date: fc.constantFrom('2026-02-28', '2026-12-31', null),
    retainagePercent: fc.constantFrom('0', '10', '7.5', '100.00', '33.333', null),
  }),
  lines: fc.array(line, { maxLength: 4 }),
});

describe('a commitment that the rules allow', () => {
  const company = sampleCompany();
  afterAll(() => company.remove());
  const commitments = kindOf(company.open(), 'commitment');
  const keys = keysOf(company.accounting);
  const cost = { costCode: keys.phase('26-050'), costType: keys.costType('3') };
  let count = 0;

  const operationOf = (record: CanonicalRecord): RecordWrite => ({
    operationKey: `property:${(count += 1)}`,
    recordId: `commitment/${count}`,
    generation: 1,
    targetRevision: 'r',
    planHash: 'h',
    action: 'create',
    erpKey: null,
    record,
    expected: null,
  });

  test('is held by the ERP exactly as fitted; one that they forbid is refused', async () => {
    const rules = await commitments.rules();
    const seen = { allowed: 0, forbidden: 0 };
    await fc.assert(
      fc.asyncProperty(commitment, async ({ header, lines }) => {
        const draft: CanonicalRecord = {
          fields: {
            ...header,
            code: `P-${(count += 1)}`,
            job: keys.job,
            vendor: '1|10001',
            accountingDate: null,
            amount: sum(lines.map(({ amount }) => amount)),
          },
          lines: lines.map((fields, index) =>
            lineOf('commitment_line', String(index + 1), { ...fields, ...cost }),
          ),
        };
        const { record, problems } = fitRecord('commitment', draft, rules);
        const [result] = await commitments.write([operationOf(record)]);
        if (problems.length > 0) {
          seen.forbidden += 1;
          expect({ problems, status: result?.status }).toEqual({ problems, status: 'refused' });
          return;
        }
        seen.allowed += 1;
        if (result?.status !== 'written') throw new Error(JSON.stringify(result));
        expect(heldLike(record.fields, result.record.fields)).toEqual(record.fields);
        for (const [index, sent] of record.lines.entries())
          expect(heldLike(sent.fields, result.record.lines[index]?.fields ?? {})).toEqual(sent.fields);
        const [read] = await commitments.read([result.erpKey]);
        expect(read?.record).toEqual(result.record);
      }),
      { numRuns: 150 },
    );
    expect(Math.min(seen.allowed, seen.forbidden)).toBeGreaterThan(10);
  });

  /** Fields that were left empty may hold a default of the ERP. */
  const heldLike = (sent: Fields, held: Fields): Fields =>
    Object.fromEntries(
      Object.keys(sent).map((field) => [field, sent[field] === null ? null : (held[field] ?? null)]),
    );
});
