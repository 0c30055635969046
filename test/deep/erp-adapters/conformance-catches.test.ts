import type { CanonicalRecord, Fields } from '../../../src/domain/kinds/record';
import type {
  ErpAdapter,
  ErpRecord,
  RecordCapability,
  RecordWrite,
  VendorCapability,
  VendorPage,
  VendorWrite,
  WriteResult,
} from '../../../src/erp-adapters/contract/adapter';
import { conformanceQuestions, runConformance } from '../../../src/erp-adapters/contract/conformance';
import { isTiebackError, TiebackError } from '../../../src/domain/base/errors';
import type { SampleCompany } from '../../unit/erp-adapters/sample-kit';
import { recordsOf, sampleCompany, vendorsOf } from '../../unit/erp-adapters/sample-kit';

type Break = (good: ErpAdapter, company: SampleCompany) => ErpAdapter;

/** Replaces parts of the vendor capability and keeps the rest. */
const withVendors =
  (change: (good: VendorCapability, company: SampleCompany) => Partial<VendorCapability>): Break =>
  (good, company) => {
    const vendors = vendorsOf(good);
    const kept: VendorCapability = {
      rules: () => vendors.rules(),
      readChanged: (cursor, size) => vendors.readChanged(cursor, size),
      read: (keys) => vendors.read(keys),
      findSimilar: (probe) => vendors.findSimilar(probe),
      write: (operations) => vendors.write(operations),
    };
    return { ...good, vendors: { ...kept, ...change(vendors, company) } };
  };

/** Changes the operations on their way in. */
const withOperations = (change: (operation: VendorWrite) => VendorWrite): Break =>
  withVendors((good) => ({ write: (operations) => good.write(operations.map(change)) }));

const withFields = (change: (fields: VendorWrite['fields']) => VendorWrite['fields']): Break =>
  withOperations((operation) => ({ ...operation, fields: change(operation.fields) }));

const withResults = (change: (results: readonly WriteResult[]) => readonly WriteResult[]): Break =>
  withVendors((good) => ({ write: async (operations) => change(await good.write(operations)) }));

const withPages = (change: (page: VendorPage, index: number) => VendorPage): Break =>
  withVendors((good) => ({
    async *readChanged(cursor, size) {
      let index = 0;
      for await (const page of good.readChanged(cursor, size)) yield change(page, index++);
    },
  }));

let unique = 0;
const other = (operation: VendorWrite): VendorWrite => {
  unique += 1;
  return { ...operation, operationKey: `x${unique}`, recordId: `x${unique}` };
};

const plain = (text: string): string => text.normalize('NFKD').replace(/[^\x20-\x7e]/g, '');

/** Replaces parts of what the adapter does with commitments, and keeps the rest. */
const withCommitments =
  (change: (good: RecordCapability, adapter: ErpAdapter) => Partial<RecordCapability>): Break =>
  (good) => {
    const records = recordsOf(good, 'commitment');
    const kept: RecordCapability = {
      rules: () => records.rules(),
      read: (keys) => records.read(keys),
      findSame: (record) => records.findSame(record),
      readChanged: (cursor, size) => records.readChanged(cursor, size),
      write: (operations) => records.write(operations),
    };
    return { ...good, records: { ...good.records, commitment: { ...kept, ...change(records, good) } } };
  };

const withCommitmentWrites = (change: (operation: RecordWrite) => RecordWrite): Break =>
  withCommitments((good) => ({ write: (operations) => good.write(operations.map(change)) }));

const withCommitmentPages = (change: (record: ErpRecord) => ErpRecord): Break =>
  withCommitments((good) => ({
    async *readChanged(cursor, size) {
      for await (const page of good.readChanged(cursor, size))
        yield { ...page, records: page.records.map(change) };
    },
  }));

const withLineFields = (record: CanonicalRecord, change: (fields: Fields) => Fields): CanonicalRecord => ({
  ...record,
  lines: record.lines.map((line) => ({ ...line, fields: change(line.fields) })),
});

const cut = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      field,
      field !== 'description' || typeof value !== 'string' ? value : value.slice(0, 60),
    ]),
  );

/** Mistakes that adapters make with records, and the questions about commitments that must notice them. */
const RECORD_MISTAKES: readonly (readonly [mistake: string, caughtBy: readonly string[], broken: Break])[] = [
  [
    'keeps kinds that it does not tell of',
    ['describe'],
    (good) => ({
      ...good,
      describe: async () => ({ ...(await good.describe()), capabilities: ['vendors'] }),
    }),
  ],
  [
    'has rules for fields that there are not',
    ['record-rules:commitment'],
    withCommitments((good) => ({
      rules: async () => {
        const rules = await good.rules();
        return {
          ...rules,
          fields: {
            ...rules.fields,
            colour: { maxLength: 3, unit: 'characters', charset: null, required: false },
          },
        };
      },
    })),
  ],
  [
    'begins again from the start every time',
    ['record-paging:commitment', 'record-taken:commitment'],
    withCommitments((good) => ({ readChanged: (_cursor, size) => good.readChanged(null, size) })),
  ],
  [
    'does not see that a record changed',
    ['record-changed:commitment'],
    withCommitments((good) => ({
      async *readChanged(cursor, size) {
        for await (const page of good.readChanged(cursor, size))
          yield cursor === null ? page : { ...page, records: page.records.filter((_r, index) => index > 0) };
      },
    })),
  ],
  [
    'reads one key at most',
    ['record-read:commitment'],
    withCommitments((good) => ({ read: (keys) => good.read(keys.slice(0, 1)) })),
  ],
  [
    'reads a page without its lines',
    ['record-read:commitment', 'record-changed:commitment'],
    withCommitmentPages((found) => ({ ...found, record: { ...found.record, lines: [] } })),
  ],
  [
    'gives keys of lines that cannot be told apart',
    ['record-shapes:commitment', 'record-look-up:commitment'],
    withCommitmentPages((found) => ({
      ...found,
      record: { ...found.record, lines: found.record.lines.map((line) => ({ ...line, erpKey: '1' })) },
    })),
  ],
  [
    'says that everything is there',
    ['record-look-up:commitment'],
    (good) => ({
      ...good,
      lookUp: async (refs) =>
        ((await good.lookUp?.(refs)) ?? []).map((state) => ({ ...state, state: 'active' as const })),
    }),
  ],
  [
    'leaves out the last line',
    ['record-create:commitment', 'record-crash:commitment'],
    withCommitmentWrites((operation) => {
      const [first] = operation.record.lines;
      const amount = first?.fields['amount'] ?? null;
      return first === undefined
        ? operation
        : { ...operation, record: { fields: { ...operation.record.fields, amount }, lines: [first] } };
    }),
  ],
  [
    'forgets the ledger',
    [
      'record-create:commitment',
      'record-replay:commitment',
      'record-taken:commitment',
      'record-crash:commitment',
    ],
    withCommitmentWrites((operation) => {
      unique += 1;
      return { ...operation, operationKey: `x${unique}`, recordId: `x${unique}` };
    }),
  ],
  [
    'answers a replay without the keys of the lines',
    ['record-replay:commitment'],
    withCommitments((good) => ({
      write: async (operations) =>
        (await good.write(operations)).map((result) =>
          'replayed' in result && result.replayed
            ? { ...result, record: { ...result.record, lines: [] } }
            : result,
        ),
    })),
  ],
  [
    'writes every field on update',
    ['record-update:commitment'],
    withCommitmentWrites((operation) =>
      operation.action === 'create'
        ? operation
        : {
            ...operation,
            record: { ...operation.record, fields: { status: 'Void', ...operation.record.fields } },
          },
    ),
  ],
  [
    'does not compare before it writes',
    ['record-moved:commitment'],
    withCommitmentWrites((operation) => ({ ...operation, expected: null })),
  ],
  [
    'looks for the number in open records of another kind',
    ['record-same:commitment'],
    withCommitments((_good, adapter) => ({
      findSame: (record) => recordsOf(adapter, 'prime_contract').findSame(record),
    })),
  ],
  [
    'stops at the first refusal',
    ['record-refused:commitment'],
    withCommitments((good) => ({
      write: async (operations) => {
        const results: WriteResult<CanonicalRecord>[] = [];
        for (const operation of operations) {
          results.push(...(await good.write([operation])));
          if (results.at(-1)?.status === 'refused') break;
        }
        return results;
      },
    })),
  ],
  [
    'cuts the text of lines',
    ['record-limits:commitment'],
    withCommitmentWrites((operation) => ({ ...operation, record: withLineFields(operation.record, cut) })),
  ],
  [
    'makes the header what the lines come to',
    ['record-total:commitment'],
    withCommitmentWrites((operation) => ({
      ...operation,
      record: { ...operation.record, fields: { ...operation.record.fields, amount: '200.00' } },
    })),
  ],
];

/** Mistakes that adapters make, and the questions that must notice them. */
const MISTAKES: readonly (readonly [mistake: string, caughtBy: readonly string[], broken: Break])[] = [
  [
    'says nothing about itself',
    ['describe'],
    (good) => ({ ...good, describe: async () => ({ ...(await good.describe()), companyName: '' }) }),
  ],
  [
    'has no ledger table',
    ['checks', 'ledger-present'],
    (good, company) => {
      company.accounting.runScript('DROP TABLE IF EXISTS tieback_ledger');
      return good;
    },
  ],
  ['prints no grant script', ['grant-script'], (good) => ({ ...good, grantScript: () => 'GRANT ALL' })],
  [
    'claims columns of length 0',
    ['rules-sane'],
    withVendors((good) => ({
      rules: async () => {
        const rules = await good.rules();
        const name = rules.fields.name && { ...rules.fields.name, maxLength: 0 };
        return { ...rules, fields: { ...rules.fields, ...(name && { name }) } };
      },
    })),
  ],
  [
    'claims wider columns than there are',
    ['limit-exact'],
    withVendors((good) => ({
      rules: async () => {
        const rules = await good.rules();
        const name = rules.fields.name && { ...rules.fields.name, maxLength: 80 };
        return { ...rules, fields: { ...rules.fields, ...(name && { name }) } };
      },
    })),
  ],
  [
    'claims that any character can be stored',
    ['unicode'],
    withVendors((good) => ({
      rules: async () => {
        const rules = await good.rules();
        const name = rules.fields.name && { ...rules.fields.name, charset: null };
        return { ...rules, fields: { ...rules.fields, ...(name && { name }) } };
      },
    })),
  ],
  [
    'drops a page',
    ['paging-complete'],
    withPages((page, index) => (index === 1 ? { ...page, records: [] } : page)),
  ],
  [
    'leaves out the last vendor of full pages',
    ['paging-complete'],
    withPages((page) => (page.records.length > 1 ? { ...page, records: page.records.slice(1) } : page)),
  ],
  [
    'hands out a cursor that is ahead',
    ['paging-restart'],
    withPages((page) => ({ ...page, cursor: `rv:${Number(page.cursor.slice(3)) + 1}` })),
  ],
  [
    'begins again from the start every time',
    ['paging-moves-on'],
    withVendors((good) => ({ readChanged: (_cursor, size) => good.readChanged(null, size) })),
  ],
  [
    'reads the time into the values',
    ['paging-stable', 'read-by-keys'],
    withPages((page) => ({
      ...page,
      records: page.records.map((record) => ({
        ...record,
        vendor: { ...record.vendor, fax: String((unique += 1)) },
      })),
    })),
  ],
  [
    'keeps a cursor that is newer than what it read',
    ['paging-while-changing'],
    withVendors((good) => ({
      async *readChanged(cursor, size) {
        const pages: VendorPage[] = [];
        for await (const page of good.readChanged(cursor, size)) pages.push(page);
        for (const page of pages.slice(0, -1)) yield page;
        let newest = pages.at(-1)?.cursor ?? '';
        for await (const page of good.readChanged(newest, size)) newest = page.cursor;
        yield { records: pages.at(-1)?.records ?? [], cursor: newest };
      },
    })),
  ],
  [
    'uses the bare number as key',
    ['keys-stable'],
    withPages((page) => ({
      ...page,
      records: page.records.map((r) => ({ ...r, key: r.vendor.code ?? '' })),
    })),
  ],
  [
    'reads one key at most',
    ['read-by-keys'],
    withVendors((good) => ({ read: (keys) => good.read(keys.slice(0, 1)) })),
  ],
  [
    'does not trim',
    ['value-shapes'],
    withPages((page) => ({
      ...page,
      records: page.records.map((r) => ({
        ...r,
        vendor: { ...r.vendor, city: r.vendor.city && `${r.vendor.city}  ` },
      })),
    })),
  ],
  [
    'reads decimals as numbers',
    ['value-shapes'],
    withPages((page) => ({
      ...page,
      records: page.records.map((r) => ({
        ...r,
        vendor: { ...r.vendor, retainagePercent: String(Number(r.vendor.retainagePercent)) },
      })),
    })),
  ],
  [
    'hides inactive vendors',
    ['inactive-visible', 'similar'],
    withVendors((good) => ({
      async *readChanged(cursor, size) {
        for await (const page of good.readChanged(cursor, size))
          yield { ...page, records: page.records.filter(({ vendor }) => vendor.isActive) };
      },
      findSimilar: async (probe) => (await good.findSimilar(probe)).filter(({ vendor }) => vendor.isActive),
    })),
  ],
  [
    'finds by number and name only',
    ['finds-existing', 'similar'],
    withVendors((good) => ({
      findSimilar: (probe) => good.findSimilar({ ...probe, email: null, phone: null, sortName: null }),
    })),
  ],
  [
    'writes twice',
    ['replay', 'crash-create', 'race-same'],
    withVendors((good) => ({
      write: async (operations) => {
        const results = await good.write(operations);
        for (const operation of operations) {
          if (operation.action === 'update') continue;
          const sortName = `${operation.fields.sortName ?? ''}2`;
          await good.write([{ ...other(operation), fields: { ...operation.fields, sortName, code: null } }]);
        }
        return results;
      },
    })),
  ],
  [
    'forgets the ledger',
    [
      'create',
      'replay',
      'taken',
      'there-and-back',
      'crash-create',
      'crash-update',
      'outcome-unknown',
      'crash-in-batch',
      'race-same',
      'race-generation',
    ],
    withOperations(other),
  ],
  [
    'repeats by itself after a lost answer',
    ['outcome-unknown', 'crash-create'],
    withVendors((good) => ({
      write: async (operations) => {
        try {
          return await good.write(operations);
        } catch (error) {
          if (!isTiebackError(error) || error.class !== 'unknown_outcome') throw error;
          const again = operations.map((o) => ({
            ...other(o),
            fields: { ...o.fields, sortName: `${o.fields.sortName ?? ''}2` },
          }));
          return good.write(again);
        }
      },
    })),
  ],
  [
    'calls a lost answer a failure',
    ['outcome-unknown'],
    withVendors((good) => ({
      write: (operations) =>
        good.write(operations).catch((error: unknown) => {
          throw isTiebackError(error) ? new TiebackError('ERP_UNREACHABLE', { reason: 'lost' }) : error;
        }),
    })),
  ],
  [
    'does not say that it replays',
    ['replay', 'crash-create'],
    withResults((results) => results.map((r) => ('replayed' in r ? { ...r, replayed: false } : r))),
  ],
  [
    'counts generations itself',
    ['taken', 'race-generation'],
    withOperations((o) => ({ ...o, generation: (unique += 1) })),
  ],
  [
    'takes the next number before it writes',
    ['race-numbers'],
    withVendors((good) => {
      let next: Promise<number> | undefined;
      const newest = async (): Promise<number> => {
        const codes: number[] = [];
        for await (const { records } of good.readChanged(null, 500))
          codes.push(...records.map((r) => Number(r.vendor.code)));
        return Math.max(...codes) + 1;
      };
      return {
        write: async (operations) => {
          next ??= newest();
          const code = String(await next);
          return good.write(
            operations.map((o) => (o.action === 'create' ? { ...o, fields: { ...o.fields, code } } : o)),
          );
        },
      };
    }),
  ],
  [
    'writes every field on update',
    ['update-named-fields'],
    withOperations((o) => (o.action === 'update' ? { ...o, fields: { phone: '555-0100', ...o.fields } } : o)),
  ],
  ['does not compare before it writes', ['moved'], withOperations((o) => ({ ...o, expected: null }))],
  [
    'stops at the first refusal',
    ['order-kept'],
    withVendors((good) => ({
      write: async (operations) => {
        const results: WriteResult[] = [];
        for (const operation of operations) {
          results.push(...(await good.write([operation])));
          if (results.at(-1)?.status === 'refused') break;
        }
        return results;
      },
    })),
  ],
  ['answers in another order', ['order-kept'], withResults((results) => [...results].reverse())],
  [
    'writes past a person',
    ['busy'],
    withVendors((good, company) => ({
      write: (operations) => {
        company.accounting.unlockVendorFile();
        return good.write(operations);
      },
    })),
  ],
  [
    'cuts long names',
    ['limit-too-long', 'order-kept'],
    withFields((fields) =>
      fields.name === undefined ? fields : { ...fields, name: fields.name.slice(0, 60) },
    ),
  ],
  [
    'replaces what it cannot store',
    ['unicode'],
    withFields((fields) => (fields.name === undefined ? fields : { ...fields, name: plain(fields.name) })),
  ],
  [
    'rounds',
    ['decimals'],
    withFields((fields) =>
      typeof fields.retainagePercent === 'string'
        ? { ...fields, retainagePercent: Number(fields.retainagePercent).toFixed(2) }
        : fields,
    ),
  ],
  [
    'gives out numbers itself',
    ['numbers'],
    withFields((fields) => ({ ...fields, ...('code' in fields ? { code: null } : {}) })),
  ],
  ['drops what has no column', ['not-carried'], withFields((fields) => ({ ...fields, website: null }))],
  [
    'drops codes it does not know',
    ['code-tables'],
    withFields((fields) => ({ ...fields, stateCode: null, countryCode: null, vendorType: null })),
  ],
];

describe('the conformance suite catches an adapter that', () => {
  test.each([...MISTAKES, ...RECORD_MISTAKES])('%s', async (_mistake, caughtBy, broken) => {
    const company = sampleCompany();
    try {
      const kit = { ...company.kit, open: (options?: object) => broken(company.open(options), company) };
      const questions = conformanceQuestions(kit).filter(({ id }) => caughtBy.includes(id));
      expect(questions).toHaveLength(caughtBy.length);
      const answers = await runConformance(questions);
      expect(
        answers.filter(({ status }) => status !== 'failed').map(({ id, detail }) => `${id}: ${detail}`),
      ).toEqual([]);
    } finally {
      company.remove();
    }
  });

  test('every question is shown to be able to fail', () => {
    const company = sampleCompany();
    const all = conformanceQuestions(company.kit).map(({ id }) => id);
    company.remove();
    // The questions about records are the same for every kind: shown for commitments, they are shown.
    const ids = all.filter((id) => !id.includes(':') || id.endsWith(':commitment'));
    const caught = new Set([...MISTAKES, ...RECORD_MISTAKES].flatMap(([, caughtBy]) => caughtBy));
    expect(ids.filter((id) => !caught.has(id))).toEqual([]);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('runConformance', () => {
  const company = sampleCompany();
  afterAll(() => company.remove());

  test('tells each answer as it comes and returns all of them', async () => {
    const told: string[] = [];
    const questions = conformanceQuestions(company.kit).filter(({ kind }) => kind === 'safe');
    const answers = await runConformance(questions, ({ id }) => told.push(id));
    expect(answers.map(({ id }) => id)).toEqual(told);
    expect(told).toHaveLength(questions.length);
  });

  test('safe questions leave no trace', async () => {
    const before = JSON.stringify([company.accounting.vendors(), company.accounting.ledger()]);
    await runConformance(conformanceQuestions(company.kit).filter(({ kind }) => kind === 'safe'));
    expect(JSON.stringify([company.accounting.vendors(), company.accounting.ledger()])).toBe(before);
  });

  test('a question that cannot be asked is skipped, with the reason', async () => {
    const alone = conformanceQuestions({ open: (options) => company.open(options) }).find(
      ({ id }) => id === 'busy',
    );
    expect(await alone?.ask()).toEqual({
      status: 'skipped',
      detail: 'nobody is here to hold the vendor file',
    });
  });
});
