import { randomBytes, randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import type { Config } from '../config/load';
import { deskUrl, readSigningKeys } from '../config/load';
import type { Register as People } from '../desk/people';
import { setDoor } from '../desk/access/door';
import { listIdentities, unbind } from '../desk/access/identities';
import { invite, listPasskeys } from '../desk/access/passkeys';
import { listSessions } from '../desk/access/sessions';
import { disabledPeople } from '../desk/access/told';
import { issueToken, listTokens, revoke, whyNotValid } from '../desk/people';
import { grantsOf, peopleIn } from '../domain/people/grants';
import type { SealedIdentity } from '../domain/people/identity';
import type { SealedPasskey } from '../domain/people/passkey';
import type { SealedSession } from '../domain/people/session';
import { SESSION_BYTES } from '../domain/people/session';
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
  const people = program
    .command('people')
    .description('who may come in and decide: tokens, sessions of the Desk, passkeys');
  people
    .command('list', { isDefault: true })
    .description('everybody who can show who they are: tokens, sessions, passkeys, accounts at the provider')
    .action(() =>
      withStore(cli, async (store, config) => {
        const tokens = await listTokens(store);
        const register = registerOf(cli, store, config);
        const rest: Others = {
          sessions: await listSessions({ ...register, limits: config.desk.session }),
          passkeys: await listPasskeys(register),
          identities: await listIdentities(register),
          shutOut: await disabledPeople(register, [
            ...peopleIn(config),
            ...tokens.map(({ person }) => person),
          ]),
        };
        cli.result(
          { tokens: tokens.map((token) => dataOf(token, register, config)), ...othersData(rest) },
          () => [renderList(cli, tokens, register, config), ...renderOthers(cli, rest)].join('\n\n'),
        );
      }),
    );
  people
    .command('add <person>')
    .description('make a personal token for somebody, shown once')
    .option('--days <n>', 'how long it holds (people.tokenDays)', days)
    .addHelpText(
      'after',
      '\nThe person must stand in the configuration: under connections.<name>.approvers to approve, under desk.grants to look. Hand the token over in private;\n' +
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
    .command('invite <person>')
    .description('make a link with which somebody registers a passkey for the Desk, once, within 24 hours')
    .addHelpText(
      'after',
      '\nOnly where people log in with passkeys, because no identity provider is configured (desk.oidc). Hand the link over in private: whoever\n' +
        'opens it first is that person. It is stored as a hash only.\n\nExample:\n  tieback people invite maria@acme.example',
    )
    .action((person: string) =>
      withStore(cli, async (store, config) => {
        assertKnown(config, person);
        const url = assertPasskeys(config);
        const secret = randomBytes(SESSION_BYTES).toString('base64url');
        const given = { id: newId(), secret, person, by: cli.account() };
        const { id, expiresAt } = await invite(registerOf(cli, store, config), given);
        // Behind the #: browsers tell it to nobody, so it stands in no log.
        const link = `${url}/login#invitation=${secret}`;
        cli.result({ person, link, id, expiresAt }, () =>
          [
            `${cli.paint.green('✓')} Invitation ${id} of ${cli.paint.bold(person)}, until ${time(expiresAt)}:`,
            '',
            `  ${link}`,
            '',
            cli.paint.dim('It is shown this once, and works once.'),
          ].join('\n'),
        );
      }),
    );
  people
    .command('revoke <person-or-id>')
    .description(
      'take back a token or end a session by its id, or everything of a person: tokens, sessions, passkeys',
    )
    .addHelpText(
      'after',
      '\nSomebody who logs in at an identity provider can do so again: `tieback people disable` shuts them out.\n\n' +
        'Examples:\n  tieback people revoke maria@acme.example\n  tieback people revoke 3f9c21aa',
    )
    .action((name: string) =>
      withStore(cli, async (store, config) => {
        const { tokens, sessions, others } = await revoke(registerOf(cli, store, config), {
          name,
          by: cli.account(),
        });
        const named = (all: readonly { readonly id: string; readonly person: string }[]): unknown =>
          all.map(({ id, person }) => ({ id, person }));
        cli.result({ revoked: named(tokens), sessions: named(sessions), others }, () =>
          [
            ...tokens.map(({ id, person }) => `Token ${id} of ${person} is taken back.`),
            ...sessions.map(({ id, person }) => `Session ${id} of ${person} is ended.`),
            ...others.map((subject) => `${subject.slice(0, 24)} of ${name} is taken back.`),
          ]
            .map((line) => `${cli.paint.green('✓')} ${line}`)
            .join('\n'),
        );
      }),
    );
  people
    .command('disable <person>')
    .description('shut somebody out at once: sessions end, and tokens, passkeys and logins open nothing')
    .action((person: string) =>
      withStore(cli, async (store, config) => {
        await setDoor(registerOf(cli, store, config), { person, open: false, by: cli.account() });
        cli.result({ person, disabled: true }, () => `${cli.paint.green('✓')} ${person} is shut out.`);
      }),
    );
  people
    .command('enable <person>')
    .description('let somebody in again who was shut out')
    .action((person: string) =>
      withStore(cli, async (store, config) => {
        await setDoor(registerOf(cli, store, config), { person, open: true, by: cli.account() });
        cli.result({ person, disabled: false }, () => `${cli.paint.green('✓')} ${person} may come in again.`);
      }),
    );
  people
    .command('unbind <person>')
    .description(
      'release somebody from their account at the identity provider: the next login binds a new one',
    )
    .addHelpText(
      'after',
      '\nAt the first login the verified e-mail address says who somebody is; then only the account itself counts. Do this when it was replaced.\n\n' +
        'Example:\n  tieback people unbind maria@acme.example',
    )
    .action((person: string) =>
      withStore(cli, async (store, config) => {
        const ids = await unbind(registerOf(cli, store, config), { person, by: cli.account() });
        cli.result(
          { person, released: ids },
          () => `${cli.paint.green('✓')} ${person} is bound to no account any more.`,
        );
      }),
    );
};

/** Where people log in with passkeys. Throws `CliError` `NO_PASSKEYS`. */
function assertPasskeys(config: Config): string {
  const url = deskUrl(config);
  if (config.desk.oidc !== null)
    throw new CliError('People log in at the identity provider here, and not with passkeys.', {
      hint: 'The verified e-mail address of their account there must be the name under which they stand in the configuration.',
      code: 'NO_PASSKEYS',
    });
  if (url !== null) return url;
  throw new CliError('Nobody can log in with a browser here: the address of the Desk is not known.', {
    hint: `Set desk.url in ${config.file} to the address under which people open it.`,
    code: 'NO_PASSKEYS',
  });
}

/** Tokens and their seals, for commands that run beside the store: whoever may check or make seals must have the signing keys. */
export const registerOf = (cli: Cli, store: Store, config: Config): People => ({
  store,
  keys: new SigningKeys(readSigningKeys(config, cli.io.env)),
  connectionIds: config.connections.map(({ id }) => id),
  now: () => cli.now().toISOString(),
});

function assertKnown(config: Config, person: string): void {
  if (grantsOf(config, person).length > 0) return;
  throw new CliError(`Nothing is granted to "${person}": it would be of no use.`, {
    hint: `Known are: ${peopleIn(config).join(', ') || 'nobody'}. Add the person to connections.<name>.approvers or to desk.grants in ${config.file} first.`,
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

/** What lets people in beside tokens. */
interface Others {
  readonly sessions: readonly SealedSession[];
  readonly passkeys: readonly SealedPasskey[];
  readonly identities: readonly SealedIdentity[];
  readonly shutOut: readonly string[];
}

const othersData = ({ sessions, passkeys, identities, shutOut }: Others): object => ({
  sessions: sessions.map(({ id, person, way, createdAt, lastSeenAt, endsAt }) => ({
    ...{ id, person, way, createdAt, lastSeenAt, endsAt },
  })),
  passkeys: passkeys.map(({ id, person, createdAt, usedAt }) => ({ id, person, createdAt, usedAt })),
  identities: identities.map(({ person, issuer, subject, email, boundAt }) => ({
    ...{ person, issuer, subject, email, boundAt },
  })),
  shutOut,
});

function renderOthers(cli: Cli, { sessions, passkeys, identities, shutOut }: Others): readonly string[] {
  const titled = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
    rows.length === 0 ? [] : [`${cli.paint.bold(title)}\n${table(head, rows, cli.tableOptions)}`];
  return [
    ...titled(
      'Logged in to the Desk',
      ['person', 'session', 'since', 'last seen', 'ends'],
      sessions.map(({ person, id, createdAt, lastSeenAt, endsAt }) => [
        ...[person, id, time(createdAt), time(lastSeenAt), time(endsAt)],
      ]),
    ),
    ...titled(
      'Passkeys',
      ['person', 'passkey', 'made', 'used'],
      passkeys.map(({ person, id, createdAt, usedAt }) => [
        ...[person, id.slice(0, 12), time(createdAt), usedAt === null ? 'never' : time(usedAt)],
      ]),
    ),
    ...titled(
      'Accounts at the provider',
      ['person', 'issuer', 'subject', 'bound'],
      identities.map(({ person, issuer, subject, boundAt }) => [person, issuer, subject, time(boundAt)]),
    ),
    ...(shutOut.length === 0 ? [] : [`${cli.paint.red('Shut out')}: ${shutOut.join(', ')}`]),
  ];
}
