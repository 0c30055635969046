import { Option } from 'commander';
import { findConflicts, listConflicts } from '../desk/conflicts';
import type { Kind } from '../domain/kinds';
import { RECONCILED_KINDS } from '../domain/request/id';
import type { Register } from './cli';
import { plural } from './format';
import { assertConnection } from './inbox';
import { conflictTable, renderRecord } from './render-conflict';
import { registerAssign, registerSettle } from './settle';
import { withStore } from './store';

interface ListOptions {
  readonly connection?: string;
  readonly kind?: Kind;
  readonly owner?: string;
  readonly ignored?: true;
}

export const registerConflicts: Register = (program, cli) => {
  const conflicts = program
    .command('conflicts')
    .description('fields that both sides changed, each to something else')
    .addHelpText(
      'after',
      '\nNothing is written of such a field until a person has chosen. It closes by itself when both sides hold the same.\n\n' +
        'Examples:\n  tieback conflicts\n  tieback conflicts cobalt --kind vendor\n  tieback conflicts show vendor/98127745\n' +
        '  tieback conflicts settle vendor/98127745 phone=erp --comment "asked them"',
    );
  conflicts
    .command('list [words...]', { isDefault: true })
    .description('the open ones, the oldest first; with words, those that have all of them')
    .option('--connection <name>', 'only those of one connection')
    .addOption(new Option('--kind <kind>', 'only those of one kind of record').choices(RECONCILED_KINDS))
    .option('--owner <person>', 'only those that somebody looks after')
    .option('--ignored', 'those too that somebody chose to leave until a value changes')
    .addHelpText('after', '\nExample:\n  tieback conflicts cobalt --kind vendor')
    .action(async (words: string[], { connection, ...filter }: ListOptions) => {
      const { conflicts: open, connectionIds } = await withStore(cli, (store) =>
        listConflicts(store, { ...filter, connectionId: connection, search: words.join(' ') }),
      );
      assertConnection(connection, connectionIds);
      cli.result({ conflicts: open }, () =>
        open.length === 0
          ? 'Both sides agree, or nobody has to choose.'
          : [
              conflictTable(cli, open, { several: connection === undefined && connectionIds.length > 1 }),
              '',
              cli.paint.dim(
                `${plural(open.length, 'field')}. \`tieback conflicts show <record>\` has all that is known of one.`,
              ),
            ].join('\n'),
      );
    });
  conflicts
    .command('show <record>')
    .description('all that is known of the conflicts of one record, and what each choice leads to')
    .option('--connection <name>', 'which connection, when several have the record')
    .addHelpText('after', '\nExample:\n  tieback conflicts show vendor/98127745')
    .action(async (record: string, { connection }: { connection?: string }) => {
      const found = await withStore(cli, (store) =>
        findConflicts(store, { named: record, connectionId: connection }),
      );
      cli.result({ conflicts: found }, () => renderRecord(cli, found));
    });
  registerSettle(conflicts, cli);
  registerAssign(conflicts, cli);
};
