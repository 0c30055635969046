import { isTiebackError, TiebackError } from '../../../src/domain/base/errors';
import type { Kind } from '../../../src/domain/kinds';
import { definitionOf } from '../../../src/domain/kinds';
import type { CustomColumnNames } from '../../../src/domain/kinds/custom-fields';
import { isCustomField } from '../../../src/domain/kinds/custom-fields';
import type { ColumnRule } from '../../../src/domain/kinds/column-rules';
import type { CanonicalRecord, Fields, FieldValue } from '../../../src/domain/kinds/record';
import { textIn } from '../../../src/domain/kinds/record';
import type {
  ErpAdapter,
  ErpRecord,
  KindCapability,
  LateOutcome,
  OperationLedger,
  OutcomePage,
  RecordPage,
  RecordWrite,
  WriteResult,
} from '../../../src/erp-adapters/contract/adapter';
import {
  CONFORMANCE_PROMISES,
  conformanceQuestions,
  runConformance,
} from '../../../src/erp-adapters/contract/conformance';
import type { SampleCompany } from '../../unit/erp-adapters/sample-kit';
import { kindOf, sampleCompany } from '../../unit/erp-adapters/sample-kit';

/** What a broken adapter is made from. */
interface Ground {
  readonly good: ErpAdapter;
  readonly company: SampleCompany;
  readonly kind: Kind;
}
type Break = (ground: Ground) => ErpAdapter;

/** Replaces parts of what the adapter does with one kind, and keeps the rest. */
const withKind =
  (change: (good: KindCapability, ground: Ground) => Partial<KindCapability>): Break =>
  (ground) => {
    const records = kindOf(ground.good, ground.kind);
    const kept: KindCapability = {
      rules: () => records.rules(),
      read: (keys) => records.read(keys),
      findSame: (record) => records.findSame(record),
      readChanged: (cursor, size) => records.readChanged(cursor, size),
      write: (operations) => records.write(operations),
      ...(records.findSimilar && {
        findSimilar: async (record) => (await records.findSimilar?.(record)) ?? [],
      }),
      ...(records.keys && { keys: (size) => records.keys?.(size) ?? noKeys() }),
    };
    return {
      ...ground.good,
      kinds: { ...ground.good.kinds, [ground.kind]: { ...kept, ...change(records, ground) } },
    };
  };

async function* noKeys(): AsyncIterable<readonly string[]> {
  yield [];
}

/** Changes the operations on their way in. */
const withWrites = (change: (operation: RecordWrite, kind: Kind) => RecordWrite): Break =>
  withKind((good, { kind }) => ({
    write: (operations) => good.write(operations.map((operation) => change(operation, kind))),
  }));

type Rules = Readonly<Record<string, ColumnRule>>;

/** Changes the fields of header and lines on their way in, in the light of their rules. */
const withFields = (change: (fields: Fields, rules: Rules, kind: Kind) => Fields): Break =>
  withKind((good, { kind }) => ({
    async write(operations) {
      const { fields, lines } = await good.rules();
      return good.write(
        operations.map((operation) => ({
          ...operation,
          record: {
            fields: change(operation.record.fields, fields, kind),
            lines: operation.record.lines.map((line) => ({
              ...line,
              fields: change(line.fields, lines[line.kind] ?? {}, kind),
            })),
          },
        })),
      );
    },
  }));

/** Changes each value on its way in, where its field has a rule. */
const withValues = (change: (value: FieldValue, rule: ColumnRule) => FieldValue): Break =>
  withFields((fields, rules) =>
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => {
        const rule = rules[field];
        return [field, rule === undefined ? value : change(value, rule)];
      }),
    ),
  );

const withResults = (change: (results: readonly WriteResult[]) => readonly WriteResult[]): Break =>
  withKind((good) => ({ write: async (operations) => change(await good.write(operations)) }));

const withPages = (change: (page: RecordPage, index: number) => RecordPage): Break =>
  withKind((good) => ({
    async *readChanged(cursor, size) {
      let index = 0;
      for await (const page of good.readChanged(cursor, size)) yield change(page, index++);
    },
  }));

const withRead = (change: (record: ErpRecord) => ErpRecord): Break =>
  withPages((page) => ({ ...page, records: page.records.map(change) }));

/** Changes the fields of what is read by page. */
const withReadFields = (change: (record: CanonicalRecord) => Fields): Break =>
  withRead((found) => ({
    ...found,
    record: { ...found.record, fields: { ...found.record.fields, ...change(found.record) } },
  }));

const withNameRule = (more: Partial<ColumnRule>): Break =>
  withKind((good) => ({
    async rules() {
      const rules = await good.rules();
      const { name } = rules.fields;
      return { ...rules, fields: { ...rules.fields, ...(name && { name: { ...name, ...more } }) } };
    },
  }));

const ledgerOf = ({ ledger }: ErpAdapter): OperationLedger => ({
  find: (keys) => ledger.find(keys),
  head: (kind, recordId) => ledger.head(kind, recordId),
  entries: (after, size) => ledger.entries(after, size),
});

let unique = 0;
const other = (operation: RecordWrite): RecordWrite => {
  unique += 1;
  return { ...operation, operationKey: `x${unique}`, recordId: `x${unique}` };
};

/** The same once more, under another number. */
const twin = (operation: RecordWrite, kind: Kind): RecordWrite => {
  const { fields } = operation.record;
  const name = kind === 'vendor' ? 'sortName' : 'code';
  const changed = { [name]: `${textIn({ fields }, name)}2` };
  return other({ ...operation, record: { ...operation.record, fields: { ...fields, ...changed } } });
};

const withHeader = (operation: RecordWrite, fields: Fields): RecordWrite => ({
  ...operation,
  record: { ...operation.record, fields: { ...operation.record.fields, ...fields } },
});

const ordinary = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !isCustomField(field)));

const plain = (text: string): string => text.normalize('NFKD').replace(/[^\x20-\x7e]/g, '');

/** A field that nothing hangs on. */
const spare = (kind: Kind): string => (kind === 'vendor' ? 'fax' : 'description');

/** What a made-up ERP decided later. */
const DECIDED: readonly LateOutcome[] = Array.from({ length: 12 }, (_, index) => ({
  operationKey: `demo:vendor/${index}:1:r`,
  kind: 'vendor',
  recordId: `vendor/${index}`,
  generation: 1,
  erpKey: `1|${index}`,
  at: `2026-11-30T06:00:${String(10 + index)}.000Z`,
  outcome: index % 3 === 0 ? 'rejected' : 'taken',
  words: index % 3 === 0 ? 'Terms code missing' : null,
  contradiction: null,
}));

function decidedAfter(after: string | null, size: number): OutcomePage {
  const from = Number(after ?? 0);
  const outcomes = DECIDED.slice(from, from + size);
  return { outcomes, cursor: outcomes.length === 0 ? after : String(from + outcomes.length) };
}

/** An ERP that decides later, and whose ledger has what it decided about. */
const withOutcomes =
  (outcomes: (after: string | null, size: number) => OutcomePage): Break =>
  ({ good }) => ({
    ...good,
    ledger: {
      ...ledgerOf(good),
      find: async (keys) =>
        Promise.resolve(
          DECIDED.filter(({ operationKey }) => keys.includes(operationKey)).map(
            ({ operationKey, kind, recordId, generation, erpKey, at }) => ({
              ...{ operationKey, kind, recordId, generation, writtenAt: at },
              ...{ erpKey: erpKey ?? '', targetRevision: 'r', planHash: 'p' },
            }),
          ),
        ),
    },
    outcomes: async (after, size) => Promise.resolve(outcomes(after, size)),
  });

interface Mistake {
  readonly says: string;
  readonly caughtBy: readonly string[];
  readonly broken: Break;
  /** Kinds it is tried out on; empty: the adapter as a whole. */
  readonly kinds: readonly Kind[];
}

const mistake =
  (kinds: readonly Kind[]) =>
  (says: string, caughtBy: readonly string[], broken: Break): Mistake => ({ says, caughtBy, broken, kinds });
const ofAdapter = mistake([]);
const ofBoth = mistake(['vendor', 'commitment']);
const ofVendors = mistake(['vendor']);
const ofCommitments = mistake(['commitment']);

/** Mistakes that adapters make, and the questions that must notice them. */
const MISTAKES: readonly Mistake[] = [
  ofBoth(
    'tells no keys of what is there',
    ['keys-whole'],
    withKind(() => ({ keys: noKeys })),
  ),
  ofAdapter('says nothing about itself', ['describe'], ({ good }) => ({
    ...good,
    describe: async () => ({ ...(await good.describe()), companyName: '' }),
  })),
  ofAdapter('keeps kinds that it does not tell of', ['describe'], ({ good }) => ({
    ...good,
    describe: async () => ({ ...(await good.describe()), kinds: ['vendor'] }),
  })),
  ofAdapter('never comes to the end of its ledger', ['ledger-pages'], ({ good }) => ({
    ...good,
    ledger: { ...ledgerOf(good), entries: async () => Promise.resolve({ entries: [], cursor: '1' }) },
  })),
  ofAdapter('never comes to the end of its anchors', ['anchors'], ({ good }) => ({
    ...good,
    anchors: {
      add: async () => Promise.resolve(),
      entries: async () => Promise.resolve({ anchors: [], cursor: '1' }),
    },
  })),
  ofAdapter(
    'begins what the ERP decided later from the start every time',
    ['outcomes'],
    withOutcomes((_after, size) => ({ outcomes: DECIDED.slice(0, size), cursor: '5' })),
  ),
  ofAdapter(
    'has no place to go on after the last outcome',
    ['outcomes'],
    withOutcomes((after, size) => {
      const page = decidedAfter(after, size);
      return page.outcomes.length < size ? { ...page, cursor: null } : page;
    }),
  ),
  ofAdapter(
    'tells of outcomes of operations that it never wrote',
    ['outcomes'],
    withOutcomes((after, size) => {
      const { outcomes, cursor } = decidedAfter(after, size);
      return {
        outcomes: outcomes.map((one) => ({ ...one, operationKey: `${one.operationKey}:other` })),
        cursor,
      };
    }),
  ),
  ofAdapter(
    'passes no words of a rejection on',
    ['outcomes'],
    withOutcomes((after, size) => {
      const { outcomes, cursor } = decidedAfter(after, size);
      return { outcomes: outcomes.map((one) => ({ ...one, words: null })), cursor };
    }),
  ),
  ofAdapter('tells the time of its own zone', ['time'], ({ good }) => ({
    ...good,
    now: async () => Promise.resolve('2026-11-29 12:00:00'),
  })),
  ofAdapter('has no ledger table', ['checks', 'ledger', 'ledger-pages'], ({ good, company }) => {
    company.accounting.runScript('DROP TABLE IF EXISTS tieback_ledger');
    return good;
  }),
  ofAdapter('prints no grant script', ['grant-script'], ({ good }) => ({
    ...good,
    grantScript: () => 'GRANT ALL',
  })),

  ofBoth('shows the first page of its ledger only', ['ledger-all'], ({ good }) => ({
    ...good,
    ledger: {
      ...ledgerOf(good),
      entries: async () => ({ ...(await good.ledger.entries(null, 1)), cursor: null }),
    },
  })),

  ofBoth('claims columns of length 0', ['rules'], withNameRule({ maxLength: 0 })),
  ofBoth(
    'has rules for fields that there are not',
    ['rules'],
    withKind((good) => ({
      async rules() {
        const rules = await good.rules();
        const colour: ColumnRule = { maxLength: 3, unit: 'characters', charset: null, required: false };
        return { ...rules, fields: { ...rules.fields, colour } };
      },
    })),
  ),
  ofBoth('claims wider columns than there are', ['limit-exact'], withNameRule({ maxLength: 80 })),
  ofBoth('claims that any character can be stored', ['unicode'], withNameRule({ charset: null })),
  ofBoth(
    'drops a page',
    ['paging-complete'],
    withPages((page, index) => (index === 1 ? { ...page, records: [] } : page)),
  ),
  ofBoth(
    'leaves out the first record of large pages',
    ['paging-complete'],
    withPages((page) => (page.records.length > 1 ? { ...page, records: page.records.slice(1) } : page)),
  ),
  ofBoth(
    'hands out a cursor that is ahead',
    ['paging-restart'],
    withKind((good) => ({
      async *readChanged(cursor, size) {
        const pages: RecordPage[] = [];
        for await (const page of good.readChanged(cursor, size)) pages.push(page);
        for (const [index, page] of pages.entries())
          yield { ...page, cursor: pages[index + 1]?.cursor ?? page.cursor };
      },
    })),
  ),
  ofBoth(
    'begins again from the start every time',
    ['paging-moves-on', 'taken'],
    withKind((good) => ({ readChanged: (_cursor, size) => good.readChanged(null, size) })),
  ),
  ofBoth(
    'reads the time into the values',
    ['paging-stable', 'read-by-keys'],
    withKind((good, { kind }) => ({
      async *readChanged(cursor, size) {
        for await (const page of good.readChanged(cursor, size))
          yield {
            ...page,
            records: page.records.map((found) => {
              const fields = { ...found.record.fields, [spare(kind)]: String((unique += 1)) };
              return { ...found, record: { ...found.record, fields } };
            }),
          };
      },
    })),
  ),
  ofBoth(
    'keeps a cursor that is newer than what it read',
    ['paging-while-changing'],
    withKind((good) => ({
      async *readChanged(cursor, size) {
        const pages: RecordPage[] = [];
        for await (const page of good.readChanged(cursor, size)) pages.push(page);
        for (const page of pages.slice(0, -1)) yield page;
        let newest = pages.at(-1)?.cursor ?? '';
        for await (const page of good.readChanged(newest, size)) newest = page.cursor;
        yield { records: pages.at(-1)?.records ?? [], cursor: newest };
      },
    })),
  ),
  ofBoth(
    'does not see that a record changed',
    ['changed'],
    withKind((good) => ({
      async *readChanged(cursor, size) {
        for await (const page of good.readChanged(cursor, size))
          yield cursor === null ? page : { ...page, records: page.records.filter((_r, index) => index > 0) };
      },
    })),
  ),
  ofBoth(
    'uses the bare number as key',
    ['keys-stable'],
    withRead((found) => ({ ...found, key: textIn(found.record, 'code') })),
  ),
  ofBoth(
    'reads one key at most',
    ['read-by-keys'],
    withKind((good) => ({ read: (keys) => good.read(keys.slice(0, 1)) })),
  ),
  ofCommitments(
    'reads a page without its lines',
    ['read-by-keys', 'changed'],
    withRead((found) => ({ ...found, record: { ...found.record, lines: [] } })),
  ),
  ofBoth(
    'does not trim',
    ['value-shapes'],
    withReadFields((record) => ({ name: `${textIn(record, 'name')}  ` })),
  ),
  ofBoth(
    'reads decimals as numbers',
    ['value-shapes'],
    withReadFields((record) => ({ retainagePercent: String(Number(textIn(record, 'retainagePercent'))) })),
  ),
  ofCommitments(
    'gives keys of lines that cannot be told apart',
    ['value-shapes', 'look-up'],
    withRead((found) => ({
      ...found,
      record: { ...found.record, lines: found.record.lines.map((line) => ({ ...line, erpKey: '1' })) },
    })),
  ),
  ofBoth('says that everything is there', ['look-up'], ({ good }) => ({
    ...good,
    lookUp: async (refs) => (await good.lookUp(refs)).map((ref) => ({ ...ref, state: 'active' })),
  })),
  ofBoth(
    'looks for the number in records of another kind',
    ['finds-number', 'finds-new'],
    withKind((_good, { good }) => ({
      findSame: (record) => kindOf(good, 'prime_contract').findSame(record),
    })),
  ),
  mistake(['vendor', 'project'])(
    'hides inactive records',
    ['inactive-visible'],
    withPages((page) => ({ ...page, records: page.records.filter(({ state }) => state === 'active') })),
  ),
  ofVendors(
    'hides inactive records from the search',
    ['similar'],
    withKind((good) => ({
      findSimilar: async (record) =>
        ((await good.findSimilar?.(record)) ?? []).filter(({ state }) => state === 'active'),
    })),
  ),
  ofVendors(
    'searches by name only',
    ['finds-similar', 'similar'],
    withKind((good) => ({
      findSimilar: async (record) =>
        (await good.findSimilar?.({ fields: { name: textIn(record, 'name') }, lines: [] })) ?? [],
    })),
  ),

  ofBoth(
    'writes twice',
    ['replay', 'crash-create', 'race-same'],
    withKind((good, { kind }) => ({
      async write(operations) {
        const results = await good.write(operations);
        for (const operation of operations)
          if (operation.action === 'create') await good.write([twin(operation, kind)]);
        return results;
      },
    })),
  ),
  ofBoth(
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
    withWrites(other),
  ),
  ofBoth(
    'repeats by itself after a lost answer',
    ['outcome-unknown', 'crash-create'],
    withKind((good, { kind }) => ({
      async write(operations) {
        try {
          return await good.write(operations);
        } catch (error) {
          if (!isTiebackError(error) || error.class !== 'unknown_outcome') throw error;
          return good.write(operations.map((operation) => twin(operation, kind)));
        }
      },
    })),
  ),
  ofBoth(
    'calls a lost answer a failure',
    ['outcome-unknown'],
    withKind((good) => ({
      write: (operations) =>
        good.write(operations).catch((error: unknown) => {
          throw isTiebackError(error) ? new TiebackError('ERP_UNREACHABLE', { reason: 'lost' }) : error;
        }),
    })),
  ),
  ofCommitments(
    'leaves lines as they are',
    ['update-lines'],
    withWrites((operation) =>
      operation.action === 'update'
        ? { ...operation, record: { ...operation.record, lines: [] } }
        : operation,
    ),
  ),
  ofVendors(
    'takes the number after the last, whoever has it',
    ['numbers'],
    withKind((good) => {
      let last: number | null = null;
      return {
        async write(operations) {
          const isNumbered = operations.map(({ record }) => textIn(record, 'code') === '');
          const results = await good.write(
            operations.map((operation, index) =>
              isNumbered[index] && last !== null
                ? withHeader(operation, { code: String(last + 1) })
                : operation,
            ),
          );
          for (const [index, result] of results.entries())
            if (isNumbered[index] && 'record' in result) last = Number(textIn(result.record, 'code'));
          return results;
        },
      };
    }),
  ),
  ofBoth(
    'does not say that it replays',
    ['replay', 'crash-create'],
    withResults((results) => results.map((r) => ('replayed' in r ? { ...r, replayed: false } : r))),
  ),
  ofCommitments(
    'answers a replay without the keys of the lines',
    ['replay'],
    withResults((results) =>
      results.map((r) => ('replayed' in r && r.replayed ? { ...r, record: { ...r.record, lines: [] } } : r)),
    ),
  ),
  ofBoth(
    'counts generations itself',
    ['taken', 'late', 'race-generation'],
    withWrites((operation) => ({ ...operation, generation: (unique += 1) })),
  ),
  ofVendors(
    'takes the next number before it writes',
    ['race-numbers'],
    withKind((good) => {
      let next: Promise<number> | undefined;
      const newest = async (): Promise<number> => {
        const codes: number[] = [];
        for await (const { records } of good.readChanged(null, 500))
          codes.push(...records.map(({ record }) => Number(textIn(record, 'code'))));
        return Math.max(...codes) + 1;
      };
      return {
        async write(operations) {
          next ??= newest();
          const code = String(await next);
          return good.write(operations.map((o) => (o.action === 'create' ? withHeader(o, { code }) : o)));
        },
      };
    }),
  ),
  ofBoth(
    'writes every field on update',
    ['update-named'],
    withWrites((operation, kind) => {
      const more = { [spare(kind)]: '555-0100', ...operation.record.fields };
      return operation.action === 'update' ? withHeader(operation, more) : operation;
    }),
  ),
  ofBoth(
    'does not compare before it writes',
    ['moved'],
    withWrites((operation) => ({ ...operation, expected: null })),
  ),
  ofBoth(
    'stops at the first refusal',
    ['order-kept'],
    withKind((good) => ({
      async write(operations) {
        const results: WriteResult[] = [];
        for (const operation of operations) {
          results.push(...(await good.write([operation])));
          if (results.at(-1)?.status === 'refused') break;
        }
        return results;
      },
    })),
  ),
  ofBoth(
    'answers in another order',
    ['order-kept'],
    withResults((results) => [...results].reverse()),
  ),
  ofBoth(
    'writes past a person',
    ['busy'],
    withKind((good, { company, kind }) => ({
      async write(operations) {
        await company.kit.people?.release(kind);
        return good.write(operations);
      },
    })),
  ),
  ofBoth(
    'cuts long text',
    ['limit-too-long', 'order-kept'],
    withValues((value, { maxLength, decimals }) =>
      typeof value === 'string' && decimals === undefined ? value.slice(0, maxLength) : value,
    ),
  ),
  ofBoth(
    'replaces what it cannot store',
    ['unicode'],
    withValues((value) => (typeof value === 'string' ? plain(value) : value)),
  ),
  ofBoth(
    'rounds',
    ['decimals'],
    withValues((value, { decimals }) =>
      typeof value === 'string' && decimals !== undefined ? Number(value).toFixed(decimals) : value,
    ),
  ),
  ofVendors(
    'gives out numbers itself',
    ['numbers'],
    withWrites((operation) =>
      'code' in operation.record.fields ? withHeader(operation, { code: null }) : operation,
    ),
  ),
  ofVendors(
    'makes up another short name',
    ['unique'],
    withWrites((operation) => withHeader(operation, { sortName: `X${(unique += 1)}` })),
  ),
  ofBoth(
    'drops what has no column',
    ['not-carried'],
    withFields((fields, rules, kind) => {
      const types = new Map(
        Object.entries(definitionOf(kind).fields).map(([field, { type }]) => [field, type]),
      );
      const isKept = (field: string): boolean =>
        rules[field] !== undefined || ['reference', 'flag'].includes(types.get(field) ?? '');
      return Object.fromEntries(
        Object.entries(fields).filter(([field]) => isKept(field) || field.startsWith('cost')),
      );
    }),
  ),
  ofBoth(
    'drops codes it does not know',
    ['code-tables'],
    withValues((value, { allowed }) =>
      typeof value === 'string' && allowed?.includes(value) === false ? null : value,
    ),
  ),
  ofCommitments(
    'leaves out the last line',
    ['create', 'crash-create'],
    withWrites((operation) => {
      const [first] = operation.record.lines;
      const amount = first?.fields['amount'] ?? null;
      return first === undefined
        ? operation
        : { ...operation, record: { fields: { ...operation.record.fields, amount }, lines: [first] } };
    }),
  ),
  ofCommitments(
    'forgets what is in mapped columns',
    ['custom-columns'],
    withFields((fields) => ordinary(fields)),
  ),
  ofCommitments(
    'cuts and rounds what does not fit mapped columns',
    ['custom-limits'],
    withFields((fields) =>
      Object.fromEntries(
        Object.entries(fields).map(([field, value]) => [
          field,
          isCustomField(field) && typeof value === 'string' ? value.slice(0, 5) : value,
        ]),
      ),
    ),
  ),
  ofCommitments(
    'drops what is not mapped',
    ['custom-unmapped'],
    withFields((fields) => ordinary(fields)),
  ),
  ofCommitments(
    'makes the header what the lines come to',
    ['total'],
    withWrites((operation) => withHeader(operation, { amount: '200.00' })),
  ),
  ofCommitments(
    'writes what it knows where a reference leads nowhere',
    ['dangling'],
    withKind((good, { company, kind }) => ({
      async write(operations) {
        const known = await company.kit.samples?.[kind]?.sample('K');
        const mend = (fields: Fields, by: Fields = {}): Fields =>
          Object.fromEntries(
            Object.entries(fields).map(([field, value]) => [
              field,
              typeof value === 'string' && value.endsWith('|999999999') ? (by[field] ?? null) : value,
            ]),
          );
        return good.write(
          operations.map((operation) => ({
            ...operation,
            record: {
              fields: mend(operation.record.fields, known?.fields),
              lines: operation.record.lines.map((line, index) => ({
                ...line,
                fields: mend(line.fields, known?.lines[index]?.fields),
              })),
            },
          })),
        );
      },
    })),
  ),
];

interface Case {
  readonly says: string;
  readonly of: string;
  readonly ids: readonly string[];
  readonly kind: Kind;
  readonly broken: Break;
}

describe('the conformance suite catches an adapter that', () => {
  const cases = MISTAKES.flatMap(({ says, caughtBy, broken, kinds }): readonly Case[] =>
    kinds.length === 0
      ? [{ says, of: 'adapter', ids: caughtBy, kind: 'vendor', broken }]
      : kinds.map((kind) => ({
          says,
          of: kind,
          ids: caughtBy.map((name) => `${name}:${kind}`),
          kind,
          broken,
        })),
  );

  test.each(cases)('$says ($of)', async ({ ids, kind, broken }) => {
    const company = sampleCompany();
    try {
      const open = (options?: object): ErpAdapter => broken({ good: company.open(options), company, kind });
      const openMapping = (customColumns: CustomColumnNames): ErpAdapter => open({ customColumns });
      const questions = conformanceQuestions({ ...company.kit, open, openMapping }).filter(({ id }) =>
        ids.includes(id),
      );
      expect(questions).toHaveLength(ids.length);
      const answers = await runConformance(questions);
      expect(
        answers.filter(({ status }) => status !== 'failed').map(({ id, detail }) => `${id}: ${detail}`),
      ).toEqual([]);
    } finally {
      company.remove();
    }
  });

  test('every question is shown to be able to fail, on vendors and on another kind', () => {
    const caught = new Set(
      MISTAKES.flatMap(({ caughtBy, kinds }) =>
        caughtBy.flatMap((name) =>
          kinds.length === 0
            ? [name]
            : kinds.map((kind) => `${name}:${kind === 'vendor' ? 'vendor' : 'another'}`),
        ),
      ),
    );
    // Only vendors are numbered and searched; only documents have lines to come to a total, refer to others, and columns for custom fields.
    const vendorsOnly = ['finds-similar', 'similar', 'unique', 'numbers', 'race-numbers'];
    const othersOnly = [
      'total',
      'dangling',
      'update-lines',
      'custom-columns',
      'custom-limits',
      'custom-unmapped',
    ];
    const wanted = [
      ...CONFORMANCE_PROMISES.ofAdapter.map(({ name }) => name),
      ...CONFORMANCE_PROMISES.ofKind.flatMap(({ name }) => [
        ...(othersOnly.includes(name) ? [] : [`${name}:vendor`]),
        ...(vendorsOnly.includes(name) ? [] : [`${name}:another`]),
      ]),
    ];
    expect(wanted.filter((id) => !caught.has(id))).toEqual([]);
  });

  test('an adapter that tells later outcomes as it should is not blamed', async () => {
    const company = sampleCompany();
    const open = (): ErpAdapter =>
      withOutcomes(decidedAfter)({ good: company.open(), company, kind: 'vendor' });
    const questions = conformanceQuestions({ ...company.kit, open });
    const answers = await runConformance(questions.filter(({ id }) => id === 'outcomes'));
    company.remove();
    expect(answers).toMatchObject([{ status: 'passed', detail: '12 outcomes' }]);
  });

  test('no two questions have the same name', () => {
    const company = sampleCompany();
    const ids = conformanceQuestions(company.kit).map(({ id }) => id);
    company.remove();
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('runConformance', () => {
  const company = sampleCompany();
  afterAll(() => company.remove());

  test('tells each answer as it comes and returns all of them', async () => {
    const told: string[] = [];
    const questions = conformanceQuestions(company.kit).filter(({ level }) => level === 'safe');
    const answers = await runConformance(questions, ({ id }) => told.push(id));
    expect(answers.map(({ id }) => id)).toEqual(told);
    expect(told).toHaveLength(questions.length);
  });

  test('safe questions leave no trace', async () => {
    const { accounting } = company;
    const everything = (): string =>
      JSON.stringify([
        accounting.vendors(),
        accounting.rows('SLHD'),
        accounting.rows('JCJM'),
        accounting.ledger(),
      ]);
    const before = everything();
    await runConformance(conformanceQuestions(company.kit).filter(({ level }) => level === 'safe'));
    expect(everything()).toBe(before);
  });

  test('without samples, vendors are written by their names, and other kinds are only read', async () => {
    const questions = conformanceQuestions({ open: (options) => company.open(options), pageSize: 7 });
    const writing = questions.filter(({ level }) => level === 'writing');
    expect(new Set(writing.map(({ about }) => about))).toEqual(new Set(['vendor']));
    const answers = await runConformance(writing);
    expect(answers.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(answers.filter(({ status }) => status === 'skipped')).toMatchObject([
      { id: 'busy:vendor', detail: 'nobody is here to hold the file' },
    ]);
  });
});
