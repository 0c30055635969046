import { textIn } from '../domain/kinds/record';
import type { RecordLink } from '../domain/kinds/record-link';
import { everythingIn } from '../domain/reconcile/side-record';
import type { ReconciledKind } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type { Store } from '../store/store';
import { DeskRefusal } from './refusal';

/** Kinds that are read project by project. */
export const PROJECT_KINDS = ['project', 'sub_job'] as const satisfies readonly ReconciledKind[];
export type ProjectKind = (typeof PROJECT_KINDS)[number];

/**
 * Has the next reconcile of these kinds look at some projects as a whole: header, codes and sub jobs, on both sides. `projects`: ids of Procore, numbers or
 * keys of the ERP. Throws `DeskRefusal` `PROJECT_UNKNOWN` for one that is not linked.
 */
export const lookAtProjects = (
  store: Store,
  {
    connectionId,
    kinds,
    projects,
  }: {
    readonly connectionId: string;
    readonly kinds: readonly ProjectKind[];
    readonly projects: readonly string[];
  },
  now: Date,
): Promise<void> =>
  store.transaction('desk.look', connectionId, async (t) => {
    const at = now.toISOString();
    const links = await linkedProjects(t, connectionId, projects);
    const look = (kind: ProjectKind, side: 'erp' | 'procore', keys: readonly string[]): void =>
      t.sideRecords.lookAgain(connectionId, kind, side, keys, at);
    for (const { erpKey, procoreId } of links) {
      if (kinds.includes('project')) {
        look('project', 'erp', [erpKey]);
        look('project', 'procore', [String(procoreId)]);
      }
      if (kinds.includes('sub_job') && procoreId !== null) {
        const within = await t.links.ofProject(connectionId, procoreId);
        const own = within.filter(({ kind, state }) => kind === 'sub_job' && state === 'linked');
        look(
          'sub_job',
          'erp',
          own.map((link) => link.erpKey),
        );
        look('sub_job', 'procore', [everythingIn(procoreId)]);
      }
    }
  });

async function linkedProjects(
  t: Repositories,
  connectionId: string,
  projects: readonly string[],
): Promise<readonly RecordLink[]> {
  const linked = (await t.links.linked(connectionId, 'project')).filter(
    ({ procoreId }) => procoreId !== null,
  );
  return projects.map((given) => {
    const link =
      linked.find(({ procoreId }) => String(procoreId) === given) ??
      linked.find(({ erpKey, erp }) => erpKey === given || (erp !== null && textIn(erp, 'code') === given));
    if (link !== undefined) return link;
    throw new DeskRefusal(
      'PROJECT_UNKNOWN',
      `No linked project of ${connectionId} is "${given}".`,
      'Give its id in Procore or its number in the ERP; `tieback links list project` has both.',
    );
  });
}
