import type { Config } from '../config/load';
import type { AuditEntry } from '../domain/audit/chain';
import type { RequestDossier } from '../desk/dossier';
import { readDossier } from '../desk/dossier';
import { findRequest, isAmbiguous } from '../desk/find-request';
import { assertGenuine } from '../desk/incident';
import { capital } from '../domain/base/text';
import { requestWords } from '../domain/request/id';
import { isFinal, STATUS_MEANINGS } from '../domain/request/status';
import type { ExceptionRow, WaitRow } from '../store/rows';
import type { Cli, Register } from './cli';
import { age, paintStatus, shortHash, showValue, time } from './format';
import { nextCommands } from './next-commands';
import { renderPlan, SIDES } from './render-plan';
import { withStore } from './store';
import { fold, table } from './print-table';

const FIRST_OPERATIONS = 20;

export const registerShow: Register = (program, cli) => {
  program
    .command('show <id>')
    .description('everything about one request: plan, decisions, what was written, audit trail')
    .option('--connection <name>', 'which connection, when several have a request with this id')
    .option('--all', `all operations of a plan, not only the first ${FIRST_OPERATIONS}`)
    .addHelpText('after', '\nExamples:\n  tieback show 5012\n  tieback show erp/5012 --all --json')
    .action(async (id: string, options: { connection?: string; all?: true }) => {
      await withStore(cli, async (store, config) => {
        const request = await findRequest(store, { typed: id, connectionId: options.connection });
        const dossier = await readDossier(store, request);
        await assertGenuine(store, request, dossier.current, cli.now().toISOString());
        const ambiguous = await isAmbiguous(store, request);
        const most = options.all ? Infinity : FIRST_OPERATIONS;
        cli.result(dataOf(dossier, config), () => render(cli, config, dossier, { most, ambiguous }));
      });
    });
};

function dataOf(dossier: RequestDossier, config: Config): unknown {
  const { current, request, ...rest } = dossier;
  return {
    request: { ...request, webUi: webUiLink(config, request.workflowId) },
    plan: current?.plan ?? null,
    ...rest,
  };
}

/** Address of a workflow in the Web UI. */
export const webUiLink = ({ temporal }: Config, workflowId: string): string | null =>
  temporal.webUi === null
    ? null
    : `${temporal.webUi.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(temporal.namespace)}/workflows/${encodeURIComponent(workflowId)}`;

function render(
  cli: Cli,
  config: Config,
  dossier: RequestDossier,
  { most, ambiguous }: { most: number; ambiguous: boolean },
): string {
  const { request, current } = dossier;
  const next = nextCommands(request, ambiguous);
  const parts = [
    header(cli, config, dossier),
    ...(current === null ? [] : [renderPlan(current.plan, current.pages, { ...cli.tableOptions, most })]),
    ...section(cli, 'Decisions', decisions(dossier)),
    ...section(cli, 'Written', written(dossier, most)),
    ...section(cli, 'Waits for', dossier.waits.map(waitCells)),
    ...section(cli, 'Exceptions', dossier.exceptions.slice(0, most).map(exceptionCells)),
    ...section(cli, 'Audit trail', dossier.trail.map(trailCells)),
    ...(next.length === 0
      ? []
      : [[cli.paint.bold('Next'), ...next.map((line) => `  ${cli.paint.cyan(line)}`)].join('\n')]),
  ];
  return parts.join('\n\n');
}

function header(cli: Cli, config: Config, { request }: RequestDossier): string {
  const { paint, width } = cli;
  const title = [capital(requestWords(request.id)), request.eventName, request.subject]
    .filter((part) => part !== null)
    .join(' · ');
  const since = isFinal(request.status)
    ? `${age(request.updatedAt, cli.now())} ago`
    : `for ${age(request.updatedAt, cli.now())}`;
  const by = request.requestedBy === null ? '' : `, caused by Procore user ${request.requestedBy}`;
  const link = webUiLink(config, request.workflowId);
  const rows = [
    [
      'Status',
      `${paintStatus(paint, request.status)} ${since} ${paint.dim(`(${STATUS_MEANINGS[request.status]})`)}`,
    ],
    ...(request.reason === null ? [] : [[isFinal(request.status) ? 'Outcome' : 'Because', request.reason]]),
    ['Connection', connectionWords(config, request.connectionId)],
    ['Received', `${time(request.receivedAt)}${by}`],
    ...(request.corrections === null || Object.keys(request.corrections).length === 0
      ? []
      : [['Corrected', correctionWords(request.corrections)]]),
    ['Workflow', request.workflowId],
    ...(link === null ? [] : [['Web UI', link]]),
  ];
  const labelled = rows.map(([label = '', value = '']) => [paint.dim(label), value]);
  return `${paint.bold(fold(title, width))}\n${table(null, labelled, { paint, width, wrap: true, indent: 2 })}`;
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

const decisions = ({ approvals }: RequestDossier): string[][] =>
  approvals.map(({ at, decision, decidedBy, planHash, comment, channel }) => [
    time(at),
    decision,
    `by ${decidedBy}`,
    `plan ${shortHash(planHash)}`,
    comment === '' ? `(${channel})` : `"${comment}" (${channel})`,
  ]);

function written({ operations }: RequestDossier, most: number): string[][] {
  const rows = operations
    .slice(0, most)
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

const exceptionCells = ({ openedAt, resolvedAt, cause, recordId, reason, hint }: ExceptionRow): string[] => [
  time(openedAt),
  resolvedAt === null ? `open (${cause})` : `resolved (${cause})`,
  recordId,
  hint === null ? reason : `${reason}\n${hint}`,
];

const waitCells = ({ since, recordId, reason, hint }: WaitRow): string[] => [
  time(since),
  recordId,
  hint === null
    ? reason
    : `${reason}
${hint}`,
];

const trailCells = ({ at, actor, action, subject, detail }: AuditEntry): string[] => [
  time(at),
  action,
  actor,
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
