import { loadEvents } from '../../../../sandbox/procore-simulator/data';
import { readRequest } from '../../../../src/procore/erp-tool/read-request';
import { isWithoutMeaning, WITHOUT_MEANING } from '../../../../src/procore/kinds/toolbox/without-meaning';

/*
 * Every leaf of every documented body is marked, one after the other: what the ERP gets changes, or the plan names the field, or a list says why
 * it means nothing to an ERP.
 */

type Json = Record<string, unknown>;
type Path = readonly (string | number)[];

const COMPANY = 4264807;

const bodies = loadEvents().map(({ name, requestName, examplePayload }) => {
  const payload = structuredClone<Json>(examplePayload);
  const body = 'request_name' in payload ? payload : { request_name: requestName, request_data: payload };
  return { name, body };
});

const read = (body: Json) =>
  readRequest(body, { companyId: COMPANY, erpRequestId: Number(body['id'] ?? 1), timeZone: 'Etc/UTC' });

/** What is done about it, and what of it is named as not carried. */
function readingOf(body: Json): { done: string; named: readonly string[] } | null {
  const { intent, questions } = read(body);
  if (intent.way === 'malformed') return null;
  if (intent.way !== 'export') return { done: JSON.stringify(intent), named: [] };
  const { notCarried = [], ...rest } = intent;
  return { done: JSON.stringify({ rest, questions }), named: notCarried };
}

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return entries.length === 0 ? [path] : entries.flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

/** Items of one list are read alike: the first one speaks for all. */
const firstOf = (paths: readonly Path[]): readonly Path[] => [
  ...new Map(
    [...paths].reverse().map((path) => [path.filter((key) => typeof key === 'string').join('.'), path]),
  ).values(),
];

const at = (body: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], body);

function marked(body: Json, path: Path, value: unknown): Json {
  const copy = structuredClone(body);
  const holder = at(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  holder[path.at(-1) ?? ''] = value;
  return copy;
}

/** Of closed lists, and figures for people. */
const WORDS = [
  'PurchaseOrderContract',
  'Billings::ChangeOrderItem',
  'Erp::RevisedEstimateTransaction',
  'calculated',
  '$7.25',
];

/** Values that the leaf might have instead: of its own type, and, where it is empty, of any. */
function marksFor(value: unknown): readonly unknown[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 7, value + 1.25, 1];
  if (typeof value === 'string' && value !== '') {
    if (/^-?\d+(\.\d+)?$/.test(value)) return [String(Number(value) + 7.25), String(Number(value) + 7), '1'];
    if (/^\d{4}-\d{2}-\d{2}/.test(value)) return ['2027-05-06', '2027-05-06T10:00:00Z'];
    return [`${value} marked`, ...WORDS];
  }
  const any = [
    'Marked',
    '2027-05-06',
    '7.25',
    7,
    true,
    { id: 7, name: 'Marked', origin_id: '1|7', last_name: 'Marked' },
  ];
  return [...any, ['Marked'], [{ id: 7, name: 'Marked', value: 'Marked' }], { id: 7, full_code: '7' }];
}

/** What is read only where others are empty: the end of its path, and of theirs. */
const SECOND_CHOICES: Readonly<Record<string, readonly string[]>> = {
  'commitment.number': ['commitment.code', 'commitment.origin_code'],
  job_id: ['commitment.project.origin_id'],
  job_origin_id: ['commitment.project.origin_id'],
  'cost_code.name': ['full_code'],
  'line_item_type.code': ['line_item_type.name'],
  line_item_description: ['description'],
  date_payment_created: ['date_payment_settled', 'date_payment_funded', 'date_payment_initiated'],
  date_payment_initiated: ['date_payment_settled', 'date_payment_funded'],
  'change_order.number': ['change_order.origin_code'],
  'change_order.created_at': ['reviewed_at', 'approved_on'],
  'change_order.reviewed_at': ['approved_on'],
  'billing_period.start_date': ['period_start'],
  'billing_period.end_date': ['period_end'],
};

const endsWith = (path: Path, end: string): boolean => path.join('.').endsWith(end);

/** The body as it is where a second choice counts. */
function withoutFirst(body: Json, path: Path): Json | null {
  const first = Object.entries(SECOND_CHOICES).find(([end]) => endsWith(path, end))?.[1];
  if (first === undefined) return null;
  const emptied = leavesOf(body).filter((leaf) => first.some((end) => endsWith(leaf, end)));
  return emptied.reduce((copy, leaf) => marked(copy, leaf, null), body);
}

type Fate = 'carried' | 'named' | 'without meaning' | 'lost';

function fateOf(name: string, body: Json, path: Path, isSecond = false): Fate {
  const before = readingOf(body);
  if (before === null) throw new Error(`the example of ${name} cannot be read`);
  const value = at(body, path);
  const after = marksFor(value).map((mark) => readingOf(marked(body, path, mark)));
  // A value of the same type that is refused: it must be one that the body knows.
  if (typeof value === 'number' && after.every((reading) => reading === null)) return 'carried';
  if (after.some((reading) => reading !== null && reading.done !== before.done)) return 'carried';
  const second = isSecond ? null : withoutFirst(body, path);
  if (second !== null && fateOf(name, second, path, true) === 'carried') return 'carried';
  const keys = path.filter((key) => typeof key === 'string').slice(1);
  if (isWithoutMeaning([name, ...keys])) return 'without meaning';
  const words = (reading: typeof before): string => reading.named.join('\n');
  const holders = keys.map((key) => String(key).replaceAll('_', ' '));
  if (before.named.some((one) => holders.includes(one))) return 'named';
  // Unmarked, the same field may be named already: then it is gone from the list once it is empty.
  const isNamed = [...after, readingOf(marked(body, path, null))].some(
    (reading) => reading !== null && words(reading) !== words(before),
  );
  return isNamed ? 'named' : 'lost';
}

const writesToErp = (body: Json): boolean => read(body).intent.way === 'export';

const exports = bodies.filter(({ body }) => writesToErp(body));

test.each(exports.map(({ name, body }) => [name, body] as const))(
  '%s: no filled field is lost in silence',
  (name, body) => {
    const leaves = firstOf(leavesOf(body['request_data'], ['request_data']));
    const fates = leaves.map((path) => [path.join('.'), fateOf(name, body, path)] as const);
    expect(fates.filter(([, fate]) => fate === 'lost').map(([path]) => path)).toEqual([]);
  },
);

test('an event that writes nothing to the ERP names its records by id or origin_id, and every one of them counts', () => {
  for (const { name, body } of bodies.filter((one) => !writesToErp(one.body))) {
    const own = leavesOf(body['request_data'], ['request_data']).filter((path) => {
      const value = at(body, path);
      return path.at(-1) === 'id' && typeof value === 'number' && path.length <= 4;
    });
    const lost = own.filter((path) => fateOf(name, body, path) === 'lost').map((path) => path.join('.'));
    expect({ name, lost }).toEqual({ name, lost: [] });
  }
});

test('every group of fields without a meaning says why, and no field is there twice', () => {
  const fields = WITHOUT_MEANING.flatMap((group) => group.fields);
  expect(new Set(fields).size).toBe(fields.length);
  for (const { why } of WITHOUT_MEANING) expect(why).toMatch(/^[A-Z].{20,}\.$/);
});

test('what is named is named once, without its value', () => {
  const vendor = bodies.find(({ name }) => name === 'create_vendor');
  const body = structuredClone(vendor?.body ?? {});
  Object.assign((body['request_data'] as Json)['vendor'] as Json, {
    mobile_phone: '2065550177',
    trade_name: 'Cobalt',
    business_register: { type: 'EIN', identifier: '12-3456789' },
    custom_fields: {
      custom_field_7: { data_type: 'string', value: 'P-77' },
      custom_field_8: { value: null },
    },
    erp_custom_fields: { vendor_type_origin_id: '1|SUB', payee: 'Somebody' },
    brand_new: [{ deep: 'value' }],
    union_member: false,
  });
  const { intent } = read(body);
  expect(intent).toMatchObject({
    notCarried: [
      'mobile phone',
      'trade name',
      'field of the export form "payee"',
      'business register',
      'custom field "custom_field_7"',
      'brand new',
    ],
  });
  expect(JSON.stringify(intent)).not.toMatch(/12-3456789|P-77|Somebody|2065550177/);
});

test('unknown fields of any depth and length are looked through', () => {
  const vendor = bodies.find(({ name }) => name === 'create_vendor');
  const deep = (leaf: string): unknown =>
    JSON.parse(`${'[{"a":'.repeat(20_000)}${leaf}${'}]'.repeat(20_000)}`);
  const given = (fields: Json): readonly string[] => {
    const body = structuredClone(vendor?.body ?? {});
    const data = body['request_data'] as Json;
    const changed = { ...data, vendor: { ...(data['vendor'] as Json), union_member: false, ...fields } };
    return readingOf({ ...body, request_data: changed })?.named ?? [];
  };
  expect(given({ deep: deep('"x"'), empty: deep('null') })).toEqual(['deep']);
  expect(given({ long: Array.from({ length: 300_000 }, () => 'x') })).toEqual(['long']);
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field_${index}`, 'x']));
  expect(given(many)).toHaveLength(41);
  expect(given(many).at(-1)).toBe('and 60 more');
});
