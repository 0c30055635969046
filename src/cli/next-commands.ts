import { nextSteps } from '../desk/next-steps';
import { isOfPayroll, isOfReconcile } from '../domain/request/id';
import type { SyncRequestRow } from '../store/rows';

const REST = { approve: '', reject: ' --comment "why"', correct: '', retry: '' } as const;

const DOES = {
  approve: 'asks once more, then exactly this plan is written',
  reject: 'closes it in Procore, which shows why',
  correct: 'shows what can be corrected',
  retry: 'looks again at once',
} as const;

/** What a person can type next; nothing for a request that is closed or goes on by itself. */
export const nextCommands = (
  request: SyncRequestRow,
  ambiguous: boolean,
): readonly (readonly [command: string, does: string])[] =>
  nextSteps(request).map((step) => [
    `tieback ${step} ${nameOf(request, ambiguous)}${REST[step]}`,
    step === 'reject' ? rejectDoes(request) : DOES[step],
  ]);

/** A plan of a pay period is rejected before the period is: it lives on until it is given up. */
const rejectDoes = ({ id, status }: SyncRequestRow): string => {
  if (isOfPayroll(id))
    return status === 'waiting_for_finance'
      ? 'writes nothing; it is asked about again when it changes'
      : 'gives the period up: its hours are paid in a later one';
  return isOfReconcile(id) ? 'leaves both sides as they are' : DOES.reject;
};

/** What to type for a request: with its connection, where others have one of the same id. */
export const nameOf = ({ id, connectionId }: SyncRequestRow, ambiguous: boolean): string =>
  ambiguous ? `${connectionId}/${id}` : id;
