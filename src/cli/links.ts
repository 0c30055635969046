import { Option } from 'commander';
import type { ListedLink, ShownState } from '../desk/links/list';
import { codeOf, listLinks, SHOWN_STATES, titleOf } from '../desk/links/list';
import type { ShownLink } from '../desk/links/show';
import { showLinks } from '../desk/links/show';
import { storedSides } from '../store/sides';
import type { SuggestedPairs } from '../desk/links/suggestions';
import { recordIdOf } from '../domain/base/identity';
import type { Kind } from '../domain/kinds';
import { definitionOf } from '../domain/kinds';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import { connectionsOf } from './connections';
import { plural, showValue, time } from './format';
import { registerLinkDecisions } from './link-decisions';
import { kindName } from './one-of';
import { pairTable } from './pair-table';
import { fold, table } from './print-table';
import { suggestedPairs } from './suggested-pairs';
import { withStore } from './store';

interface ListOptions {
  readonly connection?: string;
  readonly search?: string;
  readonly state?: ShownState;
  readonly limit: number;
}

export const registerLinks: Register = (program, cli) => {
  const links = program
    .command('links')
    .description('which record of the ERP is which record of Procore, and what people decide about that');
  links
    .command('list [kind]', { isDefault: true })
    .description('the links of all records, or of one kind')
    .option('--connection <name>', 'only those of one connection')
    .option('--search <words>', 'only those that have all of them in number, name or keys')
    .addOption(new Option('--state <state>', 'only those that stand so').choices([...SHOWN_STATES]))
    .option('--limit <n>', 'most lines shown', wholeNumber, 50)
    .addHelpText(
      'after',
      '\nExamples:\n  tieback links vendor --search cobalt\n  tieback links --state unlinked --json',
    )
    .action((kind: string | undefined, options: ListOptions) => list(cli, kind, options));
  links
    .command('show <record>')
    .description('every link of one record, what both sides held last, and who decided about it')
    .option('--connection <name>', 'only in one connection')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback links show vendor/98127745       (a record of Procore)\n' +
        '  tieback links show "vendor/1|10442"      (one of the ERP)',
    )
    .action((typed: string, { connection }: ListOptions) => show(cli, typed, connection));
  links
    .command('suggest <kind>')
    .description('records without a partner that may be one, best first; ✓: `accept --all-matches` takes it')
    .option('--connection <name>', 'of which connection, where there are several')
    .option('--limit <n>', 'most lines shown', wholeNumber, 50)
    .addHelpText(
      'after',
      '\nNothing is linked before a person accepts it. With `reconcile.matchTaxIds` both sides are asked for tax ids, of which nothing is shown.\n\n' +
        'Example:\n  tieback links suggest vendor',
    )
    .action((kind: string, options: ListOptions) => suggest(cli, kindName(kind), options));
  registerLinkDecisions(links, cli);
};

async function list(cli: Cli, typed: string | undefined, options: ListOptions): Promise<void> {
  const { connection, search, state, limit } = options;
  const kind = typed === undefined ? undefined : kindName(typed);
  const found = await withStore(cli, (store, config) => {
    const connectionIds = connectionsOf(config, connection).map(({ id }) => id);
    return listLinks(store, { connectionIds, kind, state, search });
  });
  const links = found.slice(0, limit);
  cli.result({ links: links.map(dataOf), total: found.length }, () => {
    if (found.length === 0) return 'There is no such link.';
    const severalConnections = new Set(found.map(({ connectionId }) => connectionId)).size > 1;
    const rows = links.map(({ connectionId, link }) => [
      ...(severalConnections ? [connectionId] : []),
      link.kind,
      link.erpKey,
      link.procoreId === null ? '–' : String(link.procoreId),
      link.state === 'linked' ? cli.paint.green(link.state) : link.state,
      [codeOf(link), titleOf(link)].filter(Boolean).join(' '),
    ]);
    const head = [...(severalConnections ? ['connection'] : []), 'kind', 'ERP', 'Procore', 'state', 'record'];
    const footer =
      found.length > links.length
        ? `${links.length} of ${plural(found.length, 'link')}; --limit shows more, --search finds.`
        : `${plural(found.length, 'link')}.`;
    return `${table(head, rows, cli.tableOptions)}\n\n${cli.paint.dim(footer)}`;
  });
}

const dataOf = ({ connectionId, link }: ListedLink): unknown => {
  const { id, kind, erpKey, procoreId, state, generation } = link;
  return {
    connectionId,
    id,
    kind,
    erpKey,
    procoreId,
    state,
    generation,
    code: codeOf(link),
    name: titleOf(link),
  };
};

async function show(cli: Cli, typed: string, connection: string | undefined): Promise<void> {
  const shown = await withStore(cli, (store, config) => {
    const connectionIds = connectionsOf(config, connection).map(({ id }) => id);
    return showLinks(store, storedSides, connectionIds, typed);
  });
  cli.result({ links: shown }, () => shown.map((one) => renderLink(cli, one)).join('\n\n'));
}

function renderLink(cli: Cli, { connectionId, link, read, decisions }: ShownLink): string {
  const { kind, erpKey, procoreId, state, generation } = link;
  const { fields, label } = definitionOf(kind);
  const erp = read.erp?.record ?? link.erp;
  const procore = read.procore?.record ?? link.procore;
  const noteOf = (field: string): string => {
    const [here, there] = [erp?.fields[field], procore?.fields[field]];
    if (here === undefined || there === undefined || (here ?? '') === (there ?? '')) return '';
    return link.altered?.includes(field) === true
      ? 'the same, kept in its own way'
      : cli.paint.yellow('differs');
  };
  const rows = Object.entries(fields)
    .map(([field, { label: words }]) => [
      words,
      showValue(erp?.fields[field]),
      showValue(procore?.fields[field]),
      noteOf(field),
    ])
    .filter(([, one, other]) => one !== '–' || other !== '–');
  const told = decisions.map(({ at, actor, detail }) => {
    const { decision, comment } = detail as { decision?: string; comment?: string };
    return `  ${time(at)}  ${actor}: ${decision ?? ''}${comment ? `, "${comment}"` : ''}`;
  });
  const there = procoreId === null ? 'nothing in Procore yet' : `${recordIdOf(kind, procoreId)} in Procore`;
  return [
    cli.paint.bold(`${label} ${erpKey} of the ERP: ${state}, ${there}`),
    cli.paint.dim(`connection ${connectionId}, generation ${generation}`),
    ...(rows.length === 0
      ? ['  Nobody has compared the two yet.']
      : [table(['field', 'ERP', 'Procore', ''], rows, { ...cli.tableOptions, indent: 2 })]),
    ...(told.length === 0 ? [] : ['Decisions:', ...told]),
  ].join('\n');
}

async function suggest(cli: Cli, kind: Kind, { connection, limit }: ListOptions): Promise<void> {
  const found = await suggestedPairs(cli, kind, connection);
  cli.result(found, () => renderSuggestions(cli, found, limit));
}

function renderSuggestions(cli: Cli, found: SuggestedPairs, limit: number): string {
  const { kind, pairs } = found;
  const { plural: kinds } = definitionOf(kind);
  const shown = pairs.slice(0, limit);
  const matches = pairs.filter(({ verdict }) => verdict === 'match').length;
  const summary = [
    `${plural(matches, 'match', 'matches')}, ${plural(pairs.length - matches, 'question')}${shown.length < pairs.length ? ` (the first ${shown.length} are shown; --limit shows more)` : ''}.`,
    `Of ${found.unpaired.erp} ${kinds} of the ERP and ${found.unpaired.procore} of Procore without a partner, ${found.alone.erp} and ${found.alone.procore} resemble nothing.`,
    ...(found.claimed === 0
      ? []
      : [
          `${found.claimed} more of Procore carry an origin_id that no link knows: \`tieback census\` tells whose.`,
        ]),
    ...(found.taxIds === undefined
      ? []
      : [
          `Tax ids were compared: ${found.taxIds.erp} of those of the ERP and ${found.taxIds.procore} of those of Procore have one.`,
        ]),
    ...(matches === 0 ? [] : [`\`tieback links accept ${kind} --all-matches\` links what is marked.`]),
  ];
  const text = summary.map((words) => cli.paint.dim(fold(words, cli.width))).join('\n');
  return pairs.length === 0 ? text : `${pairTable(cli, shown)}\n\n${text}`;
}
