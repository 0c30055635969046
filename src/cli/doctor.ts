import type { Parts } from '../composition';
import type { Config } from '../config/load';
import type { Cli, Register } from './cli';
import type { ProcoreAhead } from './doctor-clock';
import { erpClock } from './doctor-clock';
import { checkErp } from './doctor-erp';
import { checkProcore } from './doctor-procore';
import { checkStore } from './doctor-store';
import { checkTemporal } from './doctor-temporal';
import { CliError, EXIT } from './errors';
import type { Area, Finding } from './findings';
import { allWell, look, renderArea } from './findings';
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
      const areas = await examine(cli, options, (area, index) =>
        cli.print(`${index === 0 ? '' : '\n'}${renderArea(cli, area)}`),
      );
      const count = (wanted: Finding['status']): number =>
        areas.flatMap(({ findings }) => findings).filter(({ status }) => status === wanted).length;
      const [bad, odd] = [count('failed'), count('warning')];
      if (!allWell(areas)) cli.exitCode = EXIT.failed;
      cli.result({ ok: allWell(areas), areas }, () =>
        bad === 0
          ? `\n${cli.paint.green('All is well.')}${odd === 0 ? '' : ` ${cli.paint.yellow(`${plural(odd, 'warning')}.`)}`}`
          : `\n${cli.paint.red(plural(bad, 'thing'))} to put right.`,
      );
    });
};

async function examine(
  cli: Cli,
  options: Options,
  tell: (area: Area, index: number) => void,
): Promise<readonly Area[]> {
  const areas: Area[] = [];
  const add = (name: string, findings: readonly Finding[]): void => {
    const area = { name, findings };
    tell(area, areas.length);
    areas.push(area);
  };
  const { finding, config, parts } = await prepare(cli);
  add('Configuration', [finding]);
  if (config) await examineShared(cli, config, add);
  if (config && parts) await examineConnections(cli, { config, parts }, options, add);
  return areas;
}

interface Prepared {
  readonly finding: Finding;
  readonly config?: Config;
  readonly parts?: Parts;
}

async function prepare(cli: Cli): Promise<Prepared> {
  const read: { config?: Config; parts?: Parts } = {};
  const finding = await look('readable', null, async () => {
    read.config = cli.config();
    read.parts = await buildWithoutStore(read.config, cli.logger(read.config, 'error'));
    return `${cli.configFile}, ${plural(read.config.connections.length, 'connection')}`;
  });
  return { finding, ...read };
}

type Add = (name: string, findings: readonly Finding[]) => void;

async function examineShared(cli: Cli, config: Config, add: Add): Promise<void> {
  add('Store', await checkStore(cli, config));
  add('Temporal', await checkTemporal(config));
}

async function examineConnections(
  cli: Cli,
  { config, parts }: { readonly config: Config; readonly parts: Parts },
  options: Options,
  add: Add,
): Promise<void> {
  try {
    for (const connection of chosen(config, options.connection)) {
      const own = parts.connections.get(connection.id);
      if (!own) continue;
      const ahead: ProcoreAhead = { ms: null };
      add(`Procore of ${connection.id}`, await checkProcore(cli, own, { connection, config, ahead }));
      const { writing = false, yes = false } = options;
      const questions = { writing, yes, each: cli.json || cli.verbose };
      add(`ERP of ${connection.id}`, [
        ...(await checkErp(own.erp, connection, questions)),
        await erpClock(cli, own.erp, ahead),
      ]);
    }
  } finally {
    await parts.close();
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
