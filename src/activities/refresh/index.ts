import { TiebackError } from '../../domain/base/errors';
import { erpKeyOfOriginId } from '../../domain/base/identity';
import type { ProcoreId } from '../../domain/kinds/record';
import { linkOf } from '../../domain/plan/operation';
import type { Operation, SyncRows } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import { planRefresh, refreshedShadow } from '../../domain/plan/refresh';
import { syncRevisionOf } from '../../domain/plan/sync';
import { linesRevisionOf } from '../../domain/reconcile/reconciled-part';
import type { RequestResult } from '../../domain/request/flow';
import type { JobRefresh } from '../../domain/request/intent';
import { capabilityOf } from '../deps';
import type { OperationResult, Problem } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { Sent } from '../send';
import type { WaySteps } from '../way';
import { reading } from '../way';

/** One project or sub job in Procore follows the ERP: header, codes, cost types, costs. */
export const refreshWay: WaySteps<'refresh'> = {
  way: 'refresh',
  finishesInStore: true,

  readErp: reading(
    'refresh',
    async (_, { intent }) => intent,
    async (connection, intent) => {
      const [known] = await capabilityOf(connection, intent.kind).read([keyOf(intent)]);
      return { way: 'refresh', known: known ?? null };
    },
  ),

  async plan(t, { connection, intent }, { known }) {
    if (known === null) {
      return { kind: 'gone', error: new TiebackError('ERP_RECORD_GONE', { record: intent.label }).toShape() };
    }
    const [link] = await t.links.byErpKeys(connection.id, intent.kind, [known.key]);
    const costTypes = await t.links.linked(connection.id, 'line_item_type');
    const plan = planRefresh({ connectionId: connection.id, intent, known, link: link ?? null, costTypes });
    return { kind: 'plan', plan };
  },

  /** What Procore refuses stays an exception and is tried again with the next refresh. */
  async outcome(t, { connection, intent }, { approved: { plan }, sent }) {
    const results = plan.operations.map((operation): OperationResult => {
      const words = sent.refused.get(operation.operationKey);
      return {
        operation,
        state: words ? 'refused' : 'confirmed',
        erpKey: operation.erpKey,
        reason: words ? `${operation.target}: ${[...new Set(words)].join('; ')}` : null,
        record: null,
      };
    });
    const problems: readonly Problem[] = [
      ...plan.leftOut.map(({ recordId, erpKey, reason }) => ({ recordId, erpKey, reason, cause: 'procore' })),
      ...results.flatMap(({ operation: { recordId }, reason }) =>
        reason === null ? [] : [{ recordId, erpKey: null, reason, cause: 'procore' }],
      ),
    ];
    const planned = plan.operations.map(linkOf).find((link) => link !== null);
    const [before] = planned ? await t.links.byErpKeys(connection.id, intent.kind, [planned.erpKey]) : [];
    const shadow =
      planned?.erp &&
      refreshedShadow(planned.erp, before?.erp ?? null, codeIds(plan, sent), refusedLines(plan, sent));
    return {
      ...NOTHING_HAPPENED,
      results,
      links:
        planned && shadow
          ? [
              {
                ...planned,
                procore: shadow,
                erp: shadow,
                erpRevision: syncRevisionOf(intent.kind, shadow),
                linesRevision: problems.length === 0 ? linesRevisionOf(intent.kind, shadow) : null,
              },
            ]
          : [],
      problems,
      settlesOwn: true,
      close: resultOf(
        plan,
        problems.map(({ reason }) => reason),
      ),
    };
  },
};

function keyOf({ kind, originId }: JobRefresh): string {
  const key = erpKeyOfOriginId(kind, originId);
  if (key !== null) return key;
  const reason = `origin_id "${originId}" of the ${kind.replace('_', ' ')} is not one of ours: another integration may own it`;
  throw new TiebackError('REQUEST_MALFORMED', { reason });
}

const isRows = (operation: Operation): operation is SyncRows =>
  operation.action === 'sync' || operation.action === 'update';

/** Ids of the cost codes that Procore created or found, by their number. */
const codeIds = ({ operations }: Plan, { ids }: Sent): ReadonlyMap<string, ProcoreId> => {
  const codes = operations
    .filter(isRows)
    .flatMap(({ resource, rows }) => (resource === 'cost_code' ? rows.map(({ key }) => key) : []));
  return new Map(
    codes.flatMap((key) => {
      const id = ids.get(key);
      return id === undefined ? [] : [[key, id] as const];
    }),
  );
};

/** Lines that Procore refused, as `<kind>/<number>`; the header as `header/...`. */
const refusedLines = ({ operations }: Plan, { refusedRows }: Sent): ReadonlySet<string> =>
  new Set(
    operations.filter(isRows).flatMap(({ operationKey, kind, resource, rows }) => {
      const keys = refusedRows.get(operationKey);
      if (!keys) return [];
      const all = keys.has('') ? rows.map(({ key }) => key) : [...keys];
      return all.map((key) => `${resource === kind ? 'header' : resource}/${key}`);
    }),
  );

function resultOf({ operations, subject }: Plan, problems: readonly string[]): RequestResult {
  const sent = operations.filter(isRows).map(({ target, rows }) => `${rows.length} × ${target}`);
  const done = sent.length === 0 ? `${subject}: nothing changed.` : `${subject}: ${sent.join(', ')}.`;
  if (problems.length === 0) return { status: 'applied', summary: done };
  return { status: 'failed', summary: `${done} ${problems.slice(0, 3).join(' · ')}` };
}
