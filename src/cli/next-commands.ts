import { nextSteps } from '../desk/next-steps';
import type { SyncRequestRow } from '../store/rows';

const REST = { approve: '', reject: ' --comment "why"', correct: ' field=value', retry: '' } as const;

/** What a person can type next; nothing for a request that is closed or goes on by itself. */
export const nextCommands = (
  { status, id, connectionId }: SyncRequestRow,
  ambiguous: boolean,
): readonly string[] =>
  nextSteps(status).map((step) => `tieback ${step} ${ambiguous ? `${connectionId}/${id}` : id}${REST[step]}`);
