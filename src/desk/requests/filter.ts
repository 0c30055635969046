import { amountKeyOf } from '../../domain/base/amount-key';
import type { Kind } from '../../domain/kinds';
import { listedName } from '../../domain/request/listed';
import type { Source } from '../../domain/request/id';
import { parseRequestId } from '../../domain/request/id';
import type { ListFilter } from '../../store/repositories/request-list';
import { DeskRefusal } from '../refusal';

/** What people filter a list of requests by, as they say it. */
export interface RequestsAsked {
  readonly connections?: readonly string[] | undefined;
  readonly kinds?: readonly Kind[] | undefined;
  /** Procore's number of a project, or its name as rows show it. */
  readonly project?: string | undefined;
  /** As rows show it. */
  readonly vendor?: string | undefined;
  readonly warnings?: boolean | undefined;
  /** Those that the person looks after. */
  readonly mine?: boolean | undefined;
  /** Those that somebody holds, or that nobody does. */
  readonly held?: boolean | undefined;
  readonly olderThanHours?: number | undefined;
  /** Exact decimals, both included. */
  readonly amountFrom?: string | undefined;
  readonly amountTo?: string | undefined;
  readonly source?: Source | undefined;
  /** Words, numbers and ids that all occur in a request; or its id. */
  readonly q?: string | undefined;
}

const HOUR_MS = 3_600_000;

/** `person`: who asks. Throws `DeskRefusal` `BadValue`. */
export function filterOf(asked: RequestsAsked, person: string, now: string): ListFilter {
  const { kinds, project, vendor, warnings, mine, held, olderThanHours, source, q = '' } = asked;
  const { amountFrom, amountTo } = asked;
  return {
    ...(kinds === undefined || kinds.length === 0 ? {} : { kinds }),
    ...(project === undefined
      ? {}
      : isProcoreId(project)
        ? { projectId: Number(project) }
        : { project: listedName(project) }),
    ...(vendor === undefined ? {} : { vendor: listedName(vendor) }),
    ...(warnings === undefined ? {} : { warnings }),
    ...(mine === true ? { owner: person } : {}),
    ...(held === undefined ? {} : { held }),
    ...(olderThanHours === undefined
      ? {}
      : { before: new Date(Date.parse(now) - olderThanHours * HOUR_MS).toISOString() }),
    ...(amountFrom === undefined ? {} : { amountFrom: keyOf(amountFrom) }),
    ...(amountTo === undefined ? {} : { amountTo: keyOf(amountTo) }),
    ...(source === undefined ? {} : { source }),
    ...searched(q),
  };
}

const isProcoreId = (text: string): boolean => /^\d{1,15}$/.test(text);

function keyOf(amount: string): string {
  const key = amountKeyOf(amount);
  if (key !== '') return key;
  throw new DeskRefusal('BadValue', `"${amount}" is no amount: it is a number such as 12400.00.`);
}

/** A number alone is looked for in everything that has numbers; with its source in front it is the id of a request. */
function searched(q: string): Pick<ListFilter, 'id' | 'words'> {
  const id = q.includes('/') ? parseRequestId(q)?.id : undefined;
  if (id !== undefined) return { id };
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? {} : { words };
}
