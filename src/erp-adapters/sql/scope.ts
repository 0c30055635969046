import type { Mask } from './masks';
import type { Row, SqlSession, Statement, Value } from './session';
import { Asking } from './session';

/** What keys and codes of one company depend on. */
export interface Scope {
  /** Number or code of the company in the ERP. */
  readonly company: string;
  readonly companyName: string;
  /** By column that says whose a row is (`VendorGroup`, `JCCo`): the company, or the group that it shares a file with. */
  readonly owners: Readonly<Record<string, Value>>;
  /** By name (`job`, `phase`). */
  readonly masks: Readonly<Record<string, Mask>>;
  /** Whatever else of the company's settings an adapter needs. */
  readonly settings: Readonly<Record<string, Value>>;
}

/** Whose rows are: the owner with this column. */
export const ownerIn = (owner: string, { owners }: Scope): Value => owners[owner] ?? null;

/** How the scope of a company is read. */
export interface ScopeReader {
  readonly statements: readonly Statement[];
  /** Throws `ERP_CONFIG` where there is no such company. */
  read(rows: readonly (readonly Row[])[]): Scope;
}

/** The form of the ids of a table: whole numbers (`KeyID`), or texts, which are escaped in keys. */
export type IdForm = 'number' | 'text';

/** Key of a row: whose it is, and its id there. */
export const keyOf = (owner: Value, id: string, form: IdForm): string =>
  `${String(owner)}|${form === 'number' ? id : escaped(id)}`;

const escaped = (id: string): string =>
  encodeURIComponent(id).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

/** The id in a key of this owner; null for keys that cannot be ours. */
export function idOfKey(owner: Value, key: string, form: IdForm): string | null {
  const [before, id, ...rest] = key.split('|');
  if (before !== String(owner) || id === undefined || rest.length > 0) return null;
  if (form === 'number') return /^[1-9]\d{0,14}$/.test(id) ? id : null;
  try {
    const plain = decodeURIComponent(id);
    return plain !== '' && escaped(plain) === id ? plain : null;
  } catch {
    return null;
  }
}

/**
 * The scope of the last call, asked again with every call and in the same round trip: a setting that changes holds from the next call on, and where
 * it has changed the call is made once more.
 */
export class Scopes {
  private last: { readonly scope: Scope; readonly raw: string } | null = null;

  constructor(private readonly reader: ScopeReader) {}

  /** What `prepare` asks, beside the scope, in one round trip; it gets the scope that holds, and answers what takes the rows afterwards. */
  async ask<T>(
    session: SqlSession,
    part: string,
    prepare: (scope: Scope, asking: Asking) => () => T,
  ): Promise<{ readonly scope: Scope; readonly value: T }> {
    for (let known = this.last ?? (await this.fresh(session)); ;) {
      const asking = new Asking();
      const rows = this.reader.statements.map((statement) => asking.add(statement));
      const value = prepare(known.scope, asking);
      await asking.run(session, part);
      const now = this.keep(rows.map((take) => take()));
      if (now.raw === known.raw) return { scope: now.scope, value: value() };
      known = now;
    }
  }

  private async fresh(session: SqlSession): Promise<NonNullable<Scopes['last']>> {
    return this.keep(await session.ask('scope', this.reader.statements));
  }

  private keep(rows: readonly (readonly Row[])[]): NonNullable<Scopes['last']> {
    const raw = JSON.stringify(rows);
    if (this.last?.raw !== raw) this.last = { scope: this.reader.read(rows), raw };
    return this.last;
  }
}
