import * as fc from 'fast-check';
import type { LineKind } from '../../../../src/domain/kinds';
import { definitionOf, KINDS } from '../../../../src/domain/kinds';
import { isDecimal, roundTo, sameAmount, sum } from '../../../../src/domain/base/money';
import type { CanonicalRecord, Fields, RecordLine } from '../../../../src/domain/kinds/record';
import type { FittedRecord, RecordColumns } from '../../../../src/domain/kinds/fit-record';
import { fitRecord, isDate } from '../../../../src/domain/kinds/fit-record';
import { foldText } from '../../../../src/domain/base/text';
import { anyAmount, anyDecimal, anyText, columnsFor, lineOf, recordOf, rule } from '../records';
import { textsOf } from '../plans';

const COLUMNS = columnsFor('commitment');
const SOV = 'commitment_line';

const lump = (number: string, amount: string | null, more: Fields = {}): RecordLine =>
  lineOf(SOV, number, { basis: 'lump_sum', amount, ...more });

const contract = (amount: string | null, lines: readonly RecordLine[], more: Fields = {}): CanonicalRecord =>
  recordOf({ code: 'SC-008', name: 'HVAC', amount, ...more }, lines);

const fit = (record: CanonicalRecord, columns: RecordColumns = COLUMNS): FittedRecord =>
  fitRecord('commitment', record, columns);

const withLine = (change: Record<string, ReturnType<typeof rule>>): RecordColumns => ({
  ...COLUMNS,
  lines: { [SOV]: { ...COLUMNS.lines[SOV], ...change } },
});

const without = (field: string): RecordColumns => {
  const drop = (rules: Readonly<Record<string, ReturnType<typeof rule>>> = {}) =>
    Object.fromEntries(Object.entries(rules).filter(([name]) => name !== field));
  return { fields: drop(COLUMNS.fields), lines: { [SOV]: drop(COLUMNS.lines[SOV]) } };
};

test('a record that fits is taken as it is, every field of its kind being there', () => {
  const { record, problems, warnings, notes } = fit(
    contract('150.00', [lump('1', '100.00'), lump('2', '50.00')]),
  );
  expect({ problems, warnings, notes }).toEqual({ problems: [], warnings: [], notes: [] });
  expect(record.fields).toMatchObject({ code: 'SC-008', name: 'HVAC', amount: '150.00', description: null });
  expect(Object.keys(record.fields)).toEqual(Object.keys(definitionOf('commitment').fields));
  expect(record.lines.map(({ fields }) => fields['amount'])).toEqual(['100.00', '50.00']);
});

test('lines that this kind of record cannot have are a fault of the program', () => {
  expect(() => fit(contract('1', [lineOf('budget_line', '1')]))).toThrow(
    'a commitment has no lines of kind budget_line',
  );
});

describe('text', () => {
  test.each<[string, Fields, RegExp]>([
    ['too long', { name: 'x'.repeat(61) }, /^Title "x+" is 61 characters long; the ERP takes 60\.$/],
    ['of impossible characters', { name: '上海' }, /^Title "上海" has characters the ERP cannot store: "上"/],
    ['no date', { date: '31.03.2026' }, /^Contract date "31\.03\.2026" is not a date such as 2026-03-31\.$/],
    ['a day that does not exist', { date: '2026-02-30' }, /is not a date/],
    ['no number', { retainagePercent: 'NaN' }, /^Retainage % "NaN" is not a number\.$/],
    ['a number in words', { retainagePercent: 'ten' }, /^Retainage % "ten" is not a number\.$/],
    ['a number with an exponent', { retainagePercent: '1e5' }, /is not a number/],
    ['too large', { retainagePercent: '12345.678' }, /^Retainage % 12345\.68 is too large; the ERP takes 6/],
  ])('%s: a problem that names field, value and limit', (_name, fields, expected) => {
    const { problems } = fit(contract('0', [], fields));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test.each([null, '', ' ', '\u00A0', '\t\n'])('%j where the ERP needs a value: missing', (name) => {
    const columns = { ...COLUMNS, fields: { ...COLUMNS.fields, name: rule({ required: true }) } };
    expect(fit(contract('0', [], { name }), columns).problems).toEqual([
      'Title is missing; the ERP requires it.',
    ]);
  });

  test('on a line, the sentence says which', () => {
    const columns = withLine({ description: rule({ maxLength: 5 }) });
    const { problems } = fit(
      contract('1', [lump('1', '1'), lump('12', '0', { description: 'too long' })]),
      columns,
    );
    expect(problems).toEqual(['Line 12: Description "too long" is 8 characters long; the ERP takes 5.']);
  });

  test('in bytes where the column counts bytes', () => {
    const columns = {
      ...COLUMNS,
      fields: { ...COLUMNS.fields, name: rule({ maxLength: 3, unit: 'bytes', charset: null }) },
    };
    expect(fit(contract('0', [], { name: 'éé' }), columns).problems).toEqual([
      'Title "éé" is 4 bytes long; the ERP takes 3.',
    ]);
    expect(fit(contract('0', [], { name: 'éa' }), columns).problems).toEqual([]);
  });

  test('what the column lacks is folded, and said', () => {
    const columns = { ...COLUMNS, fields: { ...COLUMNS.fields, name: rule({ charset: 'ascii' }) } };
    const { record, warnings } = fit(contract('0', [], { name: 'Quarry – 3″' }), columns);
    expect(record.fields['name']).toBe('Quarry - 3"');
    expect(textsOf(warnings)).toEqual([
      'Title is written as "Quarry - 3"": the ERP cannot store every character of "Quarry – 3″".',
    ]);
  });

  test.each<[string, string, boolean, string]>([
    ['a line break', 'Rough-in\r\nand finish', false, 'Rough-in and finish'],
    ['empty lines', 'Rough-in \n\n and finish', false, 'Rough-in and finish'],
    ['a tab', 'Rough-in\tfinish', false, 'Rough-in finish'],
    ['a line break that the column keeps', 'Rough-in\r\nand finish', true, 'Rough-in\nand finish'],
    ['a tab of such a column', 'a\tb\nc', true, 'a b\nc'],
  ])('%s', (_name, description, lineBreaks, expected) => {
    const column = rule(lineBreaks ? { lineBreaks } : {});
    const columns = { ...COLUMNS, fields: { ...COLUMNS.fields, description: column } };
    const { record, problems, warnings, notes } = fit(contract('0', [], { description }), columns);
    expect(record.fields['description']).toBe(expected);
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    const isFolded = expected !== description.replace('\r\n', '\n');
    expect(notes).toEqual(
      isFolded ? ['Description is written with blanks for its line breaks and tabs.'] : [],
    );
  });

  test('nothing is ever cut: the same text comes out, or there is a problem', () => {
    const charsets = fc.constantFrom<'ascii' | 'cp1252' | null>('ascii', 'cp1252', null);
    fc.assert(
      fc.property(anyText, charsets, fc.integer({ min: 1, max: 60 }), (name, charset, maxLength) => {
        const columns = { ...COLUMNS, fields: { ...COLUMNS.fields, name: rule({ charset, maxLength }) } };
        const { record, problems, warnings, notes } = fit(contract('0', [], { name }), columns);
        if (problems.length > 0) return;
        const written = record.fields['name'];
        if (name.trim() === '') return expect(written).toBeNull();
        // Blanks may stand for breaks, which is said; nothing else may be different.
        const blanks = (text: string): string => text.replace(/\s+/g, ' ').trim();
        const folded = foldText(blanks(name), charset);
        expect({ text: blanks(String(written)), impossible: [] }).toEqual({
          ...folded,
          text: blanks(folded.text),
        });
        expect([...String(written)].length).toBeLessThanOrEqual(maxLength);
        if (written !== name) expect([...warnings, ...notes]).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what the ERP has no place for', () => {
  test('is a note with its value; forty lines of it are one note', () => {
    const lines = Array.from({ length: 40 }, (_, index) =>
      lump(`${index + 1}`, '1.00', { taxCode: `T${index}` }),
    );
    const { record, notes, problems } = fit(contract('40.00', lines), without('taxCode'));
    expect(notes).toEqual(['Tax code "T0" (and 39 more) is not carried: the ERP has no such field.']);
    expect(problems).toEqual([]);
    expect(record.lines[0]?.fields['taxCode']).toBeNull();
  });

  test.each([null, '', '0', '0.00', '-0'])('says nothing about %j', (taxAmount) => {
    expect(fit(contract('1', [lump('1', '1', { taxAmount })]), without('taxAmount')).notes).toEqual([]);
  });

  test('leaves what refers to another record alone: keys need no column', () => {
    const { record } = fit(contract('0', [], { job: '1|1024', vendor: '1| 10 ' }), { fields: {}, lines: {} });
    expect(record.fields).toMatchObject({ job: '1|1024', vendor: '1| 10 ' });
  });
});

describe('the header is the sum of its lines', () => {
  const NEEDLESS = 'Correct the record in Procore and send it again.';
  test.each<
    [string, string | null, readonly RecordLine[], string | null, readonly string[], readonly string[]]
  >([
    ['agreed', '150.00', [lump('1', '100'), lump('2', '50')], '150.00', [], []],
    ['negative lines', '60.00', [lump('1', '100.00'), lump('2', '-40.00')], '60.00', [], []],
    ['all negative', '-40.00', [lump('1', '-40.00')], '-40.00', [], []],
    ['lines that make zero', '0', [lump('1', '40.00'), lump('2', '-40.00')], '0.00', [], []],
    ['minus zero', '-0', [lump('1', '-0.00')], '0.00', [], []],
    ['no header amount', null, [lump('1', '40.00'), lump('2', '2')], '42.00', [], []],
    ['no amount and no lines', null, [], null, [], []],
    ['nothing over nothing', '0.00', [], '0.00', [], []],
    ['a line without an amount', '100.00', [lump('1', '100.00'), lump('2', null)], '100.00', [], []],
    [
      'an amount over no lines',
      '1000.00',
      [],
      '1000.00',
      [`Amount 1000.00 is not the sum of its 0 lines, 0.00 (difference 1000). ${NEEDLESS}`],
      [],
    ],
    [
      'a difference that nothing explains',
      '150.00',
      [lump('1', '100.00'), lump('2', '49.00')],
      '149.00',
      [],
      [
        'Amount 150.00 is not the sum of its 2 lines, 149.00 (difference 1); the sum of the lines is written.',
      ],
    ],
    [
      'one line, and a difference',
      '150.00',
      [lump('1', '100.00')],
      '100.00',
      [],
      ['Amount 150.00 is not the sum of its line, 100.00 (difference 50); the sum of the lines is written.'],
    ],
    [
      'rounded lines',
      '100.00',
      [lump('1', '33.333'), lump('2', '33.333'), lump('3', '33.334')],
      '99.99',
      [],
      [
        'Line 1: Amount 33.333 is written as 33.33: the ERP keeps 2 decimals.',
        'Line 2: Amount 33.333 is written as 33.33: the ERP keeps 2 decimals.',
        'Line 3: Amount 33.334 is written as 33.33: the ERP keeps 2 decimals.',
        'Amount 100.00 is not the sum of its 3 lines, 99.99 (difference 0.01): rounding; the sum of the lines is written.',
      ],
    ],
    [
      'tax in the header',
      '165.00',
      [lump('1', '100.00', { taxAmount: '10.00' }), lump('2', '50.00', { taxAmount: '5' })],
      '150.00',
      [],
      ['Amount 165.00 includes tax of 15; the sum of the lines without tax, 150.00, is written.'],
    ],
    [
      'tax of a credit',
      '-110.00',
      [lump('1', '-100.00', { taxAmount: '-10.00' })],
      '-100.00',
      [],
      ['Amount -110.00 includes tax of -10; the sum of the lines without tax, -100.00, is written.'],
    ],
    ['tax outside the header', '100.00', [lump('1', '100.00', { taxAmount: '10.00' })], '100.00', [], []],
    [
      'tax does not explain it',
      '120.00',
      [lump('1', '100.00', { taxAmount: '10.00' })],
      '100.00',
      [],
      ['Amount 120.00 is not the sum of its line, 100.00 (difference 20); the sum of the lines is written.'],
    ],
  ])('%s', (_name, amount, lines, written, problems, warnings) => {
    const fitted = fit(contract(amount, lines));
    expect({ ...fitted, warnings: textsOf(fitted.warnings) }).toMatchObject({ problems, warnings });
    expect(fitted.record.fields['amount']).toBe(written);
  });

  test('tax is taken out of the header where the ERP has no column for it, too', () => {
    const fitted = fit(
      contract('110.00', [lump('1', '100.00', { taxAmount: '10.00' })]),
      without('taxAmount'),
    );
    expect(fitted.problems).toEqual([]);
    expect(fitted.record.fields['amount']).toBe('100.00');
    expect(fitted.notes).toEqual([]);
    expect(fitted.warnings.map(({ code }) => code)).toEqual(['tax_not_in_total', 'amount_not_carried']);
    expect(textsOf(fitted.warnings)[1]).toBe('Tax "10.00" is not carried: the ERP has no such field.');
  });

  test('a line whose amount is no number is one problem, not two', () => {
    expect(fit(contract('100.00', [lump('1', 'NaN')])).problems).toEqual([
      'Line 1: Amount "NaN" is not a number.',
    ]);
  });

  test('an ERP without an amount in the header gets none, whatever Procore says', () => {
    const columns = { ...COLUMNS, fields: { name: rule() } };
    const fitted = fit(contract('999.00', [lump('1', '1.00')]), columns);
    expect(fitted).toMatchObject({ problems: [], warnings: [] });
    expect(fitted.record.fields['amount']).toBeNull();
  });

  test('lines that fit may make a sum that does not', () => {
    const columns = {
      ...COLUMNS,
      fields: { ...COLUMNS.fields, amount: rule({ maxLength: 6, decimals: 2 }) },
    };
    expect(fit(contract(null, [lump('1', '900.00'), lump('2', '900.00')]), columns).problems).toEqual([
      'Amount 1800.00 is too large; the ERP takes 6 characters.',
    ]);
  });

  test('forty lines of any amounts: what is written is exact, or refused', () => {
    const lines = fc.array(anyAmount, { minLength: 1, maxLength: 40 });
    const header = fc.option(anyAmount, { nil: null });
    fc.assert(
      fc.property(lines, header, fc.boolean(), (amounts, other, agrees) => {
        const stated = agrees ? sum(amounts) : other;
        const { record, problems, warnings } = fit(
          contract(
            stated,
            amounts.map((amount, index) => lump(`${index + 1}`, amount)),
          ),
        );
        const written = record.lines.map(({ fields }) => String(fields['amount']));
        expect(written).toEqual(amounts.map((amount) => roundTo(amount, 2)));
        if (problems.length > 0) return expect(agrees).toBe(false);
        expect(record.fields['amount']).toBe(roundTo(sum(written), 2));
        if (stated !== null && !sameAmount(roundTo(stated, 2), roundTo(sum(written), 2))) {
          expect(warnings.at(-1)?.text).toMatch(/the sum of the lines is written/);
        }
      }),
    );
  });

  test('every kind of record with a total is held to it, over all its kinds of lines', () => {
    const totals = KINDS.filter((kind) => definitionOf(kind).total !== undefined);
    expect(totals).toHaveLength(7);
    for (const kind of totals) {
      const { total } = definitionOf(kind);
      const lines = (total?.lines ?? []).map((line: LineKind) => lineOf(line, '1', { amount: '10.00' }));
      const right = recordOf({ amount: `${10 * lines.length}.00` }, lines);
      const wrong = recordOf({ amount: '99.00' }, lines);
      expect(fitRecord(kind, right, columnsFor(kind)).problems).toEqual([]);
      expect(fitRecord(kind, wrong, columnsFor(kind))).toMatchObject({
        problems: [],
        warnings: [{ code: 'total_differs' }],
        record: { fields: { amount: right.fields['amount'] } },
      });
    }
  });
});

describe('figures of an invoice that its lines make', () => {
  const invoice = (line: Fields, header: Fields): FittedRecord =>
    fitRecord(
      'requisition',
      recordOf(header, [
        lineOf('invoice_line', '1', { amount: '1000.00', retainage: '100.00' }),
        lineOf('invoice_line', '2', line),
      ]),
      columnsFor('requisition'),
    );
  const HEADER = { amount: '1500.00', retainage: '150.00', amountDue: '1350.00' };

  test('agree: nothing is said', () => {
    const { record, warnings } = invoice({ amount: '500.00', retainage: '50.00' }, HEADER);
    expect(warnings).toEqual([]);
    expect(record.fields).toMatchObject(HEADER);
  });

  test('differ, because a line was corrected: what the lines make is written, and only a person lets it through', () => {
    const { record, warnings } = invoice(
      { amount: '400.00', retainage: '60.00', retainageReleased: '10.00' },
      HEADER,
    );
    expect(record.fields).toMatchObject({ amount: '1400.00', retainage: '160.00', amountDue: '1250.00' });
    expect(warnings.map(({ code }) => code)).toEqual(['total_differs', 'total_differs', 'total_differs']);
    expect(textsOf(warnings).at(-1)).toBe(
      'Payment due 1350.00 is not what the lines make, 1250.00 (difference 100); what they make is written.',
    );
  });

  test('differ by rounding of the lines', () => {
    const { record, warnings } = invoice(
      { amount: '500.004', retainage: '50.004' },
      { amount: '1500.004', retainage: '150.004', amountDue: '1350.005' },
    );
    expect(record.fields).toMatchObject(HEADER);
    expect(warnings.map(({ code }) => code)).toContain('total_rounded');
  });

  test('are made of what the ERP has no column for on its lines, too', () => {
    const { fields, lines } = columnsFor('requisition');
    const { description = rule(), amount = rule() } = lines.invoice_line ?? {};
    const record = recordOf({ amount: '100.00', retainage: '10.00', amountDue: '90.00' }, [
      lineOf('invoice_line', '1', { amount: '100.00', retainage: '10.00' }),
    ]);
    const fitted = fitRecord('requisition', record, {
      fields,
      lines: { invoice_line: { description, amount } },
    });
    expect(fitted.record.fields).toMatchObject({ retainage: '10.00', amountDue: '90.00' });
    expect(fitted.warnings.map(({ code }) => code)).toEqual(['amount_not_carried']);
  });

  test('work and materials of an owner invoice that do not make its amount are told', () => {
    const line = { workCompleted: '80.00', storedMaterials: '10.00', amount: '100.00' };
    const { warnings } = fitRecord(
      'payment_application',
      recordOf({ amount: '100.00' }, [lineOf('owner_invoice_line', '3', line)]),
      columnsFor('payment_application'),
    );
    expect(textsOf(warnings)).toEqual([
      'Line 3: work completed and materials stored make 90, but the amount is 100.00; the amount is written.',
    ]);
  });
});

describe('units', () => {
  const unit = (quantity: string | null, unitCost: string | null, amount: string): CanonicalRecord =>
    contract(amount, [lineOf(SOV, '1', { basis: 'unit', quantity, uom: 'EA', unitCost, amount })]);

  test.each<[string, string | null, string | null, string, readonly string[]]>([
    ['make the amount', '3', '1.50', '4.50', []],
    ['make it by rounding', '3', '0.33333', '1.00', []],
    ['of a credit', '-3', '1.50', '-4.50', []],
    ['without a unit cost', '3', null, '4.50', []],
    ['without a quantity', null, '1.50', '4.50', []],
    [
      'do not make the amount',
      '3',
      '1.50',
      '5.00',
      ['Line 1: 3.000 × 1.50000 is 4.50, but the amount is 5.00; the amount is written.'],
    ],
  ])('%s', (_name, quantity, unitCost, amount, warnings) => {
    const fitted = fit(unit(quantity, unitCost, amount));
    expect({ ...fitted, warnings: textsOf(fitted.warnings) }).toMatchObject({ problems: [], warnings });
    expect(fitted.record.lines[0]?.fields['amount']).toBe(roundTo(amount, 2));
  });

  test('a lump sum may have units that say something else', () => {
    const line = lump('1', '5.00', { quantity: '3', unitCost: '1.50' });
    expect(fit(contract('5.00', [line])).warnings).toEqual([]);
  });

  test('more decimals than the ERP keeps are rounded, and said', () => {
    const { record, warnings } = fit(unit('1.0005', '2', '2.00'));
    expect(record.lines[0]?.fields['quantity']).toBe('1.001');
    expect(textsOf(warnings)).toEqual([
      'Line 1: Quantity 1.0005 is written as 1.001: the ERP keeps 3 decimals.',
    ]);
  });
});

describe('for any record', () => {
  const fields = fc.record({
    code: fc.option(anyText, { nil: null }),
    name: fc.option(anyText, { nil: null }),
    description: fc.option(anyText, { nil: null }),
    status: fc.option(anyText, { nil: null }),
    date: fc.option(fc.constantFrom('2026-03-31', '2024-02-29', '2026-02-29', 'soon', ''), { nil: null }),
    retainagePercent: fc.option(fc.oneof(anyAmount, anyText), { nil: null }),
    amount: fc.option(fc.oneof(anyAmount, anyDecimal), { nil: null }),
  });
  const line = fc.record({
    description: fc.option(anyText, { nil: null }),
    basis: fc.constantFrom('unit', 'lump_sum', null),
    quantity: fc.option(anyAmount, { nil: null }),
    unitCost: fc.option(anyAmount, { nil: null }),
    amount: fc.option(fc.oneof(anyAmount, anyDecimal, anyText), { nil: null }),
    taxAmount: fc.option(anyAmount, { nil: null }),
  });
  const record = fc
    .tuple(fields, fc.array(line, { maxLength: 6 }), fc.boolean())
    .map(([header, lines, agrees]) => {
      const amounts = lines.map(({ amount }) => amount ?? '0').filter(isDecimal);
      return recordOf(
        agrees ? { ...header, amount: sum(amounts) } : header,
        lines.map((values, index) => lineOf(SOV, `${index + 1}`, values)),
      );
    });

  test('fitting what was accepted once more changes nothing', () => {
    fc.assert(
      fc.property(record, (value) => {
        const first = fit(value);
        if (first.problems.length > 0) return;
        const second = fit(first.record);
        expect(second.record).toEqual(first.record);
        expect(second.problems).toEqual([]);
        expect(second.notes).toEqual([]);
        // What units do not make is as true as before; nothing else is left to say.
        expect(second.warnings.filter(({ code }) => code !== 'units_differ')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('what is accepted fits its column, is a number where it must be, and has no minus zero', () => {
    fc.assert(
      fc.property(record, (value) => {
        const { record: written, problems } = fit(value);
        if (problems.length > 0) return;
        const all = [
          ...Object.entries(written.fields).map(([field, text]) => [COLUMNS.fields[field], text] as const),
          ...written.lines.flatMap((fitted) =>
            Object.entries(fitted.fields).map(
              ([field, text]) => [COLUMNS.lines[SOV]?.[field], text] as const,
            ),
          ),
        ];
        for (const [column, text] of all) {
          if (typeof text !== 'string' || column === undefined) continue;
          expect([...text].length).toBeLessThanOrEqual(column.maxLength);
          if (column.decimals !== undefined) expect(text).toMatch(/^(?!-0*(\.0*)?$)-?\d+\.\d+$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test.each<[string, boolean]>([
  ['2026-03-31', true],
  ['2024-02-29', true],
  ['2026-02-29', false],
  ['2026-13-01', false],
  ['2026-00-10', false],
  ['2026-3-1', false],
  ['2026-03-31T00:00:00Z', false],
  [' 2026-03-31', false],
  ['', false],
])('"%s" is a day: %s', (text, expected) => {
  expect(isDate(text)).toBe(expected);
});
