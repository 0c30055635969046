import type { Planned } from '../../domain/plan/plan';
import { planExport } from '../../domain/plan/export';
import type { ExportSnapshot } from '../../domain/plan/snapshot';
import type { Repositories } from '../../store/repositories';
import type { InHand } from '../in-hand';
import { correctionsOf, kindOf, linksOfExport } from './read';

/** The plan as it would be made from this reading and our links as they stand. */
export async function planFrom(
  t: Repositories,
  { connection, row, intent }: InHand<'export'>,
  { columns, sides, states }: ExportSnapshot,
): Promise<Planned> {
  const found = sides.flatMap(({ own, same, similar }) =>
    [own, ...same, ...similar].flatMap((known) => (known ? [known.key] : [])),
  );
  const [own, ofFound] = await Promise.all([
    linksOfExport(t, connection.id, intent),
    t.links.byErpKeys(connection.id, kindOf(intent), [...new Set(found)]),
  ]);
  const links = [...own, ...ofFound];
  return planExport({
    connectionId: connection.id,
    intent,
    corrections: correctionsOf(intent, row),
    columns,
    sides,
    states,
    links: [...new Map(links.map((link) => [`${link.kind}:${link.erpKey}`, link])).values()],
  });
}
