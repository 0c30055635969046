import { ActivityFailure, patched } from '@temporalio/workflow';
import type { Kind } from '../domain/kinds';
import type { KindSwept, SweepInput, SweepResult } from '../domain/request/flow';
import { storeStep, sweepStep } from './steps';

/**
 * Compares everything that the ERP holds with our links, kind by kind: what was deleted there, and what its feed did not tell. A kind that cannot be
 * read to its end concludes nothing and is named; the others go on.
 */
export async function sweep({ connectionId, erpQueue }: SweepInput): Promise<SweepResult> {
  const kinds: KindSwept[] = [];
  const problems: { kind: Kind; problem: string }[] = [];
  for (const kind of await storeStep.kindsToSweep({ connectionId })) {
    try {
      kinds.push(await sweepStep(erpQueue, kind).sweepKind({ connectionId, kind }));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      problems.push({ kind, problem: error.cause?.message ?? error.message });
    }
  }
  if (patched('full-after-sweep')) await storeStep.askFull({ connectionId });
  return { kinds, problems };
}
