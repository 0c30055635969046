import type { FieldDefinition, Kind, LineKind, RefTarget } from '../../domain/kinds';
import type { ColumnRule } from '../../domain/kinds/column-rules';
import type { CustomColumn, CustomColumnNames } from '../../domain/kinds/custom-fields';
import { customField } from '../../domain/kinds/custom-fields';
import type { Fields, FieldValue, RecordLine } from '../../domain/kinds/record';
import type { ErpRecord, HealthCheck, RecordWrite } from '../contract/adapter';
import type { AdapterLogger } from '../contract/definition';
import type { TiebackError } from '../../domain/base/errors';
import type { Form } from './dialect';
import type { IdForm, Scope, ScopeReader } from './scope';
import { idOfKey, keyOf, ownerIn } from './scope';
import type { PayrollSpec } from './payroll/spec';
import type { Row, SqlSession, Value } from './session';

/** What the values of a field depend on. */
export interface Surroundings {
  readonly scope: Scope;
  readonly catalogue: Catalogue;
}

/** How one canonical field lies in a table: both directions, and its rule. */
export interface FieldSpec {
  readonly column: string;
  /** Default: `text`. */
  readonly form?: Form;
  /** SQL that reads it where it is more than the column; `t` is the table. */
  readonly select?: string;
  /** Only read, with `select`: the ERP makes it of other values (an amount of those of the lines). What is sent must come to the same. */
  readonly computed?: true;
  /** SQL that writes it where it is more than the value. `@parent` is the id of the record. */
  readonly into?: (parameter: string) => string;
  readonly refersTo?: RefTarget;
  /** No two records may have the same value. */
  readonly unique?: true;
  /** Table and column whose rule it follows where that is another one. */
  readonly ruleOf?: readonly [table: string, column: string];
  read(value: Value, around: Surroundings): FieldValue;
  /** Throws `ERP_REFUSED` for what no column could hold. */
  write(value: Exclude<FieldValue, null>, around: Surroundings): Value;
  /** The rule, made from that of the column; null where none is needed. */
  rule(column: ColumnRule | undefined, scope: Scope): ColumnRule | null;
}

/** One moment of one company: what every reading needs. */
export interface Moment extends Surroundings {
  readonly session: SqlSession;
}

/** A record without its lines. */
export interface ReadHeader {
  readonly id: string;
  /** What `version` of the reading answered; null where none was asked for. */
  readonly version: Value;
  readonly state: ErpRecord['state'];
  readonly fields: Fields;
}

/** A line of a record. */
export interface ReadLine {
  readonly id: string;
  readonly parentId: string;
  readonly state: 'active' | 'inactive';
  readonly line: RecordLine;
}

/** The header or one line of a record: where it lies, its fields, and how sentences about it begin. */
export interface Part {
  readonly kind: RefTarget;
  readonly specs: Readonly<Record<string, FieldSpec>>;
  readonly definitions: Definitions;
  readonly where: string;
}

/** Values of one row by column, and SQL for those that are made of others (`@Column`). */
export interface RowValues {
  readonly values: Readonly<Record<string, Value>>;
  readonly made: Readonly<Record<string, string>>;
}

/** One line that is written. */
export interface LinePart extends Part {
  readonly spec: LineSpec;
}

/** One row to write: new, or what changes of one that is there. */
export interface LineRow {
  readonly part: LinePart;
  readonly row: RowValues;
  readonly held: ReadLine | null;
}

/** One record that will be written. */
export interface Work {
  readonly operation: RecordWrite;
  readonly header: RowValues;
  /** The record that is updated; null for a new one. */
  readonly held: ReadHeader | null;
  readonly lines: readonly LineRow[];
  /** The id that a new record will have, where the adapter makes it. */
  readonly newId?: string;
  /** Its place in a batch; null where it needs none. */
  readonly place: Row | null;
}

/** Some records that changed, and where to go on. */
export interface ChangedPage {
  readonly records: readonly ErpRecord[];
  /** Keys of records that were deleted, where the ERP tells. */
  readonly gone?: readonly string[];
  readonly cursor: string;
}

/** What a feed reads with. */
export interface FeedParts {
  readonly spec: KindSpec;
  readonly pageSize: number;
  readonly logger: AdapterLogger | undefined;
  /** One reading, whose statements see one moment where the database can. */
  readonly read: <T>(part: string, work: (moment: FeedMoment) => Promise<T>) => Promise<T>;
}

/** A moment whose scope is asked together with the first question. */
export interface FeedMoment {
  readonly session: SqlSession;
  /** Records, and what the other statements answered, of one round trip. */
  readonly headers: (
    part: string,
    reading: { readonly version?: string; readonly sql: string; readonly tail: string; readonly bound: Row },
    beside?: readonly string[],
  ) => Promise<{
    readonly moment: Moment;
    readonly found: readonly ReadHeader[];
    readonly beside: readonly (readonly Row[])[];
  }>;
}

/** How an ERP tells what changed since a cursor. */
export interface ChangeFeed {
  /** Columns that it takes. */
  readonly columns: readonly string[];
  /** Pages of what changed after the cursor (null: everything), as `KindCapability.readChanged` promises. */
  pages(parts: FeedParts, cursor: string | null): AsyncIterable<ChangedPage>;
  /** See `KindCapability.repeatsNewest`. */
  readonly repeatsNewest?: true;
  /** A change of anything moves it on: what was read before it holds still. Absent: it cannot be asked. */
  readonly now?: string;
  /** Column that `now` compares with. */
  readonly version?: string;
}

/** A column that custom fields may be mapped to: how it is read and written, and what it holds. */
interface CustomSpec extends FieldSpec {
  readonly type: CustomColumn['type'];
}

type PairColumn = readonly [column: string, target: RefTarget];

/** What headers and lines have in common. */
interface TableSpec {
  /** The table, or the view that the ERP wants to be written through. */
  readonly table: string;
  /** SQL in place of the table where reading takes more than it (`(SELECT ... UNION ALL SELECT ...)`). */
  readonly source?: string;
  /** Column that numbers the rows; `KeyID` unless it says otherwise. */
  readonly key?: string;
  /** Default: `number`. */
  readonly idForm?: IdForm;
  /** SQL that finds the row to change (`t`) by its id (`j.tieback_id`), where `source` makes the id out of several columns. */
  readonly match?: string;
  /** Columns that tell rows of this kind from others in the table. */
  readonly fixed?: Readonly<Record<string, Value>>;
  /** Column → SQL that makes its value from those of other columns (`@Column`), of the scope's owners (`@VendorGroup`), or of the record (`@parent`). */
  readonly derived?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Columns beside those of the kind, offered where the live dictionary has them. */
  readonly custom?: Readonly<Record<string, CustomSpec>>;
  readonly readOnly?: true;
}

/** Where the lines of one kind lie. */
export interface LineSpec extends TableSpec {
  readonly kind: LineKind;
  /** Column with the id of the record, or SQL for it that `join` makes possible. */
  readonly parent: string;
  /** SQL behind the table (`t`), where the id of the record is not in a column. */
  readonly join?: string;
  /** Columns that tie a new line to its record (`@parent`); default: the column `parent`. */
  readonly parentColumns?: Readonly<Record<string, string>>;
  /** Column that keeps the number of the line; absent where the number is made of its fields. */
  readonly numberColumn?: string;
  readonly numberOf?: (fields: Fields) => string;
  /** It has no key of its own: its key is made of those of these two columns, `<key>/<key>`. */
  readonly pair?: readonly [PairColumn, PairColumn];
  /** SQL: `active` or `inactive`; a line is never better than its record. */
  readonly state?: string;
  /** For people; `of` names the record. */
  label(number: string, of: string): string;
}

/** Numbers that the ERP gives out itself, in the column that is also the key. */
export interface Numbering {
  readonly field: string;
  /** A counter of the owner: its table, the column with the next number, and those with the ends of its range. */
  readonly counter?: {
    readonly table: string;
    readonly next: string;
    readonly from: string;
    readonly to: string;
  };
  /** Where there is no counter: the next number is one above the highest, within this range. */
  readonly range?: { readonly from: number; readonly to: number };
}

/** A stored procedure that makes new records. Where the database has none, it is a view with a trigger INSTEAD OF INSERT. */
export interface Procedure {
  readonly name: string;
  /** Parameter, without @, → column whose value it takes. */
  readonly parameters: Readonly<Record<string, string>>;
  /** OUTPUT parameter with the key of the new row. Absent: the row is found again by what identifies it. */
  readonly returns?: string;
}

/** Where the records of one kind lie. */
export interface KindSpec extends TableSpec {
  readonly kind: Kind;
  /** Column that says whose a row is. */
  readonly owner: string;
  /** SQL that tells records of this kind from others in the table. */
  readonly where?: string;
  /** Where several specs keep one kind (subcontracts and purchase orders): which records are of this one. */
  readonly variant?: {
    /** Whether a new record with these fields goes here. */
    takes(fields: Fields): boolean;
    /** Whether the record with this id is here. */
    holds(id: string): boolean;
  };
  /** The record has no row of its own: its columns are repeated in the rows of its lines, in the table of the record. */
  readonly inLines?: true;
  /** Secret column with the tax id: read by a statement of its own, and by no other, where the connection wants it. */
  readonly taxId?: string | undefined;
  readonly lines: readonly LineSpec[];
  /** SQL: `active`, `inactive` or `void`. */
  readonly state: string;
  /** What makes a number unique, as SQL over the encoded values of these fields (`@code`); absent where there is no number. */
  readonly same?: { readonly fields: readonly string[]; readonly sql: string };
  /** Columns that a new row is found again by, where its id is the database's to give. Default: owner and what `same` names. */
  readonly identity?: readonly string[];
  /** Documents that live in a batch: its source, and the field whose month it is (null: the first open month). */
  readonly batch?: { readonly source: string; readonly dateField: string | null };
  readonly numbering?: Numbering;
  /** What new records are written with. Default: rows are inserted into the table. */
  readonly procedure?: Procedure;
  /** Default: that of the model. */
  readonly changes?: ChangeFeed;
  /** For people: `job`, `commitment`. */
  readonly noun: string;
  /** For people, the name goes with the number. */
  readonly showsName?: true;
  /** Having one on the screen holds back nothing that refers to it. */
  readonly guardsItselfOnly?: true;
}

/** A column as a person knows it, and what it takes. */
export interface LabelledRule {
  /** What the form of the ERP calls the column. */
  readonly label: string;
  readonly rule: ColumnRule;
}

/** Column → rule, by table: what the live system takes today. */
export type Dictionary = ReadonlyMap<string, ReadonlyMap<string, LabelledRule>>;

/** A record that is about to be written. */
export interface Document {
  /** Id of the record that changes; null: a new one. */
  readonly id: string | null;
  readonly fields: Fields;
}

/** Batches: how documents are put where the ERP's people find and post them. */
export interface BatchBook {
  /**
   * A place in an open batch of ours for each of these new documents, in their order: the columns that say so, or why there is none
   * (`ERP_BUSY`, `ERP_REFUSED`). Opens batches where it must.
   */
  places(
    session: SqlSession,
    scope: Scope,
    spec: KindSpec,
    documents: readonly Document[],
  ): Promise<readonly (Row | TiebackError)[]>;
  /** Why these documents may not change now, in their order; null: they may. */
  whyNot(
    session: SqlSession,
    scope: Scope,
    spec: KindSpec,
    documents: readonly Document[],
  ): Promise<readonly (TiebackError | null)[]>;
  /** After the documents are written, within the transaction: gives the batches back to people. */
  release?(session: SqlSession, scope: Scope, places: readonly Row[]): Promise<void>;
}

/** An ERP as data: what the engine needs to know of one, and the few things that are really its own. */
export interface SqlModel {
  /** Adapter name as in the registry. */
  readonly system: string;
  readonly specs: readonly KindSpec[];
  readonly secrets: SecretColumns;
  readonly scope: ScopeReader;
  /** The currency of all amounts, as far as the ERP says. */
  currency(scope: Scope): string | null;
  /** Product and version as the ERP reports it. */
  version(session: SqlSession): Promise<string>;
  /** How the ERP tells what changed. */
  readonly changes: ChangeFeed;
  /** Rules of the columns of these tables. Manuals and old settings are not asked. */
  dictionary(session: SqlSession, tables: readonly string[]): Promise<Dictionary>;
  /** Words of the ERP's own refusals that time heals: a month that will be opened, a batch that somebody uses. */
  readonly passes?: RegExp;
  /** Why people's work holds these documents back, in their order; null: nothing does. Locks are agreements between programs: we must look ourselves. */
  held?(
    session: SqlSession,
    scope: Scope,
    spec: KindSpec,
    documents: readonly Document[],
  ): Promise<readonly (string | null)[]>;
  readonly batches?: BatchBook;
  /** Payroll, where the ERP keeps it and the connection wants it. */
  readonly payroll?: PayrollSpec;
  /**
   * The last look at records of one kind, when everything is known and before their rows are written: answers the work as it is to be done, in its
   * order, or why it is not done. It may fill in what the ERP wants to have, and write what must be there before.
   */
  prepare?(moment: Moment, spec: KindSpec, work: readonly Work[]): Promise<readonly (Work | TiebackError)[]>;
  /**
   * What the live catalogue lacks beside the columns of records (procedures, counters, other tables), or where the model can say better where it is named.
   */
  lacks?(session: SqlSession): Promise<readonly Lack[]>;
  /** Checks beside those of the engine. Throws what is wrong. */
  readonly checks?: readonly SqlCheck[];
}

/**
 * Table → columns that are nobody's business here: tax ids, bank accounts, numbers of people, pay rates. No statement and no right names them, but for the
 * tax ids of vendors where a connection pairs them by these (`KindSpec.taxId`).
 */
export type SecretColumns = Readonly<Record<string, readonly string[]>>;

/** Something that the database does not have, or not as it is needed. */
export interface Lack {
  /** What cannot be read or written without it; null: nothing can. */
  readonly kinds: readonly Kind[] | null;
  /** The table or procedure that it is about. */
  readonly table: string;
  /** The column or parameter; null: the table or procedure as a whole. */
  readonly column: string | null;
  /** A sentence: where it is named, what is missing. */
  readonly says: string;
}

/** One check of `tieback doctor`. */
export interface SqlCheck extends Pick<HealthCheck, 'name'> {
  /** What to do when it fails. */
  readonly hint: string;
  /** What was seen. Throws what is wrong. */
  readonly ask: (session: SqlSession, scope: Scope) => Promise<string>;
}

/** The specs without columns that only connections read who want them. */
export const withoutTaxIds = (specs: readonly KindSpec[]): readonly KindSpec[] =>
  specs.map((spec) => ({ ...spec, taxId: undefined }));

/** The specs with the mapped columns among their fields, where they are read and written like any other. Unknown ones are left out. */
export const specsWith = (specs: readonly KindSpec[], mapped: CustomColumnNames): readonly KindSpec[] =>
  specs.map((spec) => ({
    ...spec,
    fields: fieldsWith(spec, mapped),
    lines: spec.lines.map((line) => ({ ...line, fields: fieldsWith(line, mapped) })),
  }));

const fieldsWith = (
  { kind, fields, custom = {} }: Pick<KindSpec, 'fields' | 'custom'> & { readonly kind: RefTarget },
  mapped: CustomColumnNames,
): KindSpec['fields'] => ({
  ...fields,
  ...Object.fromEntries(
    (mapped[kind] ?? []).flatMap((column) => {
      const spec = custom[column];
      return spec === undefined ? [] : [[customField(column), spec] as const];
    }),
  ),
});

/** Column that numbers the rows. */
export const keyColumn = ({ key = 'KeyID' }: TableSpec): string => key;

/** Where a record or line of one sort lies; of lines, with the record. */
type Place = { readonly spec: KindSpec; readonly line: LineSpec | null };

/** Finds specs, and gives out and takes keys. */
export class Catalogue {
  private readonly places = new Map<RefTarget, Place[]>();

  constructor(readonly specs: readonly KindSpec[]) {
    const add = (target: RefTarget, place: Place): void => {
      this.places.set(target, [...(this.places.get(target) ?? []), place]);
    };
    for (const spec of specs) {
      add(spec.kind, { spec, line: null });
      for (const line of spec.lines) add(line.kind, { spec, line });
    }
  }

  /** Where records of a kind are; nowhere: lines, and what the ERP keeps none of. */
  specsOf(target: RefTarget): readonly KindSpec[] {
    return (this.places.get(target) ?? []).flatMap(({ spec, line }) => (line === null ? [spec] : []));
  }

  /** The records that have lines of a kind; phases are on jobs and on sub jobs. */
  ownersOfLine(target: RefTarget): readonly (readonly [KindSpec, LineSpec])[] {
    return (this.places.get(target) ?? []).flatMap(({ spec, line }) =>
      line === null ? [] : [[spec, line] as const],
    );
  }

  /** Key of a row, as the ERP's people would find it. */
  keyOf(target: RefTarget, id: Value, scope: Scope): string {
    return keyOf(this.ownerOf(target, scope), String(id), this.formOf(target));
  }

  /** The id in a key of this company; null for keys that cannot be ours. */
  idOf(target: RefTarget, key: string, scope: Scope): string | null {
    return idOfKey(this.ownerOf(target, scope), key, this.formOf(target));
  }

  private ownerOf(target: RefTarget, scope: Scope): Value {
    const [place] = this.places.get(target) ?? [];
    return place === undefined ? scope.company : ownerIn(place.spec.owner, scope);
  }

  private formOf(target: RefTarget): IdForm {
    const [place] = this.places.get(target) ?? [];
    return (place?.line ?? place?.spec)?.idForm ?? 'number';
  }
}

/** The column with the id, where there is one. */
const idColumn = (spec: TableSpec): readonly string[] => (spec.match === undefined ? [keyColumn(spec)] : []);

/** What Tieback does with a table. */
export interface TableUse {
  readonly columns: ReadonlySet<string>;
  /** Whether it writes there at all. */
  readonly written: boolean;
}

/** Table → columns that Tieback reads or writes. `more`: columns that batches and changes take. */
export function columnsByTable(
  specs: readonly KindSpec[],
  more: (spec: KindSpec) => readonly string[] = () => [],
): ReadonlyMap<string, TableUse> {
  const tables = new Map<string, TableUse>();
  const add = (table: string, written: boolean, columns: readonly string[]): void => {
    const known = tables.get(table);
    tables.set(table, {
      columns: new Set([...(known?.columns ?? []), ...columns]),
      written: written || known?.written === true,
    });
  };
  const columnsOf = ({ fields, fixed = {}, derived = {} }: TableSpec): readonly string[] => [
    ...Object.values(fields).flatMap(({ column, computed }) => (computed ? [] : [column])),
    ...Object.keys({ ...fixed, ...derived }),
  ];
  for (const spec of specs) {
    add(spec.table, spec.readOnly !== true, [
      ...idColumn(spec),
      spec.owner,
      ...columnsOf(spec),
      ...more(spec),
    ]);
    for (const line of spec.lines) {
      const number = line.numberColumn === undefined || line.match !== undefined ? [] : [line.numberColumn];
      const parents = line.parentColumns === undefined ? [line.parent] : Object.keys(line.parentColumns);
      add(line.table, spec.readOnly !== true && line.readOnly !== true, [
        ...idColumn(line),
        ...parents,
        ...number,
        ...columnsOf(line),
      ]);
    }
  }
  return tables;
}

/** Definitions of fields by name. */
export type Definitions = Readonly<Record<string, FieldDefinition>>;
