import type { KindDefinition } from '../../domain/kinds';
import { areNormalisedAlike, likenessKeys, normaliseName, sharedText } from '../../domain/kinds/likeness';
import type { CanonicalRecord } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { ErpRecord } from '../contract/adapter';
import type { Statements } from './database';
import type { Moment } from './record-reader';
import { headersOfIds, readHeaders, withLines } from './record-reader';
import type { KindSpec } from './record-tables';
import { rowVersion } from './row-version';
import { ownerIn } from './scope';

const MOST_SIMILAR = 50;

type Keys = readonly (string | null)[];

/** What is known of one open file, up to a row version. */
interface Known {
  readonly file: Statements;
  readonly owner: number;
  version: number;
  readonly keys: Map<number, Keys>;
  /** Normalised names by record number: those that are merely alike are looked through one by one. */
  readonly names: Map<number, string>;
  /** Record numbers by compared value, per position of the keys. */
  readonly index: readonly Map<string, Set<number>>[];
}

/**
 * Finds records that are like another one. The whole file is compared, inactive records too, and a normalised name is not something an
 * index of the ERP could be asked for; so the normalised keys are kept here, and each search first reads what changed since the last.
 */
export class SimilarRecords {
  private readonly spec: KindSpec;
  private readonly unique: readonly string[];
  private readonly name: string;
  private known: Known | null = null;

  constructor(
    private readonly whole: KindSpec,
    private readonly definition: KindDefinition,
  ) {
    const { name, email, phone } = definition.likeness ?? {};
    this.name = name ?? '';
    this.unique = Object.keys(whole.fields).filter((field) => whole.fields[field]?.unique);
    const compared = [...this.unique, name, email, phone];
    const fields = Object.entries(whole.fields).filter(([field]) => compared.includes(field));
    this.spec = { ...whole, fields: Object.fromEntries(fields) };
  }

  /** The most similar ones, surest first. */
  search(moment: Moment, record: CanonicalRecord): readonly ErpRecord[] {
    const wanted = this.keysOf(record);
    const { index, names } = this.upToDate(moment);
    const name = normaliseName(textIn(record, this.name));
    const similar = [...names].filter(([, other]) => areNormalisedAlike(name, other));
    const same = wanted.flatMap((key, position) =>
      key === null ? [] : [...(index[position]?.get(key) ?? [])].sort((a, b) => a - b),
    );
    const ids = [...new Set([...same, ...similar.map(([id]) => id)])].slice(0, MOST_SIMILAR);
    const found = headersOfIds(moment, this.whole, ids);
    return withLines(moment, this.whole, found);
  }

  private upToDate(moment: Moment): Known {
    const { db, scope } = moment;
    const owner = ownerIn(this.spec.owner, scope);
    const now = rowVersion(db);
    // Another file, or an older one: nothing that was read before counts.
    const before = this.known;
    const isSame = before?.file === db && before.owner === owner && before.version <= now;
    const known = isSame ? before : this.nothingKnown(db, owner);
    this.known = known;
    if (known.version === now) return known;
    const changed = readHeaders(moment, this.spec, {
      sql: 't.RowVer > @since',
      bound: { since: known.version },
    });
    for (const { id, fields } of changed) {
      learn(known, id, this.keysOf({ fields, lines: [] }));
      known.names.set(id, normaliseName(textIn({ fields }, this.name)));
    }
    known.version = now;
    return known;
  }

  private nothingKnown(file: Statements, owner: number): Known {
    const index = this.keysOf({ fields: {}, lines: [] }).map(() => new Map<string, Set<number>>());
    return { file, owner, version: 0, keys: new Map(), names: new Map(), index };
  }

  private keysOf(record: CanonicalRecord): Keys {
    return [
      ...this.unique.map((field) => sharedText(textIn(record, field))),
      ...likenessKeys(this.definition, record),
    ];
  }
}

function learn({ keys, index }: Known, id: number, now: Keys): void {
  const before = keys.get(id);
  keys.set(id, now);
  index.forEach((byKey, position) => {
    const [old, key] = [before?.[position] ?? null, now[position] ?? null];
    if (old !== null) byKey.get(old)?.delete(id);
    if (key !== null) byKey.set(key, (byKey.get(key) ?? new Set()).add(id));
  });
}
