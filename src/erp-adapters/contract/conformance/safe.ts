import { ENTITIES } from '../../../domain/kinds/entity';
import { erpKeyOfOriginId, originIdOf } from '../../../domain/base/identity';
import { lengthIn } from '../../../domain/base/text';
import type { Vendor } from '../../../domain/kinds/vendor';
import { VENDOR_FIELDS } from '../../../domain/kinds/vendor';
import type { FieldRule, VendorProbe, VendorRules } from '../adapter';
import type { ConformanceKit, ConformanceQuestion } from './kit';
import { ensure, question, QuestionSkipped } from './kit';
import { readAll, some, withAdapter } from './reading';

/** Cursors tried out one by one; more would only take longer on a large company. */
const MOST_RESTARTS = 8;
/** Vendors looked up one by one. */
const MOST_LOOKUPS = 40;

/** Questions that only read: fit for a production system. */
export function safeQuestions(kit: ConformanceKit): readonly ConformanceQuestion[] {
  const pageSize = kit.pageSize ?? 25;
  const safe = (id: string, title: string, see: () => Promise<string>): ConformanceQuestion =>
    question('safe', id, title, see);
  return [
    safe('describe', 'says what it is and what it can do', () =>
      withAdapter(kit, async (adapter) => {
        const { system, version, company, companyName, capabilities } = await adapter.describe();
        for (const [part, value] of Object.entries({ system, version, company, companyName })) {
          ensure(value.trim() !== '', `the description has no ${part}`);
        }
        ensure(
          capabilities.includes('vendors') === (adapter.vendors !== undefined),
          'the description and the adapter disagree about vendors',
        );
        const kept = Object.keys(adapter.records ?? {});
        const told = ENTITIES.filter((entity) => entity !== 'vendor' && capabilities.includes(entity));
        ensure(
          [...kept].sort().join() === [...told].sort().join(),
          `the description tells of ${told.join(', ')}; the adapter keeps ${kept.join(', ')}`,
        );
        return `${system}: ${version}, company ${company} ${companyName}`;
      }),
    ),
    safe('checks', 'all its own health checks are well', () =>
      withAdapter(kit, async (adapter) => {
        const checks = await adapter.check();
        ensure(checks.length > 0, 'there are no health checks');
        const bad = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
        ensure(bad.length === 0, bad.join('; '));
        return checks.map(({ name }) => name).join(', ');
      }),
    ),
    safe('grant-script', 'prints the script that creates its rights and the ledger', () =>
      withAdapter(kit, async (adapter) => {
        const script = adapter.grantScript();
        ensure(
          /tieback/i.test(script) && /ledger/i.test(script),
          'the grant script does not create the Tieback ledger',
        );
        return `${script.split('\n').length} lines`;
      }),
    ),
    safe('ledger-present', 'the operation ledger answers, and knows nothing it was not told', () =>
      withAdapter(kit, async ({ ledger }) => {
        ensure(
          (await ledger.find('conformance:never-written')) === null,
          'an operation that never was is in the ledger',
        );
        ensure(
          (await ledger.head('vendor', 'vendor/conformance-never')) === null,
          'a record that never was is in the ledger',
        );
        return 'the ledger answers';
      }),
    ),
    safe('rules-sane', 'column rules make sense', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const problems = ruleProblems(await vendors.rules());
        ensure(problems.length === 0, problems.join('; '));
        return 'every rule can be met';
      }),
    ),
    safe('paging-complete', 'small pages bring what large pages bring', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const large = await readAll(vendors, null, 5_000);
        const small = await readAll(vendors, null, pageSize);
        const missing = [...large.byKey.keys()].filter((key) => !small.byKey.has(key));
        const extra = [...small.byKey.keys()].filter((key) => !large.byKey.has(key));
        ensure(missing.length === 0, `pages of ${pageSize} leave out ${some(missing)}`);
        ensure(extra.length === 0, `only pages of ${pageSize} bring ${some(extra)}`);
        return `${small.byKey.size} vendors in ${small.pages.length} pages`;
      }),
    ),
    safe('paging-stable', 'reading twice brings the same vendors with the same values', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const first = await readAll(vendors, null, pageSize);
        const second = await readAll(vendors, null, pageSize);
        const differ = [...first.byKey].filter(
          ([key, vendor]) => JSON.stringify(second.byKey.get(key)) !== JSON.stringify(vendor),
        );
        ensure(differ.length === 0, `a second reading differs at ${some(differ.map(([key]) => key))}`);
        return `${first.byKey.size} vendors, twice the same`;
      }),
    ),
    safe('paging-restart', 'reading can go on from every cursor', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const whole = await readAll(vendors, null, pageSize);
        const cursors = spread(whole.pages.length, MOST_RESTARTS);
        for (const index of cursors) {
          const before = whole.pages
            .slice(0, index + 1)
            .flatMap(({ records }) => records.map(({ key }) => key));
          const rest = await readAll(vendors, whole.pages[index]?.cursor ?? null, pageSize);
          const seen = new Set([...before, ...rest.byKey.keys()]);
          const missed = [...whole.byKey.keys()].filter((key) => !seen.has(key));
          ensure(missed.length === 0, `going on after page ${index + 1} misses ${some(missed)}`);
        }
        return `restarted after ${cursors.length} of ${whole.pages.length} pages`;
      }),
    ),
    safe('paging-moves-on', 'after the last page, what was read does not come again for ever', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const whole = await readAll(vendors, null, pageSize);
        ensure(whole.cursor !== null, 'no page came, so there is no cursor to keep');
        const again = await readAll(vendors, whole.cursor, pageSize);
        const allowed = Math.min(pageSize, Math.floor(whole.byKey.size / 2));
        ensure(
          again.byKey.size <= allowed,
          `${again.byKey.size} of ${whole.byKey.size} vendors come again although nothing changed`,
        );
        return `${again.byKey.size} vendors come again`;
      }),
    ),
    safe(
      'keys-stable',
      'keys are unique, fit into an origin_id, and mean the same vendor in every reading',
      () =>
        withAdapter(kit, async (_adapter, vendors) => {
          const { byKey } = await readAll(vendors, null, pageSize);
          const bad = [...byKey.keys()].filter(
            (key) => erpKeyOfOriginId('vendor', originIdOf('vendor', key)) !== key,
          );
          ensure(bad.length === 0, `not of the form "group|number": ${some(bad)}`);
          const codes = [...byKey.values()].map(({ code }) => code);
          ensure(new Set(codes).size === codes.length, 'two keys carry the same vendor number');
          return `${byKey.size} keys`;
        }),
    ),
    safe('read-by-keys', 'reading by key brings exactly those that exist, as paging showed them', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const { byKey } = await readAll(vendors, null, pageSize);
        const keys = pick([...byKey.keys()], MOST_LOOKUPS);
        const found = await vendors.read([...keys, 'no|such', 'nonsense', '']);
        ensure(found.length === keys.length, `${keys.length} vendors were asked for, ${found.length} came`);
        for (const { key, vendor } of found) {
          ensure(
            JSON.stringify(vendor) === JSON.stringify(byKey.get(key)),
            `${key} read by key differs from ${key} read by page`,
          );
        }
        ensure((await vendors.read([])).length === 0, 'asked for nothing, something came');
        return `${keys.length} vendors`;
      }),
    ),
    safe(
      'value-shapes',
      'what is read is canonical: trimmed, composed, decimals as text, no field without a rule',
      () =>
        withAdapter(kit, async (_adapter, vendors) => {
          const rules = await vendors.rules();
          const { byKey } = await readAll(vendors, null, pageSize);
          const problems = [...byKey].flatMap(([key, vendor]) => shapeProblems(key, vendor, rules));
          ensure(problems.length === 0, some(problems));
          return `${byKey.size} vendors`;
        }),
    ),
    safe(
      'finds-existing',
      'the duplicate search finds every vendor by number, name, sort name, e-mail and phone',
      () =>
        withAdapter(kit, async (_adapter, vendors) => {
          const { byKey } = await readAll(vendors, null, pageSize);
          if (byKey.size === 0) throw new QuestionSkipped('there are no vendors');
          for (const [key, vendor] of pick([...byKey], MOST_LOOKUPS)) {
            for (const [by, probe] of probesOf(vendor)) {
              const found = await vendors.findSimilar(probe);
              ensure(found.length <= 50, `${found.length} similar vendors came; 50 are the most`);
              ensure(
                found.length === 50 || found.some((similar) => similar.key === key),
                `${key} is not found by its ${by}`,
              );
            }
          }
          return `${Math.min(byKey.size, MOST_LOOKUPS)} vendors found by all they have`;
        }),
    ),
  ];
}

function ruleProblems({ fields, codeRange }: VendorRules): readonly string[] {
  const problems: string[] = [];
  if (fields.name === undefined) problems.push('there is no rule for the name');
  if (codeRange !== null && codeRange.from > codeRange.to) problems.push('the number range is empty');
  for (const [field, rule] of Object.entries(fields)) {
    problems.push(...oneRuleProblems(rule).map((problem) => `${field}: ${problem}`));
  }
  return problems;
}

/** Why a rule cannot be met. */
export function oneRuleProblems({
  maxLength,
  unit,
  charset,
  allowed,
  pattern,
  decimals,
}: FieldRule): readonly string[] {
  const problems: string[] = [];
  if (!Number.isInteger(maxLength) || maxLength < 1) problems.push(`a length of ${maxLength} holds nothing`);
  if (allowed?.length === 0) problems.push('the list of valid values is empty');
  const tooLong = (allowed ?? []).filter((value) => lengthIn(value, unit, charset) > maxLength);
  if (tooLong.length > 0) problems.push(`valid values are longer than the column: ${some(tooLong)}`);
  if (decimals !== undefined && (!Number.isInteger(decimals) || decimals < 0))
    problems.push(`${decimals} decimals`);
  if (pattern !== undefined) {
    if (pattern.explains.trim() === '') problems.push('the pattern is not explained');
    try {
      new RegExp(pattern.source, 'u');
    } catch {
      problems.push(`the pattern ${pattern.source} is no regular expression`);
    }
  }
  return problems;
}

function shapeProblems(key: string, vendor: Vendor, { fields }: VendorRules): readonly string[] {
  return VENDOR_FIELDS.flatMap((field) => {
    const value: unknown = vendor[field];
    const at = `${key} ${field} ${JSON.stringify(value)}`;
    if (field === 'isActive') return typeof value === 'boolean' ? [] : [`${at} is not true or false`];
    if (value === null) return field === 'name' || field === 'code' ? [`${at} is empty`] : [];
    if (typeof value !== 'string') return [`${at} is not text`];
    const rule = fields[field];
    if (rule === undefined) return [`${at} has no rule`];
    if (value === '' || value !== value.trim()) return [`${at} is not trimmed; empty text must be null`];
    if (value !== value.normalize('NFC')) return [`${at} is not composed (NFC)`];
    if (rule.decimals !== undefined && !decimalShape(rule.decimals).test(value))
      return [`${at} is no decimal`];
    return lengthIn(value, rule.unit, rule.charset) > rule.maxLength
      ? [`${at} is longer than its column`]
      : [];
  });
}

const decimalShape = (decimals: number): RegExp =>
  new RegExp(decimals === 0 ? '^-?\\d+$' : `^-?\\d+\\.\\d{${decimals}}$`);

/** One probe for each thing the vendor can be found by; the name of the others is one nobody has. */
function probesOf(vendor: Vendor): readonly (readonly [string, VendorProbe])[] {
  const nobody = { code: null, name: 'zz conformance nobody', sortName: null, email: null, phone: null };
  const digits = vendor.phone?.replace(/\D/g, '') ?? '';
  return [
    ['name', { ...nobody, name: vendor.name.toUpperCase() }],
    ...(vendor.code === null ? [] : [['number', { ...nobody, code: vendor.code }] as const]),
    ...(vendor.sortName === null ? [] : [['sort name', { ...nobody, sortName: vendor.sortName }] as const]),
    ...(vendor.email === null ? [] : [['e-mail', { ...nobody, email: vendor.email.toUpperCase() }] as const]),
    ...(digits.length < 7 ? [] : [['phone', { ...nobody, phone: digits }] as const]),
  ];
}

/** Up to `most` indexes below `length`, evenly spread. */
function spread(length: number, most: number): readonly number[] {
  const step = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

const pick = <T>(items: readonly T[], most: number): readonly T[] =>
  spread(items.length, most).flatMap((index) => items.slice(index, index + 1));
