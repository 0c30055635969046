import { recordIdOf } from '../../domain/base/identity';
import type { CanonicalRecord, Fields } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Visitor } from '../../domain/people/access';
import { mayLook } from '../../domain/people/access';
import type { BudgetFigures, BudgetRow, CommitmentLines, PlannedCost } from '../../domain/plan/job-costs';
import { billsCommitted, budgetRow, budgetTotal, plannedCosts } from '../../domain/plan/job-costs';
import type { PlanBody } from '../../domain/plan/plan';
import type { Snapshot } from '../../domain/plan/snapshot';
import { isErpWrite } from '../../domain/plan/operation';
import { isFinal } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';

/** Where figures of a job come from. */
export interface ToldBy {
  /** `refresh`: a refresh of the project read them. `link`: they are those that both sides agreed on last. */
  readonly by: 'refresh' | 'link';
  /** When they were read; of a link, when it moved last: they are no newer. ISO 8601 UTC. */
  readonly at: string;
  /** The request that read them. */
  readonly requestId: string | null;
}

/** What a plan costs one job, beside its budget. */
export interface JobBudget {
  /** ERP key; null: the plan does not say. */
  readonly job: string | null;
  readonly jobName: string | null;
  /** Null: the ERP told nothing of it, or the visitor may not see its project. */
  readonly told: ToldBy | null;
  readonly rows: readonly (BudgetRow & { readonly costTypeName: string | null })[];
  readonly total: BudgetFigures;
  /** It is billed from what is committed already, and takes nothing more. */
  readonly billed: boolean;
}

/** Refreshes of a job that are looked through, newest first, until one of them read it. */
const MOST_REFRESHES = 20;

/**
 * What the plan of an open request costs each job, beside budget and commitments as the ERP told them last. Of what is written nothing is shown: the figures of
 * the ERP may hold it already.
 */
export async function budgetsOf(
  t: Repositories,
  { grants }: Pick<Visitor, 'grants'>,
  { connectionId, kind, status }: SyncRequestRow,
  { operations }: PlanBody,
  snapshot: Snapshot | null,
): Promise<readonly JobBudget[]> {
  if (isFinal(status)) return [];
  const costs = plannedCosts(operations, await commitmentLinesOf(t, connectionId, operations));
  const placed = await inTheirJobs(t, connectionId, costs);
  const jobs = new Map(placed.map(({ cost, link }) => [cost.job, link]));
  const types = await typeNames(t, connectionId, costs, snapshot);
  return Promise.all(
    [...jobs].map(async ([job, link]): Promise<JobBudget> => {
      const isSeen = mayLook(grants, { connectionId, projectId: projectOf(link) });
      const told = link === null || !isSeen ? null : await toldOf(t, connectionId, link);
      const billed = billsCommitted(kind);
      const record = told?.record ?? (isSeen ? (link?.erp ?? null) : null);
      const rows = placed
        .filter(({ cost }) => cost.job === job)
        .map(({ cost }) => ({
          ...budgetRow(cost, record, billed),
          costTypeName: cost.costType === null ? null : (types.get(cost.costType) ?? null),
        }));
      const jobName = isSeen && link?.erp ? nameOf(link.erp) || null : null;
      return { job, jobName, told: told?.by ?? null, rows, total: budgetTotal(rows), billed };
    }),
  );
}

/** A cost and the link of its job; null: there is none. */
interface Placed {
  readonly cost: PlannedCost;
  readonly link: RecordLink | null;
}

/** Sub jobs of a project that are looked at for a code that is none of the project itself. */
const MOST_SUB_JOBS = 500;

/** Documents name the project; a code of one of its sub jobs is a cost of that one. */
async function inTheirJobs(
  t: Repositories,
  connectionId: string,
  costs: readonly PlannedCost[],
): Promise<readonly Placed[]> {
  const keys = costs.flatMap(({ job }) => job ?? []);
  const links = await linksByKey(t, connectionId, 'project', keys);
  const placed = costs.map((cost): Placed => ({ cost, link: links.get(cost.job ?? '') ?? null }));
  const isElsewhere = ({ cost, link }: Placed): boolean => link !== null && !hasCode(link, cost);
  const projects = placed.filter(isElsewhere).flatMap(({ link }) => projectOf(link) ?? []);
  if (projects.length === 0) return placed;
  const asked = { after: null, kind: 'sub_job', projects: [...new Set(projects)] } as const;
  const found = await t.links.scan(connectionId, asked, MOST_SUB_JOBS);
  const erpKeys = found.map(({ erpKey }) => erpKey);
  const subJobs = [...(await linksByKey(t, connectionId, 'sub_job', erpKeys)).values()];
  return placed.map((one) => {
    const own = isElsewhere(one) ? subJobs.find((subJob) => hasCode(subJob, one.cost)) : undefined;
    return own === undefined ? one : { cost: { ...one.cost, job: own.erpKey }, link: own };
  });
}

const hasCode = ({ erp }: RecordLink, { costCode }: PlannedCost): boolean =>
  erp?.lines.some(({ kind, erpKey }) => kind === 'cost_code' && erpKey === costCode) === true;

/** The Procore project in which the figures of a job are. */
const projectOf = (link: RecordLink | null): number | null =>
  link?.projectId ?? (link?.kind === 'project' ? link.procoreId : null);

async function commitmentLinesOf(
  t: Repositories,
  connectionId: string,
  operations: PlanBody['operations'],
): Promise<CommitmentLines> {
  const keys = operations
    .filter(isErpWrite)
    .filter(({ kind }) => billsCommitted(kind))
    .map(({ record }) => textIn(record, 'commitment'))
    .filter(Boolean);
  const links = await linksByKey(t, connectionId, 'commitment', keys);
  return new Map(
    [...links.values()].flatMap(({ erp }) =>
      (erp?.lines ?? []).flatMap(({ erpKey, fields }): readonly [string, Fields][] =>
        erpKey === null ? [] : [[erpKey, fields]],
      ),
    ),
  );
}

async function linksByKey(
  t: Repositories,
  connectionId: string,
  kind: RecordLink['kind'],
  keys: readonly string[],
): Promise<ReadonlyMap<string, RecordLink>> {
  if (keys.length === 0) return new Map();
  const links = await t.links.byErpKeys(connectionId, kind, [...new Set(keys)]);
  return new Map(links.map((link) => [link.erpKey, link]));
}

/** The newest look at the job that read its costs: that of a refresh, else what both sides agreed on. */
async function toldOf(
  t: Repositories,
  connectionId: string,
  link: RecordLink,
): Promise<{ readonly record: CanonicalRecord; readonly by: ToldBy } | null> {
  const { kind, procoreId, erpKey, erp } = link;
  if (procoreId !== null) {
    const recordIds = [recordIdOf(kind, procoreId)];
    const about = await t.requests.onRecord(connectionId, recordIds, null, MOST_REFRESHES);
    for (const { id } of about.filter(({ way }) => way === 'refresh')) {
      const row = await t.plans.snapshot({ connectionId, id, page: 0 });
      const known = row?.body.way === 'refresh' ? row.body.known : null;
      if (row !== null && known?.key === erpKey && hasCosts(known.record))
        return { record: known.record, by: { by: 'refresh', at: row.readAt, requestId: id } };
    }
  }
  if (erp === null || !hasCosts(erp)) return null;
  const at = (await t.links.movedAt(connectionId, kind, [erpKey])).get(erpKey);
  return at === undefined ? null : { record: erp, by: { by: 'link', at, requestId: null } };
}

const hasCosts = ({ lines }: CanonicalRecord): boolean => lines.some(({ kind }) => kind === 'job_cost');

/** Words for cost types by ERP key: as they were read for the plan, else as they are linked. */
async function typeNames(
  t: Repositories,
  connectionId: string,
  costs: readonly PlannedCost[],
  snapshot: Snapshot | null,
): Promise<ReadonlyMap<string, string>> {
  const keys = costs.flatMap(({ costType }) => costType ?? []);
  const links = await linksByKey(t, connectionId, 'line_item_type', keys);
  const linked = [...links.values()].flatMap(({ erpKey, erp }): readonly [string, string][] =>
    erp === null ? [] : [[erpKey, nameOf(erp)]],
  );
  const states = snapshot?.way === 'export' ? snapshot.states : [];
  const read = states.flatMap(({ target, key, code = null, name = null }): readonly [string, string][] =>
    target === 'line_item_type' && name !== null ? [[key, [code, name].filter(Boolean).join(' ')]] : [],
  );
  return new Map([...linked, ...read]);
}

const nameOf = (record: CanonicalRecord): string =>
  [textIn(record, 'code'), textIn(record, 'name')].filter(Boolean).join(' ');
