import { foldText, lengthIn } from '../../../domain/base/text';
import type { VendorField } from '../../../domain/kinds/vendor';
import { VENDOR_FIELDS } from '../../../domain/kinds/vendor';
import { fitDecimal } from '../../../domain/kinds/vendor-rules';
import type { FieldRule, VendorRules } from '../adapter';
import type { ConformanceKit, ConformanceQuestion } from './kit';
import { ensure, question, QuestionSkipped } from './kit';
import { withAdapter } from './reading';
import type { TestVendors } from './test-vendors';
import { asWritten, isWritten, named, say, writeOne } from './test-vendors';

/** Names that are hard on an ERP: typographic quotes, accents, letters outside Latin-1, another script, emoji, combining marks. */
const HARD_NAMES = [
  'O’Neil “Señal” – 3″',
  'Ñandú Große Ltée',
  'Łódź Żelbet',
  '株式会社タイバック',
  'Crane 🏗',
  'Rése\u0301au',
];

/** Whether the rules tell the truth: what they allow is stored as it was sent, what they forbid is refused and never cut. */
export function limitQuestions(kit: ConformanceKit, test: TestVendors): readonly ConformanceQuestion[] {
  const writing = (id: string, title: string, see: () => Promise<string>): ConformanceQuestion =>
    question('writing', id, title, see);
  return [
    writing('limit-exact', 'a value of exactly the longest length is stored as it is', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const rules = await vendors.rules();
        const tried: string[] = [];
        for (const [field, rule] of textRules(rules)) {
          const value = valueOfLength(field, rule.maxLength, test.tag());
          if (value === null || (rule.pattern && !new RegExp(rule.pattern.source, 'u').test(value))) continue;
          const result = await writeOne(vendors, test.create(test.fields(rules, { [field]: value })));
          ensure(isWritten(result), `${field} of ${rule.maxLength}: ${say(result)}`);
          ensure(
            result.record[field] === value,
            `${field} "${value}" came back as "${String(result.record[field])}"`,
          );
          tried.push(field);
        }
        return tried.join(', ');
      }),
    ),
    writing('limit-too-long', 'a value one longer is refused, not cut', () =>
      withAdapter(kit, async (adapter, vendors) => {
        const rules = await vendors.rules();
        const tried: string[] = [];
        for (const [field, rule] of textRules(rules)) {
          const value = valueOfLength(field, rule.maxLength + 1, test.tag());
          if (value === null) continue;
          const fields = test.fields(rules, { [field]: value });
          const operation = test.create(fields);
          const result = await writeOne(vendors, operation);
          ensure(result.status === 'refused', `${field} of ${rule.maxLength + 1}: ${say(result)}`);
          ensure(
            (await named(adapter, fields.name)).length === 0,
            `${field} was refused but the vendor is there`,
          );
          ensure(
            (await adapter.ledger.find(operation.operationKey)) === null,
            'the ledger has an entry of it',
          );
          tried.push(field);
        }
        return tried.join(', ');
      }),
    ),
    writing(
      'unicode',
      'a name comes back as it was sent, or is refused with a reason, as the rules say',
      () =>
        withAdapter(kit, async (_adapter, vendors) => {
          const rules = await vendors.rules();
          const stored: string[] = [];
          for (const hard of HARD_NAMES) {
            const name = `${hard} ${test.tag()}`;
            const result = await writeOne(vendors, test.create(test.fields(rules, { name })));
            if (!isWritten(result)) {
              ensure(result.status === 'refused' && result.error.message !== '', `"${name}": ${say(result)}`);
              ensure(
                !holds(name, rules.fields.name),
                `the rules allow "${name}", the ERP does not: ${say(result)}`,
              );
              continue;
            }
            const [held] = await vendors.read([result.erpKey]);
            for (const back of [result.record.name, held?.vendor.name]) {
              ensure(back === name.normalize('NFC'), `"${name}" came back as "${back ?? ''}"`);
            }
            stored.push(hard);
          }
          return `stored: ${stored.join(', ')}`;
        }),
    ),
    writing('decimals', 'decimals are stored exactly; what would have to be rounded is refused', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const rules = await vendors.rules();
        const decimals = rules.fields.retainagePercent?.decimals;
        if (decimals === undefined) throw new QuestionSkipped('the ERP has no retainage on vendors');
        for (const value of ['0.10', '10', '100.00', '7.5', '0']) {
          const wanted = fitDecimal(value, decimals);
          if (wanted === null) continue;
          const write = test.create(test.fields(rules, { retainagePercent: value }));
          const { record } = asWritten(await writeOne(vendors, write));
          ensure(
            record.retainagePercent === wanted,
            `${value} came back as ${String(record.retainagePercent)}`,
          );
        }
        const tooFine = `33.${'3'.repeat(decimals + 1)}`;
        const result = await writeOne(
          vendors,
          test.create(test.fields(rules, { retainagePercent: tooFine })),
        );
        ensure(result.status === 'refused', `${tooFine} with ${decimals} decimals: ${say(result)}`);
        return `${decimals} decimals`;
      }),
    ),
    writing(
      'numbers',
      'a number outside the range or in use is refused; a free one is used; none means the next',
      () =>
        withAdapter(kit, async (_adapter, vendors) => {
          const rules = await vendors.rules();
          const first = asWritten(await writeOne(vendors, test.create(test.fields(rules, { code: null }))));
          const code = first.record.code;
          ensure(code !== null && code !== '', 'a vendor without a number came back');
          const used = await writeOne(vendors, test.create(test.fields(rules, { code })));
          ensure(used.status === 'refused', `number ${code}, which is in use: ${say(used)}`);
          if (rules.codeRange === null) return `next number ${code}`;
          for (const outside of [rules.codeRange.from - 1, rules.codeRange.to + 1]) {
            const result = await writeOne(
              vendors,
              test.create(test.fields(rules, { code: String(outside) })),
            );
            ensure(result.status === 'refused', `number ${outside}, outside the range: ${say(result)}`);
          }
          return `next number ${code}, range kept`;
        }),
    ),
    writing('not-carried', 'a value without a column is refused, not dropped', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const rules = await vendors.rules();
        const field = VENDOR_FIELDS.find((name) => rules.fields[name] === undefined && name !== 'isActive');
        if (field === undefined) throw new QuestionSkipped('the ERP has a column for every field');
        const result = await writeOne(vendors, test.create(test.fields(rules, { [field]: 'x' })));
        ensure(result.status === 'refused', `${field}: ${say(result)}`);
        return `${field} is refused`;
      }),
    ),
    writing('code-tables', 'a value that is not in the code table is refused', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const rules = await vendors.rules();
        const tried: string[] = [];
        for (const field of VENDOR_FIELDS) {
          const rule = rules.fields[field];
          if (rule?.allowed === undefined || field === 'isActive') continue;
          const value = ['Q', '0', 'Z']
            .map((c) => c.repeat(Math.min(2, rule.maxLength)))
            .find((v) => !rule.allowed?.includes(v));
          if (value === undefined) continue;
          const result = await writeOne(vendors, test.create(test.fields(rules, { [field]: value })));
          ensure(result.status === 'refused', `${field} "${value}": ${say(result)}`);
          tried.push(field);
        }
        if (tried.length === 0) throw new QuestionSkipped('the ERP has no code tables for vendors');
        return tried.join(', ');
      }),
    ),
  ];
}

/** Fields whose length can be tried out: free text. */
function textRules(rules: VendorRules): readonly (readonly [Exclude<VendorField, 'isActive'>, FieldRule])[] {
  return VENDOR_FIELDS.flatMap((field) => {
    const rule = rules.fields[field];
    if (field === 'isActive' || field === 'code' || rule === undefined) return [];
    return rule.allowed !== undefined || rule.decimals !== undefined ? [] : [[field, rule] as const];
  });
}

/** A valid-looking value of that length that nobody else has; null when the field is too short for one. */
function valueOfLength(field: VendorField, length: number, tag: string): string | null {
  const end = field === 'email' ? '@example.com' : '';
  const filling = field === 'phone' || field === 'fax' ? '5' : 'X';
  const start = (field === 'phone' || field === 'fax' ? '' : tag).slice(0, Math.max(0, length - end.length));
  const value = `${start}${filling.repeat(Math.max(0, length - start.length - end.length))}${end}`;
  return value.length === length ? value : null;
}

/** Whether the rules say that a value can be stored as it is. */
function holds(value: string, rule: FieldRule | undefined): boolean {
  if (rule === undefined) return false;
  const { text, impossible } = foldText(value, rule.charset);
  const fits = lengthIn(value, rule.unit, rule.charset) <= rule.maxLength;
  return impossible.length === 0 && text === value && fits;
}
