import type { KindDefinition } from '../../domain/kinds';
import { likenessKeys, sharedText } from '../../domain/kinds/likeness';
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

/** What is known of one open file: compared keys by record number, up to a row version. */
interface Known {
  readonly file: Statements;
  readonly owner: number;
  version: number;
  readonly keys: Map<number, Keys>;
}

/**
 * Finds records that are like another one. The whole file is compared, inactive records too, and a normalised name is not something an
 * index of the ERP could be asked for; so the normalised keys are kept here, and each search first reads what changed since the last.
 */
export class SimilarRecords {
  private readonly spec: KindSpec;
  private readonly unique: readonly string[];
  private known: Known | null = null;

  constructor(
    private readonly whole: KindSpec,
    private readonly definition: KindDefinition,
  ) {
    const { name, email, phone } = definition.likeness ?? {};
    this.unique = Object.keys(whole.fields).filter((field) => whole.fields[field]?.unique);
    const compared = [...this.unique, name, email, phone];
    const fields = Object.entries(whole.fields).filter(([field]) => compared.includes(field));
    this.spec = { ...whole, fields: Object.fromEntries(fields) };
  }

  /** The most similar ones, surest first. */
  search(moment: Moment, record: CanonicalRecord): readonly ErpRecord[] {
    const wanted = this.keysOf(record);
    const ids = [...this.upToDate(moment).keys]
      .map(([id, keys]) => ({
        id,
        strength: wanted.findIndex((key, index) => key !== null && key === keys[index]),
      }))
      .filter(({ strength }) => strength >= 0)
      .sort((a, b) => a.strength - b.strength || a.id - b.id)
      .map(({ id }) => id);
    const found = headersOfIds(moment, this.whole, ids).slice(0, MOST_SIMILAR);
    return withLines(moment, this.whole, found);
  }

  private upToDate(moment: Moment): Known {
    const { db, scope } = moment;
    const owner = ownerIn(this.spec.owner, scope);
    const now = rowVersion(db);
    // Another file, or an older one: nothing that was read before counts.
    const before = this.known;
    const isSame = before?.file === db && before.owner === owner && before.version <= now;
    const known = isSame ? before : { file: db, owner, version: 0, keys: new Map<number, Keys>() };
    this.known = known;
    if (known.version === now) return known;
    const changed = readHeaders(moment, this.spec, {
      sql: 't.RowVer > @since',
      bound: { since: known.version },
    });
    for (const { id, fields } of changed) known.keys.set(id, this.keysOf({ fields, lines: [] }));
    known.version = now;
    return known;
  }

  private keysOf(record: CanonicalRecord): Keys {
    return [
      ...this.unique.map((field) => sharedText(textIn(record, field))),
      ...likenessKeys(this.definition, record),
    ];
  }
}
