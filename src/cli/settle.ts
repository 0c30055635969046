import type { Command } from 'commander';
import { Option } from 'commander';
import type { ConflictView } from '../desk/conflicts';
import { choicesFrom, findConflicts, listConflicts } from '../desk/conflicts';
import type { InboxReceipt } from '../desk/inbox-parts';
import type { Kind } from '../domain/kinds';
import type { Choice } from '../domain/reconcile/conflict';
import { RECONCILED_KINDS } from '../domain/request/id';
import type { Cli } from './cli';
import { choiceWords, resultWords } from './render-conflict';
import { CliError } from './errors';
import { plural } from './format';
import type { ActionOptions } from './inbox';
import { addActionOptions, assertConnection, actingAs, isSure, ownerFrom, tellReceipts } from './inbox';
import { table } from './print-table';
import { withStore } from './store';

interface SettleOptions extends ActionOptions {
  readonly all?: true;
  readonly kind?: Kind;
  readonly take?: 'procore' | 'erp' | 'ignore';
}

export const registerSettle = (conflicts: Command, cli: Cli): void => {
  addActionOptions(conflicts.command('settle [record] [choices...]'))
    .description('choose for each field: procore, erp, ignore (until one value changes), or "value:..."')
    .option(
      '--all',
      'all open fields: of the record, or without one of everything that --kind and --connection leave',
    )
    .addOption(new Option('--kind <kind>', 'with --all, only one kind of record').choices(RECONCILED_KINDS))
    .addOption(
      new Option('--take <side>', 'with --all, what is chosen for each').choices([
        'procore',
        'erp',
        'ignore',
      ]),
    )
    .option('--comment <text>', 'goes into the audit log')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nA choice holds for the two values that are there now. What follows is planned, and approved like anything else.\n\n' +
        'Examples:\n  tieback conflicts settle vendor/98127745 phone=erp email=procore --comment "asked them"\n' +
        '  tieback conflicts settle vendor/98127745 "phone=value:206-555-0100"\n  tieback conflicts settle --all --kind vendor --take erp',
    )
    .action((record: string | undefined, pairs: string[], options: SettleOptions) =>
      settle(cli, record, pairs, options),
    );
};

export const registerAssign = (conflicts: Command, cli: Cli): void => {
  addActionOptions(conflicts.command('assign <record> [person]'))
    .description('have somebody look after the conflicts of a record, or after one (vendor/98127745#phone)')
    .option('--nobody', 'nobody looks after it any more')
    .addHelpText('after', '\nExample:\n  tieback conflicts assign vendor/98127745 maria@acme.example')
    .action(
      async (record: string, person: string | undefined, options: ActionOptions & { nobody?: true }) => {
        const owner = ownerFrom(person, options);
        const act = actingAs(cli, options);
        const found = await withStore(cli, (store) =>
          findConflicts(store, { named: record, connectionId: options.connection }),
        );
        const ids = found.map(({ id }) => id);
        const receipt = await act((inbox) =>
          inbox.assignConflicts({
            connectionId: found[0]?.connectionId ?? '',
            ids,
            owner,
          }),
        );
        const done = owner === null ? 'nobody’s now' : `given to ${owner}`;
        tellReceipts(cli, [receipt], { one: 'conflict', done });
      },
    );
};

async function settle(
  cli: Cli,
  record: string | undefined,
  pairs: readonly string[],
  options: SettleOptions,
): Promise<void> {
  assertMeant(record, pairs, options);
  const act = actingAs(cli, options);
  const found = await meant(cli, record, options);
  const { take, comment = '' } = options;
  const choices: ReadonlyMap<ConflictView, Choice> =
    take === undefined ? choicesFrom(pairs, found) : new Map(found.map((view) => [view, { take }]));
  cli.print(
    table(
      ['record', 'field', 'choice', 'what follows'],
      [...choices].map(([view, choice]) => [
        view.recordId,
        view.field,
        choiceWords(choice),
        resultWords(view, choice),
      ]),
      { ...cli.tableOptions, wrap: true },
    ),
  );
  if (
    !(await isSure(
      cli,
      options,
      `Settle ${choices.size === 1 ? 'this field' : `these ${choices.size} fields`} so?`,
    ))
  )
    return;
  const byConnection = new Map<string, [ConflictView, Choice][]>();
  for (const one of choices) {
    const { connectionId } = one[0];
    byConnection.set(connectionId, [...(byConnection.get(connectionId) ?? []), one]);
  }
  const receipts: InboxReceipt[] = [];
  for (const [connectionId, own] of byConnection)
    for (let at = 0; at < own.length; at += AT_ONCE) {
      const answers = own
        .slice(at, at + AT_ONCE)
        .map(([{ id, procore, erp }, choice]) => ({ id, choice, pair: { procore, erp } }));
      receipts.push(await act((inbox) => inbox.settle({ connectionId, answers, comment })));
    }
  tellReceipts(cli, receipts, { one: 'field', done: 'settled' });
}

/** The daemon takes as many in one call. */
const AT_ONCE = 500;

function assertMeant(
  record: string | undefined,
  pairs: readonly string[],
  { all, take, kind }: SettleOptions,
): void {
  const isAll = all === true && take !== undefined && pairs.length === 0;
  const isOne = record !== undefined && pairs.length > 0 && all === undefined && take === undefined;
  if ((isAll && (record === undefined || kind === undefined)) || isOne) return;
  throw new CliError(
    all === true
      ? 'Say what to take of all: --take procore, erp or ignore.'
      : 'Say what to choose for which field.',
    {
      hint: 'Such as: tieback conflicts settle vendor/98127745 phone=erp, or: tieback conflicts settle --all --kind vendor --take erp',
    },
  );
}

const meant = (
  cli: Cli,
  record: string | undefined,
  { connection, kind }: SettleOptions,
): Promise<readonly ConflictView[]> =>
  withStore(cli, async (store) => {
    if (record !== undefined) return findConflicts(store, { named: record, connectionId: connection });
    const { conflicts, connectionIds } = await listConflicts(store, { connectionId: connection, kind });
    assertConnection(connection, connectionIds);
    // What somebody has chosen already is theirs.
    const open = conflicts.filter(({ decision }) => decision === null);
    if (open.length > 0) return open;
    throw new CliError('There is no open conflict to settle.', {
      hint: `\`tieback conflicts\` lists them${conflicts.length === 0 ? '' : `; ${plural(conflicts.length, 'field is', 'fields are')} settled and wait for the next look`}.`,
      code: 'CONFLICT_UNKNOWN',
    });
  });
