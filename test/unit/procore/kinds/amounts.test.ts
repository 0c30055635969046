import fc from 'fast-check';
import { loadEvents } from '../../../../sandbox/procore-simulator/data';
import { sameAmount, subtract, sum } from '../../../../src/domain/base/money';
import { fitRecord } from '../../../../src/domain/kinds/fit-record';
import type { Warning } from '../../../../src/domain/base/warning';
import type { Answers, Question, RecordDraft } from '../../../../src/domain/request/intent';
import type { EventName } from '../../../../src/procore/erp-tool/events';
import { readRequest } from '../../../../src/procore/erp-tool/read-request';
import { amountsIn } from '../../../../src/procore/kinds/toolbox/totals';
import { columnsFor } from '../../domain/records';

type Json = Record<string, unknown>;

interface Given {
  readonly answers?: Answers;
  readonly timeZone?: string;
}

function reading(
  name: EventName,
  change: (data: Json) => void,
  { answers = {}, timeZone = 'Etc/UTC' }: Given = {},
): { readonly record: RecordDraft; readonly questions: readonly Question[] } {
  const entry = loadEvents().find((event) => event.name === name);
  const body = structuredClone(entry?.examplePayload ?? {});
  change(body['request_data'] as Json);
  const erpRequestId = Number(body['id'] ?? 1);
  const { intent, questions } = readRequest(body, { companyId: 4264807, erpRequestId, timeZone }, answers);
  const [record] = intent.way === 'export' ? intent.records : [];
  if (record === undefined) throw new Error(JSON.stringify(intent));
  return { record, questions };
}

const record = (name: EventName, change: (data: Json) => void, given: Given = {}): RecordDraft =>
  reading(name, change, given).record;

const first = (holder: Json, list: string): Json => (holder[list] as Json[])[0] ?? {};
const object = (holder: Json, key: string): Json => holder[key] as Json;
const texts = ({ warnings }: { readonly warnings: readonly Warning[] }): string[] =>
  warnings.map(({ code, text }) => `${code}: ${text}`);

describe('prime contract change orders: the amount of a line holds its markups', () => {
  const order = (exported: boolean, more: Json = {}): RecordDraft =>
    record('create_prime_contract_change_order', (data) => {
      const item = first(data, 'prime_contract_change_order_items');
      Object.assign(item, {
        amount: '343.85',
        extended_amount: '299.0',
        total_amount: '299.0',
        tax_amount: '12.71',
        quantity: '2.0',
        unit_cost: '149.5',
        ...more,
      });
      const markup = first(item, 'markup_line_items');
      markup['amount'] = '44.85';
      object(markup, 'markup')['can_export_estimate_markup'] = exported;
    });

  test('both are lines of their own, and make what Procore shows', () => {
    const { fields, lines, warnings } = order(true);
    expect(fields['amount']).toBe('343.85');
    expect(lines.map((line) => line.fields['amount'])).toEqual(['299.0', '44.85']);
    expect(lines[0]?.fields).toMatchObject({ quantity: '2.0', unitCost: '149.5', taxAmount: '12.71' });
    expect(warnings).toEqual([]);
  });

  test('a markup that Procore does not let out leaves the line as it is', () => {
    const { fields, lines, notes, warnings } = order(false);
    expect(fields['amount']).toBe('299');
    expect(lines.map((line) => line.fields['amount'])).toEqual(['299.0']);
    expect(notes).toEqual(['Markup "Fee" of 44.85 on line 1 is not exported.']);
    expect(warnings).toEqual([]);
  });

  test('without an extended amount the line is what the markups leave', () => {
    expect(order(true, { extended_amount: null }).lines.map((line) => line.fields['amount'])).toEqual([
      '299',
      '44.85',
    ]);
  });

  test.each(['299.0', '311.71', '343.85', '356.56', null])(
    'a total of %s is that of the line, with its markups and its tax or without',
    (total_amount) => expect(order(true, { total_amount }).warnings).toEqual([]),
  );

  test('an amount that holds something else is told with both figures', () => {
    expect(texts(order(true, { amount: '299.0', total_amount: '500.0' }))).toEqual([
      'total_differs: Line 1: Procore shows the amount 299.0; its extended amount and its markups make 343.85 (difference -44.85).',
      'total_differs: Line 1: Procore shows the total amount 500.0; its amount without tax of 12.71 is 299.0 (difference 201).',
    ]);
  });
});

describe('commitments', () => {
  const contract = (item: Json, header: Json = {}): RecordDraft =>
    record('create_commitment', (data) => {
      Object.assign(first(data, 'commitment_items'), item);
      Object.assign(object(data, 'commitment'), header);
    });

  test.each<[string, Json]>([
    ['with its tax', { tax_amount: '12.71', total_amount: '150012.71' }],
    ['without its tax', { tax_amount: '12.71', total_amount: '150000.0' }],
  ])('the total of a line %s is well', (_name, item) => {
    expect(contract(item).warnings).toEqual([]);
  });

  test('figures that differ are told', () => {
    expect(
      texts(contract({ extended_amount: '149000.0', total_amount: '1.0' }, { revised_contract: '190000.0' })),
    ).toEqual([
      'total_differs: Line 1: Procore shows the extended amount 149000.0; its amount is 150000.0 (difference -1000).',
      'total_differs: Line 1: Procore shows the total amount 1.0; its amount is 150000.0 (difference -149999).',
      'total_differs: Procore shows the revised contract 190000.0; contract and approved change orders make 184500 (difference 5500).',
    ]);
  });

  test('of many lines with the same fault the first is told, and the others are counted', () => {
    const draft = record('create_commitment', (data) => {
      for (const item of data['commitment_items'] as Json[]) item['total_amount'] = '1.0';
    });
    expect(draft.warnings).toHaveLength(1);
    expect(draft.warnings[0]?.text).toContain('(And 1 more like this.)');
  });

  test('a tax code that is an id alone is asked for', () => {
    const given = { tax_code_id: 2, tax_code: null, tax_amount: '12.71' };
    const change = (data: Json): void => void Object.assign(first(data, 'commitment_items'), given);
    const open = reading('create_commitment', change);
    expect(open.questions).toEqual([{ what: 'tax_code', id: 2 }]);
    const known = reading('create_commitment', change, { answers: { 'tax_code:2': 'WA-KING' } });
    expect(known.questions).toEqual([]);
    expect(known.record).toMatchObject({ warnings: [], lines: [{ fields: { taxCode: 'WA-KING' } }, {}] });
    const unknown = reading('create_commitment', change, { answers: { 'tax_code:2': null } });
    expect(unknown.questions).toEqual([]);
    expect(texts(unknown.record)).toEqual([
      'id_unknown: Line 1: Procore names its tax code by the id 2 alone, and does not say which one that is.',
    ]);
  });

  test('what is named by its id alone is left to our links', () => {
    const draft = record('create_commitment', (data) => {
      Object.assign(object(data, 'commitment'), { vendor: null, vendor_id: 5 });
      const item = first(data, 'commitment_items');
      Object.assign(item, { cost_code: null, cost_code_id: 6, line_item_type: null, line_item_type_id: 7 });
    });
    expect(draft.refs['vendor']).toMatchObject({ procoreId: 5, originId: null });
    expect(draft.lines[0]?.refs).toMatchObject({ costCode: { procoreId: 6 }, costType: { procoreId: 7 } });
  });

  test('rich text is plain', () => {
    const { fields } = contract(
      {},
      { description: '<p>Paving&nbsp;level 3.</p><p>Furnish &amp; install</p>' },
    );
    expect(fields['description']).toBe('Paving level 3.\nFurnish & install');
  });
});

test('a deduction that takes more than its contract line holds is told', () => {
  const draft = record('create_commitment_change_order', (data) => {
    Object.assign(first(data, 'change_order_items'), {
      ...{ amount: '-150000.01', extended_amount: '-150000.01', total_amount: '-150000.01' },
      commitment_line_item_id: 177301,
    });
  });
  expect(texts(draft)).toEqual([
    'exceeds_contract: Line 1: deduction of 150000.01 is more than the 150000.0 of the contract line.',
  ]);
});

describe('subcontractor invoices', () => {
  const invoice = (line: Json, header: Json = {}, more: readonly Json[] = []): RecordDraft =>
    record('create_requisitions', (data) => {
      const one = first(data, 'requisitions');
      const lines = one['line_items'] as Json[];
      Object.assign(one, header);
      Object.assign(lines[0] ?? {}, line);
      lines.push(...more.map((another) => ({ ...lines[0], ...another })));
    });

  test.each<[string, Json, Json, string]>([
    [
      'the payment due',
      {},
      { formatted_payment_due: '$16,600.00' },
      'total_differs: Procore shows the payment due $16,600.00; the lines make 16605.',
    ],
    [
      'a payment due that is no amount',
      {},
      { formatted_payment_due: 'soon' },
      'total_differs: The payment due "soon" of Procore cannot be compared with 16605.',
    ],
    [
      'the amount of a line',
      { formatted_amount: '$18,450.01' },
      {},
      'total_differs: Line 1: Procore shows the amount $18,450.01; the line itself says 18450.0.',
    ],
    [
      'retainage',
      { retainage_work_completed_this_period: '1800.0' },
      {},
      'total_differs: Line 1: Procore shows the retainage 1845.0; work and materials of the period make 1800 (difference 45).',
    ],
    [
      'retainage of work that the period does not show',
      { retainage_this_period: null, retainage_work_completed_this_period: '1845.0' },
      { formatted_payment_due: null },
      'total_differs: Line 1: Procore shows the retainage 0; work and materials of the period make 1845 (difference -1845).',
    ],
    [
      'more than the contract line',
      { scheduled_total_amount: '18000.0' },
      {},
      'exceeds_contract: Line 1: amount of 18450.0 is more than the 18000.0 of the contract line.',
    ],
    [
      'more than the contract line to date',
      { scheduled_value: '184500.0', total_completed_and_stored_to_date: '190000.0' },
      {},
      'exceeds_contract: Line 1: total to date of 190000.0 is more than the 184500.0 of the contract line.',
    ],
    [
      'materials that were billed before',
      {
        work_completed_this_period: '18450.0',
        materials_presently_stored: '500.0',
        materials_presently_stored_from_previous_application: '0.0',
      },
      {},
      'total_differs: Line 1: Procore shows the amount 18450.0; work and materials of the period make 18950 (difference -500).',
    ],
    [
      'a total to date that is another',
      {
        work_completed_this_period: '18450.0',
        work_completed_from_previous_application: '100.0',
        total_completed_and_stored_to_date: '18450.0',
      },
      {},
      'total_differs: Line 1: Procore shows the total to date 18450.0; what was billed before and what is billed now make 18550 (difference -100).',
    ],
  ])('%s', (_name, line, header, expected) => {
    expect(texts(invoice(line, header))).toEqual([expected]);
  });

  test.each<[string, Json]>([
    ['figures that agree', {}],
    ['a unit cost that is shown rounded', { unit_cost: '0.004', qty: '0.0' }],
    ['retainage that is net of what is released', { released_work_completed_this_period: '0.0' }],
    [
      'materials that were moved to the work of earlier periods',
      {
        work_completed_this_period: '18450.0',
        materials_presently_stored: '0.0',
        materials_presently_stored_from_previous_application: '700.0',
        materials_moved: '700.0',
      },
    ],
  ])('%s say nothing', (_name, line) => {
    expect(texts(invoice(line))).toEqual([]);
  });

  test('the line that Procore adds to a commitment for a new change order line is left out', () => {
    const empty = {
      procore_requisition_item_id: 991202,
      amount: '0.0',
      formatted_amount: '$0.00',
      retainage_this_period: '0.0',
      retainage_work_completed_this_period: '0.0',
      commitment_item_origin_id: null,
    };
    const draft = invoice({}, {}, [empty, { procore_requisition_item_id: 991203, amount: '0.0' }]);
    expect(draft.lines.map(({ number }) => number)).toEqual(['1', '3']);
    expect(draft.notes).toEqual(['1 line without an amount and without a line in the ERP is left out.']);
    // Money that names no line of the ERP is never left out.
    const { lines } = invoice({}, {}, [
      { ...empty, amount: '5.0' },
      { ...empty, retainage_this_period: '-5.0' },
    ]);
    expect(lines).toHaveLength(3);
  });

  test('whatever the lines say, the header is their sum, and another figure of Procore is told', () => {
    const cents = fc
      .integer({ min: -10_000_000, max: 10_000_000 })
      .map((amount) => (amount / 100).toFixed(2));
    const lines = fc.array(fc.record({ amount: cents, retainage_this_period: cents }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(lines, cents, (given, due) => {
        const items = given.map((line) => ({
          ...line,
          formatted_amount: null,
          retainage_work_completed_this_period: null,
          scheduled_total_amount: null,
        }));
        const draft = invoice(items[0] ?? {}, { formatted_payment_due: `$${due}` }, items.slice(1));
        const amount = sum(given.map((line) => line.amount));
        const held = sum(given.map((line) => line.retainage_this_period));
        expect(draft.fields).toMatchObject({ amount, retainage: held, amountDue: subtract(amount, held) });
        expect(draft.warnings).toHaveLength(sameAmount(due, subtract(amount, held)) ? 0 : 1);
      }),
      { numRuns: 200 },
    );
  });
});

describe('owner invoices', () => {
  const application = (line: Json, summary: Json = {}): RecordDraft =>
    record('create_payment_application', (data) => {
      const invoice = object(data, 'payment_application');
      Object.assign(first(invoice, 'items'), line);
      Object.assign(object(invoice, 'summary'), summary);
    });

  test('materials that were moved to completed work are no credit', () => {
    const moved = {
      materials_presently_stored: 0,
      materials_presently_stored_from_previous_application: 2000,
      work_completed_from_previous_application: 2000,
      total_completed_and_stored_to_date: 252000,
    };
    const due = { total_completed_and_stored_to_date: 252000 };
    const draft = application({ ...moved, materials_moved: 2000 }, due);
    expect(draft).toMatchObject({ fields: { amount: '250000', amountDue: '225000' }, warnings: [] });
    // Where Procore does not say that they were moved, its own payment due does.
    expect(texts(application(moved, due))).toEqual([
      'total_differs: Procore shows the payment due 225000; the lines of this period make 223000 (difference 2000).',
    ]);
  });

  test.each<[string, Json, Json, string]>([
    [
      'a total to date that is another',
      { work_completed_from_previous_application: 5 },
      {},
      'total_differs: Line 1: Procore shows the total to date 250000; what was billed before, the work of the period and the stored materials make 250005 (difference -5).',
    ],
    [
      'retainage to date',
      { total_retainage_from_previous_application: 10 },
      {},
      'total_differs: Line 1: Procore shows the retainage to date 25000; what was held before, is held and is released now make 25010 (difference -10).',
    ],
    [
      'more than is scheduled',
      { scheduled_value: 200000 },
      {},
      'exceeds_contract: Line 1: total to date of 250000 is more than the 200000 of the contract line.',
    ],
    [
      'more than the contract',
      {},
      { contract_sum_to_date: 240000 },
      'exceeds_contract: The total to date of 250000 is more than the 240000 of the contract sum to date.',
    ],
    [
      'the total retainage',
      {},
      { total_retainage: 1 },
      'total_differs: Procore shows the total retainage 1; the lines make 25000 (difference -24999).',
    ],
    [
      'certificates',
      {},
      { less_previous_certificates_for_payment: 25 },
      'total_differs: Procore shows the current payment due 225000; what was earned less what was certified before makes 224975 (difference 25).',
    ],
  ])('%s', (_name, line, summary, expected) => {
    expect(texts(application(line, summary))).toEqual([expected]);
  });
});

describe('direct costs', () => {
  const cost = (header: Json, line: Json = {}): RecordDraft =>
    record('create_company_level_direct_cost', (data) => {
      const direct = object(data, 'direct_cost');
      Object.assign(direct, header);
      Object.assign(first(direct, 'line_items'), line);
    });

  test.each<[string, Json]>([
    ['payroll', { direct_cost_type: 'payroll', vendor: null, employee: { id: 5, name: 'Somebody' } }],
    ['expense', { direct_cost_type: 'expense' }],
    ['of an employee, whatever else it is called', { direct_cost_type: null, employee: { id: 5 } }],
    ['of a type that nobody knows', { direct_cost_type: 'Royalty' }],
  ])('%s: none of the ERP, in words', (_name, header) => {
    const { refusals = [] } = cost(header);
    expect(refusals).toEqual([
      expect.stringMatching(/^This direct cost is .+\. Only invoices of vendors are written to the ERP;/),
    ]);
    expect(refusals.join()).not.toContain('Somebody');
  });

  test('an invoice is one', () => {
    expect(cost({}).refusals).toEqual([]);
    expect(cost({ direct_cost_type: null }).refusals).toEqual([]);
  });

  test('figures that differ are told', () => {
    expect(texts(cost({ line_item_total: '1.0' }, { quantity: '2.0' }))).toEqual([
      'total_differs: Procore shows the line item total 1.0; the lines make 1240 (difference -1239).',
      'units_differ: Line 1: 2.0 × 1240.0 is 2480.00, but the amount is 1240.0; the amount is written.',
    ]);
  });

  test('currencies are named as Procore names them, of lines too', () => {
    const configured = (currency_iso_code: string, currency_exchange_rate: string): Json => ({
      currency_configuration: { base_currency_iso_code: 'USD', currency_iso_code, currency_exchange_rate },
    });
    expect(cost(configured('cad', '0.73'), configured('USD', '1.0')).currencies).toEqual([
      { code: 'CAD', rate: '0.73', base: 'USD' },
      { code: 'USD', rate: '1.0', base: 'USD' },
    ]);
    const beside = record('create_commitment', (data) => {
      Object.assign(object(data, 'commitment'), { currency_iso_code: 'EUR', currency_exchange_rate: 1.1 });
    });
    expect(beside.currencies).toEqual([{ code: 'EUR', rate: '1.1', base: null }]);
  });
});

test.each<[string, string | null]>([
  ['$16,605.00', null],
  ['CA$16,605.00', 'CAD'],
  ['C$16,605.00', 'CAD'],
  ['€16,605.00', 'EUR'],
  ['16.605,00 €', 'EUR'],
  ['£16,605.00', 'GBP'],
  ['16,605.00', null],
])('a figure for people names its currency: %s', (formatted_payment_due, code) => {
  const { currencies, warnings } = record('create_requisitions', (data) => {
    first(data, 'requisitions')['formatted_payment_due'] = formatted_payment_due;
  });
  expect(currencies).toEqual(code === null ? [] : [{ code, rate: null, base: null }]);
  expect(warnings).toEqual([]);
});

test('in a budget that is sent for the first time, the movements make its amounts', () => {
  const amount = (data: Json): void => void (first(data, 'job_costs')['new_amount'] = 184000);
  expect(texts(record('create_budget', amount))).toEqual([
    'total_differs: Job cost 1|2417-|23-050: Procore shows the new amount 184000; its movements make 184500 (difference -500).',
  ]);
  // Later only new movements are sent.
  expect(texts(record('update_budget', amount))).toEqual([]);
});

test('whatever amounts a document holds, its header is the sum of its lines, or the difference is told', () => {
  const EVENTS = [
    'create_commitment',
    'create_commitment_change_order',
    'create_prime_contract_change_order',
    'create_requisitions',
    'create_payment_application',
    'create_company_level_direct_cost',
  ] as const;
  const cents = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((amount) => (amount / 100).toFixed(2));
  const isAmount = (key: string): boolean => /amount|total|retainage|released|work_|materials/.test(key);
  const fill = (value: unknown, next: () => string): unknown => {
    if (Array.isArray(value)) return value.map((item) => fill(item, next));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const isText = typeof inner === 'string' && /^-?\d+\.\d+$/.test(inner);
        return [key, isText && isAmount(key) ? next() : fill(inner, next)];
      }),
    );
  };
  fc.assert(
    fc.property(fc.constantFrom(...EVENTS), fc.infiniteStream(cents), (name, amounts) => {
      const next = (): string => String(amounts.next().value);
      const sent = record(name, (data) => void Object.assign(data, fill(data, next) as Json));
      const { kind, fields, lines } = sent;
      const made = sum(lines.map((line) => String(line.fields['amount'])));
      const canonical = { fields, lines: lines.map((line) => ({ ...line, erpKey: null })) };
      const fitted = fitRecord(kind, canonical, columnsFor(kind));
      expect(sameAmount(String(fitted.record.fields['amount']), made)).toBe(true);
      const told = fitted.warnings.some(({ code }) => /^total_|^tax_not/.test(code));
      expect(told).toBe(!sameAmount(String(fields['amount']), made));
    }),
    { numRuns: 300 },
  );
});

describe('instants are dates of the project', () => {
  const LOS_ANGELES = { 'time_zone:598134325190455': 'America/Los_Angeles' };
  const date = (name: EventName, key: string, values: Json, given: Given = {}): unknown =>
    record(name, (data) => void Object.assign(object(data, key), values), given).fields['date'];
  const payment = (values: Json, given: Given = {}): unknown =>
    date(
      'create_payment',
      'contract_payment',
      {
        ...{ date_payment_settled: null, date_payment_funded: null },
        ...{ date_payment_initiated: null, date_payment_created: null, ...values },
      },
      given,
    );

  test('a change order that was reviewed in the evening of the last of the month', () => {
    const late = { reviewed_at: '2026-08-01T02:30:00Z' };
    const event = 'create_commitment_change_order';
    expect(date(event, 'change_order', late, { answers: LOS_ANGELES })).toBe('2026-07-31');
    expect(date(event, 'change_order', late)).toBe('2026-08-01');
    expect(date(event, 'change_order', late, { timeZone: 'America/Denver' })).toBe('2026-07-31');
    expect(
      date('create_prime_contract_change_order', 'prime_contract_change_order', {
        approved_on: '2026-08-01T02:30:00-07:00',
      }),
    ).toBe('2026-08-01');
  });

  test('the zone of the project is asked for, once', () => {
    const change = (): void => undefined;
    expect(reading('create_commitment_change_order', change).questions).toEqual([
      { what: 'time_zone', id: 598134325190455 },
    ]);
    expect(reading('create_commitment_change_order', change, { answers: LOS_ANGELES }).questions).toEqual([]);
    // Calendar dates need no zone.
    expect(reading('create_commitment', change).questions).toEqual([]);
  });

  test.each<[string, Json, string | null]>([
    ['funded', { date_payment_funded: '2026-09-01T02:30:00Z' }, '2026-08-31'],
    [
      'the epoch is no date',
      { date_payment_initiated: '1970-01-01T00:00:00Z', date_payment_created: '2026-04-20T15:06:02Z' },
      '2026-04-20',
    ],
    [
      'nor is it elsewhere in the world',
      {
        date_payment_initiated: '1969-12-31T16:00:00-08:00',
        date_payment_created: '2026-04-20T15:06:02Z',
      },
      '2026-04-20',
    ],
    ['nor the first day of .NET', { date_payment_created: '0001-01-01T00:00:00Z' }, null],
    ['nor that of SQL Server', { date_payment_created: '1900-01-01' }, null],
    ['midnight in UTC is an instant too', { date_payment_settled: '2026-05-01T00:00:00Z' }, '2026-04-30'],
    ['a date is a date', { date_payment_settled: '2026-05-01' }, '2026-05-01'],
  ])('payments: %s', (_name, values, expected) => {
    expect(payment(values, { answers: LOS_ANGELES })).toBe(expected);
  });

  test.each<[string, string | null]>([
    ['2026-03-01', '2026-03-01'],
    ['2026-03-01T00:00:00Z', '2026-03-01'],
    ['2026-03-01T00:00:00.000Z', '2026-03-01'],
    ['2026-03-01T00:00:00', '2026-03-01'],
    ['2026-03-01T00:00:00+00:00', '2026-03-01'],
    ['2026-03-01T00:00:00-07:00', '2026-03-01'],
    ['2026-03-01T00:00:00+1000', '2026-03-01'],
    ['2026-03-01T08:00:00Z', '2026-03-01'],
    ['2026-03-01T07:59:59Z', '2026-02-28'],
    ['0001-01-01', null],
  ])('a calendar date never moves: %s', (contract_date, expected) => {
    expect(date('create_commitment', 'commitment', { contract_date }, { answers: LOS_ANGELES })).toBe(
      expected,
    );
  });
});

test.each<[string, ...string[]]>([
  ['$16,605.00', '16605.00'],
  ['CA$1,200', '1200', '1.200'],
  ['$0.125', '0125', '0.125'],
  ['1.234 €', '1234', '1.234'],
  ['($1,234.50)', '-1234.50'],
  ['-$5.00', '-5.00'],
  ['$-5.00', '-5.00'],
  ['1.234,50 €', '1234.50'],
  ["1'234.50", '1234.50'],
  ['1 234,50', '1234.50'],
  ['12', '12'],
  ['$1,234,567', '1234567'],
  ['soon'],
  [''],
  ['$1,23-4'],
  ['1..2'],
])('what %j may be', (text, ...amounts) => {
  expect(amountsIn(text)).toEqual(amounts);
});

test('an amount that is written for people is read exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (cents) => {
      const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
      const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
      const text = `${cents < 0n ? '-' : ''}$${whole}.${digits.slice(-2)}`;
      const plain = `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
      expect(amountsIn(text)).toEqual([plain]);
    }),
  );
});
