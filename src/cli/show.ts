import type { Config } from '../config/load';
import type { AuditEntry } from '../domain/audit/chain';
import type { RequestDossier } from '../desk/dossier';
import { readDossier } from '../desk/dossier';
import type { Found } from '../desk/find-request';
import { isAmbiguous, searchRequest } from '../desk/find-request';
import { assertGenuine } from '../desk/incident';
import { procoreLink, workflowLink } from '../desk/web-links';
import { capital } from '../domain/base/text';
import { requestWords } from '../domain/request/id';
import { actingAs } from '../domain/people/decision';
import { isFinal, STATUS_MEANINGS } from '../domain/request/status';
import type { ExceptionRow, SyncRequestRow, WaitRow } from '../store/rows';
import type { Cli, Register } from './cli';
import { EXIT } from './errors';
import { age, paintStatus, shortHash, showValue } from './format';
import { nameOf, nextCommands } from './next-commands';
import type { Most } from './plan-view';
import { EVERYTHING, FIRST } from './plan-view';
import { renderPlan, SIDES } from './render-plan';
import { requestTable } from './request-table';
import { withStore } from './store';
import { fold, table } from './print-table';

export const registerShow: Register = (program, cli) => {
  program
    .command('show <words...>')
    .description('everything about one request: plan, decisions, what was written, audit trail')
    .option('--connection <name>', 'which connection, when several have a request with this id')
    .option(
      '--all',
      `all of a plan, not only the first ${FIRST.operations} operations and ${FIRST.lines} lines of each`,
    )
    .addHelpText(
      'after',
      "\nIts id, or what is known of it: the number of a document, a vendor's name, an ERP number, an id of Procore.\n\n" +
        'Examples:\n  tieback show 5012\n  tieback show PO-1234\n  tieback show cobalt mechanical\n  tieback show erp/5012 --all --json',
    )
    .action(async (words: string[], options: { connection?: string; all?: true }) => {
      await withStore(cli, async (store, config) => {
        const found = await searchRequest(store, {
          typed: words.join(' '),
          connectionId: options.connection,
        });
        if (found.kind === 'several') return tellSeveral(cli, found, words);
        const { request } = found;
        const dossier = await readDossier(store, request);
        await assertGenuine(store, request, dossier.current, cli.now().toISOString());
        const ambiguous = await isAmbiguous(store, request);
        const most = options.all ? EVERYTHING : FIRST;
        cli.result(dataOf(dossier, config), () => render(cli, config, dossier, { most, ambiguous }));
      });
    });
};

/** Several are meant: the person chooses. */
function tellSeveral(
  cli: Cli,
  { requests, more }: Extract<Found, { kind: 'several' }>,
  words: readonly string[],
): void {
  cli.exitCode = EXIT.usage;
  const several = new Set(requests.map(({ connectionId }) => connectionId)).size > 1;
  const rows = requests.map((row) => ({ ...row, id: nameOf(row, several) }));
  cli.result({ candidates: requests, more }, () =>
    [
      fold(
        `${more ? 'More than ' : ''}${requests.length} requests have "${words.join(' ')}" in their titles, numbers, names or ids:`,
        cli.width,
      ),
      '',
      requestTable(cli, rows),
      '',
      `Open one by its id: ${cli.paint.cyan(`tieback show ${rows[0]?.id ?? ''}`)}${more ? `; all: ${cli.paint.cyan(`tieback requests ${words.join(' ')}`)}` : ''}`,
    ].join('\n'),
  );
}

function dataOf(dossier: RequestDossier, config: Config): unknown {
  const { current, request, ...rest } = dossier;
  return {
    request: {
      ...request,
      webUi: workflowLink(config, request.workflowId),
      procoreUrl: procoreLink(config, request),
    },
    plan: current?.plan ?? null,
    ...rest,
  };
}

function render(
  cli: Cli,
  config: Config,
  dossier: RequestDossier,
  { most, ambiguous }: { most: Most; ambiguous: boolean },
): string {
  const { request, current } = dossier;
  const next = nextCommands(request, ambiguous);
  const { time } = cli;
  const all = `tieback show ${nameOf(request, ambiguous)} --all`;
  const parts = [
    header(cli, config, dossier),
    ...(current === null
      ? []
      : [renderPlan(current.plan, current.pages, { ...cli.tableOptions, most, all, time })]),
    ...section(cli, 'Against the period before', lastCells(dossier, most)),
    ...section(cli, 'Decisions', decisions(dossier, cli)),
    ...section(cli, 'Written', written(dossier, most, time)),
    ...section(
      cli,
      'Waits for',
      dossier.waits.map((row) => waitCells(row, time)),
    ),
    ...section(cli, 'Exceptions', exceptions(dossier, most, time)),
    ...section(
      cli,
      'Audit trail',
      dossier.trail.map((entry) => trailCells(entry, cli)),
    ),
    ...section(
      cli,
      'Next',
      next.map(([command, does]) => [cli.paint.cyan(command), cli.paint.dim(does)]),
    ),
  ];
  return parts.join('\n\n');
}

/** Who has more or fewer hours than last time, the farthest apart first. */
function lastCells({ againstLast, current }: RequestDossier, most: Most): readonly (readonly string[])[] {
  if (againstLast === null) return [];
  const names = current?.plan.body.payroll?.names.employees ?? {};
  const { rows, hours, lastHours } = againstLast;
  const shown = rows.slice(0, Number.isFinite(most.lines) ? MOST_APART : rows.length);
  const more = rows.length - shown.length;
  return [
    ['all together', `${hours} h`, `before ${lastHours} h`],
    ...shown.map((row) => [
      names[row.employee] ?? row.employee,
      `${row.hours} h`,
      `before ${row.lastHours} h (${row.difference.startsWith('-') ? '' : '+'}${row.difference})`,
    ]),
    ...(more > 0 ? [[`and ${more} more: --all`, '', '']] : []),
  ];
}

/** Employees that are shown of those whose hours are not as before. */
const MOST_APART = 10;

/** By the reader's clock. */
type Time = (iso: string) => string;

function header(cli: Cli, config: Config, { request }: RequestDossier): string {
  const { paint, width } = cli;
  const title = [capital(requestWords(request.id)), request.eventName, request.subject]
    .filter((part) => part !== null)
    .join(' · ');
  const since = isFinal(request.status)
    ? `${age(request.since, cli.now())} ago`
    : `for ${age(request.since, cli.now())}`;
  const by = senderWords(config, request);
  const procore = procoreLink(config, request);
  const link = workflowLink(config, request.workflowId);
  const rows = [
    [
      'Status',
      `${paintStatus(paint, request.status)} ${since} ${paint.dim(`(${STATUS_MEANINGS[request.status]})`)}`,
    ],
    ...(request.reason === null ? [] : [[isFinal(request.status) ? 'Outcome' : 'Because', request.reason]]),
    ['Connection', connectionWords(config, request.connectionId)],
    ['Received', `${cli.time(request.receivedAt)}${by}`],
    ...(request.corrections === null || Object.keys(request.corrections).length === 0
      ? []
      : [['Corrected', correctionWords(request.corrections)]]),
    ...(procore === null ? [] : [['In Procore', procore]]),
    ['Workflow', request.workflowId],
    ...(link === null ? [] : [['Web UI', link]]),
    ['Times', cli.zone],
  ];
  const labelled = rows.map(([label = '', value = '']) => [paint.dim(label), value]);
  return `${paint.bold(fold(title, width))}\n${table(null, labelled, { paint, width, wrap: true, indent: 2 })}`;
}

/** Who sent it, as well as it is known: by name, as an approver of ours, or by number. */
function senderWords({ connections }: Config, { requestedBy, connectionId, sender }: SyncRequestRow): string {
  if (requestedBy === null) return '';
  const policy = connections.find(({ id }) => id === connectionId)?.policy;
  const approver = policy?.approvers.find(({ procoreUserId }) => procoreUserId === requestedBy);
  const name = sender ?? approver?.id ?? null;
  return `, caused by ${name === null ? `Procore user ${requestedBy}` : `${name} (Procore user ${requestedBy})`}`;
}

function connectionWords({ connections }: Config, id: string): string {
  const connection = connections.find((one) => one.id === id);
  return connection
    ? `${id} (Procore company ${connection.companyId} ↔ ${connection.adapter})`
    : `${id} (not in the configuration)`;
}

const correctionWords = (values: object): string =>
  Object.entries(values)
    .map(([field, value]) => `${field} = ${showValue(value)}`)
    .join(', ');

function section(cli: Cli, title: string, rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  return [`${cli.paint.bold(title)}\n${table(null, rows, { ...cli.tableOptions, wrap: true, indent: 2 })}`];
}

/** Break-glass is seen from afar. */
const actorWords = ({ paint }: Cli, actor: string): string =>
  actingAs(actor) === null ? actor : paint.red(actor);

const decisions = ({ approvals }: RequestDossier, cli: Cli): string[][] =>
  approvals.map(({ at, decision, decidedBy, planHash, comment, channel }) => [
    cli.time(at),
    decision,
    `by ${actorWords(cli, decidedBy)}`,
    `plan ${shortHash(planHash)}`,
    comment === '' ? `(${channel})` : `"${comment}" (${channel})`,
  ]);

function written({ operations }: RequestDossier, most: Most, time: Time): string[][] {
  const rows = operations
    .slice(0, most.operations)
    .map(({ at, side, action, recordId, erpKey, state, reason }) => [
      time(at),
      state,
      `${SIDES[side]}: ${action.replaceAll('_', ' ')}`,
      recordId,
      [erpKey === null ? '' : `ERP key ${erpKey}`, reason ?? ''].filter((part) => part !== '').join(' · '),
    ]);
  const more = operations.length - rows.length;
  return more > 0 ? [...rows, ['', '', `and ${more} more`, '', '']] : rows;
}

function exceptions({ exceptions: rows }: RequestDossier, most: Most, time: Time): string[][] {
  const shown = rows.slice(0, most.warnings).map((row) => exceptionCells(row, most, time));
  const more = rows.length - shown.length;
  return more > 0 ? [...shown, ['', '', '', `and ${more} more`]] : shown;
}

const exceptionCells = (
  { openedAt, resolvedAt, cause, recordId, reason, problems, hint }: ExceptionRow,
  most: Most,
  time: Time,
): string[] => [
  time(openedAt),
  resolvedAt === null ? `open (${cause})` : `resolved (${cause})`,
  recordId,
  [...reasonLines(reason, problems ?? [], most), ...(hint === null ? [] : [hint])].join('\n'),
];

/** The reason alone, or every problem in a line of its own. */
function reasonLines(reason: string, problems: readonly string[], most: Most): readonly string[] {
  if (problems.length < 2) return [reason];
  const shown = problems.slice(0, most.warnings).map((problem) => `· ${problem}`);
  const more = problems.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more: --all shows them`] : shown;
}

const waitCells = ({ since, recordId, reason, hint }: WaitRow, time: Time): string[] => [
  time(since),
  recordId,
  hint === null ? reason : `${reason}\n${hint}`,
];

const trailCells = ({ at, actor, action, subject, detail }: AuditEntry, cli: Cli): string[] => [
  cli.time(at),
  action === 'breakglass.used' ? cli.paint.red(action) : action,
  actorWords(cli, actor),
  [subject.startsWith('request/') ? '' : subject, detailWords(detail)]
    .filter((part) => part !== '')
    .join(' · '),
];

/** Facts of an entry in one line; `tieback audit export` has the hashes in full. */
function detailWords(detail: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(
      ([key, value]) => `${key}: ${Array.isArray(value) ? value.map(showValue).join(' ') : showValue(value)}`,
    );
  return parts.join(', ').replace(/[0-9a-f]{64}/g, shortHash);
}
