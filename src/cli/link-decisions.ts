import type { Command } from 'commander';
import type { Config } from '../config/load';
import { readSigningKeys } from '../config/load';
import type { LinkAnswer, LinkOutcome } from '../desk/links/decide';
import { assertMayLink, decideLinks, MOST_ANSWERS } from '../desk/links/decide';
import { storedSides } from '../store/sides';
import type { SuggestedPair } from '../desk/links/suggestions';
import { recordIdOf } from '../domain/base/identity';
import type { Kind } from '../domain/kinds';
import { definitionOf } from '../domain/kinds';
import { matchRevision } from '../domain/reconcile/match';
import type { Cli } from './cli';
import { onlyConnection } from './connections';
import { assertBreakGlass } from './decision-options';
import { CliError, EXIT } from './errors';
import { plural } from './format';
import { daemonApi, ownToken } from './login';
import { kindName } from './one-of';
import { pairTable } from './pair-table';
import { suggestedPairs } from './suggested-pairs';
import { withStore } from './store';

interface Options {
  readonly connection?: string;
  readonly comment?: string;
  readonly as?: string;
  readonly allMatches?: true;
  readonly yes?: true;
}

/** What people do to links, below `tieback links`. */
export function registerLinkDecisions(links: Command, cli: Cli): void {
  withOptions(links.command('accept <kind> [pairs...]'))
    .description(
      'link suggested pairs: those that are named (ERP key, then Procore id), or all that are marked ✓',
    )
    .option('--all-matches', 'all that `suggest` marks')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nThe link counts at once; an origin_id goes to Procore only by a plan.\n\nExamples:\n  tieback links accept vendor "1|10442" 98127745\n' +
        '  tieback links accept vendor --all-matches --comment "first set-up"',
    )
    .action(async (kind: string, pairs: string[], options: Options) => {
      if ((options.allMatches === true) === pairs.length > 0)
        throw new CliError('Say which pairs: by ERP key and Procore id, or all matches by --all-matches.', {
          hint: `\`tieback links suggest ${kind}\` lists them.`,
        });
      if (pairs.length > 0) return answerSeen(cli, kindName(kind), pairs, { ...options, how: 'accept' });
      await acceptMatches(cli, kindName(kind), options);
    });
  withOptions(links.command('reject <kind> <pairs...>'))
    .description(
      'say that suggested pairs are not one record; they come again only when either record changes',
    )
    .addHelpText(
      'after',
      '\nExample:\n  tieback links reject vendor "1|10442" 98127745 --comment "sister company"',
    )
    .action((kind: string, pairs: string[], options: Options) =>
      answerSeen(cli, kindName(kind), pairs, { ...options, how: 'reject' }),
    );
  withOptions(links.command('link <kind> <erpKey> <procoreId>'))
    .description('link two records that nobody suggested')
    .addHelpText(
      'after',
      '\nExample:\n  tieback links link vendor "1|10442" 98127745 --comment "renamed last year"',
    )
    .action((kind: string, erpKey: string, id: string, options: Options) =>
      send(cli, kindName(kind), [{ how: 'link', erpKey, procoreId: procoreIdOf(id) }], options),
    );
  withOptions(links.command('unlink <kind> <erpKey>'))
    .description('say that two linked records are not one; both stay as they are')
    .addHelpText(
      'after',
      '\nTake its origin_id off in Procore, too: as long as it is there, the record of the ERP waits (`tieback exceptions`).\n\n' +
        'Example:\n  tieback links unlink vendor "1|10442" --comment "linked by mistake"',
    )
    .action((kind: string, erpKey: string, options: Options) =>
      send(cli, kindName(kind), [{ how: 'unlink', erpKey }], options),
    );
  withOptions(links.command('relink <kind> <erpKey> <procoreId>'))
    .description('move the link of an ERP record to another record of Procore')
    .addHelpText(
      'after',
      '\nExample:\n  tieback links relink vendor "1|10442" 98127746 --comment "the other branch"',
    )
    .action((kind: string, erpKey: string, id: string, options: Options) =>
      send(cli, kindName(kind), [{ how: 'relink', erpKey, procoreId: procoreIdOf(id) }], options),
    );
  withOptions(links.command('rename <kind> <erpKey> <newKey>'))
    .description('tell that a linked record of the ERP has another key now; Procore is told by the next plan')
    .addHelpText(
      'after',
      '\nWhere the number is the key, a new number looks like a deletion and a new record: `tieback exceptions` asks.\n\n' +
        'Example:\n  tieback links rename vendor "1|10442" "1|20442" --comment "renumbered"',
    )
    .action((kind: string, erpKey: string, to: string, options: Options) =>
      send(cli, kindName(kind), [{ how: 'rename', erpKey, to }], options),
    );
  withOptions(links.command('merge <kind> <gone> <stays>'))
    .description(
      'tell that of two records of Procore only the second is left: the link of the first goes there',
    )
    .addHelpText(
      'after',
      '\nExample:\n  tieback links merge vendor 98127745 98127746 --comment "merged in Procore"',
    )
    .action((kind: string, gone: string, stays: string, options: Options) =>
      send(
        cli,
        kindName(kind),
        [{ how: 'merge', procoreId: procoreIdOf(gone), into: procoreIdOf(stays) }],
        options,
      ),
    );
}

const withOptions = (command: Command): Command =>
  command
    .option('--connection <name>', 'of which connection, where there are several')
    .option('--comment <text>', 'goes into the audit log')
    .option(
      '--as <person>',
      'break-glass: decide in the name of somebody; off unless people.breakGlass is set',
    );

/** Throws `CliError`. */
export function procoreIdOf(text: string): number {
  const id = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(id) && id > 0) return id;
  throw new CliError(`"${text}" is no id of Procore.`, { hint: 'It is a whole number, such as 98127745.' });
}

/** Pairs that were typed, as both records are now. */
async function answerSeen(
  cli: Cli,
  kind: Kind,
  typed: readonly string[],
  { how, ...options }: Options & { readonly how: 'accept' | 'reject' },
): Promise<void> {
  if (typed.length % 2 !== 0)
    throw new CliError(`"${typed.at(-1) ?? ''}" has no partner: pairs are an ERP key and a Procore id each.`);
  const pairs = Array.from({ length: typed.length / 2 }, (_, at) => ({
    erpKey: typed[2 * at] ?? '',
    procoreId: procoreIdOf(typed[2 * at + 1] ?? ''),
  }));
  const sides = await withStore(cli, (store, config) =>
    store.read('links.pairs', (t) =>
      storedSides(t).some(onlyConnection(config, options.connection).id, kind, {
        erp: pairs.map(({ erpKey }) => erpKey),
        procore: pairs.map(({ procoreId }) => String(procoreId)),
      }),
    ),
  );
  const answers = pairs.map(({ erpKey, procoreId }): LinkAnswer => {
    const erp = sides.erp.find(({ key }) => key === erpKey);
    const procore = sides.procore.find(({ key }) => key === String(procoreId));
    if (erp === undefined || procore === undefined)
      throw new CliError(
        `There was no ${erp === undefined ? `${kind} ${erpKey} in the ERP` : `${recordIdOf(kind, procoreId)} in Procore`} when both sides were read last.`,
        {
          hint: `\`tieback links suggest ${kind}\` lists the records without a partner.`,
          code: 'RECORD_UNKNOWN',
        },
      );
    const [erpRevision, procoreRevision] = [matchRevision(erp.record), matchRevision(procore.record)];
    return { how, erpKey, procoreId, erpRevision, procoreRevision };
  });
  await send(cli, kind, answers, options);
}

async function acceptMatches(cli: Cli, kind: Kind, options: Options): Promise<void> {
  const { pairs } = await suggestedPairs(cli, kind, options.connection);
  const matches = pairs.filter(({ verdict }) => verdict === 'match');
  if (matches.length === 0)
    throw new CliError(`No suggestion of ${definitionOf(kind).plural} is marked as a match.`, {
      hint: `\`tieback links suggest ${kind}\` lists the others.`,
      code: 'NO_MATCHES',
    });
  if (!(await confirmed(cli, matches, options))) return;
  const answers = matches.map(({ erpKey, procoreId, erpRevision, procoreRevision }): LinkAnswer => ({
    how: 'accept',
    erpKey,
    procoreId,
    erpRevision,
    procoreRevision,
  }));
  await send(cli, kind, answers, options);
}

async function confirmed(cli: Cli, matches: readonly SuggestedPair[], { yes }: Options): Promise<boolean> {
  if (yes === true || cli.json || cli.io.ask === null) return true;
  cli.print(pairTable(cli, matches));
  const answer = await cli.io.ask(`\nLink these ${plural(matches.length, 'pair')}? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  cli.print('Not linked; nothing was changed.');
  return false;
}

/** Sends the answers, so many at a time, and reports each that was refused. */
async function send(cli: Cli, kind: Kind, answers: readonly LinkAnswer[], options: Options): Promise<void> {
  const config = cli.config();
  const { id: connectionId } = onlyConnection(config, options.connection);
  const decide = wayToDecide(cli, config, options);
  const outcomes: LinkOutcome[] = [];
  for (let at = 0; at < answers.length; at += MOST_ANSWERS) {
    const some = answers.slice(at, at + MOST_ANSWERS);
    outcomes.push(...(await decide({ connectionId, kind, answers: some, comment: options.comment ?? '' })));
    if (answers.length > MOST_ANSWERS) cli.progress(`${outcomes.length} of ${answers.length}`);
  }
  cli.progress(null);
  const refused = outcomes.flatMap((outcome) => outcome.refused ?? []);
  if (refused.length > 0) cli.exitCode = EXIT.usage;
  cli.result({ connectionId, kind, outcomes }, () =>
    [
      ...refused.map(
        ({ message, hint }) => `${cli.paint.red('✗')} ${message}${hint === null ? '' : ` ${hint}`}`,
      ),
      `${refused.length < outcomes.length ? cli.paint.green('✓') : cli.paint.red('✗')} ${outcomes.length - refused.length} of ${plural(outcomes.length, 'answer')} taken${refused.length === 0 ? '' : `, ${refused.length} refused`}.`,
    ].join('\n'),
  );
}

type Decide = (asked: Parameters<typeof decideLinks>[1]) => Promise<readonly LinkOutcome[]>;

/** Through the daemon, as the person whose token is here; or past it, by break-glass. */
function wayToDecide(cli: Cli, config: Config, { as }: Options): Decide {
  if (as === undefined) {
    const { url, token } = ownToken(cli, config);
    const api = daemonApi(cli, url, token);
    return (asked) => api.decideLinks(asked);
  }
  assertBreakGlass(config);
  // Whoever cannot read them decides in nobody's name.
  readSigningKeys(config, cli.io.env);
  const decider = { by: as, account: cli.account(), channel: 'break-glass' };
  const now = (): string => cli.now().toISOString();
  return (asked) =>
    withStore(cli, (store) => {
      assertMayLink(
        config.connections.find(({ id }) => id === asked.connectionId),
        asked.connectionId,
        as,
      );
      return decideLinks({ store, sidesIn: storedSides, now }, asked, decider);
    });
}
