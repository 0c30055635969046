import { recordIdOf } from '../../domain/base/identity';
import type { AuditEntry } from '../../domain/audit/chain';
import type { Kind } from '../../domain/kinds';
import { isKind, KINDS } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { SideRecord } from '../../domain/reconcile/side-record';
import type { Store } from '../../store/store';
import { DeskRefusal } from '../refusal';
import type { ListedLink } from './list';
import type { SidesIn } from '../../store/sides';
import type { Sides } from '../../store/sides';

/** A record as people name it: `vendor/98127745` is one of Procore, `vendor/1|10442` and `1|10442` are of the ERP. */
export interface NamedRecord {
  /** Null: of any. */
  readonly kind: Kind | null;
  readonly erpKey: string | null;
  readonly procoreId: number | null;
}

/** Throws `DeskRefusal` `RECORD_NAME`. */
export function namedRecord(typed: string): NamedRecord {
  const slash = typed.indexOf('/');
  const kind = slash < 0 ? null : typed.slice(0, slash);
  const rest = typed.slice(slash + 1).trim();
  const isKnown = kind === null || isKind(kind);
  if (isKnown && /^\d+$/.test(rest) && kind !== null && Number.isSafeInteger(Number(rest)))
    return { kind, erpKey: null, procoreId: Number(rest) };
  if (isKnown && /^[^|]+\|[^|]+$/.test(rest)) return { kind, erpKey: rest, procoreId: null };
  throw new DeskRefusal(
    'RECORD_NAME',
    `"${typed}" is no record.`,
    isKnown
      ? 'Records look like vendor/98127745 (Procore) or vendor/1|10442 (ERP).'
      : `There is no kind "${kind}"; there are: ${KINDS.join(', ')}.`,
  );
}

/** All that is known of one link. */
export interface ShownLink extends ListedLink {
  /** Both records as they were read last; null: not read. */
  readonly read: Sides<SideRecord | null>;
  /** What people decided about it, oldest first. */
  readonly decisions: readonly AuditEntry[];
}

/** Every link of a record, in force or not. Throws `DeskRefusal` `LINK_UNKNOWN`. */
export async function showLinks(
  store: Store,
  sidesIn: SidesIn,
  connectionIds: readonly string[],
  typed: string,
): Promise<readonly ShownLink[]> {
  const { kind: only, erpKey, procoreId } = namedRecord(typed);
  const shown = await store.read('desk.link', async (t) => {
    const found: ShownLink[] = [];
    for (const connectionId of connectionIds)
      for (const kind of only === null ? KINDS : [only]) {
        const links: readonly RecordLink[] =
          erpKey === null
            ? await t.links.byProcoreIds(connectionId, kind, procoreId === null ? [] : [procoreId])
            : await t.links.byErpKeys(connectionId, kind, [erpKey]);
        for (const link of links) {
          const ids = link.procoreId === null ? [] : [String(link.procoreId)];
          const { erp, procore } = await sidesIn(t).some(connectionId, kind, {
            erp: [link.erpKey],
            procore: ids,
          });
          const subjects = [link.procoreId ?? `erp:${link.erpKey}`].map((id) => recordIdOf(kind, id));
          const decisions = await Promise.all(
            subjects.map((subject) => t.audit.sealedAbout(connectionId, { subject, action: 'link.decided' })),
          );
          found.push({
            connectionId,
            link,
            read: { erp: erp[0] ?? null, procore: procore[0] ?? null },
            decisions: decisions.flat(),
          });
        }
      }
    return found;
  });
  if (shown.length > 0) return shown;
  throw new DeskRefusal('LINK_UNKNOWN', `Nothing is or was linked to ${typed}.`);
}
