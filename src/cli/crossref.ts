import { renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { ConnectionConfig } from '../config/load';
import { CROSS_REFERENCE_TITLES, readCrossReference } from '../config/mapping';
import type { CrossReference, FieldMapping } from '../domain/reconcile/mapping/field';
import { problemsOf } from '../domain/reconcile/mapping/problems';
import { RECONCILED_KINDS } from '../domain/request/id';
import type { ReconciledKind } from '../domain/request/id';
import type { Cli, Register } from './cli';
import { connectionsOf, onlyConnection } from './connections';
import { CliError, EXIT } from './errors';
import { plural } from './format';
import type { FieldFacts } from './mapping-facts';
import { factSentences, mappingFacts } from './mapping-facts';
import { oneOf } from './one-of';
import { table } from './print-table';

interface Options {
  readonly connection?: string;
  readonly dryRun?: boolean;
}

export const registerCrossref: Register = (program, cli) => {
  const command = program
    .command('crossref')
    .description(
      'which value of the ERP is which value of Procore: what the mapping of the configuration says',
    );
  command
    .command('list', { isDefault: true })
    .description('every row of the mapping')
    .option('--connection <name>', 'only that of one connection')
    .action((options: Options) => list(cli, options));
  command
    .command('check [kind]')
    .description(
      'hold the mapping against what is in the ERP, and in Procore as it was read last; nothing is changed',
    )
    .option('--connection <name>', 'only that of one connection')
    .addHelpText('after', '\nExample:\n  tieback crossref check vendor')
    .action((kind: string | undefined, options: Options) => check(cli, kind, options));
  command
    .command('import <kind> <field> <file>')
    .description(
      'take the cross reference of a field from a CSV file (erp,procore), once it has been checked',
    )
    .option('--connection <name>', 'of which connection, where there are several')
    .option('--dry-run', 'only show what would change')
    .addHelpText(
      'after',
      '\nIt replaces the file that the configuration names for the field. A daemon reads it when it starts, and its next look reads every record again.\n\n' +
        'Example:\n  tieback crossref import line_item_type code cost-types.csv --dry-run',
    )
    .action((kind: string, field: string, file: string, options: Options) =>
      take(cli, { kind: kindOf(kind), field, file: resolve(file) }, options),
    );
};

const kindOf = (given: string): ReconciledKind => oneOf('a kind that is reconciled', RECONCILED_KINDS, given);

interface Row {
  readonly connection: string;
  readonly kind: ReconciledKind;
  readonly field: string;
  readonly erp: string;
  readonly procore: string;
}

function rowsOf({ id, reconcile: { mapping = {} } }: ConnectionConfig): readonly Row[] {
  return RECONCILED_KINDS.flatMap((kind) =>
    Object.entries(mapping[kind]?.fields ?? {}).flatMap(([field, one]) =>
      fieldRows(one).map(([erp, procore]) => ({ connection: id, kind, field, erp, procore })),
    ),
  );
}

const fieldRows = ({
  pairs,
  table: places,
  mask,
  default: empty,
}: FieldMapping): readonly (readonly [string, string])[] => [
  ...pairs.map(({ erp, procore }) => [erp, procore] as const),
  ...(places === undefined
    ? []
    : [[`(${places.erp} of ${places.name})`, `(codes of ${places.name})`] as const]),
  ...(mask === undefined ? [] : [[`(mask ${mask.erp})`, `(mask ${mask.procore})`] as const]),
  ...(empty === undefined ? [] : [['(empty)', empty] as const]),
];

function list(cli: Cli, { connection }: Options): void {
  const rows = connectionsOf(cli.config(), connection).flatMap(rowsOf);
  cli.result({ rows }, () =>
    rows.length === 0
      ? 'Nothing is mapped: values of the ERP are those of Procore. See connections.<name>.reconcile.mapping.'
      : table(
          ['connection', 'kind', 'field', 'ERP', 'Procore'],
          rows.map((row) => [row.connection, row.kind, row.field, row.erp, row.procore]),
          cli.tableOptions,
        ),
  );
}

async function check(cli: Cli, kind: string | undefined, { connection }: Options): Promise<void> {
  const wanted = kind === undefined ? RECONCILED_KINDS : [kindOf(kind)];
  const facts: (FieldFacts & { readonly connection: string })[] = [];
  for (const one of connectionsOf(cli.config(), connection))
    facts.push(...(await mappingFacts(cli, one, wanted)).map((fact) => ({ connection: one.id, ...fact })));
  const found = facts.flatMap((fact) => factSentences(fact).map((words) => `${fact.connection}: ${words}`));
  if (facts.some(({ lost }) => lost.length > 0)) cli.exitCode = EXIT.failed;
  cli.result({ fields: facts }, () =>
    facts.length === 0
      ? 'Nothing is mapped there.'
      : found.length === 0
        ? cli.paint.green(`Every value has its place: ${plural(facts.length, 'field')} looked at.`)
        : found.join('\n'),
  );
}

async function take(
  cli: Cli,
  { kind, field, file }: { readonly kind: ReconciledKind; readonly field: string; readonly file: string },
  { connection, dryRun = false }: Options,
): Promise<void> {
  const config = cli.config();
  const own = onlyConnection(config, connection);
  const key = `connections.${own.id}.reconcile.mapping.${kind}.fields.${field}`;
  const target = own.crossReferences?.find((one) => one.kind === kind && one.field === field)?.file;
  const before = own.reconcile.mapping?.[kind];
  const mapping = before?.fields[field];
  if (target === undefined || before === undefined || mapping === undefined)
    throw new CliError(`${key} has no file that could be replaced.`, {
      hint: `Write "file: ${field}.csv" there in ${config.file}, beside it a file of one line, ${CROSS_REFERENCE_TITLES.join(',')}.`,
      code: 'NO_CROSS_REFERENCE',
    });
  const { pairs, problems: unreadable } = readCrossReference(file);
  const after: FieldMapping = { ...mapping, pairs };
  const whole = { ...before, fields: { ...before.fields, [field]: after } };
  const problems = [
    ...unreadable,
    ...problemsOf(kind, whole, own.reconcile.ownership).map(({ words }) => `${file}: ${words}`),
  ];
  if (problems.length > 0)
    throw new CliError(problems.join('\n'), { hint: 'Nothing was changed.', code: 'CROSS_REFERENCE' });
  const changes = changesBetween(mapping.pairs, pairs);
  const told = {
    ...own,
    reconcile: { ...own.reconcile, mapping: { ...own.reconcile.mapping, [kind]: whole } },
  };
  const warnings = (await mappingFacts(cli, told, [kind]))
    .filter((fact) => fact.field === field)
    .flatMap(factSentences);
  if (!dryRun && changes.length > 0) replace(target, pairs);
  cli.result(
    {
      connection: own.id,
      kind,
      field,
      file: target,
      written: !dryRun && changes.length > 0,
      changes,
      warnings,
    },
    () =>
      [
        ...changes.map(
          ({ erp, old, new: now }) => `  ${erp}: ${old ?? '(as it is)'} → ${now ?? '(as it is)'}`,
        ),
        ...warnings.map((words) => cli.paint.yellow(words)),
        changes.length === 0
          ? 'Both say the same: nothing is changed.'
          : dryRun
            ? `${plural(changes.length, 'value')} would change in ${target}; nothing was written.`
            : `${plural(changes.length, 'value')} changed in ${target}. Restart the daemon: it reads all records again, and writes only what differs.`,
      ].join('\n'),
  );
}

interface Change {
  readonly erp: string;
  readonly old: string | null;
  readonly new: string | null;
}

function changesBetween(
  before: readonly CrossReference[],
  after: readonly CrossReference[],
): readonly Change[] {
  const [then, now] = [before, after].map((rows) => new Map(rows.map(({ erp, procore }) => [erp, procore])));
  return [...new Set([...(then?.keys() ?? []), ...(now?.keys() ?? [])])]
    .map((erp): Change => ({ erp, old: then?.get(erp) ?? null, new: now?.get(erp) ?? null }))
    .filter((change) => change.old !== change.new);
}

/** Wholly or not at all. */
function replace(file: string, pairs: readonly CrossReference[]): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(
      draft,
      stringify([[...CROSS_REFERENCE_TITLES], ...pairs.map(({ erp, procore }) => [erp, procore])]),
    );
    renameSync(draft, file);
  } catch (error) {
    throw new CliError(`${file} cannot be written: ${(error as Error).message}.`, {
      exitCode: EXIT.failed,
      cause: error,
    });
  }
}
