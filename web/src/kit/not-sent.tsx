import { Failed } from './failed';
import { Notice } from './notice';

/** Why something is not sent (`late`: it is about something that moved since), or was not taken. */
export function NotSent({ late, problem }: { readonly late: string | null; readonly problem: unknown }) {
  if (late !== null) return <Notice look="moved" title={late} alert />;
  return problem === null ? null : <Failed error={problem} />;
}
