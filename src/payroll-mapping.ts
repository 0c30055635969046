import type { ConnectionParts } from './activities';
import { problemsOf } from './domain/payroll/mapping';
import type { Logger } from './telemetry/logger';

/**
 * At the start of a daemon: what of a payroll mapping the ERP has no code for is logged, one line each. It stops nothing: the entries that it is about are
 * exceptions, and all others are paid. An ERP that does not answer is asked again by the first look.
 */
export async function tellMappingProblems(
  connections: readonly ConnectionParts[],
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  for (const { id, payroll, erp } of connections) {
    if (payroll === undefined || erp.payroll === undefined) continue;
    try {
      for (const { path, text } of problemsOf(payroll.mapping, await erp.payroll.codes()))
        logger.warn('The payroll mapping names what the ERP has not', {
          key: `connections.${id}.payroll.mapping.${path}`,
          problem: text,
        });
    } catch (error) {
      logger.warn('The payroll mapping could not be held against the ERP', { connection: id, error });
    }
  }
}
