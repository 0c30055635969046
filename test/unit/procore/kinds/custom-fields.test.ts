import * as fc from 'fast-check';
import { loadEvents } from '../../../../sandbox/procore-simulator/data';
import { definitionOf } from '../../../../src/domain/kinds';
import type { CustomFieldHolder, CustomFields } from '../../../../src/domain/kinds/custom-fields';
import { CUSTOM_FIELD_HOLDERS } from '../../../../src/domain/kinds/custom-fields';
import type { RecordDraft } from '../../../../src/domain/request/intent';
import { readerVersionOf, readRequest } from '../../../../src/procore/erp-tool/read-request';

type Json = Record<string, unknown>;

const example = (name: string): Json => {
  const found = loadEvents().find(({ requestName }) => requestName === name);
  if (!found) throw new Error(`there is no event ${name}`);
  const payload = structuredClone<Json>(found.examplePayload);
  return 'request_name' in payload ? payload : { request_name: name, request_data: payload };
};

const dataOf = (body: Json): Json => body['request_data'] as Json;

function exported(body: Json, customFields: CustomFields, timeZone = 'Etc/UTC') {
  const { intent } = readRequest(body, { companyId: 4264807, erpRequestId: null, timeZone, customFields });
  if (intent.way !== 'export') throw new Error(JSON.stringify(intent));
  const [draft] = intent.records;
  if (!draft) throw new Error('no record');
  return { draft, notCarried: intent.notCarried ?? [] };
}

function commitmentWith(own: unknown, form: Json = {}, line: Json = {}): Json {
  const body = example('create_commitment');
  const data = dataOf(body);
  Object.assign(data['commitment'] as Json, { custom_fields: own, erp_custom_fields: form });
  Object.assign((data['commitment_items'] as Json[])[0] ?? {}, line);
  return body;
}

/** What a custom field of the header becomes, or why it cannot be read. */
function read(field: unknown, timeZone?: string): unknown {
  const body = commitmentWith({ custom_field_7: field });
  const { draft } = exported(body, { commitment: { custom_field_7: 'udX' } }, timeZone);
  return draft.custom?.unread['custom_udX'] ?? draft.fields['custom_udX'];
}

const TYPES = [
  'constructor',
  'string',
  'rich_text',
  'decimal',
  'boolean',
  'datetime',
  'lov_entry',
  'lov_entries',
];

describe('a mapped custom field', () => {
  test.each([
    ['a text', { data_type: 'string', value: ' BP-2417 ' }, 'BP-2417'],
    ['a rich text', { data_type: 'rich_text', value: '<p>First</p><p>A &amp; B</p>' }, 'First\nA & B'],
    ['a decimal as text', { data_type: 'decimal', value: '12.50' }, '12.50'],
    ['a decimal as a number', { data_type: 'decimal', value: 12.5 }, '12.5'],
    ['a yes', { data_type: 'boolean', value: true }, true],
    ['a no', { data_type: 'boolean', value: false }, false],
    ['a date at midnight in UTC', { data_type: 'datetime', value: '2026-03-31T00:00:00Z' }, '2026-03-31'],
    [
      'a choice whose label has blanks',
      { data_type: 'lov_entry', value: { id: 1, label: ' Ja\u0308hrlich ' } },
      'Jährlich',
    ],
    ['a choice', { data_type: 'lov_entry', value: { id: 12, label: 'Hourly' } }, 'Hourly'],
    [
      'choices',
      {
        data_type: 'lov_entries',
        value: [
          { id: 1, label: 'A' },
          { id: 2, label: 'B' },
        ],
      },
      'A, B',
    ],
    ['a person', { data_type: 'login_information', value: { id: 3, name: 'Dana Reyes' } }, 'Dana Reyes'],
    ['an empty text', { data_type: 'string', value: '  ' }, null],
    ['no choice', { data_type: 'lov_entry', value: null }, null],
    ['no choices', { data_type: 'lov_entries', value: [] }, null],
    ['nothing', undefined, null],
    ['an empty one of an unknown type', { data_type: 'signature', value: null }, null],
  ])('%s', (_what, field, value) => {
    expect(read(field)).toBe(value);
  });

  test('a moment is a date of the zone of its project', () => {
    const field = { data_type: 'datetime', value: '2026-04-01T02:30:00Z' };
    expect(read(field, 'America/Los_Angeles')).toBe('2026-03-31');
  });

  test.each([
    [
      { data_type: 'signature', value: 'x' },
      'Custom field custom_field_7 is of the type "signature", which is not understood; it cannot be carried to the column "udX": put it right in Procore, or take it out of customFields.',
    ],
    [
      { data_type: 'decimal', value: 'many', label: 'Tonnage' },
      'Custom field "Tonnage" (custom_field_7) should be a decimal number such as "184500.00", and is "many"; it cannot be carried to the column "udX": put it right in Procore, or take it out of customFields.',
    ],
    [{ data_type: 'datetime', value: 'soon' }, /should be a date such as 2026-03-31, and is "soon"/],
    [{ data_type: 'lov_entry', value: { id: 12 } }, /should be a choice with a label, and is an object/],
    [{ data_type: 'boolean', value: 'yes' }, /should be true or false, and is "yes"/],
    [[{ id: 1 }], /should be text, a number, true or false, and is a list/],
  ])('%j cannot be read, and says so', (field, sentence) => {
    expect(read(field)).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence));
  });

  test('is never dropped in silence, whatever Procore sends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.oneof(fc.constantFrom(...TYPES), fc.string()), (value, type) => {
        const one = read({ data_type: type, value });
        const isEmpty =
          value === null ||
          (typeof value === 'string' && value.trim() === '') ||
          JSON.stringify(value) === '[]';
        return one !== null || isEmpty;
      }),
    );
  });
});

describe('where custom fields are', () => {
  test('those of the export form are plain values', () => {
    const { draft, notCarried } = exported(
      commitmentWith({}, { permit_no: 'BP-1', accounting_date: '2026-03-31', bonded: true, tons: 7 }),
      { commitment: { permit_no: 'udPermit', bonded: 'udBonded', tons: 'udTons' } },
    );
    expect(draft.fields).toMatchObject({
      accountingDate: '2026-03-31',
      custom_udPermit: 'BP-1',
      custom_udBonded: true,
      custom_udTons: '7',
    });
    expect(notCarried.join()).not.toMatch(/permit_no|bonded|tons/);
  });

  test('those of lines are theirs, and a field is named as not carried where it is not mapped', () => {
    const field = { custom_field_9: { data_type: 'decimal', value: '4.5', label: 'Tonnage' } };
    const body = commitmentWith(field, {}, { custom_fields: field });
    const onLines = exported(body, { commitment_line: { custom_field_9: 'udTonnage' } });
    expect(onLines.draft.lines.map((line) => line.fields['custom_udTonnage'])).toEqual(
      ['4.5', null].slice(0, onLines.draft.lines.length),
    );
    expect(onLines.draft.custom).toEqual({
      fields: {},
      lines: { commitment_line: { custom_udTonnage: 'Tonnage' } },
      unread: {},
    });
    expect(onLines.notCarried).toContain('custom field "Tonnage"');
    const both = exported(body, {
      commitment: { custom_field_9: 'udTotal' },
      commitment_line: { custom_field_9: 'udTonnage' },
    });
    expect(both.draft.fields['custom_udTotal']).toBe('4.5');
    expect(both.notCarried).not.toContain('custom field "Tonnage"');
  });

  const EVENTS: Readonly<Record<string, string>> = {
    vendor: 'create_vendor',
    standard_cost_code: 'create_standard_cost_codes',
    project: 'create_or_update_job',
    sub_job: 'create_sub_job',
    budget: 'create_budget',
    commitment: 'create_commitment',
    commitment_change_order: 'create_commitment_change_order',
    requisition: 'create_requisitions',
    contract_payment: 'create_payment',
    payment_application: 'create_payment_application',
    prime_contract_change_order: 'create_prime_contract_change_order',
    company_level_direct_cost: 'create_company_level_direct_cost',
  };

  /** Every object of a body, with a custom field of its own. */
  function marked(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(marked);
    if (typeof value !== 'object' || value === null) return value;
    const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, marked(one)]));
    return { ...inner, custom_fields: { custom_field_1: { data_type: 'string', value: 'X' } } };
  }

  const kinds = Object.keys(EVENTS);
  test.each(CUSTOM_FIELD_HOLDERS)('%s: its reader carries them', (holder: CustomFieldHolder) => {
    const kind = kinds.find(
      (one) => one === holder || holder in definitionOf(one as RecordDraft['kind']).lines,
    );
    const event = EVENTS[kind ?? ''] ?? '';
    const body = loadEvents().some(({ requestName }) => requestName === event)
      ? example(event)
      : example('create_contract_payment');
    const { draft } = exported(
      { ...body, request_data: marked(dataOf(body)) },
      { [holder]: { custom_field_1: 'udX' } },
    );
    const part = holder === kind ? draft : draft.lines.find((line) => line.kind === holder);
    expect(part?.fields['custom_udX']).toBe('X');
  });
});

test('a changed mapping is another reader, so that stored bodies are read again', () => {
  const plain = readerVersionOf({});
  const one = readerVersionOf({ commitment: { custom_field_7: 'udX' } });
  const other = readerVersionOf({ commitment: { custom_field_7: 'udY' } });
  expect(new Set([plain, one, other]).size).toBe(3);
  expect(readerVersionOf({ commitment: { custom_field_7: 'udX' } })).toBe(one);
});
