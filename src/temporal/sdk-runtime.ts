/** The SDK's runtime: one per process, with its log going into ours. */
import { DefaultLogger, Runtime, type LogEntry, type LogLevel as SdkLevel } from '@temporalio/worker';
import type { Logger, LogLevel } from '../telemetry/logger';

export interface RuntimeOptions {
  /** `host:port` on which the SDK serves its Prometheus metrics. Absent: none. */
  metricsBind?: string;
}

const LEVELS: Readonly<Record<SdkLevel, LogLevel>> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

let installed: Runtime | undefined;

/**
 * Installs the runtime. Call it before anything else of the SDK's worker package; further calls return the same
 * runtime. Signals are left to the daemon, which stops its workers in order.
 */
export function installRuntime(logger: Logger, options: RuntimeOptions = {}): Runtime {
  installed ??= Runtime.install({
    logger: new DefaultLogger('DEBUG', (entry) => forward(entry, logger)),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(options.metricsBind === undefined
        ? {}
        : { metrics: { prometheus: { bindAddress: options.metricsBind, countersTotalSuffix: true } } }),
    },
  });
  return installed;
}

/** One event of the SDK: its label tells at a glance which workflow or activity speaks. */
function forward({ level, message, meta, timestampNanos }: LogEntry, logger: Logger): void {
  const label = labelOf(meta ?? {});
  // What the SDK tells about its workers is detail to an operator; workers of the Procore and ERP queues run no workflows on purpose.
  const detail = label === undefined && (level === 'INFO' || message.startsWith('No workflows registered'));
  logger[detail ? 'debug' : LEVELS[level]](message, {
    timestamp: new Date(Number(timestampNanos / 1_000_000n)),
    ...(label === undefined ? {} : { label }),
    ...meta,
  });
}

function labelOf(meta: Readonly<Record<string, unknown>>): string | undefined {
  const { workflowId, activityType, activityId } = meta;
  const activity = typeof activityType === 'string' ? activityType : activityId;
  const parts = [workflowId, activity].filter((part): part is string => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join(' > ');
}
