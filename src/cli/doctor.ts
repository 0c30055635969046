import type { Parts } from '../composition';
import type { Config } from '../config/load';
import type { Cli, Register } from './cli';
import type { ProcoreAhead } from './doctor-clock';
import { erpClock } from './doctor-clock';
import type { Pollers } from './doctor-daemon';
import { checkDaemons } from './doctor-daemon';
import { checkErp } from './doctor-erp';
import { checkNetwork } from './doctor-network';
import { checkProcore } from './doctor-procore';
import { checkSecrets } from './doctor-secrets';
import { checkStore } from './doctor-store';
import { checkTemporal } from './doctor-temporal';
import { checkMapping } from './mapping-facts';
import { CliError, EXIT } from './errors';
import type { Area, Finding } from './findings';
import { allWell, look, renderReport } from './findings';
import { plural } from './format';
import { buildWithoutStore } from './parts';

interface Options {
  readonly connection?: string;
  readonly writing?: true;
  readonly yes?: true;
}

export const registerDoctor: Register = (program, cli) => {
  program
    .command('doctor')
    .description('look at everything Tieback needs, and say what to do where something is wrong')
    .option('--connection <name>', 'only Procore and ERP of one connection')
    .option('--writing', 'also try out writing to the ERP, in a test company only')
    .option('--yes', 'with --writing: also in a company that does not call itself a test company')
    .addHelpText(
      'after',
      '\nWithout --writing nothing is changed anywhere.\n\nExamples:\n  tieback doctor\n  tieback doctor --connection acme --json',
    )
    .action(async (options: Options) => {
      const areas = await examine(cli, options);
      const count = (wanted: Finding['status']): number =>
        areas.flatMap(({ findings }) => findings).filter(({ status }) => status === wanted).length;
      if (!allWell(areas)) cli.exitCode = EXIT.failed;
      cli.result(
        { ok: allWell(areas), areas },
        () =>
          `${renderReport(cli, areas, cli.verbose)}\n\n${verdict(cli, count('failed'), count('warning'))}`,
      );
    });
};

function verdict(cli: Cli, bad: number, odd: number): string {
  const { paint } = cli;
  const warnings = odd === 0 ? '' : ` ${paint.yellow(`${plural(odd, 'warning')}.`)}`;
  const more = cli.verbose
    ? ''
    : paint.dim(` ${cli.asTyped('`tieback doctor --verbose`')} tells everything.`);
  const verdictWords =
    bad === 0 ? paint.green('All is well.') : `${paint.red(plural(bad, 'thing'))} to put right.`;
  return `${verdictWords}${warnings}${more}`;
}

async function examine(cli: Cli, options: Options): Promise<readonly Area[]> {
  const areas: Area[] = [];
  const look: Look = async (name, findings) => {
    cli.progress(`Looking at ${name} ...`);
    areas.push({ name, findings: await findings() });
  };
  const read: { config?: Config; parts?: Parts } = {};
  try {
    await look('Configuration', async () => {
      const readable = await prepare(cli, read);
      return read.config ? [readable, ...checkSecrets(read.config, cli.io.env)] : [readable];
    });
    const { config, parts } = read;
    if (config) await examineShared(cli, config, look);
    if (config && parts) await examineConnections(cli, { config, parts }, options, look);
    return areas;
  } finally {
    cli.progress(null);
    await read.parts?.close();
  }
}

async function prepare(cli: Cli, read: { config?: Config; parts?: Parts }): Promise<Finding> {
  return look('readable', null, async () => {
    read.config = cli.config();
    read.parts = await buildWithoutStore(read.config, cli.logger(read.config, 'error'));
    return `${cli.configFile}, ${plural(read.config.connections.length, 'connection')}`;
  });
}

/** Looks at one area, and keeps what was found. */
type Look = (name: string, findings: () => Promise<readonly Finding[]>) => Promise<void>;

async function examineShared(cli: Cli, config: Config, look: Look): Promise<void> {
  let pollers: Pollers = new Map();
  await look('Store', () => checkStore(cli, config));
  await look('Network', () => checkNetwork(config, cli.io.env));
  await look('Temporal', async () => {
    const seen = await checkTemporal(config, cli.now());
    pollers = seen.pollers;
    return seen.findings;
  });
  await look('Daemon', () => checkDaemons(cli, config, pollers));
}

async function examineConnections(
  cli: Cli,
  { config, parts }: { readonly config: Config; readonly parts: Parts },
  options: Options,
  look: Look,
): Promise<void> {
  for (const connection of chosen(config, options.connection)) {
    const own = parts.connections.get(connection.id);
    if (!own) continue;
    const ahead: ProcoreAhead = { ms: null };
    await look(`Procore of ${connection.id}`, () => checkProcore(cli, own, { connection, config, ahead }));
    const { writing = false, yes = false } = options;
    const questions = { writing, yes };
    await look(`ERP of ${connection.id}`, async () => [
      ...(await checkErp(own.erp, connection, questions)),
      await erpClock(cli, own.erp, ahead),
      ...(await checkMapping(cli, connection)),
    ]);
  }
}

function chosen({ connections, file }: Config, name: string | undefined): Config['connections'] {
  if (name === undefined) return connections;
  const found = connections.filter(({ id }) => id === name);
  if (found.length > 0) return found;
  throw new CliError(`There is no connection "${name}" in ${file}.`, {
    hint: `Connections: ${connections.map(({ id }) => id).join(', ') || 'none'}.`,
    code: 'CONNECTION_UNKNOWN',
  });
}
