import type { ProcoreId } from '../../domain/kinds/record';
import type { Projects, Reach, Stage } from '../../domain/request/stage';
import { stuckBefore } from '../../domain/request/stage';
import type { RequestStatus } from '../../domain/request/status';
import { FINAL_STATUSES } from '../../domain/request/status';
import type { ListPart } from '../../store/repositories/request-list';

const GOES_ON = [
  'received',
  'planning',
  'applying',
  'busy',
  'held',
] as const satisfies readonly RequestStatus[];

/** The parts that a stage is made of for somebody with this reach: together all of it, and nothing twice. `stageOf` says the same of one request. */
export function partsOf(
  stage: Stage,
  {
    connectionId,
    reach,
    now,
  }: { readonly connectionId: string; readonly reach: Reach; readonly now: string },
): readonly ListPart[] {
  const { sees } = reach;
  const seen: readonly ListPart['projects'][] = sees === null ? [undefined] : [{ of: sees, within: true }];
  const each = (status: RequestStatus, longer?: boolean): readonly ListPart[] =>
    seen.map((projects) => {
      const time = stuckBefore(status, now);
      return {
        connectionId,
        status,
        ...(projects === undefined ? {} : { projects }),
        ...(longer === undefined || time === null ? {} : { since: { time, longer } }),
      };
    });
  switch (stage) {
    case 'needs_me':
      return asked(connectionId, reach).mine;
    case 'waiting':
      return [...asked(connectionId, reach).others, ...GOES_ON.flatMap((status) => each(status, false))];
    case 'stuck':
      return [...each('parked'), ...GOES_ON.flatMap((status) => each(status, true))];
    case 'done':
      return FINAL_STATUSES.flatMap((status) => each(status));
  }
}

/** What finance is asked about: what this person is to decide, and the rest of what they see. */
function asked(
  connectionId: string,
  { sees, decides, notFrom, gaveFirst }: Reach,
): { readonly mine: readonly ListPart[]; readonly others: readonly ListPart[] } {
  const mine: ListPart[] = [];
  const others: ListPart[] = [];
  const given = (areTheirs: boolean): Pick<ListPart, 'reasons'> =>
    gaveFirst.length === 0 ? {} : { reasons: { of: gaveFirst, areTheirs } };
  for (const payroll of [false, true]) {
    const part = (
      projects: Set,
      more: Pick<ListPart, 'requestedBy' | 'reasons'> = {},
    ): readonly ListPart[] =>
      isEmpty(projects)
        ? []
        : [
            {
              connectionId,
              status: 'waiting_for_finance',
              payroll,
              ...(projects === ALL ? {} : { projects }),
              ...more,
            },
          ];
    const about = payroll ? 'payroll' : 'records';
    const decided = decides[about];
    if (decided === undefined) {
      others.push(...part(setOf(sees)));
      continue;
    }
    others.push(...part(without(sees, decided)));
    const users = notFrom[about] ?? [];
    const isTheirs = (areTheirs: boolean): Pick<ListPart, 'requestedBy'> =>
      users.length === 0 ? {} : { requestedBy: { users, areTheirs } };
    mine.push(...part(setOf(decided), { ...isTheirs(false), ...given(false) }));
    if (users.length > 0) others.push(...part(setOf(decided), isTheirs(true)));
    if (gaveFirst.length > 0) others.push(...part(setOf(decided), { ...isTheirs(false), ...given(true) }));
  }
  return { mine, others };
}

/** Projects, or all but some; what belongs to no project is among the latter. */
type Set = NonNullable<ListPart['projects']>;
const ALL: Set = { of: [], within: false };

const setOf = (projects: Projects): Set => (projects === null ? ALL : { of: projects, within: true });
const isEmpty = ({ of, within }: Set): boolean => within && of.length === 0;

/** What somebody sees and does not decide about; whoever decides sees it. */
function without(sees: Projects, decided: Projects): Set {
  if (decided === null) return { of: [], within: true };
  if (sees === null) return { of: decided, within: false };
  const rest: readonly ProcoreId[] = sees.filter((id) => !decided.includes(id));
  return { of: rest, within: true };
}
