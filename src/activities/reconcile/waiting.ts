import type { Kind } from '../../domain/kinds';
import type { KnownRecord } from '../../domain/kinds/record';
import { procoreRevisionOf } from '../../domain/plan/reconcile';
import { syncRevisionOf } from '../../domain/plan/sync';
import { codesRevisionOf } from '../../domain/reconcile/merge-lines';
import { linesRevisionOf } from '../../domain/reconcile/reconciled-part';
import type { SideName, SideRecord } from '../../domain/reconcile/side-record';
import type { RequestRef } from '../../domain/request/flow';
import type { ActivityDeps } from '../deps';
import { asSnapshot } from '../in-hand';

interface Moved {
  readonly erp: readonly KnownRecord[];
  readonly procore: readonly SideRecord[];
  readonly generations: Readonly<Record<string, number>>;
}

/**
 * What open requests of the kind hold already, a person's decision or an ERP that is not there for instance. Feeds tell the newest records with every look
 * and a full look finds them all: finance would be asked the same question again and again.
 */
export class Waiting {
  private known: Promise<ReadonlyMap<string, string>> | null = null;

  constructor(
    private readonly store: ActivityDeps['store'],
    private readonly kind: Kind,
    private readonly open: readonly RequestRef[],
  ) {}

  /** The same without what waits as it is. `marked`: ERP keys that somebody wants looked at whatever waits. */
  async without<T extends Moved>(moved: T, marked: readonly string[]): Promise<T> {
    if (this.open.length === 0 || moved.erp.length + moved.procore.length === 0) return moved;
    this.known ??= this.read();
    const known = await this.known;
    const wanted = new Set(marked);
    return {
      ...moved,
      erp: moved.erp.filter(
        (one) => wanted.has(one.key) || known.get(nameOf('erp', one)) !== this.revisionOfErp(one, moved),
      ),
      procore: moved.procore.filter((one) => known.get(nameOf('procore', one)) !== revisionOfProcore(one)),
    };
  }

  /** A page at a time: a first import has many, and they are large. */
  private async read(): Promise<ReadonlyMap<string, string>> {
    const known = new Map<string, string>();
    for (const ref of this.open) {
      const pages = await this.store.read('reconcile.waiting', (t) => t.plans.pagesRead(ref));
      for (const { page } of pages) {
        const row = await this.store.read('reconcile.waiting', (t) => t.plans.snapshot({ ...ref, page }));
        if (row === null) continue;
        const snapshot = asSnapshot(row.body, 'reconcile');
        const held = { ...snapshot, generations: snapshot.generations ?? {} };
        for (const one of held.erp) known.set(nameOf('erp', one), this.revisionOfErp(one, held));
        for (const one of held.procore) known.set(nameOf('procore', one), revisionOfProcore(one));
      }
    }
    return known;
  }

  /** A link that moved on since is another question. */
  private revisionOfErp({ key, record, state, unfit }: KnownRecord, { generations }: Moved): string {
    const { kind } = this;
    return [
      ...[syncRevisionOf(kind, record), linesRevisionOf(kind, record), state],
      ...[unfit ?? null, generations[key] ?? null],
    ].join(' ');
  }
}

const nameOf = (side: SideName, { key }: { readonly key: string }): string => `${side} ${key}`;

function revisionOfProcore(record: SideRecord): string {
  const { lines } = record;
  const codes = lines === undefined ? null : 'lines' in lines ? codesRevisionOf(lines.lines) : lines.problem;
  return `${procoreRevisionOf(record)} ${codes ?? ''}`;
}
