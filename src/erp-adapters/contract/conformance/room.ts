import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Kind, KindDefinition } from '../../../domain/kinds';
import { definitionOf } from '../../../domain/kinds';
import type { ColumnRule } from '../../../domain/kinds/column-rules';
import type { CustomColumnNames } from '../../../domain/kinds/custom-fields';
import type { CanonicalRecord, Fields, FieldValue } from '../../../domain/kinds/record';
import type { ErpAdapter, ErpRecord, KindCapability, RecordPage, RecordWrite, WriteResult } from '../adapter';
import type { Io } from '../definition';
import type { ConformanceKit, Promised } from './kit';
import { ensure, QuestionSkipped, withAdapter } from './kit';
import type { Place } from './places';

export type Written = Extract<WriteResult, { readonly status: 'written' | 'accepted' | 'posted' }>;

/** A question about every kind. */
export interface KindQuestion extends Pick<Promised, 'name' | 'title'> {
  /** Asked only of kinds where this holds; what is only known from the live system is skipped when asked. */
  readonly where?: (room: Subject) => boolean;
  see(room: Room): Promise<string>;
}

/** One kind as one adapter keeps it, known without any call to the ERP. */
export interface Subject {
  readonly kind: Kind;
  readonly kit: ConformanceKit;
  readonly definition: KindDefinition;
  /** Whether the ERP is searched for records that may be the same. */
  readonly isSearched: boolean;
  /** Whether all keys can be asked for. */
  readonly tellsKeys: boolean;
  /** Whether the newest records come again with every reading. */
  readonly repeatsNewest: boolean;
}

/** A whole reading of the records of one kind. */
export interface Reading {
  readonly pages: readonly RecordPage[];
  /** By key; the last occurrence counts. */
  readonly byKey: ReadonlyMap<string, ErpRecord>;
  readonly cursor: string | null;
}

/** Names that no other run has: a test company may be questioned again and again. */
export class Tags {
  private readonly run = randomBytes(3).toString('hex').toUpperCase();
  private count = 0;

  next(): string {
    this.count += 1;
    return `${this.run}${this.count.toString(36).toUpperCase().padStart(3, '0')}`;
  }
}

/** One kind of record in one open adapter, for as long as one question is asked. */
export class Room {
  readonly definition: KindDefinition;
  readonly records: KindCapability;
  private newest: string | null = null;
  /** What came again, unchanged, when the last mark was taken; null: nothing may. */
  private again: Reading | null = null;

  private constructor(
    readonly kit: ConformanceKit,
    readonly kind: Kind,
    private readonly tags: Tags,
    readonly adapter: ErpAdapter,
  ) {
    this.definition = definitionOf(kind);
    const records = adapter.kinds[kind];
    if (records === undefined) throw new QuestionSkipped(`this adapter keeps no ${this.definition.plural}`);
    this.records = records;
  }

  /** Opens an adapter for as long as `use` runs. */
  static use<T>(
    { kit, kind, tags, io }: { kit: ConformanceKit; kind: Kind; tags: Tags; io?: Io },
    use: (room: Room) => Promise<T>,
  ): Promise<T> {
    return withAdapter(kit, io === undefined ? {} : { io }, (adapter) =>
      use(new Room(kit, kind, tags, adapter)),
    );
  }

  /** Another adapter on the same company, with a hook of its own. */
  beside<T>(use: (room: Room) => Promise<T>, io?: Io): Promise<T> {
    const { kit, kind, tags } = this;
    return Room.use({ kit, kind, tags, ...(io === undefined ? {} : { io }) }, use);
  }

  /** The same kind in an adapter that maps these columns. */
  mapping<T>(customColumns: CustomColumnNames, use: (room: Room) => Promise<T>): Promise<T> {
    const { openMapping } = this.kit;
    if (openMapping === undefined)
      throw new QuestionSkipped('nobody opens an adapter with mapped columns here');
    const { kind, tags } = this;
    return Room.use({ kit: { ...this.kit, open: () => openMapping(customColumns) }, kind, tags }, use);
  }

  get pageSize(): number {
    return this.kit.pageSize ?? 25;
  }

  tag(): string {
    return this.tags.next();
  }

  async sample(): Promise<CanonicalRecord> {
    const sample = this.kit.samples?.[this.kind];
    if (sample !== undefined) return sample.sample(this.tag());
    // Enough for records that refer to nothing: a name, and a short name where there is a column for it.
    const { fields: rules } = await this.records.rules();
    const tag = this.tag();
    const like = await this.oneThere();
    const code = ownCode(rules['code'], like, tag);
    const fields = Object.entries(this.definition.fields).flatMap(
      ([field, { required, shortNameOf, atFirst }]): readonly (readonly [string, FieldValue])[] => {
        if (required) return [[field, `Tieback check ${tag}`]];
        if (field === 'code' && code !== null) return [[field, code]];
        if (atFirst !== undefined && like !== null && field in like) return [[field, atFirst]];
        return shortNameOf !== undefined && rules[field] ? [[field, tag]] : [];
      },
    );
    return { fields: Object.fromEntries(fields), lines: [] };
  }

  /** The fields of a record that is there; null: there is none. */
  private async oneThere(): Promise<Fields | null> {
    for await (const { records } of this.records.readChanged(null, 1))
      return records[0]?.record.fields ?? null;
    return null;
  }

  /** The field that may change after the record was written. */
  get changes(): string {
    const field = changesOf(this.kit, this.kind);
    if (field === undefined) throw new QuestionSkipped('the sample names no field that may change');
    return field;
  }

  create(record: CanonicalRecord, more: Partial<RecordWrite> = {}): RecordWrite {
    const tag = this.tag();
    return {
      operationKey: `conformance:${tag}`,
      recordId: `${this.kind}/conformance-${tag}`,
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

  update(erpKey: string, fields: Fields, more: Partial<RecordWrite> = {}): RecordWrite {
    return this.create({ fields, lines: [] }, { action: 'update', erpKey, ...more });
  }

  /** Writes one operation; the answer is exactly one result. */
  async write(operation: RecordWrite): Promise<WriteResult> {
    const results = await this.records.write([operation]);
    const [result] = results;
    const count = `one operation was answered by ${results.length} results`;
    ensure(results.length === 1 && result !== undefined, count);
    return result;
  }

  /** Writes one operation that must succeed. */
  async written(operation: RecordWrite): Promise<Written> {
    return asWritten(await this.write(operation));
  }

  /** A new record, as sampled. */
  async newRecord(more: Fields = {}): Promise<Written> {
    const sent = await this.sample();
    return this.written(this.create(withFields(sent, more)));
  }

  /** Writes a record that must be refused, and answers with the reason. */
  async refused(what: string, record: CanonicalRecord): Promise<string> {
    const operation = this.create(record);
    const result = await this.write(operation);
    ensure(result.status === 'refused', `${what}: it must be refused, and was answered ${say(result)}`);
    ensure(result.error.message !== '', `${what}: it is refused without a reason`);
    ensure(!(await this.told(operation)), `${what}: it was refused, but the ledger has an entry of it`);
    return result.error.message;
  }

  /** Puts each value at its place in a record of its own, which must be refused and leave nothing behind. */
  async refusedAt(trials: readonly (readonly [place: Place, value: string])[]): Promise<void> {
    const mark = await this.mark();
    for (const [{ name, put }, value] of trials)
      await this.refused(`${name} "${value}"`, put(await this.sample(), value));
    ensure((await this.countSince(mark)) === 0, 'what was refused is there all the same');
  }

  /** Whether the ledger has an entry of the operation. */
  async told({ operationKey }: RecordWrite): Promise<boolean> {
    return (await this.adapter.ledger.find([operationKey])).length > 0;
  }

  async held(erpKey: string): Promise<ErpRecord | undefined> {
    return (await this.records.read([erpKey]))[0];
  }

  /** Reads from a cursor to the end. `between` runs after every page, while the reading is under way. */
  async readAll(
    cursor: string | null,
    pageSize = this.pageSize,
    between: (pages: readonly RecordPage[]) => Promise<void> = async () => undefined,
  ): Promise<Reading> {
    const pages: RecordPage[] = [];
    const byKey = new Map<string, ErpRecord>();
    for await (const page of this.records.readChanged(cursor, pageSize)) {
      const isStuck = pages.at(-1)?.cursor === page.cursor && page.records.length > 0;
      ensure(
        !isStuck,
        `the cursor "${page.cursor}" came twice with records: a reader would never come to the end`,
      );
      const { length } = page.records;
      ensure(length <= pageSize, `a page of ${length} came, ${pageSize} were asked for`);
      pages.push(page);
      for (const record of page.records) byKey.set(record.key, record);
      await between(pages);
    }
    return { pages, byKey, cursor: pages.at(-1)?.cursor ?? cursor };
  }

  /** A cursor after all that is there now; the file is read once, and then from the last mark on. */
  async mark(): Promise<string | null> {
    this.newest = (await this.readAll(this.newest, 5_000)).cursor;
    if (this.records.repeatsNewest) this.again = await this.readAll(this.newest, 500);
    return this.newest;
  }

  /** How many records were written or changed after the last mark; what may come again and is as it was does not count. */
  async countSince(mark: string | null): Promise<number> {
    const { byKey } = await this.readAll(mark, 500);
    return [...byKey].filter(([key, record]) => !isDeepStrictEqual(record, this.again?.byKey.get(key)))
      .length;
  }
}

/** A number where the ERP gives out none, in the form of one that is there. Null: none is needed. */
function ownCode(rule: ColumnRule | undefined, like: Fields | null, tag: string): string | null {
  if (rule === undefined || !rule.required || rule.assigned === true) return null;
  const form = like?.['code'];
  if (typeof form !== 'string' || !/\d{4}/.test(form)) return tag.slice(-rule.maxLength);
  return form.replace(/\d{4,}(?=\D*$)/, ({ length }) =>
    String(parseInt(tag, 36)).slice(-length).padStart(length, '0'),
  );
}

/** The field of a kind that may change after the record was written. */
export const changesOf = ({ samples }: ConformanceKit, kind: Kind): string | undefined =>
  samples?.[kind] === undefined ? definitionOf(kind).likeness?.name : samples[kind].changes;

export function asWritten(result: WriteResult): Written {
  ensure(isWritten(result), `a write that is in order was answered ${say(result)}`);
  return result;
}

export const isWritten = (result: WriteResult): result is Written =>
  result.status === 'written' || result.status === 'accepted' || result.status === 'posted';

/** The answer in a few words. */
export function say(result: WriteResult): string {
  if (isWritten(result)) return `"${result.status}" (${result.erpKey}${result.replayed ? ', replayed' : ''})`;
  if (result.status === 'taken') return `"taken" by ${result.by.operationKey}`;
  return result.status === 'refused'
    ? `"refused": ${result.error.message}`
    : `"${result.status}": ${result.reason}`;
}

export const valueOf = ({ fields }: Pick<CanonicalRecord, 'fields'>, field: string): FieldValue =>
  fields[field] ?? null;

export const withFields = (record: CanonicalRecord, fields: Fields): CanonicalRecord => ({
  ...record,
  fields: { ...record.fields, ...fields },
});
