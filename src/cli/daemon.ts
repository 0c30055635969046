import type { Config } from '../config/load';
import type { Daemon } from '../daemon';
import type { Logger } from '../telemetry/logger';
import type { Cli, Register } from './cli';
import { CliError, EXIT, explain, reasonOf } from './errors';
import { lazy } from './lazy';
import { storeName } from './store';
import { table } from './table';

export const registerDaemon: Register = (program, cli) => {
  program
    .command('daemon')
    .description('run Tieback: workers, intake, webhook receiver and health')
    .addHelpText(
      'after',
      '\nEnds with Ctrl-C or SIGTERM after finishing what is in hand; a second one ends it at once.\n\nExample:\n  tieback daemon --config /etc/tieback/tieback.yaml',
    )
    .action(async () => {
      cli.exitCode = await runDaemon(cli);
    });
};

async function runDaemon(cli: Cli): Promise<number> {
  const config = cli.config();
  const logger = cli.logger(config, config.log.level);
  const daemon = await start(config, logger);
  cli.result(startData(config, daemon), () => startLines(cli, config, daemon));
  const stopped = stopSignal(cli);
  const failed = Promise.race([
    daemon.failed,
    daemon.working.then(() => new Promise<never>(() => undefined)),
  ]);
  try {
    await Promise.race([stopped.signal, failed]);
    cli.print(cli.paint.dim('Finishing what is in hand; press Ctrl-C again to end at once.'));
    await daemon.stop();
    return EXIT.ok;
  } catch (error) {
    logger.error('The daemon cannot go on', { error, hint: explain(error).hint });
    await daemon.stop();
    return EXIT.failed;
  } finally {
    stopped.forget();
  }
}

async function start(config: Config, logger: Logger): Promise<Daemon> {
  try {
    return await lazy.daemon().startDaemon(config, logger);
  } catch (error) {
    if (!explain(error).unexpected) throw error;
    const { host, port } = config.http;
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new CliError(
      taken ? `Something listens on ${host}:${port} already.` : `The daemon cannot start: ${reasonOf(error)}`,
      {
        hint: taken
          ? `Is another daemon running? Otherwise choose another http.port in ${config.file}.`
          : '`tieback doctor` looks closer.',
        exitCode: EXIT.failed,
        code: 'DAEMON_CANNOT_START',
        cause: error,
      },
    );
  }
}

/** The first signal asks to stop, a second one does not wait. */
function stopSignal({ io }: Cli): { signal: Promise<void>; forget: () => void } {
  let asked = false;
  let resolve: () => void = () => undefined;
  const signal = new Promise<void>((done) => {
    resolve = done;
  });
  const listener = (): void => {
    if (asked) io.exit(EXIT.interrupted);
    asked = true;
    resolve();
  };
  io.signals.on('SIGINT', listener);
  io.signals.on('SIGTERM', listener);
  const forget = (): void => {
    io.signals.removeListener('SIGINT', listener);
    io.signals.removeListener('SIGTERM', listener);
  };
  return { signal, forget };
}

const startData = ({ connections, temporal }: Config, { url }: Daemon): unknown => ({
  url,
  connections: connections.map(({ id, companyId, adapter }) => ({ id, companyId, adapter })),
  temporal: { address: temporal.address, namespace: temporal.namespace, webUi: temporal.webUi },
});

function startLines(cli: Cli, config: Config, { url }: Daemon): string {
  const { temporal, connections } = config;
  const rows = [
    ['HTTP', url],
    ...connections.map(({ id, companyId, adapter, webhook }, index) => [
      index === 0 ? (connections.length === 1 ? 'Connection' : 'Connections') : '',
      `${id}: Procore company ${companyId} ↔ ${adapter}${webhook === null ? ' (polling)' : ' (webhook and polling)'}`,
    ]),
    ...(connections.length === 0 ? [['Connections', 'none: add one to the configuration']] : []),
    ['Store', storeName(config)],
    ['Temporal', `${temporal.address}, namespace ${temporal.namespace}`],
    ...(temporal.webUi === null ? [] : [['Web UI', temporal.webUi]]),
  ].map(([label = '', value = '']) => [cli.paint.dim(label), value]);
  return `${cli.paint.bold('Tieback')}\n${table(null, rows, { ...cli.tableOptions, indent: 2, wrap: true })}`;
}
