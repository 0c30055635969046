import type { ProcoreId } from '../../domain/kinds/record';
import type { SyncPlace } from '../../domain/plan/operation';
import { turnOf } from '../../domain/reconcile/rotation';
import type { ReconcileLook } from '../../domain/request/flow';
import { rotationReaderOf } from '../../domain/request/id';
import type { ActivityDeps, ConnectionParts } from '../deps';

/** Time between two looks where nothing is said. */
const USUAL_SECONDS = 300;

/** Whose turn it is now among these, and the place of the rotation afterwards. Sub jobs are listed everywhere the first time; codes came from the ERP. */
export async function turnAmong(
  deps: Pick<ActivityDeps, 'store'>,
  connection: ConnectionParts,
  { connectionId, kind, full }: ReconcileLook,
  what: 'codes' | 'projects',
  ids: readonly ProcoreId[],
): Promise<{ readonly now: ReadonlySet<ProcoreId>; readonly turns: Readonly<Record<string, string>> }> {
  const reader = rotationReaderOf(kind, what);
  const place = await deps.store.read('reconcile.turn', (t) => t.checkpoints.get(connectionId, reader));
  const isFirst = what === 'projects' && place === null;
  const { everySeconds = USUAL_SECONDS } = connection.reconcile.kinds[kind] ?? {};
  const { now, last } = turnOf(ids, place === null ? null : Number(place.cursor), everySeconds);
  return {
    now: new Set(full || isFirst ? ids : now),
    turns: full || last === null ? {} : { [reader]: String(last) },
  };
}

interface Places {
  readonly places: readonly SyncPlace[];
  readonly turns: Readonly<Record<string, string>>;
}

/**
 * Where the records of a kind are listed: in the company, in its ERP list of codes, or project by project. Sub jobs cost a call for each project:
 * they are listed in rotation. `whole`: projects that somebody wants looked at.
 */
export async function placesOf(
  deps: Pick<ActivityDeps, 'store'>,
  connection: ConnectionParts,
  look: ReconcileLook,
  { listId, whole }: { readonly listId: ProcoreId | null; readonly whole: ReadonlySet<ProcoreId> },
): Promise<Places> {
  const { kind } = look;
  if (kind === 'standard_cost_code') return { places: listId === null ? [] : [{ listId }], turns: {} };
  if (kind !== 'sub_job') return { places: [{}], turns: {} };
  const projects = await linkedProjects(deps, look);
  const { now, turns } = await turnAmong(deps, connection, look, 'projects', projects);
  return {
    places: projects.filter((id) => now.has(id) || whole.has(id)).map((projectId) => ({ projectId })),
    turns,
  };
}

const linkedProjects = async (
  deps: Pick<ActivityDeps, 'store'>,
  { connectionId }: ReconcileLook,
): Promise<readonly ProcoreId[]> => {
  const linked = await deps.store.read('reconcile.projects', (t) =>
    t.links.linkedIds(connectionId, 'project'),
  );
  return linked.map(({ procoreId }) => procoreId);
};

interface Asked {
  readonly at: SyncPlace;
  readonly ids: readonly ProcoreId[];
}

/** Where records that are to be looked at again are asked for: of a sub job without a link nobody knows in which project it is. */
export async function placesAgain(
  deps: Pick<ActivityDeps, 'store'>,
  look: ReconcileLook,
  again: readonly string[],
  listId: ProcoreId | null,
): Promise<readonly Asked[]> {
  const { kind, connectionId } = look;
  const ids = again.map(Number);
  if (kind !== 'sub_job')
    return [{ at: listId !== null && kind === 'standard_cost_code' ? { listId } : {}, ids }];
  const linked = await deps.store.read('reconcile.linked', (t) => t.links.linkedIds(connectionId, kind));
  const known = new Map(linked.map(({ procoreId, projectId }) => [procoreId, projectId]));
  const projects = ids.some((id) => (known.get(id) ?? null) === null)
    ? await linkedProjects(deps, look)
    : [...new Set(ids.flatMap((id) => known.get(id) ?? []))];
  return projects.flatMap((projectId) => {
    const here = ids.filter((id) => (known.get(id) ?? projectId) === projectId);
    return here.length === 0 ? [] : [{ at: { projectId }, ids: here }];
  });
}
