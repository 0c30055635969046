import { sum } from '../domain/base/money';
import { assertNamed, assertReason, planToApprove } from '../desk/decide';
import type { CurrentPlan } from '../desk/dossier';
import { listRequests } from '../desk/list-requests';
import { DeskRefusal } from '../desk/refusal';
import { writtenAmount } from '../domain/request/about';
import type { Cli, Register } from './cli';
import type { DecisionOptions, OpenRequest } from './decision-options';
import { addDecisionOptions, decide, decideAll, lookAt } from './decision-options';
import { CliError } from './errors';
import { plural, shortHash } from './format';
import { nameOf } from './next-commands';
import { table } from './print-table';
import { FIRST } from './plan-view';
import { renderPlan, renderWarnings } from './render-plan';
import { requestTable } from './request-table';
import { withStore } from './store';
import { amountWords } from './values';

interface ApproveOptions extends DecisionOptions {
  readonly plan?: string;
  readonly allOf?: string;
  readonly yes?: true;
}

export const registerApprove: Register = (program, cli) => {
  addDecisionOptions(program.command('approve [ids...]'))
    .description('approve the plans of requests; exactly these plans are then written')
    .option(
      '--plan <hash>',
      'the plan you looked at (its hash, as far as it is shown); refused when it is another one now',
    )
    .option(
      '--all-of <words>',
      'all that wait for finance and have these words in titles, numbers, names or ids',
    )
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nSeveral are listed with amounts and warnings, and asked about once; each is one decision on its own plan.\n\n' +
        'Examples:\n  tieback approve 5012 --comment "checked W-9"\n  tieback approve 5012 5014 5015\n  tieback approve --all-of "cobalt mechanical"\n  tieback approve erp/5012 --plan 3fa8c2d19b07 --yes',
    )
    .action(async (ids: string[], options: ApproveOptions) => {
      const opens = await lookAtAll(cli, await meant(cli, ids, options), options, { toApprove: true });
      const plans = opens.map((open) => ({ open, current: planToApprove(open.request, open.current) }));
      const { comment = '', plan, wait } = options;
      const [only, second] = plans;
      const isList = second !== undefined || (options.allOf !== undefined && cli.json);
      if (only === undefined || isList) return approveAll(cli, plans, options);
      if (plan !== undefined) assertNamed(only.current.plan, plan);
      if (!(await confirmed(cli, only, options))) return;
      await decide(cli, only.open, { answer: 'approve', plan: only.current.plan.hash, comment }, wait);
    });
};

export const registerReject: Register = (program, cli) => {
  addDecisionOptions(program.command('reject <ids...>'))
    .description('reject the plans of requests, or give up parked ones; Procore shows the comment')
    .option('--plan <hash>', 'the plan you looked at (its hash, as far as it is shown)')
    .option('--yes', 'do not ask about several')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback reject 5012 --comment "we do not buy there"\n  tieback reject 5012 5014 --comment "wrong project"',
    )
    .action(async (ids: string[], options: ApproveOptions) => {
      const { comment = '', plan, wait } = options;
      assertReason(comment);
      const opens = await lookAtAll(cli, ids, options);
      const answerTo = (open: OpenRequest) => ({
        answer: 'reject' as const,
        plan: open.current?.plan.hash,
        comment,
      });
      const [only, second] = opens;
      if (only !== undefined && second === undefined) {
        if (only.current !== null && plan !== undefined) assertNamed(only.current.plan, plan);
        return decide(cli, only, answerTo(only), wait);
      }
      if (mustAsk(cli, options)) {
        cli.print(requestTable(cli, opens.map(named)));
        if (!(await asked(cli, `\nReject these ${opens.length} requests? [y/N] `, 'rejected'))) return;
      }
      await decideAll(cli, opens, answerTo);
    });
};

/** More would not be looked at. */
const MOST = 100;

/** The ids that were typed, or those that wait and are meant by words. */
async function meant(
  cli: Cli,
  ids: readonly string[],
  { allOf, connection }: ApproveOptions,
): Promise<readonly string[]> {
  if ((allOf === undefined) === (ids.length === 0))
    throw new CliError('Say which requests: by their ids, or by --all-of with words of them.', {
      hint: '`tieback requests --status waiting_for_finance` lists those that wait.',
    });
  if (allOf === undefined) return ids;
  const { requests } = await withStore(cli, (store) =>
    listRequests(store, {
      status: 'waiting_for_finance',
      search: allOf,
      take: MOST + 1,
      ...(connection === undefined ? {} : { connectionId: connection }),
    }),
  );
  if (requests.length === 0 || requests.length > MOST)
    throw new CliError(
      requests.length === 0
        ? `No request that waits for finance has all of "${allOf}" in its titles, numbers, names or ids.`
        : `More than ${MOST} requests have "${allOf}": too many to look at.`,
      { hint: `\`tieback requests ${allOf} --status waiting_for_finance\` lists them.` },
    );
  return requests.map(({ workflowId }) => workflowId);
}

/** Every one of them, each once; throws where one cannot be decided, before anything is. */
async function lookAtAll(
  cli: Cli,
  ids: readonly string[],
  options: ApproveOptions,
  { toApprove = false } = {},
): Promise<readonly OpenRequest[]> {
  if (ids.length > 1 && options.plan !== undefined)
    throw new CliError('--plan names the plan of one request, and there are several.', {
      hint: 'Leave it out: each is decided on the very plan that is shown. Or decide them one by one.',
    });
  const opens = new Map<string, OpenRequest>();
  const problems: string[] = [];
  for (const typed of ids) {
    try {
      const open = await lookAt(cli, typed, options, { toApprove });
      if (toApprove) planToApprove(open.request, open.current);
      opens.set(open.request.workflowId, open);
    } catch (error) {
      const isOurs = error instanceof DeskRefusal && error.code !== 'PLAN_TAMPERED';
      if (ids.length === 1 || !isOurs) throw error;
      problems.push(`${error.message}${error.hint === null ? '' : ` ${error.hint}`}`);
    }
  }
  if (problems.length > 0)
    throw new CliError(
      `Nothing was decided: ${plural(problems.length, 'request')} of ${ids.length} cannot be.`,
      {
        hint: `${problems.join('\n')}\nLeave ${problems.length === 1 ? 'it' : 'them'} out, and try again.`,
      },
    );
  return [...opens.values()];
}

interface ToApprove {
  readonly open: OpenRequest;
  readonly current: CurrentPlan;
}

const mustAsk = (cli: Cli, { yes }: ApproveOptions): boolean =>
  yes !== true && !cli.json && cli.io.ask !== null;

const named = ({ request, ambiguous }: OpenRequest): OpenRequest['request'] => ({
  ...request,
  id: nameOf(request, ambiguous),
});

async function asked(cli: Cli, question: string, not: string): Promise<boolean> {
  const answer = (await cli.io.ask?.(question)) ?? '';
  if (/^y(es)?$/i.test(answer.trim())) return true;
  cli.print(`Not ${not}; nothing was changed.`);
  return false;
}

/** At a terminal the plan is shown first; elsewhere the plan that is stored now is the one that is bound. */
async function confirmed(cli: Cli, { open, current }: ToApprove, options: ApproveOptions): Promise<boolean> {
  if (!mustAsk(cli, options)) return true;
  const { plan, pages } = current;
  const { request, ambiguous } = open;
  const all = `tieback show ${nameOf(request, ambiguous)} --all`;
  const time = (iso: string): string => `${cli.time(iso)} ${cli.zone}`;
  cli.print(renderPlan(plan, pages, { ...cli.tableOptions, most: FIRST, all, time }));
  const warnings = plan.body.warnings.length;
  const despite = warnings === 0 ? '' : ` with ${plural(warnings, 'warning')}`;
  return asked(cli, `\nApprove plan ${shortHash(plan.hash)}${despite}? [y/N] `, 'approved');
}

/** Several at once: what each comes to and warns of, one question, one decision each on the very plan that was shown. */
async function approveAll(cli: Cli, plans: readonly ToApprove[], options: ApproveOptions): Promise<void> {
  const { comment = '' } = options;
  const hashes = new Map(plans.map(({ open, current }) => [open, current.plan.hash]));
  if (mustAsk(cli, options)) {
    cli.print(renderSeveral(cli, plans));
    const warned = plans.filter(({ current }) => current.plan.body.warnings.length > 0).length;
    const sums = sumsOf(plans);
    const of = sums === '' ? '' : `, ${sums} in all`;
    const warnings = warned === 0 ? '' : `, ${warned} of them with warnings`;
    if (!(await asked(cli, `\nApprove these ${plans.length} plans${of}${warnings}? [y/N] `, 'approved')))
      return;
  }
  await decideAll(
    cli,
    plans.map(({ open }) => open),
    (open) => ({ answer: 'approve', plan: hashes.get(open), comment }),
  );
}

/** What they come to, currency by currency: sums of different ones would mean nothing. */
function sumsOf(plans: readonly ToApprove[]): string {
  const amounts = new Map<string | undefined, string[]>();
  for (const { current } of plans) {
    const { operations, facts } = current.plan.body;
    const amount = writtenAmount(operations);
    if (amount === null) continue;
    amounts.set(facts.currency, [...(amounts.get(facts.currency) ?? []), amount]);
  }
  return [...amounts].map(([currency, of]) => amountWords(sum(of), currency)).join(' and ');
}

/** Of each plan, where there are several. */
const FIRST_WARNINGS = 10;

function renderSeveral(cli: Cli, plans: readonly ToApprove[]): string {
  const { paint, width } = cli;
  const rows = plans.map(({ open, current: { plan } }) => {
    const { request, ambiguous } = open;
    const { warnings, operations, facts } = plan.body;
    const amount = writtenAmount(operations);
    return [
      nameOf(request, ambiguous),
      shortHash(plan.hash),
      amount === null ? '' : amountWords(amount, facts.currency),
      warnings.length === 0 ? '' : paint.yellow(String(warnings.length)),
      request.about?.title ?? request.subject ?? plan.body.subject,
    ];
  });
  const warnings = plans.flatMap(({ open: { request, ambiguous }, current: { plan } }) => {
    const name = nameOf(request, ambiguous);
    const view = { paint, width, most: { warnings: FIRST_WARNINGS }, all: `tieback show ${name}` };
    const shown = renderWarnings(plan, view);
    return shown.length === 0 ? [] : [paint.bold(name), ...shown];
  });
  const head = ['id', 'plan', 'amount', 'warnings', 'subject'];
  return [
    table(head, rows, { ...cli.tableOptions, right: [2, 3] }),
    ...(warnings.length === 0 ? [] : ['', ...warnings]),
  ].join('\n');
}
