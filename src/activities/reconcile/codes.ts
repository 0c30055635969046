import { isTiebackError } from '../../domain/base/errors';
import type { ErrorCode } from '../../domain/base/errors';
import type { ProcoreId } from '../../domain/kinds/record';
import { sideLineOf } from '../../domain/reconcile/from-draft';
import { hasReconciledLines } from '../../domain/reconcile/reconciled-part';
import type { SideLines, SideRecord } from '../../domain/reconcile/side-record';
import type { ConnectionParts } from '../deps';

/** One project, or one code in it, that cannot be read: a person looks, and the others go on. */
const UNREADABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PROCORE_ANSWER_INVALID',
  'PROCORE_FORBIDDEN',
  'PROCORE_NOT_FOUND',
]);

/**
 * The codes and assignments of a project or sub job of Procore, in one call; null: its kind has none, or nobody knows in which project it is.
 */
export async function codesOf(
  procore: ConnectionParts['procore'],
  { kind, key }: Pick<SideRecord, 'kind' | 'key'>,
  projectId: ProcoreId | null,
): Promise<SideLines | null> {
  const port = procore.kinds[kind];
  if (port?.lines === undefined || !hasReconciledLines(kind)) return null;
  if (kind === 'sub_job' && projectId === null) return null;
  const place =
    kind === 'sub_job' ? { projectId: projectId ?? 0, subJobId: Number(key) } : { projectId: Number(key) };
  try {
    const { lines } = await port.lines(place);
    return { lines: lines.map(sideLineOf) };
  } catch (error) {
    if (!isTiebackError(error) || !UNREADABLE.has(error.code)) throw error;
    return { problem: error.message };
  }
}
