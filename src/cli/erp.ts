import { InvalidArgumentError, Option } from 'commander';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { definitionOf, isKind, KINDS } from '../domain/kinds';
import type { ColumnRule } from '../domain/kinds/column-rules';
import { misfit } from '../domain/kinds/column-rules';
import type { RecordColumns } from '../domain/kinds/fit-record';
import type { Kind } from '../domain/kinds';
import type { CanonicalRecord, FieldValue } from '../domain/kinds/record';
import type { ErpAdapter, ErpRecord, Rehearsal } from '../erp-adapters/contract/adapter';
import type { FeedMark, FeedProof } from '../erp-adapters/contract/feed-proof';
import { proveFeed } from '../erp-adapters/contract/feed-proof';
import type { Cli, Register } from './cli';
import { CliError, EXIT } from './errors';
import { plural } from './format';
import { buildWithoutStore } from './parts';
import { table } from './print-table';

interface TryOptions {
  readonly kind?: Kind;
  readonly take: number;
  readonly record?: string;
}

interface ProveOptions {
  readonly kind?: Kind;
  readonly marks: string;
}

/** One kind as it is tried: what would be read, and what would be written. */
interface Tried {
  readonly kind: Kind;
  readonly read: readonly ErpRecord[];
  /** What was read and could not be written again: the adapter was told wrongly what stands there. */
  readonly odd: readonly string[];
  /** Null: such records are not written, or the adapter cannot tell. */
  readonly write: { readonly record: CanonicalRecord; readonly rehearsal: Rehearsal } | null;
}

export const registerErp: Register = (program, cli) => {
  const erp = program.command('erp').description('see what the ERP adapter does, without doing it');
  const kind = (): Option =>
    new Option('--kind <kind>', 'only records of one kind, such as vendor').argParser(kindOf);
  erp
    .command('try [connection]')
    .description(
      'show what would be read from the ERP, and what would be written for a record; nothing is written',
    )
    .addOption(kind())
    .option('--take <n>', 'so many records of each kind', wholeNumber, 5)
    .option('--record <file>', 'a record to write instead of an invented one: JSON with `fields` and `lines`')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback erp try\n  tieback erp try acme --kind vendor --take 3\n  tieback erp try acme --kind vendor --record vendor.json',
    )
    .action((connection: string | undefined, options: TryOptions) =>
      withErp(cli, connection, async (adapter) => {
        const failed = (await adapter.check()).filter(
          ({ name, ok }) => !ok && name !== 'ledger' && name !== 'anchors',
        );
        if (failed[0] !== undefined)
          throw new CliError(failed[0].detail, {
            hint: failed[0].hint ?? '',
            exitCode: EXIT.failed,
            code: 'ERP_CONFIG',
          });
        const given = options.record === undefined ? null : recordIn(cli, options.record);
        if (given !== null && options.kind === undefined)
          throw new CliError('Of which kind is the record?', { hint: '--kind <kind>' });
        const tried: Tried[] = [];
        for (const each of kindsOf(adapter, options.kind))
          tried.push(await tryKind(adapter, each, options.take, given));
        cli.result({ kinds: tried }, () => tried.map((one) => renderTried(cli, one)).join('\n\n'));
      }),
    );
  erp
    .command('prove [connection]')
    .description(
      'prove by a sweep that the ERP tells every change: names what it did not tell since the last time, and what was deleted',
    )
    .addOption(kind())
    .requiredOption(
      '--marks <file>',
      'keeps where the feeds stood and a digest of every record, for the next time; made where there is none',
    )
    .addHelpText(
      'after',
      '\nIt reads everything, so let it run at night. Exit code 1 when a change was not told.\n\nExample:\n  tieback erp prove acme --marks acme-marks.json',
    )
    .action((connection: string | undefined, options: ProveOptions) =>
      withErp(cli, connection, async (adapter) => {
        const marks = marksIn(cli, options.marks);
        assertFolder(options.marks);
        const proofs: { readonly kind: Kind; readonly proof: FeedProof }[] = [];
        for (const each of kindsOf(adapter, options.kind)) {
          const records = adapter.kinds[each];
          if (records === undefined) continue;
          const proof = await proveFeed(records, marks[each] ?? null, PAGE);
          marks[each] = proof.mark;
          proofs.push({ kind: each, proof });
        }
        keepMarks(options.marks, marks);
        if (proofs.some(({ proof }) => proof.missed.length > 0)) cli.exitCode = EXIT.failed;
        const told = proofs.map(({ kind: of, proof: { missed, gone, told: changes, swept } }) => ({
          kind: of,
          swept,
          told: changes,
          missed,
          gone,
        }));
        cli.result({ kinds: told }, () =>
          told
            .map(({ kind: of, swept, told: changes, missed, gone }) =>
              [
                `${definitionOf(of).plural}: ${plural(swept, 'record')}, ${plural(changes, 'change')} told`,
                ...(missed.length === 0 ? [] : [`  NOT TOLD: ${missed.join(', ')}`]),
                ...(gone.length === 0 ? [] : [`  deleted: ${gone.join(', ')}`]),
              ].join('\n'),
            )
            .join('\n'),
        );
      }),
    );
};

const PAGE = 500;

/** The ERP of the connection that is meant, without a store; closed afterwards. */
async function withErp(
  cli: Cli,
  named: string | undefined,
  work: (erp: ErpAdapter) => Promise<void>,
): Promise<void> {
  const config = cli.config();
  const known = config.connections.map(({ id }) => id);
  const id = named ?? (known.length === 1 ? known[0] : undefined);
  if (id === undefined || !known.includes(id))
    throw new CliError(named === undefined ? 'Which connection?' : `There is no connection "${named}".`, {
      hint: `Connections: ${known.join(', ') || 'none'}.`,
    });
  const parts = await buildWithoutStore(config, cli.logger(config));
  try {
    const connection = parts.connections.get(id);
    if (connection !== undefined) await work(connection.erp);
  } finally {
    await parts.close();
  }
}

async function tryKind(
  adapter: ErpAdapter,
  kind: Kind,
  take: number,
  given: CanonicalRecord | null,
): Promise<Tried> {
  const records = adapter.kinds[kind];
  const read: ErpRecord[] = [];
  if (records === undefined) return { kind, read, odd: [], write: null };
  for await (const page of records.readChanged(null, take)) {
    read.push(...page.records.slice(0, take - read.length));
    if (read.length >= take) break;
  }
  const { fields: rules } = await records.rules();
  const odd = oddValues(read, rules);
  const record = given ?? invented(kind, read[0]?.record, rules);
  if (record === null || adapter.rehearse === undefined) return { kind, read, odd, write: null };
  const rehearsal = await adapter.rehearse(kind, {
    operationKey: 'tieback-erp-try',
    recordId: `${kind}/try`,
    generation: 1,
    targetRevision: 'try',
    planHash: 'try',
    action: 'create',
    erpKey: null,
    record,
    expected: null,
  });
  return { kind, read, odd, write: { record, rehearsal } };
}

/** A new record like one that is there, under a number of its own, without the lines that only the ERP makes. */
function invented(
  kind: Kind,
  like: CanonicalRecord | undefined,
  rules: RecordColumns['fields'],
): CanonicalRecord | null {
  if (like === undefined) return null;
  const fields = Object.fromEntries(
    Object.entries(like.fields).map(([field, value]) => [
      field,
      OWN.has(field) ? (rules[field]?.assigned ? null : ownValue(field, value, rules[field])) : value,
    ]),
  );
  const kinds = definitionOf(kind).lines;
  const lines = like.lines.filter((line) => kinds[line.kind]?.madeByErp !== true);
  return { fields, lines: lines.map((line) => ({ ...line, erpKey: null, procoreId: null })) };
}

/** Fields in which records differ from each other. */
const OWN = new Set(['code', 'sortName']);

/** A text that fits the column: one that shows what it is, else the one that is there with nines for its last digits. */
function ownValue(field: string, like: FieldValue, rule: ColumnRule | undefined): string {
  const [first = 'TRY-1', ...others] = [
    'TRY-1',
    'TRY1',
    String(like ?? '').replace(/\d+(?=\D*$)/, (digits) => '9'.repeat(digits.length)),
  ];
  if (rule === undefined) return first;
  return [first, ...others].find((text) => misfit(field, text, rule) === null) ?? first;
}

/** Values of the headers that the ERP's own columns would refuse: a mask or a code of the definition that is not true. */
const oddValues = (read: readonly ErpRecord[], rules: RecordColumns['fields']): readonly string[] =>
  read.flatMap(({ key, record }) =>
    Object.entries(record.fields).flatMap(([field, value]) => {
      const rule = rules[field];
      const problem = rule === undefined || typeof value !== 'string' ? null : misfit(field, value, rule);
      return problem === null ? [] : [`${key}: ${problem}`];
    }),
  );

function renderTried(cli: Cli, { kind, read, odd, write }: Tried): string {
  const told = new Set(read.flatMap(({ record }) => Object.keys(record.fields)));
  const fields = [...new Set([...Object.keys(definitionOf(kind).fields), ...told])].filter((field) =>
    told.has(field),
  );
  const rows = read.map(({ key, state, record }) => [
    key,
    state,
    ...fields.map((field) => shown(record.fields[field])),
    String(record.lines.length),
  ]);
  const head = ['key', 'state', ...fields, 'lines'];
  const { paint } = cli;
  return [
    paint.bold(`${definitionOf(kind).plural}: what would be read`),
    rows.length === 0
      ? '  none: there is no such record of this company'
      : table(head, rows, { ...cli.tableOptions, indent: 2 }),
    ...odd.map((problem) => `  ${paint.red('NOT AS EXPECTED')} ${problem}`),
    '',
    ...renderWrite(cli, kind, write),
  ].join('\n');
}

function renderWrite({ paint }: Cli, kind: Kind, write: Tried['write']): readonly string[] {
  const { label } = definitionOf(kind);
  if (write === null)
    return [
      `${label}: nothing was tried to be written (no record to start from, or the adapter cannot tell)`,
    ];
  const { statements, answer } = write.rehearsal;
  return [
    paint.bold(`${label}: what would be written for a new one (nothing was)`),
    ...statements.flatMap(({ sql, values }) => [
      `  ${briefly(sql)}`,
      ...values.map(
        (row) =>
          `    ${Object.entries(row)
            .map(([column, value]) => `${column} = ${shown(value)}`)
            .join(', ')}`,
      ),
    ]),
    ...(answer === null
      ? ['  then it is read back, and all of it is committed together with its entry in the ledger']
      : [`  ${statements.length === 0 ? 'Nothing' : 'Then no more'}: ${answer}`]),
  ];
}

/** The rows of values are shown apart: how they are unpacked says nothing to people (`--json` has it). */
const briefly = (sql: string): string =>
  sql
    .replace(/\(SELECT json_extract.*?FROM json_each\(@(\w+)\)\)/g, '@$1')
    .replace(/OPENJSON\(@(\w+)\) WITH \((?:\[[^\]]*\] nvarchar\(max\) '[^']*'(?:, )?)+\)/g, '@$1')
    .replace(/ ORDER BY CAST\(j\.tieback_n AS integer\)/g, '');

const shown = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined ? '-' : String(value);

function recordIn(cli: Cli, file: string): CanonicalRecord {
  const wrong = (cause?: unknown): CliError =>
    new CliError(`${file} holds no record.`, {
      hint: 'It is JSON such as {"fields": {"name": "Acme"}, "lines": []}.',
      cause,
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(cli.readFile(file));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw wrong(error);
  }
  const { fields, lines = [] } = (parsed ?? {}) as Partial<CanonicalRecord>;
  if (typeof fields !== 'object' || fields === null || !Array.isArray(lines)) throw wrong();
  return { fields, lines };
}

type Marks = Partial<Record<Kind, FeedMark>>;

function marksIn(cli: Cli, file: string): Marks {
  if (!existsSync(file)) return {};
  const wrong = (cause?: unknown): CliError =>
    new CliError(`${file} holds no marks of this command.`, {
      hint: 'Name another file to begin anew.',
      cause,
    });
  let marks: unknown;
  try {
    marks = JSON.parse(cli.readFile(file));
  } catch (cause) {
    throw cause instanceof CliError ? cause : wrong(cause);
  }
  if (!areMarks(marks)) throw wrong();
  return marks;
}

const areMarks = (given: unknown): given is Marks =>
  typeof given === 'object' &&
  given !== null &&
  !Array.isArray(given) &&
  Object.entries(given).every(([kind, mark]) => isKind(kind) && typeof mark === 'object' && mark !== null);

/** Asked before everything is read: that may take a night. */
function assertFolder(file: string): void {
  if (existsSync(dirname(resolve(file)))) return;
  throw new CliError(`There is no folder for ${file}.`, {
    hint: 'Make it, or name another file with --marks.',
  });
}

function keepMarks(file: string, marks: Marks): void {
  try {
    writeFileSync(file, JSON.stringify(marks), { mode: 0o600 });
  } catch (cause) {
    throw new CliError(`${file} cannot be written: ${(cause as Error).message}`, {
      hint: 'Name a file with --marks that this account may write.',
      cause,
    });
  }
}

function kindsOf({ kinds }: ErpAdapter, wanted: Kind | undefined): readonly Kind[] {
  const kept = KINDS.filter((kind) => kinds[kind] !== undefined);
  if (wanted === undefined) return kept;
  if (kept.includes(wanted)) return [wanted];
  throw new CliError(`The ERP keeps no records of kind ${wanted}.`, { hint: `Kinds: ${kept.join(', ')}.` });
}

function kindOf(text: string): Kind {
  if (isKind(text)) return text;
  throw new InvalidArgumentError(`Kinds: ${KINDS.join(', ')}.`);
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number from 1 to 9999.');
}
