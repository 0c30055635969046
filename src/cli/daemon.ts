import { InvalidArgumentError } from 'commander';
import type { Config } from '../config/load';
import type { Daemon } from '../daemon';
import type { Logger } from '../telemetry/logger';
import type { Cli, Register } from './cli';
import { CliError, EXIT, explain, reasonOf } from './errors';
import { lazy } from './lazy';
import { storeName } from './store';
import { table } from './print-table';

export const registerDaemon: Register = (program, cli) => {
  program
    .command('daemon')
    .description('run Tieback: workers, intake, webhook receiver and health')
    .option(
      '--queues <names>',
      'poll only these task queues (repeatable, or with commas); without it all of them',
      addNames,
    )
    .option('--port <port>', 'HTTP port of this daemon instead of http.port; 0 picks a free one', portNumber)
    .addHelpText(
      'after',
      [
        '',
        'Ends with Ctrl-C or SIGTERM after finishing what is in hand; a second one ends it at once.',
        '',
        'Task queues: `tieback` (workflows and our store; temporal.taskQueue), `procore-<app>` and `erp-<connection>`.',
        'Several daemons may share an installation; every queue needs one that polls it, `tieback doctor` says so.',
        '',
        'Examples:',
        '  tieback daemon --config /etc/tieback/tieback.yaml',
        '  tieback daemon --queues erp-larkspur               beside the ERP of another site',
        '  tieback daemon --queues tieback,procore-main --port 8481',
      ].join('\n'),
    )
    .action(async (options: Options) => {
      cli.exitCode = await runDaemon(cli, options);
    });
};

interface Options {
  readonly queues?: readonly string[];
  readonly port?: number;
}

/** For commander: names with commas between them, added to those of an earlier `--queues`. */
const addNames = (text: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
];

/** For commander: a TCP port, or 0. */
function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError(`"${text}" is not a port (0 to 65535).`);
  return value;
}

async function runDaemon(cli: Cli, { queues, port }: Options): Promise<number> {
  const configured = cli.config();
  const config: Config =
    port === undefined ? configured : { ...configured, http: { ...configured.http, port } };
  const logger = cli.logger(config, config.log.level);
  const daemon = await start(config, logger, queues);
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

async function start(config: Config, logger: Logger, queues?: readonly string[]): Promise<Daemon> {
  try {
    return await lazy.daemon().startDaemon(config, logger, queues === undefined ? {} : { queues });
  } catch (error) {
    if (!explain(error).unexpected) throw error;
    const { host, port } = config.http;
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new CliError(
      taken ? `Something listens on ${host}:${port} already.` : `The daemon cannot start: ${reasonOf(error)}`,
      {
        hint: taken
          ? `Is another daemon running? Otherwise choose another http.port in ${config.file}, or --port.`
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

const startData = ({ connections, temporal }: Config, { url, queues }: Daemon): unknown => ({
  url,
  queues,
  connections: connections.map(({ id, companyId, adapter }) => ({ id, companyId, adapter })),
  temporal: { address: temporal.address, namespace: temporal.namespace, webUi: temporal.webUi },
});

function startLines(cli: Cli, config: Config, { url, queues }: Daemon): string {
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
    ['Queues', queues.join(', ')],
  ].map(([label = '', value = '']) => [cli.paint.dim(label), value]);
  return `${cli.paint.bold('Tieback')}\n${table(null, rows, { ...cli.tableOptions, indent: 2, wrap: true })}`;
}
