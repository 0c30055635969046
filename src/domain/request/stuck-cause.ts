import type { ErrorClass, ErrorCode } from '../base/errors';
import { ERROR_TABLE } from '../base/errors';
import type { RequestStatus } from './status';

/** What keeps a request, as people sort their work by it. */
export const STUCK_CAUSES = [
  'person',
  'erp_lock',
  'missing_record',
  'procore',
  'set_up',
  'no_workflow',
] as const;
export type StuckCause = (typeof STUCK_CAUSES)[number];

/** Each in words, and what helps. */
export const STUCK_WORDS: Readonly<Record<StuckCause, { readonly words: string; readonly helps: string }>> = {
  person: {
    words: 'a person must correct something',
    helps: 'Correct it, here or where it lives; then try again.',
  },
  erp_lock: { words: 'the ERP is locked or busy', helps: 'Finish or close what holds the lock in the ERP.' },
  missing_record: {
    words: 'another record or request must come first',
    helps: 'See to what is waited for; what it holds up goes on by itself.',
  },
  procore: { words: 'Procore is down, or limits us', helps: 'Nothing to do: it goes on by itself.' },
  set_up: { words: 'the set-up must be put right', helps: 'Ask IT: `tieback doctor` says what is wrong.' },
  no_workflow: {
    words: 'nothing has moved for an hour',
    helps: 'Ask IT: its workflow does not run, or a system cannot be reached.',
  },
};

/** The beginnings of the sentences of the error table, longest first. */
const BEGINNINGS = (Object.keys(ERROR_TABLE) as ErrorCode[])
  .map((code) => [ERROR_TABLE[code].message.split('{')[0] ?? '', code] as const)
  .filter(([beginning]) => beginning !== '')
  .sort(([a], [b]) => b.length - a.length);

/** The error that a stored sentence tells of; null: none of the table. */
export const errorIn = (reason: string): ErrorCode | null =>
  BEGINNINGS.find(([beginning]) => reason.startsWith(beginning))?.[1] ?? null;

const NOT_BY_DATA: ReadonlySet<ErrorClass> = new Set<ErrorClass>(['config', 'policy']);

/** Why a request does not go on, of one that is open and waits for no approval. */
export function stuckCause({
  status,
  reason,
}: {
  readonly status: RequestStatus;
  readonly reason: string | null;
}): StuckCause {
  const code = errorIn(reason ?? '');
  const isOfProcore = code !== null && code.startsWith('PROCORE_');
  switch (status) {
    case 'held':
      return 'missing_record';
    case 'busy':
      return isOfProcore ? 'procore' : 'erp_lock';
    case 'parked': {
      const which = code === null ? 'data' : ERROR_TABLE[code].class;
      if (NOT_BY_DATA.has(which)) return 'set_up';
      return which === 'data' ? 'person' : isOfProcore ? 'procore' : 'erp_lock';
    }
    default:
      return 'no_workflow';
  }
}

/** When it is tried next, where its reason says so; ISO 8601 UTC. `saidAt`: when that was. */
export function nextTry(reason: string | null, saidAt: string): string | null {
  const seconds = /next try after (\d{1,6}) s\b/.exec(reason ?? '')?.[1];
  return seconds === undefined ? null : new Date(Date.parse(saidAt) + Number(seconds) * 1000).toISOString();
}
