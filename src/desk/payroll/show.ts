import { askedIn } from '../../domain/payroll/decisions';
import type { CorrectionShown, LineShown, PeriodShown } from './shown';
import { isPayBatch } from '../../domain/plan/operation';
import { stepWords } from '../../domain/plan/payroll';
import { requestWords } from '../../domain/request/id';
import type { RequestRef } from '../../domain/request/id';
import type { PlanRow } from '../../store/rows';
import type { Store } from '../../store/store';
import { cursorOf, placeIn } from '../cursor';
import { readDossier } from '../dossier';
import { assertGenuine } from '../incident';
import { DeskRefusal } from '../refusal';

/** A page of a list of a pay period. */
export interface PayPage<T> {
  readonly rows: readonly T[];
  /** How many there are in all, as they are asked for. */
  readonly count: number;
  readonly after: string | null;
}

export interface PayListQuestion {
  readonly after?: string | undefined;
  /** Only of this employee, or job; keys of the ERP. */
  readonly employee?: string | undefined;
  readonly job?: string | undefined;
}

/** Everything that the plan of a pay period tells, list by list. */
export interface PeriodLists {
  readonly employees: PeriodShown['employees'][number];
  readonly jobs: PeriodShown['jobs'][number];
  readonly earnCodes: PeriodShown['jobs'][number];
  readonly lines: LineShown;
  readonly leftOut: PeriodShown['leftOut'][number];
  readonly corrections: CorrectionShown;
  readonly byHand: string;
  readonly withoutHours: string;
  readonly questions: PeriodShown['questions'][number];
  readonly againstLast: PeriodShown['againstLast'][number];
}
export type PeriodList = keyof PeriodLists;

const PAGE = 50;

/** A page of one list of a pay period. Throws `DeskRefusal` `PERIOD_UNKNOWN`, `PLAN_CHANGED` where another plan stands since the page before. */
export async function periodList<List extends PeriodList>(
  store: Store,
  request: RequestRef,
  list: List,
  question: PayListQuestion,
  now: string,
): Promise<PayPage<PeriodLists[List]>> {
  const shown = await showPeriod(store, request, now);
  return pageOf(shown, list, question);
}

/** The rows of a list from a place on. A plan never changes: a place in it is its hash and a number. */
export function pageOf<List extends PeriodList>(
  shown: PeriodShown,
  list: List,
  { after, employee, job }: PayListQuestion,
): PayPage<PeriodLists[List]> {
  const hash = shown.plan?.hash ?? '';
  const place = after === undefined ? { hash, index: 0 } : placeIn(after, isPlace);
  if (place.hash !== hash)
    throw new DeskRefusal('PLAN_CHANGED', 'Another plan stands since then.', 'Begin the list again.');
  const isAsked = (row: { readonly employee?: string | null; readonly job?: string | null }): boolean =>
    (employee === undefined || row.employee === employee) && (job === undefined || row.job === job);
  const all = (shown[list] as readonly PeriodLists[List][]).filter(
    (row) => typeof row === 'string' || isAsked(row as object),
  );
  const next = place.index + PAGE;
  return {
    rows: all.slice(place.index, next),
    count: all.length,
    after: next < all.length ? cursorOf({ hash, index: next }) : null,
  };
}

interface Place {
  readonly hash: string;
  readonly index: number;
}

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' &&
  value !== null &&
  'hash' in value &&
  typeof value.hash === 'string' &&
  'index' in value &&
  Number.isSafeInteger(value.index) &&
  Number(value.index) >= 0;

/** What is planned for a pay period, as a clerk reads it. Throws `DeskRefusal` `PERIOD_UNKNOWN`, `PLAN_TAMPERED`. */
export async function showPeriod(store: Store, ref: RequestRef, now: string): Promise<PeriodShown> {
  const request = await store.read('desk.period', (t) => t.requests.find(ref));
  if (request?.source !== 'payroll')
    throw new DeskRefusal(
      'PERIOD_UNKNOWN',
      `There is no ${requestWords(ref.id)}.`,
      'A pay period gets its request when the daemon finds timecards of it.',
    );
  const { current, againstLast, exceptions, operations } = await readDossier(store, request);
  await assertGenuine(store, request, current, now);
  const plan = current?.plan ?? null;
  const payroll = plan?.body.payroll;
  const names = payroll?.names ?? { employees: {}, jobs: {}, phases: {}, earnCodes: {} };
  const nameIn = (of: Readonly<Record<string, string>>, key: string): string => of[key] ?? key;
  const totals = payroll?.totals;
  return {
    connectionId: request.connectionId,
    id: request.id,
    period: payroll?.period ?? null,
    status: request.status,
    reason: request.reason,
    plan: plan && {
      hash: plan.hash,
      version: plan.version,
      state: plan.state,
      builtAt: plan.builtAt,
      warnings: plan.body.warnings.map(({ text }) => text),
    },
    totals: totals
      ? {
          lines: totals.lines,
          hours: totals.hours,
          equipmentHours: totals.equipmentHours,
          allowances: totals.allowances,
        }
      : null,
    batches: operations
      .filter(({ side }) => side === 'erp')
      .map(({ recordId, erpKey, state, reason, at }) => ({ recordId, erpKey, state, reason, at })),
    last: againstLast && {
      request: againstLast.last,
      hours: againstLast.hours,
      lastHours: againstLast.lastHours,
    },
    employees: (totals?.byEmployee ?? []).map((row) => ({
      ...row,
      name: nameIn(names.employees, row.employee),
    })),
    jobs: (totals?.byJob ?? []).map(({ code, hours }) => ({
      code,
      name: code === '' ? 'no job' : nameIn(names.jobs, code),
      hours,
    })),
    earnCodes: (totals?.byEarnCode ?? []).map(({ code, hours }) => ({
      code,
      name: nameIn(names.earnCodes, code),
      hours,
    })),
    lines: plan === null ? [] : linesOf(plan, names),
    leftOut: (payroll?.leftOut ?? []).map(({ entry, employee, person, date, hours, reason, text }) => ({
      entry,
      employee,
      person,
      date,
      hours,
      reason,
      text,
    })),
    corrections: (payroll?.corrected ?? []).map(({ cell, paid, flight, delta, true: isTrue }) => ({
      employee: cell.employee,
      employeeName: nameIn(names.employees, cell.employee),
      date: cell.date,
      job: cell.job,
      jobName: cell.job === null ? null : nameIn(names.jobs, cell.job),
      phase: cell.phase,
      posted: paid,
      written: flight,
      true: isTrue,
      difference: delta,
    })),
    byHand: (payroll?.worksheets ?? []).flatMap(({ steps }) => steps.map((step) => stepWords(step, names))),
    withoutHours: payroll?.withoutHours ?? [],
    questions: exceptions
      .filter(({ resolvedAt }) => resolvedAt === null)
      .map(({ recordId, reason, hint, problems, openedAt }) => ({
        recordId,
        reason,
        hint,
        problems,
        openedAt,
        asks: askedIn(request.id, reason),
      })),
    againstLast: (againstLast?.rows ?? []).map((row) => ({
      ...row,
      name: nameIn(names.employees, row.employee),
    })),
  };
}

/** Lines that the batches of the plan are to hold: hours and codes, and never what an hour pays. */
function linesOf({ body }: PlanRow, names: NonNullable<PlanRow['body']['payroll']>['names']): LineShown[] {
  return body.operations.filter(isPayBatch).flatMap(({ batch: { purpose, lines, added } }) => {
    const isNew = new Set(added.map(({ key }) => key));
    return lines.map((line) => ({
      key: line.key,
      purpose,
      isNew: isNew.has(line.key),
      employee: line.employee,
      employeeName: names.employees[line.employee] ?? line.employee,
      date: line.date,
      job: line.job,
      jobName: line.job === null ? null : (names.jobs[line.job] ?? line.job),
      phase: line.phase,
      phaseName: line.phase === null ? null : (names.phases[line.phase] ?? line.phase),
      earnCode: line.earnCode,
      earnCodeName: names.earnCodes[line.earnCode] ?? line.earnCode,
      family: line.family,
      craft: line.craft,
      class: line.class,
      shift: line.shift,
      department: line.department,
      certified: line.certified,
      equipment: line.equipment,
      hours: line.hours,
      leg: line.leg ?? null,
    }));
  });
}
