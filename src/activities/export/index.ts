import { TiebackError } from '../../domain/base/errors';
import { definitionOf, isKind } from '../../domain/kinds';
import type { CanonicalRecord, ProcoreId } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { WrittenRecord } from '../../domain/plan/export/confirm';
import { linksAfter, writtenRecords } from '../../domain/plan/export/confirm';
import type { SetExternalData } from '../../domain/plan/operation';
import { isTie } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import { REJECTED } from '../../domain/request/exception';
import type { RequestResult } from '../../domain/request/flow';
import type { ItemError } from '../../procore/port';
import type { Repositories } from '../../store/repositories';
import type { OperationRow } from '../../store/rows';
import type { ConnectionParts } from '../deps';
import { closeDetails } from '../close-details';
import type { ApprovedPlan } from '../in-hand';
import type { OperationResult, Problem } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { Sent } from '../send';
import { itemKey, NOTHING_SENT, send, tie, tiesOf } from '../send';
import type { WaySteps } from '../way';
import { nameOfRecord } from './name';
import { planFrom } from './plan';
import { readExport } from './read';

/** Procore → ERP: plan, write, tie, close. The ERP's part is in `write-erp.ts`. */
export const exportWay: WaySteps<'export'> = {
  way: 'export',
  readErp: readExport,
  plan: planFrom,

  /** External data of records and lines first, then what belongs to them, the request details last. */
  async send({ connection, intent }, approved, { summary }): Promise<Sent> {
    const { plan, operations, links } = approved;
    const done = writtenRecords(plan, operations, links);
    const problems = problemsOf(plan, operations);
    const told = await tellProcore(connection, plan, done, problems);
    const ending = endingOf(told, done.length === 0 ? '' : (summary ?? ''));
    const unclosed = await closeDetails(connection, intent, { ...ending, problems: told });
    return { ...NOTHING_SENT, refused: told, unclosed };
  },

  asks: (t, { connection, row }, { plan, operations }) => [
    linksOf(
      t,
      connection.id,
      plan,
      operations.map(({ erpKey }) => erpKey),
    ),
    t.plans.operationStates(row),
  ],

  async outcome(t, { row, connection }, { approved, sent, summary }) {
    const { plan, operations } = approved;
    const [links, states] = await Promise.all([
      linksOf(
        t,
        connection.id,
        plan,
        operations.map(({ erpKey }) => erpKey),
      ),
      t.plans.operationStates(row),
    ]);
    const done = writtenRecords(plan, operations, links).filter(
      ({ recordId }) => !sent.refused.has(recordId),
    );
    const moved: RecordLink[] = [];
    for (const item of done) {
      moved.push(...linksAfter(item, links, await projectOf(t, connection.id, item.tie, item.record)));
    }
    const late = rejectedMeanwhile(done, operations, states);
    const { status, summary: words } = endingOf(sent.refused, done.length === 0 ? '' : (summary ?? ''));
    const result: RequestResult = {
      status: status === 'success' ? 'applied' : 'failed',
      summary: [words, sent.unclosed].filter((part) => part !== null).join(' '),
    };
    return {
      ...NOTHING_HAPPENED,
      results: resultsOf(plan, done).filter(({ operation }) => !late.has(operation.operationKey)),
      links: moved,
      problems: [...late.values()],
      settles: done.map(({ recordId }) => recordId),
      refusals: new Map([...sent.refused].map(([recordId, reasons]) => [recordId || row.id, reasons])),
      settlesOwn: true,
      close: result,
    };
  },
};

const resultsOf = (plan: Plan, done: readonly WrittenRecord[]): readonly OperationResult[] => {
  const byRecord = new Map(done.map((item) => [item.recordId, item]));
  return plan.operations.flatMap((operation): OperationResult[] => {
    const item = byRecord.get(operation.recordId);
    if (!item) return [];
    const { erpKey, record } = item;
    return [{ operation, state: 'confirmed', erpKey, reason: null, record }];
  });
};

/** What the ERP rejected while Procore was told that it is written, by operation: it stays rejected, and a person is told. */
function rejectedMeanwhile(
  done: readonly WrittenRecord[],
  before: ApprovedPlan['operations'],
  states: readonly Pick<OperationRow, 'operationKey' | 'recordId' | 'state' | 'reason'>[],
): ReadonlyMap<string, Problem> {
  const records = new Set(done.map(({ recordId }) => recordId));
  // Those of earlier plans of the request were known to be rejected.
  const known = new Set(
    before.flatMap(({ operationKey, state }) => (state === 'rejected' ? [operationKey] : [])),
  );
  const late = states.filter(
    ({ operationKey, state, recordId }) =>
      state === 'rejected' && !known.has(operationKey) && records.has(recordId),
  );
  return new Map(
    late.map(({ operationKey, recordId, reason }) => [
      operationKey,
      { recordId, erpKey: null, cause: REJECTED, reason: reason ?? '' },
    ]),
  );
}

/** Links of everything the plan ties, by Procore id and by the ERP keys it ended at. */
export async function linksOf(
  t: Repositories,
  connectionId: string,
  plan: Plan,
  erpKeys: readonly (string | null)[],
): Promise<readonly RecordLink[]> {
  const ties = plan.operations.filter(isTie);
  const [first] = ties;
  if (!first) return [];
  const ids = ties.map(({ procoreId }) => procoreId).filter((id) => id !== null);
  const keys = [...new Set(erpKeys.filter((key) => key !== null))];
  const links = (
    await Promise.all([
      t.links.byProcoreIds(connectionId, first.kind, [...new Set(ids)]),
      t.links.byErpKeys(connectionId, first.kind, keys),
    ])
  ).flat();
  return [...new Map(links.map((link) => [link.id ?? `${link.kind}:${link.erpKey}`, link])).values()];
}

/** What went wrong before Procore was told, by record id: left out by the plan, or refused by the ERP. */
function problemsOf(plan: Plan, operations: ApprovedPlan['operations']): Map<string, readonly string[]> {
  const problems = new Map<string, readonly string[]>();
  for (const { recordId, reason } of plan.leftOut) problems.set(recordId, [reason]);
  const keys = new Set(plan.operations.map(({ operationKey }) => operationKey));
  for (const { operationKey, recordId, state, reason } of operations) {
    if (keys.has(operationKey) && (state === 'refused' || state === 'rejected') && reason !== null)
      problems.set(recordId, [reason]);
  }
  return problems;
}

type Problems = ReadonlyMap<string, readonly string[]>;

/** The problems with what Procore does not take. A request about one record stops there and asks a person. */
async function tellProcore(
  { procore }: ConnectionParts,
  plan: Plan,
  done: readonly WrittenRecord[],
  before: Problems,
): Promise<Problems> {
  const problems = new Map(before);
  const refuse = (recordId: string, operation: string, messages: readonly string[]): void => {
    const reason = messages.join('; ');
    const records = new Set(plan.operations.map((planned) => planned.recordId));
    if (records.size <= 1 && plan.leftOut.length === 0)
      throw new TiebackError('PROCORE_REFUSED', { operation, reason });
    problems.set(recordId, [...(problems.get(recordId) ?? []), `${operation}: ${reason}`]);
  };
  const errors = await tie(
    procore,
    done.flatMap((item) => tiesOf(item.tie, item.erpKey, item.record)),
  );
  if (errors.length > 0) {
    for (const { tie: operation, recordId, erpKey, record } of done) {
      const own = errors.filter((error) => isOf(operation, error));
      const name = nameOfRecord(operation.kind, erpKey, record);
      if (own.length > 0)
        refuse(
          recordId,
          `linking ${name}`,
          own.flatMap(({ messages }) => messages),
        );
    }
  }
  const followUps = done.filter(({ recordId }) => !problems.has(recordId)).flatMap((item) => item.followUps);
  const sent = await send(procore, followUps);
  for (const { operationKey, recordId, target } of followUps) {
    const messages = sent.refused.get(operationKey);
    if (messages) refuse(recordId, target, messages);
  }
  return problems;
}

const isOf = ({ items }: SetExternalData, { key }: ItemError): boolean =>
  key === '' || items.some((item) => itemKey(item) === key);

function endingOf(
  problems: Problems,
  summary: string,
): { readonly status: 'success' | 'failed'; readonly messages: readonly string[]; readonly summary: string } {
  if (problems.size === 0) return { status: 'success', messages: [], summary };
  const sentences = [...problems.values()].flat();
  return {
    status: 'failed',
    messages: sentences,
    summary: `${summary} ${problems.size} could not be carried: ${sentences.slice(0, 3).join(' · ')}`,
  };
}

/** Some requests do not name their project: it is that of the record they refer to. */
async function projectOf(
  t: Repositories,
  connectionId: string,
  { kind, projectId }: SetExternalData,
  record: CanonicalRecord,
): Promise<ProcoreId | null> {
  if (typeof projectId === 'number') return projectId;
  for (const [field, { refersTo }] of Object.entries(definitionOf(kind).fields)) {
    const key = textIn(record, field);
    if (refersTo === undefined || !isKind(refersTo) || key === '') continue;
    const [link] = await t.links.byErpKeys(connectionId, refersTo, [key]);
    const found = refersTo === 'project' ? link?.procoreId : link?.projectId;
    if (typeof found === 'number') return found;
  }
  return null;
}
