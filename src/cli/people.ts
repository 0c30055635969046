import { randomBytes, randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import type { Config } from '../config/load';
import { readSigningKeys } from '../config/load';
import type { Register as People } from '../desk/people';
import { issueToken, listTokens, revokeTokens, whyNotValid } from '../desk/people';
import { SigningKeys } from '../domain/people/signing-keys';
import type { SealedToken } from '../domain/people/token';
import { TOKEN_BYTES, tokenFrom } from '../domain/people/token';
import type { Store } from '../store/store';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import { CliError } from './errors';
import { plural, time } from './format';
import { table } from './print-table';
import { withStore } from './store';

const DAY_MS = 86_400_000;

/** As in the configuration. */
const MOST_DAYS = 3650;

/** For commander. */
function days(text: string): number {
  const value = wholeNumber(text);
  if (value > MOST_DAYS) throw new InvalidArgumentError(`A token holds at most ${MOST_DAYS} days.`);
  return value;
}

/** Ids of tokens are typed by people. */
const newId = (): string => randomUUID().slice(0, 8);

export const registerPeople: Register = (program, cli) => {
  const people = program.command('people').description('who may show themselves to decide: personal tokens');
  people
    .command('list', { isDefault: true })
    .description('everybody who has a token, and where they may approve')
    .action(() =>
      withStore(cli, async (store, config) => {
        const tokens = await listTokens(store);
        const register = registerOf(cli, store, config);
        cli.result({ tokens: tokens.map((token) => dataOf(token, register, config)) }, () =>
          renderList(cli, tokens, register, config),
        );
      }),
    );
  people
    .command('add <person>')
    .description('make a personal token for somebody, shown once')
    .option('--days <n>', 'how long it holds (people.tokenDays)', days)
    .addHelpText(
      'after',
      '\nThe person must be named under connections.<name>.approvers to approve anything there. Hand the token over in private;\n' +
        'they type it once into `tieback login`. It is stored as a hash only.\n\nExample:\n  tieback people add maria@acme.example --days 30',
    )
    .action((person: string, { days: given }: { days?: number }) =>
      withStore(cli, async (store, config) => {
        assertKnown(config, person);
        const token = tokenFrom(randomBytes(TOKEN_BYTES));
        const ends = cli.now().getTime() + (given ?? config.people.tokenDays) * DAY_MS;
        const sealed = await issueToken(registerOf(cli, store, config), {
          id: newId(),
          person,
          token,
          expiresAt: new Date(ends).toISOString(),
          by: cli.account(),
        });
        const { id, expiresAt } = sealed;
        cli.result({ person, token, id, expiresAt }, () =>
          [
            `${cli.paint.green('✓')} Token ${id} of ${cli.paint.bold(person)}, until ${time(expiresAt)}:`,
            '',
            `  ${token}`,
            '',
            cli.paint.dim('It is shown this once. They type it into `tieback login`.'),
          ].join('\n'),
        );
      }),
    );
  people
    .command('revoke <person-or-token>')
    .description('take back a token by its id, or all tokens of a person; it opens nothing from now on')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback people revoke maria@acme.example\n  tieback people revoke 3f9c21aa',
    )
    .action((name: string) =>
      withStore(cli, async (store, config) => {
        const taken = await revokeTokens(registerOf(cli, store, config), { name, by: cli.account() });
        cli.result({ revoked: taken.map(({ id, person }) => ({ id, person })) }, () =>
          taken
            .map(({ id, person }) => `${cli.paint.green('✓')} Token ${id} of ${person} is taken back.`)
            .join('\n'),
        );
      }),
    );
};

/** Tokens and their seals, for commands that run beside the store: whoever may check or make seals must have the signing keys. */
export const registerOf = (cli: Cli, store: Store, config: Config): People => ({
  store,
  keys: new SigningKeys(readSigningKeys(config, cli.io.env)),
  connectionIds: config.connections.map(({ id }) => id),
  now: () => cli.now().toISOString(),
});

function assertKnown(config: Config, person: string): void {
  if (mayApprove(config, person).length > 0) return;
  const known = [
    ...new Set(config.connections.flatMap(({ policy }) => policy.approvers.map(({ id }) => id))),
  ];
  throw new CliError(`No connection names "${person}" under approvers: a token would be of no use.`, {
    hint: `Approvers: ${known.join(', ') || 'none'}. Add the person to connections.<name>.approvers in ${config.file} first.`,
    code: 'PERSON_UNKNOWN',
  });
}

const mayApprove = ({ connections }: Config, person: string): readonly string[] =>
  connections.filter(({ policy }) => policy.approvers.some(({ id }) => id === person)).map(({ id }) => id);

function dataOf(token: SealedToken, { keys, now }: People, config: Config): unknown {
  const { id, person, createdAt, expiresAt, revokedAt } = token;
  const problem = whyNotValid(token, keys, now());
  return { id, person, createdAt, expiresAt, revokedAt, problem, mayApprove: mayApprove(config, person) };
}

function renderList(cli: Cli, tokens: readonly SealedToken[], { keys, now }: People, config: Config): string {
  if (tokens.length === 0) return 'Nobody has a token yet. `tieback people add <person>` makes one.';
  const rows = tokens.map((token) => {
    const problem = whyNotValid(token, keys, now());
    return [
      token.person,
      token.id,
      mayApprove(config, token.person).join(', ') || cli.paint.yellow('nothing'),
      time(token.createdAt),
      time(token.expiresAt),
      problem === null ? cli.paint.green('holds') : cli.paint.dim(problem),
    ];
  });
  const holding = tokens.filter((token) => whyNotValid(token, keys, now()) === null).length;
  return `${table(['person', 'token', 'may approve on', 'made', 'ends', 'state'], rows, { ...cli.tableOptions, flex: 5 })}\n\n${plural(holding, 'token')} that ${holding === 1 ? 'holds' : 'hold'}.`;
}
