import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmitResult } from '../../../sandbox/procore-simulator/types';
import { ALL_EVENTS } from '../../../src/procore/erp-tool/events';
import type { RequestStatus } from '../../../src/domain/request/status';
import type { ExceptionRow } from '../../../src/store/rows';
import type { TestTemporal } from '../../support/temporal';
import { newNamespace, testTemporal } from '../../support/temporal';
import { COMPANY, vendorFields, World } from '../../support/world';

/** What a case sends, once the world is there. */
type Send = () => Pick<EmitResult, 'requestId' | 'requestDetailIds'>;

interface Case {
  readonly name: string;
  readonly send: Send;
  readonly status: RequestStatus;
  /** In the reason of the request, and in the closing message or the exception. */
  readonly message: RegExp;
  /** What happened to the request detail in Procore; `none`: there was none. */
  readonly detail: 'success' | 'failed' | 'open' | 'none';
  /** It is found by webhook only: the list of requests cannot show it. */
  readonly webhook?: boolean;
}

type Json = Record<string, unknown>;

let temporal: TestTemporal;
let world: World;
const cases: Case[] = [];

// ---- what is sent -----------------------------------------------------------------------------

let count = 0;

/** A vendor that is fine and like no other. */
function goodVendor(): Json {
  count += 1;
  return {
    ...vendorFields(),
    name: `Vendor of case ${count}`,
    abbreviated_name: `CASE${count}`,
    business_phone: `206-555-${String(1000 + count)}`,
    email_address: `ap@case${count}.example`,
    erp_custom_fields: { vendor_type_origin_id: '1|SUB' },
  };
}

/** Puts the id of the detail into the body; by default where Procore does. */
type Place = (body: Json, detailId: number) => void;

const inData: Place = (body, detailId) => {
  const data = body['request_data'];
  if (typeof data === 'object' && data !== null && !Array.isArray(data))
    (data as Json)['request_detail_id'] = detailId;
};
const nowhere: Place = () => undefined;

/** A request with any body; `place: null` makes no detail at all. */
function sendBody(body: Json, place: Place | null = inData): ReturnType<Send> {
  const { requestId, requestDetailIds } = world.procore.emitRaw(body, { withDetail: place !== null });
  // The simulator serves this very object, so what was not known before is filled in now.
  if (!('id' in body)) body['id'] = requestId;
  if (!('company_id' in body)) body['company_id'] = COMPANY;
  const [detailId] = requestDetailIds;
  if (place && detailId !== undefined) place(body, detailId);
  return { requestId, requestDetailIds };
}

const sendData =
  (requestName: unknown, requestData: unknown, place: Place | null = inData): Send =>
  () =>
    sendBody({ request_name: requestName, request_data: structuredClone(requestData) }, place);

/** `create_vendor` of a company that is in Procore's directory. `vendor` replaces fields; undefined takes them out. */
const sendVendor =
  (vendor: Json, more: Json = {}, place: Place | null = inData): Send =>
  () => {
    const fields = Object.fromEntries(
      Object.entries({ ...goodVendor(), ...vendor }).filter(([, value]) => value !== undefined),
    );
    const [stored] = world.procore.seedVendors([{ name: 'Seeded' }]);
    const id = 'id' in vendor ? vendor['id'] : stored?.id;
    const data = {
      vendor: id === undefined ? fields : { ...fields, id },
      company_id: COMPANY,
      ...structuredClone(more),
    };
    return sendBody({ request_name: 'create_vendor', request_data: data }, place);
  };

const custom = (fields: unknown): Json => ({ erp_custom_fields: fields });

// ---- the table --------------------------------------------------------------------------------

const add = (
  status: RequestStatus,
  detail: Case['detail'],
  rows: readonly (readonly [string, Send, RegExp, webhook?: 'webhook'])[],
): void => {
  for (const [name, send, message, webhook] of rows)
    cases.push({ name, send, status, message, detail, webhook: webhook !== undefined });
};

const written = /was created in the ERP/;
const over = (label: string, length: number, limit: number): RegExp =>
  new RegExp(`${label} ".*" is ${length} characters long; the ERP takes ${limit}`);
const expected = (path: string, what: string, got: string): RegExp =>
  new RegExp(`${path.replace(/[.[\]]/g, '\\$&')}: expected ${what}, got ${got}`);
const vendorProblem = (field: string, what: string, got: string): RegExp =>
  expected(`request_data.vendor.${field}`, what, got);

// Fine after all, however odd it looks: written once, and the detail closed.
add('applied', 'success', [
  ['a vendor without any oddity', sendVendor({}), written],
  ['unknown fields everywhere', sendVendor({ colour: 'red', trades: [{ id: 1 }] }, { later: true }), written],
  ['a 31-character name', sendVendor({ name: 'N'.repeat(31) }), written],
  ['a name as long as the column', sendVendor({ name: 'Ñ'.repeat(60) }), written],
  ['a sort name as long as the column', sendVendor({ abbreviated_name: 'S'.repeat(15) }), written],
  ['a sort name in lower case', sendVendor({ abbreviated_name: 'lowercase' }), written],
  ['no sort name', sendVendor({ abbreviated_name: null, name: 'Sortless Builders 77' }), written],
  ['an address as long as the column', sendVendor({ address: 'A'.repeat(60) }), written],
  ['a city as long as the column', sendVendor({ city: 'C'.repeat(30) }), written],
  ['a postal code as long as the column', sendVendor({ zip: '1'.repeat(12) }), written],
  ['a phone as long as the column', sendVendor({ business_phone: '9'.repeat(20) }), written],
  ['a fax as long as the column', sendVendor({ fax_number: '8'.repeat(20) }), written],
  ['an e-mail as long as the column', sendVendor({ email_address: `${'e'.repeat(50)}@x.example` }), written],
  ['ñ and ø in the name', sendVendor({ name: 'Montaño & Møller A/S' }), written],
  ['curly quotes and an en dash in the name', sendVendor({ name: '“Quarry” – O’Neill’s' }), written],
  ['a decomposed ñ becomes a composed one', sendVendor({ name: 'Pen\u0303a Roofing' }), written],
  ['a euro sign', sendVendor({ name: 'Five € Store' }), written],
  ['a line break in the address', sendVendor({ address: '1 Main St\nSuite 2' }), written],
  ['a tab in the name', sendVendor({ name: 'Tab\tbed' }), written],
  ['blanks around the values', sendVendor({ name: '  Blank Around Inc  ', city: ' Tacoma ' }), written],
  [
    'empty texts for what may be empty',
    sendVendor({ address: '', city: ' ', zip: null, state_code: '' }),
    written,
  ],
  ['only a name', sendVendor({ ...blank(), name: 'Only A Name LLC' }), written],
  ['a web site the ERP has no column for', sendVendor({ website: 'https://x.example' }), written],
  ['flags that are null', sendVendor({ is_active: null, authorized_bidder: null }), written],
  ['a free vendor number', sendVendor({ origin_code: '20001' }), written],
  ['a vendor number with blanks around', sendVendor({ origin_code: ' 20002 ' }), written],
  ['the last vendor number', sendVendor({ origin_code: '99999' }), written],
  ['an empty vendor number', sendVendor({ origin_code: '  ' }), written],
  ['retainage as text', sendVendor(custom({ retainage_percent: '10.00' })), written],
  ['retainage as a number', sendVendor(custom({ retainage_percent: 7.5 })), written],
  ['retainage with more zeros than decimals', sendVendor(custom({ retainage_percent: '5.0000' })), written],
  ['retainage of 0 and of 100', sendVendor(custom({ retainage_percent: 100 })), written],
  ['no custom fields', sendVendor({ erp_custom_fields: null }), written],
  ['a vendor type without company', sendVendor(custom({ vendor_type_origin_id: 'SUP' })), written],
  ['a Canadian province', sendVendor({ country_code: 'CA', state_code: 'BC', zip: 'V5K 0A1' }), written],
  ['a country without states', sendVendor({ country_code: 'DE', state_code: null, zip: '20457' }), written],
  ['the detail id as digits in text', sendVendor({}, {}, put('request_detail_id', String)), written],
  ['the detail id under its older name', sendVendor({}, {}, put('erp_request_detail_id')), written],
  [
    'the detail id beside the data',
    sendVendor({}, {}, (body, id) => void (body['request_detail_id'] = id)),
    written,
  ],
  ['the detail id deep inside the vendor', sendVendor({}, {}, deepInVendor), written],
  ['a vendor id as digits in text', () => withTextId(), written],
  ['a very large unknown field', sendVendor({ notes_html: 'x'.repeat(1_000_000) }), written],
  ['a deeply nested unknown field', () => sendVendor({ deep: nested(2000) })(), written],
  ['a detail that only its record leads to', () => exportWithoutDetailId(), written],
]);

// Nothing wrong, but a person must look.
add('waiting_for_finance', 'open', [
  ['not prequalified', sendVendor({ prequalified: false }), /No policy rule approves this plan/],
  ['prequalified missing', sendVendor({ prequalified: undefined }), /No policy rule approves this plan/],
  [
    'an en dash in the phone',
    sendVendor({ business_phone: '206–555–7777' }),
    /Phone is written as "206-555-7777"/,
  ],
  [
    'a no-break space in the phone',
    sendVendor({ business_phone: '206\u00A05557778' }),
    /Phone is written as/,
  ],
  [
    'retainage with three decimals',
    sendVendor(custom({ retainage_percent: '10.005' })),
    /Retainage % 10.005 is written as 10.01: the ERP keeps 2 decimals/,
  ],
  [
    'a curly apostrophe in the sort name',
    sendVendor({ abbreviated_name: 'O’NEILL' }),
    /Sort name is written as "O'NEILL"/,
  ],
  [
    'a sort name that is taken',
    sendVendor({ abbreviated_name: 'COBALT' }),
    /Sort name COBALT belongs to vendor 10011 "Cobalt Excavating Inc."; COBALT2/,
  ],
  [
    'the name of an ERP vendor',
    sendVendor({ name: 'Beacon Electric Corp.' }),
    /Possible duplicate: vendor 10006 .*same name/,
  ],
  [
    'the e-mail of an ERP vendor',
    sendVendor({ email_address: 'AP@columbiasteel.example' }),
    /Possible duplicate: vendor 10012 .*same e-mail/,
  ],
  [
    'the phone of an ERP vendor',
    sendVendor({ business_phone: '(503) 555 0105' }),
    /Possible duplicate: vendor 10005 .*same phone/,
  ],
  [
    'number and name of an ERP vendor',
    sendVendor({ origin_code: '10004', name: 'Argent Structural Engineers' }),
    /Vendor 10004 .* is already in the ERP: it is linked, nothing is created/,
  ],
  [
    'number and name of an inactive ERP vendor',
    sendVendor({ origin_code: '10007', name: 'BIRCH ROOFING' }),
    /Vendor 10007 "Birch Roofing Co" is inactive in the ERP/,
  ],
]);

// A person must correct something: the detail stays open, an exception says what.
add('parked', 'open', [
  ['a name one too long', sendVendor({ name: 'N'.repeat(61) }), over('Name', 61, 60)],
  ['a name of 100,000 characters', sendVendor({ name: 'N'.repeat(100_000) }), over('Name', 100000, 60)],
  ['a sort name one too long', sendVendor({ abbreviated_name: 'S'.repeat(16) }), over('Sort name', 16, 15)],
  ['an address one too long', sendVendor({ address: 'A'.repeat(61) }), over('Address', 61, 60)],
  ['a city one too long', sendVendor({ city: 'C'.repeat(31) }), over('City', 31, 30)],
  ['a postal code one too long', sendVendor({ zip: '1'.repeat(13) }), over('Postal code', 13, 12)],
  ['a phone one too long', sendVendor({ business_phone: '9'.repeat(21) }), over('Phone', 21, 20)],
  ['a fax one too long', sendVendor({ fax_number: '8'.repeat(21) }), over('Fax', 21, 20)],
  [
    'an e-mail one too long',
    sendVendor({ email_address: `${'e'.repeat(51)}@x.example` }),
    over('E-mail', 61, 60),
  ],
  [
    'a country of three letters',
    sendVendor({ country_code: 'USA' }),
    /Country "USA" is not in the ERP's list \(CA, DE, GB, MX, US\)/,
  ],
  [
    'a country the ERP does not have',
    sendVendor({ country_code: 'FR', state_code: null }),
    /Country "FR" is not in the ERP's list/,
  ],
  ['a country in lower case', sendVendor({ country_code: 'us' }), /Country "us" is not in the ERP's list/],
  ['a state that does not exist', sendVendor({ state_code: 'ZZ' }), /State "ZZ" is not in the ERP's list/],
  [
    'a state written out',
    sendVendor({ state_code: 'Washington' }),
    /State "Washington" is not in the ERP's list/,
  ],
  [
    'the state of another country',
    sendVendor({ country_code: 'CA', state_code: 'WA' }),
    /State WA is not in the state table of country CA/,
  ],
  [
    'an unknown vendor type',
    sendVendor(custom({ vendor_type_origin_id: '1|XYZ' })),
    /Vendor type "XYZ" is not in the ERP's list \(PRO, REG, SUB, SUP\)/,
  ],
  [
    'an e-mail without @',
    sendVendor({ email_address: 'nobody' }),
    /E-mail "nobody" is not valid in the ERP: it is not a valid e-mail/,
  ],
  [
    'two e-mails in one field',
    sendVendor({ email_address: 'a@x.example; b@x.example' }),
    /E-mail ".*" is not valid/,
  ],
  [
    'a comma in the address',
    sendVendor({ address: '601 Union St, Suite 900' }),
    /Address ".*" is not valid in the ERP: it must not contain a comma/,
  ],
  [
    'a comma after an em dash',
    sendVendor({ address: 'Pier 91 — Gate 2, North' }),
    /must not contain a comma/,
  ],
  ['a NUL in the name', sendVendor({ name: 'Nul\u0000l' }), /Name .* cannot store: .*U\+0000/],
  ['a bell in the city', sendVendor({ city: 'Bell\u0007ingham' }), /City .*U\+0007/],
  ['Chinese characters', sendVendor({ name: '上海建工集团' }), /Name .* cannot store: "上" \(U\+4E0A\)/],
  [
    'very many different characters',
    sendVendor({ name: String.fromCodePoint(...Array.from({ length: 50 }, (_, i) => 0x4e00 + i)) }),
    /and 40 more/,
  ],
  ['an emoji', sendVendor({ name: 'Sunny ☀️ Roofing 🏗️' }), /Name .*U\+1F3D7/],
  ['Hebrew, right to left', sendVendor({ name: 'בניין בע״מ' }), /Name .*U\+05D1/],
  ['a right-to-left override', sendVendor({ name: 'abc\u202Egnp' }), /Name .* cannot store: U\+202E/],
  ['a zero-width space', sendVendor({ name: 'Zero\u200BWidth' }), /Name .*U\+200B/],
  ['a combining mark without composed form', sendVendor({ name: 'X\u0323 Builders' }), /Name .*U\+0323/],
  ['a lone surrogate', sendVendor({ name: 'Half \uD83D pair' }), /Name .*U\+D83D/],
  ['a replacement character', sendVendor({ name: 'Caf\uFFFD' }), /Name .*U\+FFFD/],
  ['ñ in the phone', sendVendor({ business_phone: 'señor 555' }), /Phone .* cannot store: "ñ"/],
  ['full-width digits in the number', sendVendor({ origin_code: '１０４４２' }), /Vendor number .*U\+FF11/],
  [
    'letters in the number',
    sendVendor({ origin_code: 'V-10442' }),
    /Vendor number "V-10442" is outside the ERP's range 10000 to 99999/,
  ],
  [
    'leading zeros in the number',
    sendVendor({ origin_code: '010442' }),
    /Vendor number "010442" is not valid in the ERP: a vendor number from 10000 to 99999/,
  ],
  ['a number below the range', sendVendor({ origin_code: '9999' }), /Vendor number "9999" is outside/],
  ['a number above the range', sendVendor({ origin_code: '100000' }), /Vendor number "100000" is outside/],
  ['a negative number', sendVendor({ origin_code: '-10442' }), /Vendor number "-10442" is outside/],
  ['a number with decimals', sendVendor({ origin_code: '10442.5' }), /Vendor number "10442.5" is outside/],
  ['a number in scientific notation', sendVendor({ origin_code: '1e4' }), /Vendor number "1e4" is outside/],
  [
    'a number of 5,000 digits',
    sendVendor({ origin_code: '1'.repeat(5000) }),
    /is 5000 characters long; the ERP takes 5/,
  ],
  [
    'the number of another ERP vendor',
    sendVendor({ origin_code: '10001' }),
    /Vendor number 10001 is already used by vendor 10001 "Able Plumbing & Heating Co." in the ERP. Choose another code/,
  ],
  [
    'a name no sort name can be made of',
    sendVendor({ name: '–––', abbreviated_name: null }),
    /No sort name can be made from the name; enter one/,
  ],
  [
    'several faults at once',
    sendVendor({ city: 'C'.repeat(31), zip: '1'.repeat(13) }),
    /City .* Postal code/,
  ],
]);

// Cannot be read at all: closed as failed, with what was expected where.
add('failed', 'failed', [
  ['no vendor', sendData('create_vendor', { company_id: COMPANY }), vendorless('nothing')],
  ['a null vendor', sendData('create_vendor', { vendor: null }), vendorless('null')],
  ['a list of vendors', sendData('create_vendor', { vendor: [{ id: 1, name: 'x' }] }), vendorless('a list')],
  ['a vendor that is text', sendData('create_vendor', { vendor: 'Cobalt' }), vendorless('"Cobalt"')],
  ['an empty vendor', sendData('create_vendor', { vendor: {} }), vendorProblem('id', 'an id', 'nothing')],
  ['no vendor id', sendVendor({ id: undefined }), vendorProblem('id', 'an id', 'nothing')],
  ['vendor id null', sendVendor({ id: null }), vendorProblem('id', 'an id', 'null')],
  ['vendor id 0', sendVendor({ id: 0 }), vendorProblem('id', 'an id', '0')],
  ['a negative vendor id', sendVendor({ id: -5 }), vendorProblem('id', 'an id', '-5')],
  ['a vendor id with decimals', sendVendor({ id: 1.5 }), vendorProblem('id', 'an id', '1.5')],
  [
    'a vendor id that is not safe',
    sendVendor({ id: 2 ** 53 }),
    vendorProblem('id', 'an id', '9007199254740992'),
  ],
  ['a vendor id of words', sendVendor({ id: 'abc' }), vendorProblem('id', 'an id', '"abc"')],
  [
    'a vendor id that is an object',
    sendVendor({ id: { value: 1 } }),
    vendorProblem('id', 'an id', 'an object'),
  ],
  ['no name', sendVendor({ name: undefined }), vendorProblem('name', 'text', 'nothing')],
  ['a null name', sendVendor({ name: null }), vendorProblem('name', 'text', 'null')],
  ['an empty name', sendVendor({ name: '' }), vendorProblem('name', 'text that is not empty', 'empty text')],
  [
    'a blank name',
    sendVendor({ name: ' \u3000\t ' }),
    vendorProblem('name', 'text that is not empty', 'empty text'),
  ],
  ['a name that is a number', sendVendor({ name: 4711 }), vendorProblem('name', 'text', '4711')],
  ['a name that is a list', sendVendor({ name: ['Cobalt'] }), vendorProblem('name', 'text', 'a list')],
  [
    'a vendor number as a number',
    sendVendor({ origin_code: 10442 }),
    vendorProblem('origin_code', 'text', '10442'),
  ],
  ['a postal code as a number', sendVendor({ zip: 98134 }), vendorProblem('zip', 'text', '98134')],
  [
    'a phone that is an object',
    sendVendor({ business_phone: {} }),
    vendorProblem('business_phone', 'text', 'an object'),
  ],
  [
    'is_active as text',
    sendVendor({ is_active: 'yes' }),
    vendorProblem('is_active', 'true or false', '"yes"'),
  ],
  [
    'prequalified as a number',
    sendVendor({ prequalified: 1 }),
    vendorProblem('prequalified', 'true or false', '1'),
  ],
  [
    'custom fields as a list',
    sendVendor(custom([])),
    vendorProblem('erp_custom_fields', 'an object', 'a list'),
  ],
  [
    'custom fields as text',
    sendVendor(custom('SUB')),
    vendorProblem('erp_custom_fields', 'an object', '"SUB"'),
  ],
  [
    'a vendor type as a number',
    sendVendor(custom({ vendor_type_origin_id: 7 })),
    vendorProblem('erp_custom_fields.vendor_type_origin_id', 'text', '7'),
  ],
  ...['-5', '100.01', '10,5', '1e1', 'ten', '10%', '.5'].map(
    (percent) =>
      [
        `retainage "${percent}"`,
        sendVendor(custom({ retainage_percent: percent })),
        vendorProblem('erp_custom_fields.retainage_percent', 'a percentage from 0 to 100', `"${percent}"`),
      ] as const,
  ),
  [
    'retainage true',
    sendVendor(custom({ retainage_percent: true })),
    vendorProblem('erp_custom_fields.retainage_percent', 'a percentage from 0 to 100', 'true'),
  ],
  [
    'retainage 1e-7',
    sendVendor(custom({ retainage_percent: 1e-7 })),
    /retainage_percent: expected a percentage/,
  ],
  [
    'another company beside the data',
    () =>
      sendBody({
        company_id: 999,
        request_name: 'create_vendor',
        request_data: { vendor: { ...goodVendor(), id: 5 } },
      }),
    expected('company_id', '4264807', '999'),
  ],
  [
    'another company in the data',
    sendVendor({}, { company_id: 999 }),
    expected('request_data.company_id', '4264807', '999'),
  ],
  [
    'another company of a sync',
    sendData('sync_vendors', { company_id: '7' }),
    expected('request_data.company_id', '4264807', '"7"'),
  ],
  [
    'a company that is an object',
    sendVendor({}, { company_id: {} }),
    expected('request_data.company_id', '4264807', 'an object'),
  ],
  [
    'no vendor in an import',
    sendData('create_vendor_in_procore', {}),
    expected('request_data.vendor', 'an object', 'nothing'),
  ],
  [
    'an import without origin_id',
    sendData('create_vendor_in_procore', { vendor: { id: 5 } }),
    vendorProblem('origin_id', 'text', 'nothing'),
  ],
  [
    'an import with a null origin_id',
    sendData('create_vendor_in_procore', { vendor: { id: 5, origin_id: null } }),
    vendorProblem('origin_id', 'text', 'null'),
  ],
  [
    'a link with an empty origin_id',
    sendData('link_vendor', { vendor: { id: 5, origin_id: '' } }),
    vendorProblem('origin_id', 'text that is not empty', 'empty text'),
  ],
  [
    'a link with a number as origin_id',
    sendData('link_vendor', { vendor: { id: 5, origin_id: 7 } }),
    vendorProblem('origin_id', 'text', '7'),
  ],
  [
    'a link to a list',
    sendData('link_vendor', { vendor: [] }),
    expected('request_data.vendor', 'an object', 'a list'),
  ],
  [
    'link all with an object',
    sendData('link_all_vendors', { vendors: {} }),
    expected('request_data.vendors', 'a list', 'an object'),
  ],
  [
    'link all with null',
    sendData('link_all_vendors', { vendors: null }),
    expected('request_data.vendors', 'a list', 'null'),
  ],
  [
    'link all with nulls inside',
    sendData('link_all_vendors', { vendors: [null] }),
    expected('request_data.vendors[0]', 'an object', 'null'),
  ],
  [
    'link all with one bad id',
    sendData('link_all_vendors', {
      vendors: [
        { id: 1, origin_id: 'vendor|1|1' },
        { id: 'x', origin_id: 'vendor|1|2' },
      ],
    }),
    expected('request_data.vendors[1].id', 'an id', '"x"'),
  ],
  [
    'link all with 5,000 bad vendors',
    sendData('link_all_vendors', { vendors: Array.from({ length: 5000 }, () => ({})) }),
    expected('request_data.vendors[0].id', 'an id', 'nothing'),
  ],
  [
    'a merge without master',
    sendData('merge_vendors', { source_vendors: [] }),
    expected('request_data.master_vendor', 'an object', 'nothing'),
  ],
  [
    'a merge without sources',
    sendData('merge_vendors', { master_vendor: { id: 1 } }),
    expected('request_data.source_vendors', 'a list', 'nothing'),
  ],
  [
    'a merge with one source as object',
    sendData('merge_vendors', { master_vendor: { id: 1 }, source_vendors: { id: 2 } }),
    expected('request_data.source_vendors', 'a list', 'an object'),
  ],
  [
    'a merge with ids only',
    sendData('merge_vendors', { master_vendor: 1, source_vendors: [2] }),
    expected('request_data.master_vendor', 'an object', '1'),
  ],
  [
    'an unlink without id',
    sendData('unlink_vendor', { vendor: { origin_id: 'vendor|1|1' } }),
    vendorProblem('id', 'an id', 'nothing'),
  ],
  [
    'an unlink of null',
    sendData('unlink_vendor', { vendor: null }),
    expected('request_data.vendor', 'an object', 'null'),
  ],
  ['no request name', sendData(undefined, { vendor: {} }), expected('request_name', 'text', 'nothing')],
  ['an empty request name', sendData('  ', {}), expected('request_name', 'text', 'empty text')],
  ['a request name that is a number', sendData(7, {}), expected('request_name', 'text', '7')],
  [
    'a request name that is a list',
    sendData(['create_vendor'], {}),
    expected('request_name', 'text', 'a list'),
  ],
]);

// The same, where no detail can be found: there is nothing to close.
add('failed', 'none', [
  ['request data null', sendData('create_vendor', null, null), expected('request_data', 'an object', 'null')],
  [
    'request data a list',
    sendData('create_vendor', [], null),
    expected('request_data', 'an object', 'a list'),
  ],
  [
    'request data text',
    sendData('sync_vendors', 'please', null),
    expected('request_data', 'an object', '"please"'),
  ],
  ['request data a number', sendData('link_vendor', 7, null), expected('request_data', 'an object', '7')],
  [
    'an import from another system',
    sendData('create_vendor_in_procore', { vendor: { id: 70, origin_id: 'other-system-7' } }, null),
    /origin_id "other-system-7" is not one of ours/,
  ],
  [
    'a huge foreign origin_id',
    sendData('link_vendor', { vendor: { id: 71, origin_id: 'x'.repeat(50_000) } }, null),
    /is not one of ours/,
  ],
  [
    '5,000 foreign vendors',
    () =>
      sendData(
        'link_all_vendors',
        { vendors: Array.from({ length: 5000 }, (_, i) => ({ id: 500_000 + i, origin_id: `foreign-${i}` })) },
        null,
      )(),
    /and 4995 more/,
  ],
]);

add('failed', 'open', [
  [
    'a detail id that is an object',
    sendVendor({}, { request_detail_id: {} }, nowhere),
    expected('request_data.request_detail_id', 'an id', 'an object'),
  ],
  [
    'a detail id that is text',
    sendVendor({}, { request_detail_id: 'soon' }, nowhere),
    expected('request_data.request_detail_id', 'an id', '"soon"'),
  ],
  [
    'a detail id that is not safe',
    sendVendor({}, { request_detail_id: 2 ** 60 }, nowhere),
    expected('request_data.request_detail_id', 'an id', '\\d+'),
  ],
  [
    'a sync with a bad detail id',
    sendData('sync_vendors', { request_detail_id: -1 }, nowhere),
    expected('request_data.request_detail_id', 'an id', '-1'),
  ],
]);

// An event nobody has heard of: nothing is closed (Procore: ERP guide), a person decides.
const unknown = /Procore sent an event that this version does not know: /;
add('parked', 'open', [
  ['an unknown event', sendData('paint_vendor', {}), /does not know: "paint_vendor"/],
  ['a known event in other letters', sendData('Create_Vendor', { vendor: {} }), unknown],
  ['an event named like a method', sendData('constructor', {}), unknown],
  ['an event name of 5,000 characters', sendData('e'.repeat(5000), {}), unknown],
  ['an event name with control characters', sendData('a\u0000b\u001b[31m', {}), unknown],
  ['an event name of emoji', sendData('🏗️'.repeat(120), {}), unknown],
  ['an event name with a lone surrogate', sendData('half \uD83D', {}), unknown],
]);

// Not an object: what it is about cannot be known, and nothing can be closed.
add('failed', 'none', [
  [
    'a body that is a list',
    () => world.procore.emitRaw([]),
    expected('body', 'an object', 'a list'),
    'webhook',
  ],
  ['a body that is a number', () => world.procore.emitRaw(7), expected('body', 'an object', '7'), 'webhook'],
  [
    'a body that is null',
    () => world.procore.emitRaw(null),
    expected('body', 'an object', 'null'),
    'webhook',
  ],
]);

// Not even JSON, or not there: asked for again some times, then a person decides.
add('parked', 'none', [
  [
    'a body that is text',
    () => world.procore.emitRaw('create_vendor'),
    /cannot be read from Procore/,
    'webhook',
  ],
  [
    'a request that Procore does not have',
    () => ({ requestId: 999_999_999, requestDetailIds: [] }),
    /Procore has no such record/,
    'webhook',
  ],
]);

// A body without the usual wrapper is read all the same, as some of Procore's own samples have none.
add('failed', 'none', [
  [
    'an object without anything',
    () => world.procore.emitRaw({}),
    expected('request_name', 'text', 'nothing'),
    'webhook',
  ],
  [
    'an object of other things',
    () => world.procore.emitRaw({ vendor: { id: 1 } }),
    expected('request_name', 'text', 'nothing'),
    'webhook',
  ],
  [
    'a name and nothing else',
    () => world.procore.emitRaw({ request_name: 'create_vendor' }),
    expected('vendor', 'an object', 'nothing'),
    'webhook',
  ],
]);

/** What Procore sends without anything in it, or that needs nothing of what is in it. */
const ANYTHING_GOES = new Set(['sync_metadata', 'sync_standard_categories', 'create_vendor']);

for (const name of Object.keys(ALL_EVENTS).filter((event) => !ANYTHING_GOES.has(event))) {
  add('failed', 'none', [
    [
      `the event ${name} with a text for its data`,
      () =>
        world.procore.emitRaw({ request_name: name, request_data: 'lost on the way' }, { envelope: true }),
      /request_data: expected (an object|a list), got "lost on the way"/,
    ],
  ]);
}

// ---- helpers of the table ---------------------------------------------------------------------

function blank(): Json {
  const keys = ['abbreviated_name', 'address', 'city', 'state_code', 'zip', 'country_code'];
  return Object.fromEntries([...keys, 'business_phone', 'email_address'].map((key) => [key, null]));
}

function vendorless(got: string): RegExp {
  return expected('request_data.vendor', 'an object', got);
}

function put(key: string, form: (id: number) => unknown = (id) => id): Place {
  return (body, detailId) => void ((body['request_data'] as Json)[key] = form(detailId));
}

function deepInVendor(body: Json, detailId: number): void {
  ((body['request_data'] as Json)['vendor'] as Json)['extra'] = [{ item: { request_detail_id: detailId } }];
}

function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

function withTextId(): ReturnType<Send> {
  const [stored] = world.procore.seedVendors([{ name: 'Seeded' }]);
  return sendVendor({ id: String(stored?.id) })();
}

function exportWithoutDetailId(): ReturnType<Send> {
  const { erp_custom_fields: customFields, ...vendor } = goodVendor();
  const [stored] = world.procore.seedVendors([vendor]);
  const sent = world.procore.exportVendor(stored?.id ?? 0, { customFields: customFields as Json });
  delete ((sent.body as Json)['request_data'] as Json)['request_detail_id'];
  return sent;
}

// ---- one world for all ------------------------------------------------------------------------

interface Outcome {
  readonly erp_request_id: number;
  readonly status: RequestStatus;
  readonly reason: string | null;
}

const UNSETTLED: readonly RequestStatus[] = ['received', 'planning', 'applying', 'busy'];
const sent = new Map<string, ReturnType<Send>>();
let outcomes = new Map<number, Outcome>();
let exceptions: readonly ExceptionRow[] = [];
let erpBefore = 0;
let audited = new Set<number>();
let details = new Map<number, { status: string; messages: string[] }>();

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, { seedErp: true, namespace: await newNamespace(temporal) });
  erpBefore = world.erp.vendors().length;
  for (const item of cases) sent.set(item.name, item.send());
  for (const item of cases.filter(({ webhook }) => webhook)) await announce(item.name);
  await world.poll();
  await settled();
  exceptions = await world.openExceptions();
  audited = new Set(
    world
      .rows<{ request_id: string }>(
        'SELECT DISTINCT request_id FROM audit_entry WHERE request_id IS NOT NULL',
      )
      .map(({ request_id }) => Number(request_id.replace('erp/', ''))),
  );
  const requests = world.procore.state().companies[0]?.requests ?? [];
  details = new Map(requests.flatMap((request) => request.details.map((detail) => [detail.id, detail])));
}, 300_000);

afterAll(async () => {
  await world.close();
  await temporal.close();
}, 300_000);

async function announce(name: string): Promise<void> {
  const answer = await fetch(world.webhookUrl, {
    method: 'POST',
    headers: { authorization: 'Bearer hook-secret-1', 'content-type': 'application/json' },
    body: JSON.stringify({
      ulid: `announce ${name}`,
      resource_name: 'ERP Requests',
      event_type: 'create',
      resource_id: sent.get(name)?.requestId,
      company_id: COMPANY,
    }),
  });
  expect(answer.status).toBe(204);
}

/** Waits until no request is on the way any more; what still is then shows up in its test. */
async function settled(): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const rows = world.rows<Outcome>('SELECT erp_request_id, status, reason FROM sync_request');
    outcomes = new Map(rows.map((row) => [row.erp_request_id, row]));
    const all = rows.length === cases.length && rows.every(({ status }) => !UNSETTLED.includes(status));
    if (all || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

test('there are more than a hundred cases, each with a name of its own', () => {
  expect(cases.length).toBeGreaterThan(100);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

test.each(cases)('$name: $status, detail $detail', ({ name, status, message, detail }) => {
  const { requestId, requestDetailIds } = sent.get(name) ?? { requestId: 0, requestDetailIds: [] };
  const outcome = outcomes.get(requestId);
  expect(`${outcome?.status} ${outcome?.reason?.slice(0, 2000) ?? ''}`).toMatch(
    new RegExp(`^${status} .*${message.source}`, 's'),
  );
  expect(audited).toContain(requestId);
  const found = requestDetailIds.map((id) => details.get(id));
  expect(found.map((one) => one?.status)).toEqual(
    requestDetailIds.map(() => (detail === 'none' ? '' : detail)),
  );
  for (const one of found) {
    if (one?.status === 'open') continue;
    if (one?.status === 'success') {
      expect(one.messages).toEqual([]);
      continue;
    }
    // For people: what is wrong first, what to do after it; each short enough for Procore's column.
    expect(one?.messages[0]).toMatch(new RegExp(`${message.source}|\\.\\.\\.$`, 's'));
    for (const text of one?.messages ?? []) expect([...text].length).toBeLessThanOrEqual(250);
    if (detail === 'failed') expect(one?.messages.length).toBeGreaterThanOrEqual(2);
  }
  if (status !== 'parked') return;
  const exception = exceptions.find((row) => row.requestId === world.ref(requestId).id);
  expect(exception?.reason).toMatch(message);
  expect(exception?.hint).toMatch(/\w/);
});

test('exactly the applied requests reached the ERP, each once', () => {
  const applied = cases.filter(({ status }) => status === 'applied');
  expect(world.erp.vendors()).toHaveLength(erpBefore + applied.length);
  expect(world.erp.ledger()).toHaveLength(applied.length);
});

test('the daemon is healthy, the audit chain whole, and nothing undocumented was sent', async () => {
  for (const path of ['/health', '/ready']) {
    expect((await fetch(`${world.daemon.url}${path}`)).status).toBe(200);
  }
  expect(await world.auditFindings()).toEqual([]);
  expect(world.procore.violations()).toEqual([]);
});

test('a request that could not be fetched can be given up by an approver', async () => {
  const { requestId } = sent.get('a body that is text') ?? { requestId: 0 };
  await world.reject(requestId, 'nothing to see');
  expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
});

test('an unknown event that is given up frees its button in Procore', async () => {
  const { requestId } = sent.get('an unknown event') ?? { requestId: 0 };
  await world.reject(requestId, 'we do not paint');
  expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
  expect(world.details(requestId)).toMatchObject([
    {
      status: 'failed',
      messages: [
        expect.stringContaining('we do not paint'),
        expect.stringMatching(unknown),
        'Ask accounting to enter the record in the ERP by hand.',
      ],
    },
  ]);
});

test('an unknown event that is tried again is still unknown, and stays parked', async () => {
  const { requestId } = sent.get('an event named like a method') ?? { requestId: 0 };
  await world.correct(requestId, {});
  await world.until(requestId, 'parked');
  expect(world.details(requestId)).toMatchObject([{ status: 'open' }]);
});

test('a later request is handled as if nothing had been', async () => {
  const { requestId } = sendVendor({ origin_code: '30001' })();
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

test('numbers of people and their banks that nothing reads never reach our store', async () => {
  const { requestId } = sendVendor({
    origin_code: '30002',
    ssn: '078-05-1120',
    bank_account: { routing_number: '021000021', account_number: 9_120_034_455 },
    internal_note: 'owner is 078-05-1120, pays from DE89 3704 0044 0532 0130 00',
  })();
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  const stored = await world.read((t) => t.requests.body(world.ref(requestId)));
  expect(JSON.stringify(stored?.body)).toContain('owner is [masked], pays from [masked]');
  const everything = readFileSync(join(world.folder, 'tieback.db'), 'latin1');
  const log = join(world.folder, 'tieback.db-wal');
  const all = everything + (existsSync(log) ? readFileSync(log, 'latin1') : '');
  for (const number of ['078-05-1120', '021000021', '9120034455', 'DE89'])
    expect([number, all.includes(number)]).toEqual([number, false]);
  expect(await world.auditFindings()).toEqual([]);
});
