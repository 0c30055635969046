import { stringify } from 'yaml';
import type { Config, ConnectionConfig } from '../config/load';
import { whichRules } from '../desk/rules/read';
import { asWritten, explainRules, rulesOf } from '../domain/rules/body';
import type { Store } from '../store/store';
import type { Cli, Register } from './cli';
import { CliError } from './errors';
import { registerOf } from './people';
import { fold } from './print-table';
import { withStore } from './store';

export const registerRules: Register = (program, cli) => {
  const rules = program
    .command('rules')
    .description('the rules that say what is approved, and what people are asked');
  rules
    .command('show [connection]', { isDefault: true })
    .description('the rules in force, in sentences, and whether they are of the configuration or of the Desk')
    .action((name: string | undefined) =>
      withStore(cli, async (store, config) => {
        const shown = await Promise.all(named(config, name).map((one) => inForce(cli, store, config, one)));
        cli.result({ rules: shown }, () => shown.map((one) => render(cli, one)).join('\n\n'));
      }),
    );
  rules
    .command('export <connection>')
    .description('the rules in force as YAML, to stand under the connection in the configuration')
    .addHelpText('after', '\nExample:\n  tieback rules export acme')
    .action((name: string) =>
      withStore(cli, async (store, config) => {
        const [connection] = named(config, name);
        if (connection === undefined) return;
        const shown = await inForce(cli, store, config, connection);
        if (shown.problem !== null)
          throw new CliError(`Nobody can say which rules are in force: ${shown.problem}.`, {
            hint: '`tieback audit verify` tells what was changed.',
            code: 'RULES_UNPROVEN',
          });
        const { rules: policy, ...rest } = shown.body;
        cli.result(shown, () => stringify({ policy, ...rest }).trimEnd());
      }),
    );
};

function named({ connections, file }: Config, name: string | undefined): readonly ConnectionConfig[] {
  const found = connections.filter(({ id }) => name === undefined || id === name);
  if (found.length > 0 || name === undefined) return found;
  throw new CliError(`There is no connection "${name}" in ${file}.`, {
    hint: `Connections: ${connections.map(({ id }) => id).join(', ') || 'none'}.`,
    code: 'CONNECTION_UNKNOWN',
  });
}

async function inForce(cli: Cli, store: Store, config: Config, connection: ConnectionConfig) {
  const { keys } = registerOf(cli, store, config);
  const { policy, version, problem, words } = await store.read('rules.show', (t) =>
    whichRules(t, connection, keys),
  );
  const body = rulesOf(policy);
  const sentences = explainRules(body);
  return { connection: connection.id, version, problem, words, sentences, body: asWritten(body) };
}

function render(
  cli: Cli,
  { connection, version, words, sentences }: Awaited<ReturnType<typeof inForce>>,
): string {
  const from = version === 0 ? 'of the configuration' : `version ${version} of the Desk`;
  return [
    `${cli.paint.bold(connection)} ${cli.paint.dim(from)}`,
    ...(words === null ? [] : [cli.paint.dim(fold(words, cli.width))]),
    ...sentences.map((one) => fold(one, cli.width)),
  ].join('\n');
}
