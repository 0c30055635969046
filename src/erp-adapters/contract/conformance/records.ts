import type { EntityDefinition, FieldDefinition } from '../../../domain/kinds/entity';
import { definitionOf } from '../../../domain/kinds/entity';
import { erpKeyOfOriginId, originIdOf } from '../../../domain/base/identity';
import { sameAmount, sum } from '../../../domain/base/money';
import type { CanonicalRecord, Fields, FieldValue } from '../../../domain/kinds/record';
import type { RecordColumns } from '../../../domain/kinds/fit-record';
import { isDate } from '../../../domain/kinds/fit-record';
import type {
  ErpAdapter,
  ErpRecord,
  FieldRule,
  RecordCapability,
  RecordEntity,
  RecordPage,
  RecordWrite,
  WriteResult,
} from '../adapter';
import type { Io } from '../definition';
import { crashAt, recordCalls } from './faults';
import type { ConformanceKit, ConformanceQuestion, RecordKit } from './kit';
import { ensure, question, QuestionSkipped } from './kit';
import { some } from './reading';
import { oneRuleProblems } from './safe';
import type { TestVendors } from './test-vendors';

type Written = Extract<WriteResult<CanonicalRecord>, { readonly status: 'written' | 'accepted' | 'posted' }>;

/** The questions about every kind of record that the adapter keeps; the writing ones where the kit has a sample of the kind. */
export function recordQuestions(kit: ConformanceKit, test: TestVendors): readonly ConformanceQuestion[] {
  return kindsOf(kit).flatMap((entity) => {
    const room = new Room(kit, entity, test);
    const sample = kit.records?.[entity];
    return [
      ...reading(room, kit.pageSize ?? 25),
      ...(sample === undefined ? [] : writing(room, sample, kit.pageSize ?? 25)),
    ];
  });
}

function kindsOf(kit: ConformanceKit): readonly RecordEntity[] {
  const adapter = kit.open();
  void adapter.close();
  return Object.keys(adapter.records ?? {}) as RecordEntity[];
}

interface Records {
  readonly adapter: ErpAdapter;
  readonly records: RecordCapability;
}

/** One kind of record, and how the suite deals with it. */
class Room {
  readonly definition: EntityDefinition;

  constructor(
    private readonly kit: ConformanceKit,
    readonly entity: RecordEntity,
    private readonly test: TestVendors,
  ) {
    this.definition = definitionOf(entity);
  }

  async use<T>(use: (open: Records) => Promise<T>, io?: Io): Promise<T> {
    const adapter = this.kit.open(io === undefined ? {} : { io });
    try {
      const records = adapter.records?.[this.entity];
      if (records === undefined) throw new QuestionSkipped(`this adapter keeps no ${this.definition.plural}`);
      return await use({ adapter, records });
    } finally {
      await adapter.close();
    }
  }

  tag(): string {
    return this.test.tag();
  }

  create(record: CanonicalRecord, more: Partial<RecordWrite> = {}): RecordWrite {
    const tag = this.tag();
    return {
      operationKey: `conformance:${tag}`,
      recordId: `${this.entity}/conformance-${tag}`,
      generation: 1,
      targetRevision: tag,
      planHash: `plan-${tag}`,
      action: 'create',
      erpKey: null,
      record,
      expected: null,
      ...more,
    };
  }

  update(erpKey: string, fields: Fields, expected: Fields | null = null): RecordWrite {
    return this.create({ fields, lines: [] }, { action: 'update', erpKey, expected });
  }

  async written(records: RecordCapability, operation: RecordWrite): Promise<Written> {
    const result = await one(records, operation);
    ensure(isWritten(result), `a write that is in order was answered ${say(result)}`);
    return result;
  }
}

function reading(room: Room, pageSize: number): readonly ConformanceQuestion[] {
  const { entity, definition } = room;
  const safe = (id: string, title: string, see: () => Promise<string>): ConformanceQuestion =>
    question('safe', `${id}:${entity}`, `${definition.plural}: ${title}`, see);
  return [
    safe('record-rules', 'column rules make sense, and are about fields that there are', () =>
      room.use(async ({ records }) => {
        const problems = columnProblems(await records.rules(), definition);
        ensure(problems.length === 0, some(problems));
        return 'every rule can be met';
      }),
    ),
    safe(
      'record-paging',
      'small pages bring what large pages bring, from every cursor on, and nothing twice for ever',
      () =>
        room.use(async ({ records }) => {
          const large = await readAll(records, null, 5_000);
          const small = await readAll(records, null, Math.min(pageSize, 3));
          const missing = [...large.byKey.keys()].filter((key) => !small.byKey.has(key));
          ensure(missing.length === 0, `small pages leave out ${some(missing)}`);
          for (const [index, page] of small.pages.entries()) {
            const before = small.pages.slice(0, index + 1).flatMap((p) => p.records.map(({ key }) => key));
            const rest = await readAll(records, page.cursor, 100);
            const seen = new Set([...before, ...rest.byKey.keys()]);
            const missed = [...small.byKey.keys()].filter((key) => !seen.has(key));
            ensure(missed.length === 0, `going on after page ${index + 1} misses ${some(missed)}`);
          }
          const again = await readAll(records, small.cursor, 100);
          ensure(again.byKey.size === 0, `${again.byKey.size} come again although nothing changed`);
          return `${small.byKey.size} in ${small.pages.length} pages`;
        }),
    ),
    safe('record-read', 'reading by key brings exactly those that exist, as paging showed them', () =>
      room.use(async ({ records }) => {
        const { byKey } = await readAll(records, null, 100);
        const keys = [...byKey.keys()].slice(0, 40);
        const found = await records.read([...keys, 'no|such', '1|999999999', 'nonsense', '']);
        ensure(found.length === keys.length, `${keys.length} were asked for, ${found.length} came`);
        for (const record of found) {
          const same = JSON.stringify(record) === JSON.stringify(byKey.get(record.key));
          ensure(same, `${record.key} read by key differs from ${record.key} read by page`);
        }
        return `${keys.length} read`;
      }),
    ),
    safe(
      'record-shapes',
      'what is read is canonical, and every key and line number is well-formed and unique',
      () =>
        room.use(async ({ records }) => {
          const rules = await records.rules();
          const { byKey } = await readAll(records, null, 100);
          const problems = [...byKey.values()].flatMap((record) => shapeProblems(record, rules, room));
          ensure(problems.length === 0, some(problems));
          return `${byKey.size} well-formed`;
        }),
    ),
    safe(
      'record-look-up',
      'records, lines and what they refer to are looked up as they stand; others are absent',
      () =>
        room.use(async ({ adapter, records }) => {
          ensure(adapter.lookUp !== undefined, 'the adapter looks nothing up');
          const { byKey } = await readAll(records, null, 100);
          for (const { key, state, record } of [...byKey.values()].slice(0, 20)) {
            const lines = record.lines.map(({ kind, erpKey }) => ({ target: kind, key: erpKey ?? '' }));
            const refs = refsOf(record, definition);
            const asked = [
              { target: entity, key },
              ...lines,
              ...refs,
              { target: entity, key: '1|999999999' },
            ];
            const states = await adapter.lookUp(asked);
            ensure(
              states.every((s, i) => s.target === asked[i]?.target && s.key === asked[i]?.key),
              'the answers do not follow the questions',
            );
            ensure(
              states[0]?.state === state,
              `${key} is ${state}, looked up it is ${states[0]?.state ?? 'nothing'}`,
            );
            const gone = states.slice(1, -1).filter((s) => s.state === 'absent');
            ensure(gone.length === 0, `${key}: absent are ${some(gone.map((s) => `${s.target} ${s.key}`))}`);
            const strays = states.slice(1, lines.length + 1).filter(({ parentKey }) => parentKey !== key);
            ensure(
              strays.length === 0,
              `${key}: its lines say they belong to ${some(strays.map((s) => s.parentKey ?? 'nothing'))}`,
            );
            ensure(states.at(-1)?.state === 'absent', 'a record that is not there is not absent');
            ensure(
              states.every(({ label }) => label.trim() !== ''),
              'a label is empty',
            );
          }
          return `${byKey.size} looked up`;
        }),
    ),
  ];
}

function writing(room: Room, kit: RecordKit, pageSize: number): readonly ConformanceQuestion[] {
  const { entity, definition } = room;
  const ask = (id: string, title: string, see: () => Promise<string>): ConformanceQuestion =>
    question('writing', `${id}:${entity}`, `${definition.plural}: ${title}`, see);
  const sample = async (): Promise<CanonicalRecord> => kit.sample(room.tag());
  const changing = kit.changes;
  const updates: readonly ConformanceQuestion[] =
    changing === undefined
      ? []
      : [
          ask('record-update', 'an update changes what it names and nothing else', () =>
            room.use(async ({ records }) => {
              const before = await room.written(records, room.create(await sample()));
              const value = `New ${room.tag()}`;
              const after = await room.written(
                records,
                room.update(
                  before.erpKey,
                  { [changing]: value },
                  { [changing]: before.record.fields[changing] ?? null },
                ),
              );
              ensure(
                after.record.fields[changing] === value,
                `${changing} is "${String(after.record.fields[changing])}"`,
              );
              const other = ({ fields, lines }: CanonicalRecord): string =>
                JSON.stringify({ fields: { ...fields, [changing]: null }, lines });
              ensure(other(after.record) === other(before.record), 'something else changed too');
              return `only ${changing} moved`;
            }),
          ),
          ask('record-moved', 'when a value is not what the plan saw, nothing is written', () =>
            room.use(async ({ adapter, records }) => {
              const { erpKey, record } = await room.written(records, room.create(await sample()));
              const seen = { [changing]: record.fields[changing] ?? null };
              await room.written(records, room.update(erpKey, { [changing]: `Hand ${room.tag()}` }));
              const late = room.update(erpKey, { [changing]: 'Late' }, seen);
              const result = await one(records, late);
              ensure(result.status === 'moved' && result.reason !== '', `it was answered ${say(result)}`);
              const [held] = await records.read([erpKey]);
              ensure(held?.record.fields[changing] !== 'Late', 'it was written all the same');
              ensure(
                (await adapter.ledger.find(late.operationKey)) === null,
                'the ledger has an entry of it',
              );
              const gone = await one(records, room.update('1|999999999', { [changing]: 'x' }));
              ensure(
                gone.status === 'moved' || gone.status === 'refused',
                `one that is not there: ${say(gone)}`,
              );
              return result.reason;
            }),
          ),
        ];
  const { total } = definition;
  const numbers: readonly ConformanceQuestion[] =
    definition.fields['code'] === undefined
      ? []
      : [
          ask('record-same', 'a record is found by its number', () =>
            room.use(async ({ records }) => {
              const sent = await sample();
              const before = await records.findSame(sent);
              ensure(before.length === 0, `${before[0]?.key ?? ''} is found for a number that nobody has`);
              const { erpKey } = await room.written(records, room.create(sent));
              const found = await records.findSame(sent);
              ensure(
                found.some(({ key }) => key === erpKey),
                `${erpKey} is not found by its number`,
              );
              return erpKey;
            }),
          ),
        ];
  const totals: readonly ConformanceQuestion[] =
    total === undefined
      ? []
      : [
          ask('record-total', 'a header that is not the sum of its lines is refused with both amounts', () =>
            room.use(async ({ records }) => {
              const sent = await sample();
              const stated = sum([String(sent.fields[total.field]), '0.01']);
              const wrong = { ...sent, fields: { ...sent.fields, [total.field]: stated } };
              const result = await one(records, room.create(wrong));
              ensure(result.status === 'refused', `it was answered ${say(result)}`);
              ensure(
                result.error.message.includes(stated),
                `the refusal does not name ${stated}: ${result.error.message}`,
              );
              return result.error.message;
            }),
          ),
        ];
  return [
    ask('record-create', 'a new record is there with all that was approved, and the ledger tells of it', () =>
      room.use(async ({ adapter, records }) => {
        const sent = await sample();
        const operation = room.create(sent);
        const { erpKey, record, replayed } = await room.written(records, operation);
        ensure(!replayed, 'a first write says that it is a replay');
        const problems = differences(sent, record, definition);
        ensure(problems.length === 0, some(problems));
        const [held] = await records.read([erpKey]);
        ensure(
          JSON.stringify(held?.record) === JSON.stringify(record),
          'read back, it differs from the answer',
        );
        const entry = await adapter.ledger.find(operation.operationKey);
        ensure(entry?.erpKey === erpKey && entry.entity === entity, 'the ledger has no entry of the write');
        const head = await adapter.ledger.head(entity, operation.recordId);
        ensure(
          head?.operationKey === operation.operationKey,
          'the ledger does not name it as the last write',
        );
        return `${erpKey} with ${record.lines.length} lines`;
      }),
    ),
    ask('record-replay', 'the same operation again writes nothing and gives every line its key again', () =>
      room.use(async ({ records }) => {
        const { cursor } = await readAll(records, null, 500);
        const operation = room.create(await sample());
        const first = await room.written(records, operation);
        for (const result of await records.write([operation, operation])) {
          ensure(
            isWritten(result) && result.replayed && result.erpKey === first.erpKey,
            `a replay was answered ${say(result)}`,
          );
          ensure(
            JSON.stringify(result.record.lines) === JSON.stringify(first.record.lines),
            'a replay answers with other lines',
          );
        }
        const keys = first.record.lines.map((line) => line.erpKey);
        ensure(!keys.includes(null) && new Set(keys).size === keys.length, 'a line has no key of its own');
        const { byKey } = await readAll(records, cursor, 500);
        ensure(byKey.size === 1, `it is there ${byKey.size} times`);
        return `written once, ${keys.length} lines with keys`;
      }),
    ),
    ask('record-taken', 'a second operation of the same generation is not written', () =>
      room.use(async ({ adapter, records }) => {
        const first = room.create(await sample());
        await room.written(records, first);
        const { cursor } = await readAll(records, null, 500);
        const second = room.create(await sample(), { recordId: first.recordId });
        const result = await one(records, second);
        ensure(
          result.status === 'taken' && result.by.operationKey === first.operationKey,
          `it was answered ${say(result)}`,
        );
        ensure((await readAll(records, cursor, 500)).byKey.size === 0, 'it was written all the same');
        ensure((await adapter.ledger.find(second.operationKey)) === null, 'the ledger has an entry of it');
        return 'the second one was turned away';
      }),
    ),
    ...updates,
    ...numbers,
    ...totals,
    ask('record-changed', 'what is written or changed comes after the cursor, with all its lines', () =>
      room.use(async ({ records }) => {
        const { cursor } = await readAll(records, null, 500);
        const { erpKey, record } = await room.written(records, room.create(await sample()));
        const after = await readAll(records, cursor, pageSize);
        ensure(
          JSON.stringify(after.byKey.get(erpKey)?.record) === JSON.stringify(record),
          'what was written does not come, or not as it was answered',
        );
        if (changing === undefined) return erpKey;
        await room.written(records, room.update(erpKey, { [changing]: `New ${room.tag()}` }));
        const again = await readAll(records, after.cursor, pageSize);
        ensure(again.byKey.has(erpKey), 'a change of it does not come');
        return erpKey;
      }),
    ),
    ask('record-refused', 'a refused record leaves nothing behind, and does not stop the others', () =>
      room.use(async ({ adapter, records }) => {
        const rules = await records.rules();
        const good = [await sample(), await sample()];
        const bad = tooLong(await sample(), rules, definition);
        if (bad === null) throw new QuestionSkipped('no field of it has a length');
        const { cursor } = await readAll(records, null, 500);
        const [one, two] = good.map((record) => room.create(record));
        const refused = room.create(bad);
        ensure(one !== undefined && two !== undefined, 'unreachable');
        const results = await records.write([one, refused, two]);
        const statuses = results.map(({ status }) => status).join();
        ensure(statuses === 'written,refused,written', `they were answered ${statuses}`);
        const answer = results[1];
        ensure(
          answer?.status === 'refused' && answer.error.class === 'data' && answer.error.message !== '',
          'a refusal must be of class data and say why',
        );
        const left = (await readAll(records, cursor, 500)).byKey.size;
        ensure(left === 2, `${left} records are there, 2 were written`);
        ensure((await adapter.ledger.find(refused.operationKey)) === null, 'the ledger has an entry of it');
        return answer.error.message;
      }),
    ),
    ask(
      'record-limits',
      'text of exactly the longest length is stored as it is; one longer is refused, not cut',
      () =>
        room.use(async ({ records }) => {
          const rules = await records.rules();
          const tried: string[] = [];
          for (const place of textPlaces(await sample(), rules, definition)) {
            const value = `${room.tag()}${'X'.repeat(300)}`;
            const exact = value.slice(0, place.rule.maxLength);
            const stored = await one(records, room.create(place.put(await sample(), exact)));
            ensure(isWritten(stored), `${place.name} of ${exact.length}: ${say(stored)}`);
            ensure(
              place.get(stored.record) === exact,
              `${place.name} came back as "${String(place.get(stored.record))}"`,
            );
            const longer = value.slice(0, place.rule.maxLength + 1);
            const result = await one(records, room.create(place.put(await sample(), longer)));
            ensure(result.status === 'refused', `${place.name} of ${longer.length}: ${say(result)}`);
            tried.push(place.name);
          }
          return tried.join(', ');
        }),
    ),
    ask('record-crash', 'it is written once and whole, with a crash before or after any call', async () => {
      const example = room.create(await sample());
      const { io, calls } = recordCalls();
      await room.use(({ records }) => room.written(records, example), io);
      ensure(calls.length > 0, 'no call of a write goes through the io hook');
      for (const index of calls.keys()) {
        for (const when of ['before', 'after'] as const) {
          const sent = await sample();
          const operation = room.create(sent);
          const at = `with a crash ${when} ${calls[index] ?? ''}`;
          const cursor = await room.use(async ({ records }) => (await readAll(records, null, 500)).cursor);
          await room
            .use(({ records }) => records.write([operation]), crashAt(index, when))
            .then(
              () => ensure(false, `${at}: the crash was swallowed`),
              (error: unknown) => error,
            );
          await room.use(async ({ adapter, records }) => {
            const told = (await adapter.ledger.find(operation.operationKey)) !== null;
            const there = (await readAll(records, cursor, 500)).byKey.size;
            ensure(
              there === (told ? 1 : 0),
              `${at}: the ledger says ${told ? 'written' : 'not written'}, it is there ${there} times`,
            );
            const { record, replayed } = await room.written(records, operation);
            ensure(replayed === told, `${at}: the retry says ${replayed ? 'replayed' : 'written'}`);
            const problems = differences(sent, record, definition);
            ensure(problems.length === 0, `${at}: ${some(problems)}`);
            const after = (await readAll(records, cursor, 500)).byKey.size;
            ensure(after === 1, `${at}: after a retry it is there ${after} times`);
          });
        }
      }
      return `${calls.length} calls, a crash before and after each`;
    }),
  ];
}

async function one(records: RecordCapability, operation: RecordWrite): Promise<WriteResult<CanonicalRecord>> {
  const results = await records.write([operation]);
  const [result] = results;
  ensure(
    results.length === 1 && result !== undefined,
    `one operation was answered by ${results.length} results`,
  );
  return result;
}

const isWritten = (result: WriteResult<CanonicalRecord>): result is Written =>
  result.status === 'written' || result.status === 'accepted' || result.status === 'posted';

function say(result: WriteResult<CanonicalRecord>): string {
  if (isWritten(result)) return `"${result.status}" (${result.erpKey}${result.replayed ? ', replayed' : ''})`;
  if (result.status === 'taken') return `"taken" by ${result.by.operationKey}`;
  return result.status === 'refused'
    ? `"refused": ${result.error.message}`
    : `"${result.status}": ${result.reason}`;
}

interface Reading {
  readonly pages: readonly RecordPage[];
  /** By key; the last occurrence counts. */
  readonly byKey: ReadonlyMap<string, ErpRecord>;
  readonly cursor: string | null;
}

async function readAll(records: RecordCapability, cursor: string | null, pageSize: number): Promise<Reading> {
  const pages: RecordPage[] = [];
  const byKey = new Map<string, ErpRecord>();
  for await (const page of records.readChanged(cursor, pageSize)) {
    ensure(
      page.records.length <= pageSize,
      `a page of ${page.records.length} came, ${pageSize} were asked for`,
    );
    ensure(pages.length < 10_000, 'a reader would never come to the end');
    pages.push(page);
    for (const record of page.records) byKey.set(record.key, record);
  }
  return { pages, byKey, cursor: pages.at(-1)?.cursor ?? cursor };
}

function columnProblems({ fields, lines }: RecordColumns, definition: EntityDefinition): readonly string[] {
  const check = (
    where: string,
    rules: Readonly<Record<string, FieldRule>>,
    known: Readonly<Record<string, FieldDefinition>>,
  ): readonly string[] =>
    Object.entries(rules).flatMap(([field, rule]) =>
      known[field] === undefined
        ? [`${where}${field} is no field`]
        : oneRuleProblems(rule).map((problem) => `${where}${field}: ${problem}`),
    );
  const ofLines = Object.entries(lines).flatMap(([kind, rules]) => {
    const line = definition.lines[kind as keyof typeof definition.lines];
    return line === undefined ? [`${kind} is no kind of line`] : check(`${kind} `, rules, line.fields);
  });
  return [...check('', fields, definition.fields), ...ofLines];
}

function shapeProblems(
  { key, record }: ErpRecord,
  rules: RecordColumns,
  { entity, definition }: Room,
): readonly string[] {
  const problems: string[] = [];
  if (erpKeyOfOriginId(entity, originIdOf(entity, key)) !== key || key !== key.trim())
    problems.push(`${key} is not of the form "company|id"`);
  problems.push(...fieldProblems(key, record.fields, rules.fields, definition.fields));
  const seen = new Set<string>();
  for (const { kind, number, erpKey, fields, procoreId } of record.lines) {
    const at = `${key} ${kind} ${number}`;
    if (seen.has(`${kind}/${number}`)) problems.push(`${at} comes twice`);
    seen.add(`${kind}/${number}`);
    if (erpKey === null || !/^[^|\s]+\|[^|\s]+$|^[^|\s]+\|[^|\s]+\/[^|\s]+\|[^|\s]+$/.test(erpKey))
      problems.push(`${at} has the key "${String(erpKey)}"`);
    if (procoreId !== null) problems.push(`${at} claims to know Procore`);
    const known = definition.lines[kind]?.fields;
    if (known === undefined) problems.push(`${at} is no line of this record`);
    else problems.push(...fieldProblems(at, fields, rules.lines[kind] ?? {}, known));
  }
  return problems;
}

function fieldProblems(
  where: string,
  fields: Fields,
  rules: Readonly<Record<string, FieldRule>>,
  known: Readonly<Record<string, FieldDefinition>>,
): readonly string[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    const at = `${where} ${field} ${JSON.stringify(value)}`;
    const definition = known[field];
    if (definition === undefined) return [`${at} is no field`];
    if (value === null) return [];
    if (definition.kind === 'flag') return typeof value === 'boolean' ? [] : [`${at} is not true or false`];
    if (typeof value !== 'string') return [`${at} is not text`];
    if (definition.kind === 'reference') return /^[^|\s]+\|[^|\s]+$/.test(value) ? [] : [`${at} is no key`];
    const rule = rules[field];
    if (rule === undefined) return [`${at} has no rule`];
    if (value === '' || value !== value.trim()) return [`${at} is not trimmed; empty text must be null`];
    if (value !== value.normalize('NFC')) return [`${at} is not composed (NFC)`];
    if (definition.kind === 'date') return isDate(value) ? [] : [`${at} is no date`];
    if (rule.decimals !== undefined && !new RegExp(`^-?\\d+(\\.\\d{${rule.decimals}})?$`).test(value))
      return [`${at} has not ${rule.decimals} decimals`];
    return value.length > rule.maxLength ? [`${at} is longer than its column`] : [];
  });
}

/** What was sent and is not there. */
function differences(
  sent: CanonicalRecord,
  held: CanonicalRecord,
  definition: EntityDefinition,
): readonly string[] {
  const compare = (
    where: string,
    wanted: Fields,
    found: Fields,
    known: Readonly<Record<string, FieldDefinition>>,
  ): readonly string[] =>
    Object.entries(wanted).flatMap(([field, value]) =>
      value === null || equal(known[field], value, found[field] ?? null)
        ? []
        : [`${where}${field} is "${String(found[field])}", not "${String(value)}"`],
    );
  const lines = sent.lines.flatMap((line) => {
    const found = held.lines.find(({ kind, number }) => kind === line.kind && number === line.number);
    const where = `${line.kind} ${line.number}: `;
    return found === undefined
      ? [`${where}it is not there`]
      : compare(where, line.fields, found.fields, definition.lines[line.kind]?.fields ?? {});
  });
  const extra =
    held.lines.length > sent.lines.length
      ? [`${held.lines.length} lines are there, ${sent.lines.length} were sent`]
      : [];
  return [...compare('', sent.fields, held.fields, definition.fields), ...lines, ...extra];
}

function equal(definition: FieldDefinition | undefined, a: FieldValue, b: FieldValue): boolean {
  const isNumber = ['money', 'quantity', 'unit_cost', 'percent'].includes(definition?.kind ?? '');
  return isNumber && typeof a === 'string' && typeof b === 'string' ? sameAmount(a, b) : a === b;
}

const refsOf = (
  record: CanonicalRecord,
  definition: EntityDefinition,
): { target: RecordTarget; key: string }[] => {
  const of = (
    fields: Fields,
    known: Readonly<Record<string, FieldDefinition>>,
  ): { target: RecordTarget; key: string }[] =>
    Object.entries(fields).flatMap(([field, value]) => {
      const target = known[field]?.refersTo;
      return target !== undefined && typeof value === 'string' ? [{ target, key: value }] : [];
    });
  return [
    ...of(record.fields, definition.fields),
    ...record.lines.flatMap((line) => of(line.fields, definition.lines[line.kind]?.fields ?? {})),
  ];
};
type RecordTarget = NonNullable<FieldDefinition['refersTo']>;

/** A text field of the header or of a line. */
interface TextPlace {
  readonly name: string;
  readonly rule: FieldRule;
  put(record: CanonicalRecord, value: string): CanonicalRecord;
  get(record: CanonicalRecord): FieldValue;
}

/** Free text whose length can be tried out; of each kind of line, the first. */
function textPlaces(
  record: CanonicalRecord,
  rules: RecordColumns,
  definition: EntityDefinition,
): readonly TextPlace[] {
  const free = (
    known: Readonly<Record<string, FieldDefinition>>,
    columns: Readonly<Record<string, FieldRule>>,
  ): readonly (readonly [string, FieldRule])[] =>
    Object.entries(known).flatMap(([field, { kind }]) => {
      const rule = columns[field];
      const isFree = rule !== undefined && rule.allowed === undefined && rule.pattern === undefined;
      // A few characters leave no room for a value that nobody else has.
      return kind === 'text' && isFree && (rule.maxLength > 9 || field !== 'code') ? [[field, rule]] : [];
    });
  const header = free(definition.fields, rules.fields).map(([field, rule]): TextPlace => ({
    name: field,
    rule,
    put: (into, value) => ({ ...into, fields: { ...into.fields, [field]: value } }),
    get: ({ fields }) => fields[field] ?? null,
  }));
  const first = [...new Map([...record.lines].reverse().map((line) => [line.kind, line])).values()];
  const lines = first.flatMap(({ kind, number }) =>
    free(definition.lines[kind]?.fields ?? {}, rules.lines[kind] ?? {}).map(([field, rule]): TextPlace => {
      const isIt = (line: { kind: string; number: string }): boolean =>
        line.kind === kind && line.number === number;
      return {
        name: `${kind}.${field}`,
        rule,
        put: (into, value) => ({
          ...into,
          lines: into.lines.map((line) =>
            isIt(line) ? { ...line, fields: { ...line.fields, [field]: value } } : line,
          ),
        }),
        get: (from) => from.lines.find(isIt)?.fields[field] ?? null,
      };
    }),
  );
  return [...header, ...lines];
}

/** The record with one text that is far too long; in the last line where there is one, so that much is written before the refusal. */
function tooLong(
  record: CanonicalRecord,
  rules: RecordColumns,
  definition: EntityDefinition,
): CanonicalRecord | null {
  const places = textPlaces(record, rules, definition);
  const place = places.at(-1);
  return place === undefined ? null : place.put(record, 'x'.repeat(4_000));
}
