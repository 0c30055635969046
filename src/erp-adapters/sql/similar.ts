import type { KindDefinition } from '../../domain/kinds';
import { areNormalisedAlike, likenessKeys, normaliseName, sharedText } from '../../domain/kinds/likeness';
import type { CanonicalRecord } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { ErpRecord } from '../contract/adapter';
import type { KindSpec } from './model';
import { headersQuery, inOrder, readHeaders, toHeaders, withIds, withLines } from './reader';
import type { Scope } from './scope';
import { ownerIn } from './scope';
import type { Row, SqlSession } from './session';
import { query } from './session';
import type { SqlParts } from './writer';

const MOST_SIMILAR = 50;

type Keys = readonly (string | null)[];

/** What is known of one database, up to a version of it. */
interface Known {
  readonly database: string;
  readonly owner: string;
  version: number;
  readonly keys: Map<string, Keys>;
  /** Normalised names by id: those that are merely alike are looked through one by one. */
  readonly names: Map<string, string>;
  /** Ids by compared value, per position of the keys. */
  readonly index: readonly Map<string, Set<string>>[];
}

/**
 * Finds records that are like another one. The whole file is compared, inactive records too, and a normalised name is not something an
 * index of the ERP could be asked for; so the normalised keys are kept here, and each search first reads what changed since the last. Where the ERP
 * does not tell what changed, all of it is read.
 */
export class SimilarRecords {
  private readonly spec: KindSpec;
  private readonly unique: readonly string[];
  private readonly name: string;
  private known: Known | null = null;

  constructor(
    private readonly whole: KindSpec,
    private readonly definition: KindDefinition,
    private readonly parts: SqlParts,
  ) {
    const { name, email, phone } = definition.likeness ?? {};
    this.name = name ?? '';
    this.unique = Object.keys(whole.fields).filter((field) => whole.fields[field]?.unique);
    const compared = [...this.unique, name, email, phone];
    const fields = Object.entries(whole.fields).filter(([field]) => compared.includes(field));
    this.spec = { ...whole, fields: Object.fromEntries(fields) };
  }

  /** The most similar ones, surest first. */
  async search(session: SqlSession, record: CanonicalRecord): Promise<readonly ErpRecord[]> {
    const wanted = this.keysOf(record);
    const { scope, known } = await this.upToDate(session);
    const name = normaliseName(textIn(record, this.name));
    const similar = [...known.names].filter(([, other]) => areNormalisedAlike(name, other));
    const same = wanted.flatMap((key, position) =>
      key === null ? [] : [...(known.index[position]?.get(key) ?? [])].sort(byId),
    );
    const ids = [...new Set([...same, ...similar.map(([id]) => id)])].slice(0, MOST_SIMILAR);
    if (ids.length === 0) return [];
    const moment = { session, scope, catalogue: this.parts.catalogue };
    const condition = withIds(session, this.whole, ids);
    const found = await readHeaders(moment, 'found', { spec: this.whole, condition });
    return withLines(moment, this.whole, inOrder(found, ids));
  }

  private async upToDate(session: SqlSession): Promise<{ readonly scope: Scope; readonly known: Known }> {
    const { scopes, catalogue, database, model } = this.parts;
    const { now, version } = this.whole.changes ?? model.changes;
    const file = await database.generation();
    const before = this.known?.database === file ? this.known : null;
    const since = now === undefined || version === undefined ? null : (before?.version ?? 0);
    const { scope, value } = await scopes.ask(session, 'changed', (scope, asking) => {
      const rows = asking.add(
        headersQuery(session, scope, {
          spec: this.spec,
          condition:
            since === null ? { sql: '1 = 1' } : { sql: `${version ?? ''} > @since`, bound: { since } },
        }),
      );
      const counter =
        now === undefined ? (): readonly Row[] => [] : asking.add(query(`SELECT ${now} AS counter`));
      return () => ({
        changed: toHeaders({ scope, catalogue }, this.spec, rows()),
        counter: Number(counter()[0]?.['counter'] ?? 0),
      });
    });
    const owner = String(ownerIn(this.spec.owner, scope));
    // Another file, or an older one: nothing that was read before counts.
    if (before !== null && since !== null && (before.owner !== owner || before.version > value.counter)) {
      this.known = null;
      return this.upToDate(session);
    }
    const known = (since === null ? null : before) ?? this.nothingKnown(file, owner);
    for (const { id, fields } of value.changed) {
      learn(known, id, this.keysOf({ fields, lines: [] }));
      known.names.set(id, normaliseName(textIn({ fields }, this.name)));
    }
    known.version = value.counter;
    this.known = known;
    return { scope, known };
  }

  private nothingKnown(database: string, owner: string): Known {
    const index = this.keysOf({ fields: {}, lines: [] }).map(() => new Map<string, Set<string>>());
    return { database, owner, version: 0, keys: new Map(), names: new Map(), index };
  }

  private keysOf(record: CanonicalRecord): Keys {
    return [
      ...this.unique.map((field) => sharedText(textIn(record, field))),
      ...likenessKeys(this.definition, record),
    ];
  }
}

const byId = (a: string, b: string): number => Number(a) - Number(b) || a.localeCompare(b);

function learn({ keys, index }: Known, id: string, now: Keys): void {
  const before = keys.get(id);
  keys.set(id, now);
  index.forEach((byKey, position) => {
    const [old, key] = [before?.[position] ?? null, now[position] ?? null];
    if (old !== null) byKey.get(old)?.delete(id);
    if (key !== null) byKey.set(key, (byKey.get(key) ?? new Set()).add(id));
  });
}
