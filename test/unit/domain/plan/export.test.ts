import * as fc from 'fast-check';
import type { RecordDraft } from '../../../../src/domain/request/intent';
import type { LedgerHead } from '../../../../src/domain/plan/ledger-head';
import { ownKeyOf } from '../../../../src/domain/plan/ledger-head';
import type { ErpWrite, SetExternalData } from '../../../../src/domain/plan/operation';
import { isErpWrite, isTie } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { ExportSide } from '../../../../src/domain/plan/snapshot';
import type { ExportInput } from '../../../../src/domain/plan/export';
import { linksAfter, writtenRecords } from '../../../../src/domain/plan/export/confirm';
import { batchOf, keysOf, planExport, resolveDraft } from '../../../../src/domain/plan/export';
import type { CanonicalRecord, Fields, KnownRecord, RecordLine } from '../../../../src/domain/kinds/record';
import type { LinkState, RecordLink } from '../../../../src/domain/kinds/record-link';
import { ownLink } from '../../../../src/domain/kinds/record-link';
import type { RefState } from '../../../../src/domain/plan/references';
import { pendingKeyOf, RefResolver } from '../../../../src/domain/plan/references';
import {
  anyAmount,
  assignmentLine,
  budget,
  codeLine,
  columnsFor,
  commitment,
  costs,
  draftLine,
  exportOf,
  heldCommitment,
  heldLine,
  job,
  known,
  lineOf,
  linkOf,
  recordOf,
  ref,
  rule,
  standardCode,
} from '../records';
import { textsOf } from '../plans';

type Link = RecordLink;
type Given = Omit<Partial<ExportInput>, 'intent'>;

const NOTHING: ExportSide = { own: null, same: [], similar: [], ledgerHead: null };
const side = (more: Partial<ExportSide>): ExportSide => ({ ...NOTHING, ...more });

const inputOf = (drafts: readonly RecordDraft[], more: Given = {}): ExportInput => ({
  connectionId: 'acme',
  intent: exportOf(...drafts),
  corrections: {},
  columns: columnsFor(drafts[0]?.kind ?? 'commitment'),
  sides: drafts.map(() => NOTHING),
  states: [],
  links: [],
  ...more,
});

const resultOf = (drafts: RecordDraft | readonly RecordDraft[], more: Given = {}) =>
  planExport(inputOf('kind' in drafts ? [drafts] : drafts, more));

function planned(drafts: RecordDraft | readonly RecordDraft[], more: Given = {}): Plan {
  const result = resultOf(drafts, more);
  if (result.kind === 'plan') return result.plan;
  throw new Error(result.kind === 'refused' ? result.problems.join(' ') : JSON.stringify(result.waits));
}

function problems(drafts: RecordDraft | readonly RecordDraft[], more: Given = {}): readonly string[] {
  const result = resultOf(drafts, more);
  if (result.kind !== 'refused') throw new Error(`not refused but ${result.kind}`);
  return result.problems;
}

const actions = ({ operations }: Plan): string[] =>
  operations.map(({ side: at, action }) => `${at} ${action}`);
const erp = ({ operations }: Plan): ErpWrite => {
  const found = operations.find(isErpWrite);
  if (!found) throw new Error('nothing is written to the ERP');
  return found;
};
const external = ({ operations }: Plan): SetExternalData => {
  const found = operations.find(isTie);
  if (!found) throw new Error('Procore is told nothing');
  return found;
};
const recordIn = ({ record }: { readonly record: CanonicalRecord }): CanonicalRecord => record;
const keysIn = (operation: SetExternalData): string[] =>
  recordIn(operation).lines.map(({ number, erpKey, procoreId }) =>
    [number, erpKey ?? '-', procoreId ?? '-'].join(' '),
  );
const fields = ({ changes }: ErpWrite): Record<string, unknown> =>
  Object.fromEntries(changes.map(({ field, new: value }) => [field, value]));

/** Columns of commitments in an ERP that lacks one of the header. */
const columnsWithout = (field: string): ExportInput['columns'] => {
  const { fields: rules, lines } = columnsFor('commitment');
  return { fields: Object.fromEntries(Object.entries(rules).filter(([name]) => name !== field)), lines };
};

const CREATE = ['erp create', 'procore set_external_data'];
const TIE = ['procore set_external_data'];

describe('a new record', () => {
  test('is created, then tied with its lines', () => {
    const plan = planned(commitment());
    expect(actions(plan)).toEqual(CREATE);
    expect(plan).toMatchObject({
      subject: 'Commitment SC-008 "HVAC"',
      warnings: [],
      notes: [],
      leftOut: [],
      facts: {
        kinds: ['commitment'],
        projects: [9],
        amount: '150',
        dates: ['2026-03-31'],
        flags: { codeGiven: true, corrected: false },
      },
    });
    expect(erp(plan)).toMatchObject({ generation: 1, erpKey: null, recordId: 'commitment/71', seq: 1 });
    expect(fields(erp(plan))).toMatchObject({
      code: 'SC-008',
      job: '1|1024',
      vendor: '1|10442',
      amount: '150.00',
      'commitment_line[2].costCode': '1|102',
      'commitment_line[2].amount': '50.00',
    });
    expect(external(plan).changes).toMatchObject([
      { field: 'origin_id', old: null, new: '(from the ERP)' },
      { field: 'origin_code', new: 'SC-008' },
      { field: 'lines', new: '2' },
    ]);
    expect(external(plan)).toMatchObject({
      items: [
        { itemType: 'work_order_contract', itemId: 71, line: null },
        { itemType: 'line_item', itemId: 5001, line: { kind: 'commitment_line', number: '1' } },
        { itemType: 'line_item', itemId: 5002, line: { kind: 'commitment_line', number: '2' } },
      ],
    });
  });

  test('is booked on its own date where nobody entered another, and the ERP asks for one', () => {
    expect(fields(erp(planned(commitment())))).toMatchObject({ accountingDate: '2026-03-31' });
    const entered = commitment({ fields: { ...commitment().fields, accountingDate: '2026-04-01' } });
    expect(fields(erp(planned(entered)))).toMatchObject({ accountingDate: '2026-04-01' });
    const columns = columnsWithout('accountingDate');
    expect(planned(commitment(), { columns }).notes).toEqual([]);
  });

  test('lines without external data are written and not told', () => {
    const lines = commitment().lines.map((line) => ({ ...line, itemType: null }));
    expect(external(planned(commitment({ lines })))).toMatchObject({ items: [{ itemId: 71 }] });
  });

  test('keys are shown with what they mean, and the meaning is part of the approval', () => {
    const state: RefState = {
      target: 'vendor',
      key: '1|10442',
      state: 'active',
      label: 'vendor 10442 Cobalt',
    };
    const plan = planned(commitment(), { states: [state] });
    expect(erp(plan).changes.find(({ field }) => field === 'vendor')?.words).toBe('vendor 10442 Cobalt');
    expect(plan.hash).not.toBe(planned(commitment()).hash);
  });

  describe('what it refers to is compared with what it was when it was linked', () => {
    const vendor = linkOf('vendor', 8, '1|10442', {
      erp: { fields: { code: '10442', name: 'Cobalt Mechanical LLC' }, lines: [] },
    });
    const given = (code: string, name: string): Given => ({
      links: [vendor, linkOf('project', 9, '1|1024')],
      states: [
        { target: 'vendor', key: '1|10442', state: 'active', label: `vendor ${code} "${name}"`, code, name },
      ],
    });

    test('the same, whatever its legal form and case, is nothing to tell', () => {
      expect(textsOf(planned(commitment(), given('10442', 'COBALT MECHANICAL, INC.')).warnings)).toEqual([]);
    });

    test('another name is a warning', () => {
      expect(textsOf(planned(commitment(), given('10442', 'Juniper Paving')).warnings)).toEqual([
        'Vendor 10442 "Juniper Paving" was called "Cobalt Mechanical LLC" when it was linked. Is it the same?',
      ]);
    });

    test('another number is refused', () => {
      expect(problems(commitment(), given('10450', 'Cobalt Mechanical LLC'))).toEqual([
        'Vendor 10450 "Cobalt Mechanical LLC" had the number 10442 when it was linked: it is another record now.',
      ]);
    });
  });

  test('corrections replace header values, and nothing that is no field', () => {
    const plan = planned(commitment(), { corrections: { code: 'SC-009', nonsense: 'x' } });
    expect(fields(erp(plan))).toMatchObject({ code: 'SC-009' });
    expect(recordIn(erp(plan)).fields).not.toHaveProperty('nonsense');
    expect(plan.facts.flags).toMatchObject({ corrected: true });
  });

  test('without lines and without money it is what it is', () => {
    expect(
      actions(planned(commitment({ lines: [], fields: { ...commitment().fields, amount: '0.00' } }))),
    ).toEqual(CREATE);
  });

  test('a figure that a person entered is told beside the one that was sent: no rule lets it through unseen', () => {
    const corrections = { 'commitment_line[2].amount': '60.00', amount: '160.00', name: 'Ducts' };
    const plan = planned(commitment(), { corrections });
    expect(plan.warnings).toEqual([
      { code: 'figure_entered', text: 'Amount was sent as 150.00; 160.00 was entered instead.' },
      { code: 'figure_entered', text: 'Line 2: Amount was sent as 50.00; 60.00 was entered instead.' },
    ]);
  });

  test.each(['nonsense', 'commitment_line[9].description', 'commitment_line[1].colour'])(
    'a correction of what is not there any more is said: %s',
    (name) => {
      const plan = planned(commitment(), { corrections: { [name]: 'x' } });
      expect(plan.warnings).toEqual([
        {
          code: 'correction_unused',
          text: `What was entered for "${name}" is not written: the record has no such field or line any more.`,
        },
      ]);
    },
  );

  test('corrections reach fields of lines, and no reference', () => {
    const corrections = {
      'commitment_line[1].description': 'Corrected',
      'commitment_line[1].costCode': '1|9',
      'commitment_line[99].description': 'x',
    };
    const [write] = planned(commitment(), { corrections }).operations.filter(isErpWrite);
    const [first, second] = write?.record.lines ?? [];
    expect(first?.fields).toMatchObject({ description: 'Corrected', costCode: '1|101' });
    expect(second?.fields['description']).not.toBe('Corrected');
  });

  test('what is not carried is one note for the whole request', () => {
    const intent = { ...exportOf(commitment()), notCarried: ['mobile phone', 'trade name'] };
    const result = planExport({ ...inputOf([commitment()]), intent });
    expect(result).toMatchObject({
      plan: { notes: ['Not carried to the ERP: mobile phone, trade name.'] },
    });
  });

  test('notes of the request come with those of the fitting', () => {
    const plan = planned(commitment({ notes: ['From Procore.'] }), { columns: columnsWithout('status') });
    expect(plan.notes).toEqual([
      'From Procore.',
      'Status "Approved" is not carried: the ERP has no such field.',
    ]);
  });
});

describe('currencies', () => {
  const inCurrency = (code: string | null, rate: string | null, base: string | null = null): RecordDraft =>
    commitment({ currencies: [{ code, rate, base }] });
  const keeping = (currency?: string): Given => ({
    columns: { ...columnsFor('commitment'), ...(currency === undefined ? {} : { currency }) },
  });

  test.each<[string, RecordDraft, string | undefined]>([
    ['that of the ERP', inCurrency('USD', '1.0', 'USD'), 'USD'],
    ['that of the ERP in small letters', inCurrency('USD', null), 'usd'],
    ['none said, at par', inCurrency(null, '1.0'), 'USD'],
    ['at par, and the ERP does not say', inCurrency('CAD', '1.0'), undefined],
  ])('%s says nothing', (_name, draft, currency) => {
    expect(planned(draft, keeping(currency)).warnings).toEqual([]);
  });

  test('another one than the ERP keeps is refused with both', () => {
    expect(problems(inCurrency('CAD', '0.73', 'USD'), keeping('USD'))).toEqual([
      'Amounts are in CAD, exchange rate 0.73 to USD; the ERP keeps USD alone. Enter it there by hand, or change the currency in Procore.',
    ]);
  });

  test.each<[RecordDraft, string | undefined, string]>([
    [
      inCurrency('CAD', '0.73'),
      undefined,
      'Amounts are in CAD, exchange rate 0.73; the ERP does not say its currency.',
    ],
    [inCurrency('USD', '0.73'), 'USD', 'Amounts are in USD, exchange rate 0.73; the ERP keeps USD.'],
    [
      inCurrency(null, '0.73'),
      'USD',
      'Amounts are in another currency, exchange rate 0.73; the ERP keeps USD.',
    ],
    [inCurrency('CAD', null, 'USD'), undefined, 'Amounts are in CAD; the ERP does not say its currency.'],
    [
      commitment({ currencies: ['USD', 'CAD'].map((code) => ({ code, rate: null, base: null })) }),
      undefined,
      'Amounts are in USD and CAD, and are added up as if they were one currency.',
    ],
  ])('what contradicts itself is for a person: %#', (draft, currency, text) => {
    expect(planned(draft, keeping(currency)).warnings).toEqual([{ code: 'currency_differs', text }]);
  });
});

test('a kind of cost that is none of the ERP is refused in words', () => {
  expect(problems(commitment({ refusals: ['It is the pay of an employee.'] }))).toEqual([
    'It is the pay of an employee.',
  ]);
});

test('an origin_id without its type is ours only where our links or the ERP know it', () => {
  const draft = commitment({ originId: '1|77' });
  expect(problems(draft)[0]).toContain('has the origin_id "1|77", which is not one of ours');
  const held = heldCommitment('1|77');
  expect(resultOf(draft, { sides: [side({ own: held })] }).kind).toBe('plan');
  const link = linkOf('commitment', 5, '1|77', { state: 'unlinked' });
  expect(resultOf(draft, { links: [link] }).kind).toBe('plan');
});

test('a reference without its type that the ERP does not know is not one of ours', () => {
  const draft = commitment({
    refs: { ...commitment().refs, vendor: ref('vendor', 5, '8000|9000', 'vendor X') },
  });
  const state = (is: RefState['state']): readonly RefState[] => [
    { target: 'vendor', key: '8000|9000', state: is, label: 'vendor 9000', code: null, name: null },
  ];
  expect(problems(draft, { states: state('absent') })).toEqual([
    'Vendor X has the origin_id "8000|9000", which is not one of ours: another integration may own it.',
  ]);
  expect(problems(draft, { states: state('inactive') })).toEqual([
    'Vendor 9000 is inactive or closed in the ERP.',
  ]);
  expect(resultOf(draft, { states: state('active') }).kind).toBe('plan');
});

describe('what cannot be written is refused, with every reason at once', () => {
  const withFields = (more: Fields): RecordDraft =>
    commitment({ fields: { ...commitment().fields, ...more } });
  const [line] = commitment().lines;
  if (!line) throw new Error('the commitment has no lines');

  test.each<[string, RecordDraft, readonly string[]]>([
    [
      'a title that is too long',
      withFields({ name: 'x'.repeat(61) }),
      [`Title "${'x'.repeat(61)}" is 61 characters long; the ERP takes 60.`],
    ],
    [
      'a date that is none',
      withFields({ date: 'soon', accountingDate: '2026-01-01' }),
      ['Contract date "soon" is not a date such as 2026-03-31.'],
    ],
    [
      'an amount over no lines',
      commitment({ lines: [] }),
      [
        'Amount 150.00 is not the sum of its 0 lines, 0.00 (difference 150). Correct the record in Procore and send it again.',
      ],
    ],
    [
      'no vendor',
      commitment({ refs: { ...commitment().refs, vendor: null } }),
      ['Vendor is missing; Procore names none.'],
    ],
    [
      'a line without a cost code',
      commitment({
        lines: [{ ...line, refs: { ...costs(), costCode: null } }],
        fields: { ...commitment().fields, amount: '100' },
      }),
      ['Line 1: Cost code is missing; Procore names none.'],
    ],
    [
      'two lines of one number',
      commitment({
        lines: [line, { ...line, procoreId: 5009 }],
        fields: { ...commitment().fields, amount: '200' },
      }),
      ['Line 1 occurs more than once.'],
    ],
    [
      'a vendor of another integration',
      commitment({ refs: { ...commitment().refs, vendor: ref('vendor', 8, 'QB-77', 'vendor Cobalt') } }),
      ['Vendor Cobalt has the origin_id "QB-77", which is not one of ours: another integration may own it.'],
    ],
    [
      'a record of another integration',
      commitment({ originId: 'QB-78' }),
      [
        'Commitment SC-008 "HVAC" has the origin_id "QB-78", which is not one of ours: another integration may own it.',
      ],
    ],
  ])('%s', (_name, draft, expected) => {
    expect(problems(draft)).toEqual(expected);
  });

  test.each<[RefState['state'], string]>([
    ['absent', 'Vendor 10442 is not in the ERP any more.'],
    ['inactive', 'Vendor 10442 is inactive or closed in the ERP.'],
    ['void', 'Vendor 10442 is void in the ERP.'],
  ])('what it refers to is %s', (state, sentence) => {
    const states: RefState[] = [{ target: 'vendor', key: '1|10442', state, label: 'vendor 10442' }];
    expect(problems(commitment(), { states })).toEqual([sentence]);
  });

  test('a closed phase is told once, however many lines are on it', () => {
    const label = 'phase 23-050 of job 1024';
    const states: RefState[] = [{ target: 'cost_code', key: '1|101', state: 'inactive', label }];
    const lines = ['1', '2', '3'].map((number) => draftLine('commitment_line', number, { amount: '50' }));
    expect(problems(commitment({ lines }), { states })).toEqual([
      'Phase 23-050 of job 1024 is inactive or closed in the ERP.',
    ]);
  });

  test('a request about nothing', () => {
    expect(problems([])).toEqual(['The request names no record.']);
  });

  test('a side that was not read is a fault of the program', () => {
    expect(() => resultOf(commitment(), { sides: [] })).toThrow('nothing was read for Commitment SC-008');
  });
});

describe('what is not in the ERP yet is waited for', () => {
  const draft = commitment({
    refs: { job: ref('project', 9), vendor: ref('vendor', 8, null, 'vendor Cobalt') },
    lines: [
      draftLine(
        'commitment_line',
        '1',
        { amount: '100' },
        { refs: { ...costs(), costCode: ref('cost_code', 501) } },
      ),
      draftLine(
        'commitment_line',
        '2',
        { amount: '50' },
        { refs: { ...costs(), costCode: ref('cost_code', 502) } },
      ),
    ],
  });
  const base = recordOf({}, [
    lineOf('cost_code', 'a', {}, { erpKey: '1|101', procoreId: 501 }),
    lineOf('cost_code', 'b', {}, { erpKey: '1|102', procoreId: 502 }),
  ]);
  const vendor = linkOf('vendor', 8, '1|10442');
  const project = linkOf('project', 9, '1|1024', { erp: base });

  test('each record once, with a sentence', () => {
    const result = resultOf(draft);
    if (result.kind !== 'held') throw new Error(result.kind);
    expect(result.waits.map(({ recordId }) => recordId)).toEqual(['project/9', 'vendor/8']);
    expect(result.waits[1]?.reason).toMatch(/^Vendor Cobalt is not in the ERP yet/);
  });

  test('and released when the links are there', () => {
    expect(resultOf(draft, { links: [vendor] }).kind).toBe('held');
    expect(resultOf(draft, { links: [vendor, { ...project, erp: null }] }).kind).toBe('held');
    expect(actions(planned(draft, { links: [vendor, project] }))).toEqual(CREATE);
  });

  test('a link beats the origin_id in the request', () => {
    const links = [linkOf('vendor', 8, '1|20000')];
    expect(fields(erp(planned(commitment(), { links })))).toMatchObject({ vendor: '1|20000' });
  });

  test('a fault of its own is told at once: waiting would not mend it', () => {
    const wrong = {
      ...draft,
      lines: [{ ...draftLine('commitment_line', '1', { amount: '150' }), refs: {} }],
    };
    expect(problems(wrong)).toEqual([
      'Line 1: Cost code is missing; Procore names none.',
      'Line 1: Cost type is missing; Procore names none.',
    ]);
  });

  test('a line of a contract that nobody will ever tell of is done without, with a warning', () => {
    const changeOrder: RecordDraft = {
      ...commitment(),
      kind: 'commitment_change_order',
      itemType: 'change_order',
      label: 'Change order 1',
      fields: { code: '1', name: 'More', amount: '5.00' },
      refs: {
        job: ref('project', 9, 'project|1|1024'),
        commitment: ref('commitment', 70, 'commitment|1|70'),
      },
      lines: [
        draftLine(
          'change_order_line',
          '1',
          { amount: '5.00' },
          {
            refs: { ...costs(), commitmentLine: ref('commitment_line', 44) },
          },
        ),
      ],
    };
    const plan = planned(changeOrder);
    expect(textsOf(plan.warnings)).toEqual([
      'Line 1: Commitment line 44 is not in the ERP; it is written without it.',
    ]);
    expect(recordIn(erp(plan)).lines[0]?.fields['commitmentLine']).toBeNull();
    const held = resultOf({
      ...changeOrder,
      refs: { ...changeOrder.refs, commitment: ref('commitment', 70) },
    });
    expect(held.kind).toBe('held');
  });
});

describe('the number is taken', () => {
  const taken = (record: KnownRecord): Given => ({ sides: [side({ same: [record] })] });
  const USED = 'Number SC-008 is already used by commitment SC-008 "HVAC" in the ERP. Choose another code.';

  test('by the same document: it is tied, nothing is created', () => {
    const plan = planned(commitment(), taken(heldCommitment()));
    expect(actions(plan)).toEqual(TIE);
    expect(textsOf(plan.warnings)).toEqual([
      'Commitment SC-008 "HVAC" is already in the ERP: it is linked, nothing is created.',
    ]);
    expect(external(plan)).toMatchObject({ erpKey: '1|77', changes: [{ new: 'commitment|1|77' }, {}, {}] });
  });

  test('by the same document under another title: the difference is told', () => {
    const { warnings } = planned(
      commitment(),
      taken(heldCommitment('1|77', { name: 'Heating', retainagePercent: null })),
    );
    expect(textsOf(warnings.slice(1))).toEqual([
      'The ERP keeps its Title "Heating"; Procore has "HVAC".',
      'The ERP keeps its Retainage % "(empty)"; Procore has "10.00".',
    ]);
  });

  test('by the same document with its amounts spelt otherwise', () => {
    const lines = [heldLine('1', '101', '100'), heldLine('2', '102', '50.0')];
    expect(actions(planned(commitment(), taken(heldCommitment('1|77', { amount: '150' }, lines))))).toEqual(
      TIE,
    );
  });

  test.each<[string, KnownRecord]>([
    ['another amount', heldCommitment('1|77', { amount: '151.00' })],
    ['another vendor', heldCommitment('1|77', { vendor: '1|1' })],
    ['another job', heldCommitment('1|77', { job: '1|1' })],
    [
      'another split',
      heldCommitment('1|77', {}, [heldLine('1', '101', '50.00'), heldLine('2', '102', '100.00')]),
    ],
    [
      'another cost code',
      heldCommitment('1|77', {}, [heldLine('1', '101', '100.00'), heldLine('2', '103', '50.00')]),
    ],
    ['fewer lines', heldCommitment('1|77', {}, [heldLine('1', '101', '100.00')])],
    ['no lines', heldCommitment('1|77', {}, [])],
  ])('by a document with %s: refused with the word "code"', (_name, record) => {
    expect(problems(commitment(), taken(record))).toEqual([USED]);
  });

  test('by a void document: the number is free for us', () => {
    expect(actions(planned(commitment(), taken({ ...heldCommitment(), state: 'void' })))).toEqual(CREATE);
  });

  test('of several that bear it, the same document is found', () => {
    const same = [heldCommitment('1|70', { amount: '1' }), heldCommitment('1|77')];
    expect(external(planned(commitment(), { sides: [side({ same })] })).erpKey).toBe('1|77');
  });

  test('by the same document, which is tied to somebody else: never adopted', () => {
    const links = [linkOf('commitment', 5, '1|77')];
    expect(problems(commitment(), { ...taken(heldCommitment()), links })).toEqual([
      'Commitment SC-008 of the ERP is already linked to another record in Procore (id 5). Choose another code.',
    ]);
  });

  test.each<LinkState>(['unlinked', 'staged', 'archived', 'merged'])(
    'a link of somebody else that is %s is none',
    (state) => {
      const links = [
        linkOf('commitment', state === 'unlinked' || state === 'merged' ? 5 : null, '1|77', { state }),
      ];
      expect(actions(planned(commitment(), { ...taken(heldCommitment()), links }))).toEqual(TIE);
    },
  );

  test('flaws of the record do not matter where nothing of it is written', () => {
    const draft = commitment({ fields: { ...commitment().fields, name: 'x'.repeat(61) } });
    expect(actions(planned(draft, taken(heldCommitment())))).toEqual(TIE);
  });

  test('and other problems: all are told', () => {
    const draft = commitment({ fields: { ...commitment().fields, name: 'x'.repeat(61) } });
    expect(problems(draft, taken(heldCommitment('1|77', { amount: '1' })))).toHaveLength(2);
  });

  describe('of a record without money, its name decides', () => {
    const code = (name: string | null) => known('1|23', recordOf({ code: '23', name, isActive: true }));
    test.each<[string | null, boolean]>([
      ['Name of 23', true],
      ['NAME OF 23, Inc.', true],
      ['Plumbing', false],
      [null, false],
    ])('%s: the same %s', (name, isSame) => {
      const result = resultOf(standardCode(3, '23'), taken(code(name)));
      expect(result.kind).toBe(isSame ? 'plan' : 'refused');
    });

    test('names without a letter are the same only to the letter', () => {
      const draft = standardCode(3, '23', null, { fields: { code: '23', name: '???', isActive: true } });
      expect(resultOf(draft, taken(code('***'))).kind).toBe('refused');
      expect(resultOf(draft, taken(code('???'))).kind).toBe('plan');
    });

    test('a sub job of another job is another sub job', () => {
      const subJob: RecordDraft = {
        ...job(),
        kind: 'sub_job',
        itemType: 'sub_job',
        procoreId: 6,
        fields: { code: '01', name: 'Garage', isActive: true },
        refs: { job: ref('project', 9, 'project|1|1024') },
        lines: [],
      };
      const held = (of: string) => known('1|6', recordOf({ code: '01', name: 'Garage', job: of }));
      expect(resultOf(subJob, taken(held('1|1024'))).kind).toBe('plan');
      expect(resultOf(subJob, taken(held('1|2000'))).kind).toBe('refused');
    });
  });
});

describe('the lines of an adopted record find their partners', () => {
  const partners = (...lines: readonly RecordLine[]): string[] =>
    keysIn(
      external(
        planned(commitment(), { sides: [side({ own: heldCommitment('1|77', {}, lines) })], links: [OURS] }),
      ),
    );
  const OURS = linkOf('commitment', 71, '1|77', { state: 'unlinked' });

  test.each<[string, readonly RecordLine[], readonly string[]]>([
    [
      'by number',
      [heldLine('1', '101', '100.00', 'a'), heldLine('2', '102', '50.00', 'b')],
      ['1 a 5001', '2 b 5002'],
    ],
    [
      'by cost code and amount where the ERP numbers otherwise',
      [heldLine('10', '102', '50.00', 'b'), heldLine('20', '101', '100.00', 'a')],
      ['1 a 5001', '2 b 5002'],
    ],
    [
      'by cost code where numbers are shifted by one',
      [heldLine('2', '101', '100.00', 'a'), heldLine('3', '102', '50.00', 'b')],
      ['1 a 5001', '2 b 5002'],
    ],
    [
      'by number where the cost code was changed',
      [heldLine('1', '901', '100.00', 'a'), heldLine('2', '902', '50.00', 'b')],
      ['1 a 5001', '2 b 5002'],
    ],
    [
      'by cost code where the amount was changed too',
      [heldLine('10', '101', '1.00', 'a'), heldLine('20', '102', '2.00', 'b')],
      ['1 a 5001', '2 b 5002'],
    ],
    ['or stay untied, rather than be tied to another', [heldLine('7', '999', '1.00', 'x')], ['7 x -']],
    [
      'or stay untied, without lending their number to another',
      [heldLine('1', '102', '50.00', 'b'), heldLine('2', '999', '1.00', 'x')],
      ['2 b 5002', '2 (ERP only) x -'],
    ],
  ])('%s', (_name, lines, expected) => {
    expect(partners(...lines)).toEqual(expected);
  });

  test('every line once, on both sides', () => {
    const line = fc.record({
      number: fc.constantFrom('1', '2', '3', '10'),
      code: fc.constantFrom('101', '102'),
      amount: fc.constantFrom('100.00', '50.00'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(line, { selector: ({ number }) => number, maxLength: 4 }), (lines) => {
        const held = lines.map(({ number, code, amount }) => heldLine(number, code, amount, `k${number}`));
        const found = partners(...held).map((text) => /^(.*) (\S+) (\S+)$/.exec(text)?.slice(1) ?? []);
        expect(new Set(found.map(([number]) => number)).size).toBe(found.length);
        expect(found.map((parts) => parts.at(-2)).sort()).toEqual(held.map(({ erpKey }) => erpKey).sort());
        const ids = found.map((parts) => parts.at(-1)).filter((id) => id !== '-');
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});

describe('the ERP record is ours already', () => {
  const own = heldCommitment();

  test.each<[string, ExportSide, readonly Link[]]>([
    ['by an undone link', side({ own }), [linkOf('commitment', 71, '1|77', { state: 'unlinked' })]],
    ['by a link in force', side({ own }), [linkOf('commitment', 71, '1|77')]],
    ['by what Procore says, our store being empty', side({ own }), []],
    [
      'by the ledger, of another revision',
      side({ own, ledgerHead: { operationKey: 'acme:other', generation: 1, erpKey: '1|77' } }),
      [],
    ],
    [
      'by its number, where the ledger knows a void one',
      side({
        own: { ...heldCommitment('1|78'), state: 'void' },
        same: [own],
        ledgerHead: { operationKey: 'x', generation: 9, erpKey: '1|78' },
      }),
      [linkOf('commitment', 71, '1|77', { state: 'unlinked' })],
    ],
  ])('%s: tied again, never a twin', (_name, read, links) => {
    const plan = planned(commitment(), { sides: [read], links });
    expect(actions(plan)).toEqual(TIE);
    expect(external(plan).erpKey).toBe('1|77');
    expect(plan.warnings[0]?.text).toBe(
      'Commitment SC-008 "HVAC" is already in the ERP as commitment SC-008 "HVAC": it is linked again, nothing is created.',
    );
  });

  test('and differs: its values stay, and the approver is told which', () => {
    const held = heldCommitment('1|77', { code: 'SC-009', amount: '90.00' }, [heldLine('1', '101', '90.00')]);
    const { warnings } = planned(commitment(), { sides: [side({ own: held })] });
    expect(textsOf(warnings)).toEqual([
      'Commitment SC-008 "HVAC" is already in the ERP as commitment SC-009 "HVAC": it is linked again, nothing is created.',
      'The ERP keeps its Amount "90.00"; Procore has "150.00".',
      'The ERP keeps its 1 lines; those in Procore differ.',
    ]);
  });

  test('and belongs to somebody else by now: refused', () => {
    const links = [linkOf('commitment', 71, '1|77', { state: 'unlinked' }), linkOf('commitment', 5, '1|77')];
    expect(problems(commitment(), { sides: [side({ own })], links })[0]).toMatch(
      /another record in Procore \(id 5\)/,
    );
  });

  test('a crash between write and record: the very same plan again, so that its approval holds', () => {
    const before = planned(commitment());
    const ledgerHead = { operationKey: erp(before).operationKey, generation: 1, erpKey: '1|77' };
    const after = planned(commitment(), { sides: [side({ own, ledgerHead })] });
    expect(after).toEqual(before);
  });

  test('the same crash, of a record that was linked and deleted before', () => {
    const links = [linkOf('commitment', 71, '1|70', { state: 'unlinked', generation: 4 })];
    const before = planned(commitment(), { links });
    expect(erp(before).generation).toBe(5);
    const ledgerHead = { operationKey: erp(before).operationKey, generation: 5, erpKey: '1|77' };
    expect(planned(commitment(), { links, sides: [side({ own, ledgerHead })] })).toEqual(before);
  });

  test.each<[string, Partial<ExportSide>]>([
    ['deleted', { own: null }],
    ['void', { own: { ...own, state: 'void' }, same: [{ ...own, state: 'void' }] }],
  ])('its record is %s in the ERP: a new one, one generation further', (_name, more) => {
    const ledgerHead = {
      operationKey: erp(planned(commitment())).operationKey,
      generation: 1,
      erpKey: '1|77',
    };
    const plan = planned(commitment(), { sides: [side({ ...more, ledgerHead })] });
    expect(actions(plan)).toEqual(CREATE);
    expect(erp(plan).generation).toBe(2);
    const links = [linkOf('commitment', 71, '1|77', { state: 'unlinked', generation: 7 })];
    expect(erp(planned(commitment(), { sides: [side({ ...more, ledgerHead })], links })).generation).toBe(8);
  });
});

describe('jobs are brought up to date', () => {
  const held = (more: Fields = {}, ...lines: readonly RecordLine[]): KnownRecord =>
    known(
      '1|1024',
      recordOf({ code: '1024', name: 'Eastgate', city: 'Seattle', isActive: true, ...more }, lines),
    );
  const CODE = lineOf(
    'cost_code',
    '23-050',
    { code: '23-050', name: 'HVAC', isActive: true },
    { erpKey: '1|101' },
  );
  const PAIR = lineOf(
    'cost_type_assignment',
    '23-050/1|4',
    { costCode: '23-050', costType: '1|4' },
    { erpKey: '1|101/1|4' },
  );
  const OURS = linkOf('project', 9, '1|1024', { generation: 3 });
  const update = (record: KnownRecord, draft = job(), more: Given = {}): Plan =>
    planned(draft, { sides: [side({ own: record })], links: [OURS], ...more });

  test('a new job: created, tied with its codes, its assignments marked', () => {
    const plan = planned(job());
    expect(actions(plan)).toEqual([...CREATE, 'procore sync']);
    expect(external(plan)).toMatchObject({
      items: [
        { itemType: 'project', itemId: 9 },
        { itemType: 'cost_code', itemId: 501 },
      ],
    });
    expect(plan.operations[2]).toMatchObject({
      target: 'Cost type assignments marked as synced',
      resource: 'cost_type_assignment',
      place: { projectId: 9 },
      rows: [{ costCode: { procoreId: 501 }, lineItemTypeId: 4, fields: { synced: true } }],
    });
    expect(erp(plan).changes.map(({ field }) => field)).toContain(
      'cost_type_assignment[23-050/1|4].costCode',
    );
  });

  test('nothing new: Procore is told again, the ERP is left alone', () => {
    const plan = update(held({}, CODE, PAIR));
    expect(actions(plan)).toEqual([...TIE, 'procore sync']);
    expect(textsOf(plan.warnings)).toEqual([]);
  });

  test('new codes and assignments are added; those of the ERP alone stay', () => {
    const lines = [codeLine('23-050', 501), codeLine('23-060', 502), assignmentLine('23-060', 502)];
    const other = lineOf(
      'cost_code',
      '09-100',
      { code: '09-100', name: 'Paint', isActive: true },
      { erpKey: '1|1' },
    );
    const plan = update(held({}, CODE, PAIR, other), job({ lines }));
    expect(erp(plan)).toMatchObject({ action: 'update', erpKey: '1|1024', generation: 4 });
    expect(recordIn(erp(plan)).lines.map(({ number }) => number)).toEqual(['23-060', '23-060/1|4']);
    expect(recordIn(erp(plan)).fields).toEqual({});
    // A code of Procore is never given the key of another code.
    expect(keysIn(external(plan))).toEqual(['23-050 1|101 501', '23-050/1|4 1|101/1|4 -', '09-100 1|1 -']);
  });

  test('changed values are shown with old and new; an empty one in Procore empties nothing', () => {
    const draft = job({
      fields: { ...job().fields, name: 'Renamed', city: null, isActive: false },
      lines: [codeLine('23-050', 501, 'Heating')],
    });
    const plan = update(held({}, CODE, PAIR), draft);
    expect(erp(plan).changes).toEqual([
      { field: 'name', label: 'Name', old: 'Eastgate', new: 'Renamed' },
      { field: 'cost_code[23-050].name', label: 'Cost code 23-050 · Name', old: 'HVAC', new: 'Heating' },
    ]);
    expect(recordIn(erp(plan)).fields).toEqual({ name: 'Renamed' });
  });

  test('a job of the same number and name is adopted, and completed', () => {
    const plan = planned(job(), { sides: [side({ same: [held({ city: null })] })] });
    expect(actions(plan)).toEqual(['erp update', 'procore set_external_data', 'procore sync']);
    expect(textsOf(plan.warnings)).toEqual([
      'Project 1024 "Eastgate" is already in the ERP: it is linked, nothing is created.',
    ]);
  });

  test('a job of the same number and another name: refused with the word "code"', () => {
    expect(problems(job(), { sides: [side({ same: [held({ name: 'Westgate' })] })] })).toEqual([
      'Job number 1024 is already used by project 1024 "Westgate" in the ERP. Choose another code.',
    ]);
  });

  test('a new number that another job has: refused with the word "code"', () => {
    const same = [known('1|2000', recordOf({ code: '1024', name: 'Westgate' }))];
    const own = held({ code: '999' }, CODE, PAIR);
    expect(problems(job(), { sides: [side({ own, same })], links: [OURS] })[0]).toMatch(
      /Choose another code\.$/,
    );
  });

  test('a flaw stops the update, but not the tying of what is there', () => {
    const draft = job({ fields: { ...job().fields, name: 'x'.repeat(61) } });
    expect(problems(draft, { sides: [side({ own: held({}, CODE, PAIR) })], links: [OURS] })).toHaveLength(1);
  });

  test('an update that was written and not recorded leaves nothing to write', () => {
    const draft = job({ fields: { ...job().fields, name: 'Renamed' } });
    const before = update(held({}, CODE, PAIR), draft);
    const ledgerHead = { operationKey: erp(before).operationKey, generation: 4, erpKey: '1|1024' };
    const after = update(held({ name: 'Renamed' }, CODE, PAIR), draft, {
      sides: [side({ own: held({ name: 'Renamed' }, CODE, PAIR), ledgerHead })],
    });
    expect(actions(after)).toEqual([...TIE, 'procore sync']);
  });

  test.each<[string, string]>([
    ['other values', 'Once more'],
    ['the same values, which the ERP changed back since', 'Renamed'],
  ])('after a write that was never recorded, %s are another generation', (_name, name) => {
    const renamed = job({ fields: { ...job().fields, name: 'Renamed' } });
    const head: LedgerHead = {
      operationKey: erp(update(held({}, CODE, PAIR), renamed)).operationKey,
      generation: 4,
      erpKey: '1|1024',
    };
    const own = held({}, CODE, PAIR);
    const next = update(own, job({ fields: { ...job().fields, name } }), {
      sides: [side({ own, ledgerHead: head })],
    });
    expect(erp(next).generation).toBe(5);
    expect(erp(next).operationKey).not.toBe(head.operationKey);
  });
});

describe('budgets grow with every export', () => {
  const written = (...numbers: readonly string[]): RecordLine[] =>
    numbers.map((number) =>
      lineOf('budget_line', number, { amount: '1' }, { erpKey: `1|b${number}`, procoreId: Number(number) }),
    );
  const heldBudget = (key: string, ...numbers: readonly string[]): KnownRecord =>
    known(key, recordOf({ job: '1|1024' }, written(...numbers)));
  const linked = (key: string, ...numbers: readonly string[]): Link =>
    linkOf('budget', 31, key, { generation: 2, erp: recordOf({ job: '1|1024' }, written(...numbers)) });
  const sent = (plan: Plan): string[] => recordIn(erp(plan)).lines.map(({ number }) => number);
  const told = (plan: Plan): string[] =>
    plan.operations.flatMap((operation) => ('rows' in operation ? operation.rows.map(({ key }) => key) : []));

  test('the first: all movements, then Procore is told of each', () => {
    const plan = planned(
      budget([
        [1, '10.00'],
        [2, '-5.00'],
      ]),
    );
    expect(actions(plan)).toEqual([...CREATE, 'procore sync']);
    expect(sent(plan)).toEqual(['1', '2']);
    expect(plan.facts.flags).toMatchObject({ codeGiven: false });
    expect(plan.operations[2]).toMatchObject({
      resource: 'budget_line',
      place: { projectId: 9 },
      rows: [
        { key: '1', procoreId: 1, line: { kind: 'budget_line', number: '1' }, fields: { synced: true } },
        { key: '2', procoreId: 2, line: { kind: 'budget_line', number: '2' }, fields: { synced: true } },
      ],
    });
  });

  test('again, with new movements only: a new ERP record of the new ones', () => {
    const plan = planned(budget([[3, '1.00']]), {
      sides: [side({ own: heldBudget('1|5', '1', '2') })],
      links: [linked('1|5', '1', '2')],
    });
    expect(erp(plan)).toMatchObject({ action: 'create', erpKey: null, generation: 3 });
    expect(sent(plan)).toEqual(['3']);
    // The base that follows knows every movement that was ever written.
    expect(keysIn(external(plan))).toEqual(['1 1|b1 1', '2 1|b2 2', '3 - 3']);
  });

  test.each<[string, Given]>([
    ['as the link knows', { links: [linked('1|5', '1', '2')], sides: [side({ own: heldBudget('1|5') })] }],
    [
      'as the ERP record knows, no link being there',
      {
        sides: [
          side({
            own: heldBudget('1|5', '1', '2'),
            ledgerHead: { operationKey: 'x', generation: 1, erpKey: '1|5' },
          }),
        ],
      },
    ],
    [
      'after a reset',
      {
        links: [{ ...linked('1|5', '1', '2'), state: 'unlinked' }],
        sides: [side({ own: heldBudget('1|5') })],
      },
    ],
  ])('a movement is never written twice, %s; Procore is told of it again', (_name, more) => {
    const plan = planned(
      budget([
        [1, '10.00'],
        [2, '5.00'],
        [3, '1.00'],
      ]),
      more,
    );
    expect(sent(plan)).toEqual(['3']);
    expect(told(plan)).toEqual(['1', '2', '3']);
    expect(keysIn(external(plan)).slice(0, 2)).toEqual(['1 1|b1 1', '2 1|b2 2']);
    expect(
      recordIn(external(plan)).lines.every(({ number, erpKey }) => (number === '3') === (erpKey === null)),
    ).toBe(true);
  });

  test('everything is known: only Procore is told', () => {
    const plan = planned(budget([[1, '10.00']]), {
      sides: [side({ own: heldBudget('1|5', '1') })],
      links: [linked('1|5', '1')],
    });
    expect(actions(plan)).toEqual([...TIE, 'procore sync']);
    expect(textsOf(plan.warnings)).toEqual([
      'Budget of job 1024: everything was written before; Procore is told again.',
    ]);
    expect(external(plan).erpKey).toBe('1|5');
  });

  test('the ERP record is gone: what was in it is written again, with a warning', () => {
    const plan = planned(
      budget([
        [1, '10.00'],
        [3, '1.00'],
      ]),
      { links: [linked('1|5', '1', '2')] },
    );
    expect(sent(plan)).toEqual(['1', '3']);
    expect(textsOf(plan.warnings)).toEqual([
      'Budget of job 1024: 1 line was written before (1), but the ERP record is not there any more; what was in it is written again.',
    ]);
  });

  test('movements of earlier exports that were never recorded are found in the budgets of the job', () => {
    const same = [heldBudget('1|4', '1'), { ...heldBudget('1|3', '2'), state: 'void' as const }];
    const drafts = budget([
      [1, '10.00'],
      [2, '5.00'],
      [3, '1.00'],
    ]);
    expect(sent(planned(drafts, { sides: [side({ own: heldBudget('1|5', '3'), same })] }))).toEqual(['2']);
    const alone = planned(budget([[1, '10.00']]), { sides: [side({ same })] });
    expect(actions(alone)).toEqual([...TIE, 'procore sync']);
    expect(external(alone).erpKey).toBe('1|4');
    expect(problems(budget([]), { sides: [side({ same })] })).toHaveLength(1);
  });

  test('nothing at all: no empty budget in the ERP', () => {
    expect(problems(budget([]))).toEqual(['Budget of job 1024 has nothing new for the ERP.']);
  });

  test('a movement that comes twice is refused, never doubled', () => {
    expect(
      problems(
        budget([
          [1, '10.00'],
          [1, '10.00'],
        ]),
      ),
    ).toEqual(['Budget movement 1 occurs more than once.']);
  });

  test('a crash between write and record: the same plan, of a first and of a later export', () => {
    const first = planned(budget([[1, '10.00']]));
    const head = (plan: Plan, erpKey: string): LedgerHead => ({
      operationKey: erp(plan).operationKey,
      generation: erp(plan).generation,
      erpKey,
    });
    const own = heldBudget('1|5', '1');
    expect(
      planned(budget([[1, '10.00']]), { sides: [side({ own, ledgerHead: head(first, '1|5') })] }).hash,
    ).toBe(first.hash);
    const links = [linked('1|5', '1')];
    const two = budget([
      [1, '10.00'],
      [2, '5.00'],
    ]);
    const later = planned(two, {
      links,
      sides: [side({ own, ledgerHead: { ...head(first, '1|5'), generation: 2 } })],
    });
    const again = planned(two, {
      links,
      sides: [side({ own: heldBudget('1|6', '2'), ledgerHead: head(later, '1|6') })],
    });
    expect(sent(later)).toEqual(['2']);
    expect(again.hash).toBe(later.hash);
    expect(erp(again).operationKey).toBe(erp(later).operationKey);
  });

  test('more movements after a write that was never recorded: another generation', () => {
    const first = planned(budget([[1, '10.00']]));
    const ledgerHead = { operationKey: erp(first).operationKey, generation: 1, erpKey: '1|5' };
    const plan = planned(
      budget([
        [1, '10.00'],
        [2, '5.00'],
      ]),
      { sides: [side({ own: heldBudget('1|5', '1'), ledgerHead })] },
    );
    expect(sent(plan)).toEqual(['2']);
    expect(erp(plan).generation).toBe(2);
  });
});

describe('several records in one request', () => {
  const parentOf = (procoreId: number) =>
    ref('standard_cost_code', procoreId, null, `standard cost code ${procoreId}`);
  const keyOf = (procoreId: number) => pendingKeyOf(`standard_cost_code/${procoreId}`);
  const created = (plan: Plan): string[] =>
    plan.operations
      .filter(({ side: at }) => at === 'erp')
      .map(({ recordId }) => recordId.split('/')[1] ?? '');
  const reasons = (plan: Plan): string[] => plan.leftOut.map(({ reason }) => reason);

  test('a child refers to a parent of the same request, and the plan says what that means', () => {
    const plan = planned([standardCode(1, '23'), standardCode(2, '23-050', parentOf(1))]);
    expect(plan.subject).toBe('2 of 2 records');
    expect(created(plan)).toEqual(['1', '2']);
    expect(plan.operations.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(plan.operations[2]?.changes).toContainEqual({
      field: 'parent',
      label: 'Parent',
      old: null,
      new: keyOf(1),
      words: 'Standard cost code 23 of the same request',
    });
  });

  test('a child of a parent that is in the ERP already gets its key', () => {
    const own = known('1|23', recordOf({ code: '23', name: 'Name of 23' }));
    const plan = planned([standardCode(1, '23'), standardCode(2, '23-050', parentOf(1))], {
      sides: [side({ own }), NOTHING],
      links: [linkOf('standard_cost_code', 1, '1|23', { state: 'unlinked' })],
    });
    expect(created(plan)).toEqual(['2']);
    expect(fields(erp(plan))).toMatchObject({ parent: '1|23' });
  });

  test('a crash after the parent was written: the same plan again', () => {
    const drafts = [standardCode(1, '23'), standardCode(2, '23-050', parentOf(1))];
    const before = planned(drafts);
    const own = known('1|23', recordOf({ code: '23', name: 'Name of 23' }));
    const ledgerHead = { operationKey: erp(before).operationKey, generation: 1, erpKey: '1|23' };
    expect(planned(drafts, { sides: [side({ own, ledgerHead }), NOTHING] })).toEqual(before);
  });

  test('a bad one is left out with its reason, its children with theirs, the others go on', () => {
    const bad = standardCode(1, '23', null, { fields: { code: '23', name: 'x'.repeat(61), isActive: true } });
    const plan = planned([
      bad,
      standardCode(2, '23-050', parentOf(1)),
      standardCode(3, '23-051', parentOf(2)),
      standardCode(4, '26'),
    ]);
    expect(created(plan)).toEqual(['4']);
    expect(plan.subject).toBe('1 of 4 records');
    expect(reasons(plan)).toEqual([
      `Standard cost code 23: Name "${'x'.repeat(61)}" is 61 characters long; the ERP takes 60.`,
      'Standard cost code 23-050: Standard cost code 1 of the same request is left out, and this record needs it.',
      'Standard cost code 23-051: Standard cost code 2 of the same request is left out, and this record needs it.',
    ]);
    expect(textsOf(plan.warnings)).toEqual(reasons(plan).map((reason) => `Left out: ${reason}`));
  });

  test('parents in a circle, of themselves, or after their children are left out, and said', () => {
    const circle = [
      standardCode(1, 'a', parentOf(2)),
      standardCode(2, 'b', parentOf(1)),
      standardCode(3, 'c', parentOf(3)),
    ];
    const plan = planned([...circle, standardCode(4, 'd')]);
    expect(created(plan)).toEqual(['4']);
    expect(reasons(plan)[0]).toBe(
      'a: '.replace('a', 'Standard cost code a') +
        'Standard cost code 2 of the same request cannot be written before this record.',
    );
    expect(problems(circle)).toHaveLength(3);
  });

  test('a parent that is linked needs no place in the request', () => {
    const plan = planned([standardCode(2, '23-050', parentOf(1))], {
      links: [linkOf('standard_cost_code', 1, '1|23')],
    });
    expect(fields(erp(plan))).toMatchObject({ parent: '1|23' });
  });

  test('the same record twice is one; with different values it is a contradiction', () => {
    const twice = [
      standardCode(1, '23'),
      standardCode(1, '23', null, { detailIds: [9] }),
      standardCode(2, '26'),
    ];
    expect(created(planned(twice))).toEqual(['1', '2']);
    const plan = planned([standardCode(1, '23'), standardCode(1, '24'), standardCode(2, '26')]);
    expect(created(plan)).toEqual(['2']);
    expect(reasons(plan)).toEqual([
      'Standard cost code 23: It comes twice in this request, with different values.',
    ]);
  });

  test('one that waits does not hold the others; all waiting, the request waits', () => {
    const waiting = (procoreId: number) => standardCode(procoreId, `x${procoreId}`, parentOf(99));
    const plan = planned([waiting(1), standardCode(2, '26')]);
    expect(created(plan)).toEqual(['2']);
    expect(reasons(plan)[0]).toMatch(/^Standard cost code x1: Standard cost code 99 is not in the ERP yet/);
    expect(resultOf([waiting(1), waiting(2)]).kind).toBe('held');
  });

  test('all bad: refused, each reason with its record; warnings and notes name theirs', () => {
    const bad = (id: number) => standardCode(id, `c${id}`, null, { originId: 'QB-1' });
    expect(problems([bad(1), bad(2)]).map((problem) => problem.split(':')[0])).toEqual([
      'Standard cost code c1',
      'Standard cost code c2',
    ]);
    const noted = standardCode(1, '23', null, { notes: ['Said by Procore.'] });
    const columns = columnsFor('standard_cost_code', { name: rule({ charset: 'ascii' }) });
    const folded = standardCode(2, '26', null, { fields: { code: '26', name: 'a–b', isActive: true } });
    const plan = planned([noted, folded], { columns });
    expect(plan.notes).toEqual(['Standard cost code 23: Said by Procore.']);
    expect(plan.warnings[0]?.text).toMatch(/^Standard cost code 26: Name is written as "a-b"/);
  });

  test('corrections are about one record; in a batch they would be about anybody', () => {
    const plan = planned([standardCode(1, '23'), standardCode(2, '26')], { corrections: { code: '99' } });
    expect(fields(erp(plan))).toMatchObject({ code: '23' });
  });

  test('requisitions: an invoice that waits for its contract leaves the others alone', () => {
    const invoice = (procoreId: number, contract: ReturnType<typeof ref>): RecordDraft => ({
      ...commitment(),
      kind: 'requisition',
      itemType: 'requisition',
      procoreId,
      label: `Subcontractor invoice ${procoreId}`,
      fields: { code: `I-${procoreId}`, date: '2026-03-31', amount: '10.00' },
      refs: { job: ref('project', 9, 'project|1|1024'), commitment: contract },
      lines: [draftLine('invoice_line', '1', { amount: '10.00' }, { itemType: 'requisition_contract_item' })],
    });
    const plan = planned([
      invoice(1, ref('commitment', 70)),
      invoice(2, ref('commitment', 71, 'commitment|1|77')),
    ]);
    expect(created(plan)).toEqual(['2']);
    expect(plan.leftOut).toMatchObject([{ recordId: 'requisition/1' }]);
  });
});

test('what the adapter is asked about: every key once, but none that is still to come', () => {
  const intent = exportOf(standardCode(1, '23'), standardCode(2, '23-050', ref('standard_cost_code', 1)));
  const [, child] = intent.records;
  if (!child) throw new Error('no child');
  const { record } = resolveDraft(child, new RefResolver([], batchOf(intent)), {});
  expect(record.fields['parent']).toBe('->standard_cost_code/1');
  expect(keysOf(record, 'standard_cost_code')).toEqual([]);
  const { record: contract } = resolveDraft(commitment(), new RefResolver([]), {});
  expect(keysOf(contract, 'commitment').map(({ target, key }) => `${target} ${key}`)).toEqual([
    'project 1|1024',
    'vendor 1|10442',
    'cost_code 1|101',
    'line_item_type 1|4',
    'cost_code 1|102',
  ]);
});

describe('the hash an approval is bound to', () => {
  const base = commitment();
  const hash = (draft: RecordDraft, more: Given = {}): string => planned(draft, more).hash;

  test.each<[string, RecordDraft, Given]>([
    ['the request detail', commitment({ detailIds: [1] }), {}],
    [
      'labels of what it refers to',
      commitment({
        refs: {
          job: ref('project', 9, 'project|1|1024', 'x'),
          vendor: ref('vendor', 8, 'vendor|1|10442', 'y'),
        },
      }),
      {},
    ],
    ['a field the ERP cannot hold', commitment({ fields: { ...base.fields, nonsense: 'x' } }), {}],
    [
      'a link of another record',
      base,
      { links: [linkOf('commitment', 5, '1|5'), linkOf('vendor', 99, '1|9')] },
    ],
  ])('does not move with %s', (_name, draft, more) => {
    expect(hash(draft, more)).toBe(hash(base));
  });

  test.each<[string, RecordDraft, Given]>([
    ['the label', commitment({ label: 'Another label' }), {}],
    ['a note', commitment({ notes: ['x'] }), {}],
    [
      'what its keys mean',
      base,
      { states: [{ target: 'vendor', key: '1|10442', state: 'active', label: 'x' }] },
    ],
  ])('moves with what a person reads: %s', (_name, draft, more) => {
    expect(hash(draft, more)).not.toBe(hash(base));
  });

  test('does not move with the order of the links', () => {
    const links = [
      linkOf('vendor', 8, '1|10442'),
      linkOf('project', 9, '1|1024'),
      linkOf('commitment', 5, '1|5'),
    ];
    expect(hash(base, { links })).toBe(hash(base, { links: [...links].reverse() }));
  });

  test('moves with every value that is written, of the header and of every line', () => {
    const rewritten = (value: Fields[string]): string | null =>
      typeof value === 'string' && /^\d/.test(value) ? null : `${value ?? ''}x`;
    const variants = Object.keys(base.fields)
      .filter((field) => !['amount', 'date', 'accountingDate'].includes(field))
      .map((field) =>
        commitment({ fields: { ...base.fields, [field]: rewritten(base.fields[field] ?? null) } }),
      );
    const [first, second] = base.lines;
    if (!first || !second) throw new Error('two lines are needed');
    const lines = [
      [{ ...first, fields: { ...first.fields, description: 'x' } }, second],
      [
        { ...first, fields: { ...first.fields, amount: '99.00' } },
        { ...second, fields: { ...second.fields, amount: '51.00' } },
      ],
      [{ ...first, refs: costs('103') }, second],
      [{ ...first, refs: costs('101', '5') }, second],
      [{ ...first, number: '7' }, second],
    ].map((changed) => commitment({ lines: changed }));
    const dates = commitment({ fields: { ...base.fields, accountingDate: '2026-04-30' } });
    const vendor = commitment({ refs: { ...base.refs, vendor: ref('vendor', 8, 'vendor|1|5') } });
    const id = commitment({ procoreId: 72 });
    const hashes = [base, ...variants, ...lines, dates, vendor, id].map((draft) => hash(draft));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('planning is a function of what was read', () => {
    const amounts = fc.array(anyAmount, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        amounts,
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
        (values, there, at) => {
          const draft = commitment({
            fields: { ...base.fields, amount: null },
            lines: values.map((amount, index) => draftLine('commitment_line', `${index + 1}`, { amount })),
          });
          const ledgerHead = at === null ? null : { operationKey: 'x', generation: at, erpKey: '1|77' };
          const input = inputOf([draft], {
            sides: [side({ own: there ? heldCommitment() : null, ledgerHead })],
          });
          expect(planExport(structuredClone(input))).toEqual(planExport(input));
        },
      ),
    );
  });
});

/*
 * A small world around the planner: an ERP with a ledger that refuses two writes of one generation, and our links, as the confirm step records them. Whatever happens, in
 * whatever order, a record has at most one living partner in the ERP and no movement of a budget is written twice.
 */
class World {
  readonly erp = new Map<string, KnownRecord>();
  readonly ledger: LedgerHead[] = [];
  readonly writes: { readonly key: string; readonly lines: readonly string[] }[] = [];
  links: readonly Link[] = [];
  private next = 1;

  constructor(private readonly draftOf: (version: number) => RecordDraft) {}

  get head(): LedgerHead | null {
    return this.ledger.reduce<LedgerHead | null>(
      (a, b) => (a === null || b.generation > a.generation ? b : a),
      null,
    );
  }

  plan(version: number): Plan | null {
    const draft = this.draftOf(version);
    const link = ownLink(this.links.filter(({ procoreId }) => procoreId === draft.procoreId));
    const keys = [ownKeyOf(link, this.head), link?.erpKey, this.head?.erpKey];
    const own = keys.map((key) => this.erp.get(key ?? '')).find((record) => record !== undefined) ?? null;
    const isSame = ({ record }: KnownRecord): boolean =>
      draft.kind === 'budget' || record.fields['code'] === draft.fields['code'];
    const same = [...this.erp.values()].filter((held) => held.key !== own?.key && isSame(held));
    const result = planExport(
      inputOf([draft], { sides: [{ own, same, similar: [], ledgerHead: this.head }], links: this.links }),
    );
    return result.kind === 'plan' ? result.plan : null;
  }

  /** The ERP half: idempotent by operation key, one write for each generation. */
  write({ operations }: Plan): string | null {
    const operation = operations.find(isErpWrite);
    if (!operation) return null;
    const { operationKey, generation } = operation;
    const replayed = this.ledger.find((entry) => entry.operationKey === operationKey);
    if (replayed) return replayed.erpKey;
    if (this.ledger.some((entry) => entry.generation === generation)) throw new Error('taken');
    const erpKey = operation.erpKey ?? `1|${this.next++}`;
    const before = this.erp.get(erpKey)?.record;
    const record = recordIn(operation);
    const lines = new Map((before?.lines ?? []).map((line) => [line.number, line]));
    for (const line of record.lines)
      lines.set(line.number, { ...line, erpKey: `${erpKey}-${line.number}`, procoreId: null });
    const merged = recordOf({ ...before?.fields, ...record.fields }, [...lines.values()]);
    this.erp.set(erpKey, known(erpKey, merged));
    this.ledger.push({ operationKey, generation, erpKey });
    this.writes.push({ key: operationKey, lines: record.lines.map(({ number }) => number) });
    return erpKey;
  }

  /** Our half: what the confirm step records of it. */
  confirm(plan: Plan, written: string | null): void {
    const tie = external(plan);
    const erpKey = written ?? tie.erpKey ?? '';
    const held = this.erp.get(erpKey);
    if (!held) throw new Error('tied to nothing');
    const { operationKey } = plan.operations.find(isErpWrite) ?? tie;
    const row = { operationKey, state: 'written' as const, erpKey, record: held.record };
    const [done, ...more] = writtenRecords(plan, [row], this.links);
    if (!done || more.length > 0) throw new Error('not one record was written');
    const moved = linksAfter(done, this.links, 9);
    const keys = new Set(moved.map((link) => link.erpKey));
    this.links = [...moved, ...this.links.filter((link) => !keys.has(link.erpKey))];
    expect(this.links.filter(({ state }) => state === 'linked').map((link) => link.erpKey)).toEqual([erpKey]);
  }

  reset(): void {
    this.links = this.links.map((link) =>
      link.state === 'linked' ? { ...link, state: 'unlinked', generation: link.generation + 1 } : link,
    );
  }

  alive(): KnownRecord[] {
    return [...this.erp.values()].filter(({ state }) => state !== 'void');
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('export' as const),
      version: fc.integer({ min: 1, max: 3 }),
      crash: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('reset' as const, 'void' as const, 'delete' as const, 'forget' as const),
    }),
  },
);

describe.each<[string, (version: number) => RecordDraft]>([
  ['a commitment', (version) => commitment({ fields: { ...commitment().fields, name: `HVAC ${version}` } })],
  ['a job', (version) => job({ fields: { ...job().fields, city: `City ${version}` } })],
  ['a budget', (version) => budget(Array.from({ length: version }, (_, index) => [index + 1, '10.00']))],
])('%s through crashes, resets and deletions', (name, draftOf) => {
  test('never has a twin, never meets its own ledger, and its generations only grow', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        const world = new World(draftOf);
        let isGone = false;
        for (const action of steps) {
          const [record] = world.alive();
          switch (action.kind) {
            case 'export': {
              const plan = world.plan(action.version);
              if (!plan) break;
              const count = world.ledger.length;
              const key = world.write(plan);
              if (action.crash) {
                // The process died after the write: the same request is planned again.
                const again = world.plan(action.version);
                if (!again) throw new Error('a written record cannot be planned again');
                if (world.ledger.length > count && erp(plan).action === 'create')
                  expect(again.hash).toBe(plan.hash);
                world.write(again);
                expect(world.ledger.length - count).toBeLessThanOrEqual(1);
              } else world.confirm(plan, key);
              break;
            }
            case 'reset':
              world.reset();
              break;
            case 'void':
              if (record) world.erp.set(record.key, { ...record, state: 'void' });
              isGone = true;
              break;
            case 'delete':
              if (record) world.erp.delete(record.key);
              isGone = true;
              break;
            case 'forget':
              // Our store was restored from the day before anything happened.
              if (name !== 'a budget') world.links = [];
              break;
          }
          const generations = world.ledger.map(({ generation }) => generation);
          expect(generations).toEqual([...new Set(generations)].sort((a, b) => a - b));
          if (name !== 'a budget') expect(world.alive().length).toBeLessThanOrEqual(1);
          else if (!isGone) {
            const movements = world.writes.flatMap(({ lines }) => lines);
            expect(new Set(movements).size).toBe(movements.length);
          }
        }
        expect(new Set(world.writes.map(({ key }) => key)).size).toBe(world.writes.length);
      }),
      { numRuns: 150 },
    );
  });
});

test('A→B→A of a job gives three operations with three keys', () => {
  const world = new World((version) => job({ fields: { ...job().fields, city: version === 2 ? 'B' : 'A' } }));
  for (const version of [1, 2, 1]) {
    const plan = world.plan(version);
    if (!plan) throw new Error('refused');
    world.confirm(plan, world.write(plan));
  }
  expect(world.ledger.map(({ generation }) => generation)).toEqual([1, 2, 3]);
  expect(new Set(world.ledger.map(({ operationKey }) => operationKey)).size).toBe(3);
});
