import { NO_PLAN, REQUEST_UPDATES } from '../domain/request/flow';
import type { ErpRequestRow } from '../store/rows';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import type { CurrentPlan } from './current-plan';
import { currentPlan } from './current-plan';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions, assertOpen, decide } from './decision-options';
import { CliError } from './errors';
import { shortHash, statusWords } from './format';
import { renderPlan } from './render-plan';
import { findRequest, withStore } from './store';

interface ApproveOptions extends DecisionOptions {
  readonly plan?: string;
  readonly yes?: true;
}

export const registerApprove: Register = (program, cli) => {
  addDecisionOptions(program.command('approve <id>'))
    .description('approve the plan of an ERP request; exactly this plan is then written')
    .option(
      '--plan <hash>',
      'the plan you looked at (any beginning of its hash); refused when it is another one now',
    )
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback approve 5012 --comment "checked W-9"\n  tieback approve 5012 --plan 3fa8c2d1 --as maria@acme.example',
    )
    .action(async (id: string, options: ApproveOptions) => {
      const { request, current, config } = await look(cli, wholeNumber(id), options);
      const plan = planToApprove(request, current);
      assertNamed(request, plan, options.plan);
      if (!(await confirmed(cli, plan, options))) return;
      const by = cli.person(options.as);
      const input = { planHash: plan.plan.hash, by, comment: options.comment ?? '', channel: 'cli' };
      await decide(cli, config, request, { name: REQUEST_UPDATES.approve, input }, options.wait);
    });
};

export const registerReject: Register = (program, cli) => {
  addDecisionOptions(program.command('reject <id>'))
    .description('reject the plan of an ERP request, or give up a parked one; Procore shows the comment')
    .option('--plan <hash>', 'the plan you looked at (any beginning of its hash)')
    .addHelpText('after', '\nExample:\n  tieback reject 5012 --comment "we do not buy there"')
    .action(async (id: string, options: ApproveOptions) => {
      const comment = options.comment?.trim() ?? '';
      if (comment === '') {
        throw new CliError(
          'A rejection needs a reason: the person who sent the record reads it in Procore.',
          {
            hint: `tieback reject ${id} --comment "why"`,
          },
        );
      }
      const { request, current, config } = await look(cli, wholeNumber(id), options);
      if (current) assertNamed(request, current, options.plan);
      const input = {
        planHash: current?.plan.hash ?? NO_PLAN,
        by: cli.person(options.as),
        comment,
        channel: 'cli',
      };
      await decide(cli, config, request, { name: REQUEST_UPDATES.reject, input }, options.wait);
    });
};

const look = (cli: Cli, requestId: number, { connection }: DecisionOptions) =>
  withStore(cli, async (store, config) => {
    const request = await findRequest(store, requestId, connection);
    assertOpen(request);
    const current = await store.read('cli.plan', (t) => currentPlan(t, request));
    return { request, current, config };
  });

function planToApprove(request: ErpRequestRow, current: CurrentPlan | null): CurrentPlan {
  if (current !== null && request.status === 'waiting_for_finance') return current;
  const { requestId, status, reason } = request;
  throw new CliError(
    `ERP request ${requestId} is ${statusWords(status)}, not waiting for approval${reason === null ? '.' : `: ${reason}`}`,
    { code: 'NOTHING_TO_APPROVE', hint: `\`tieback show ${requestId}\` tells what can be done.` },
  );
}

function assertNamed({ requestId }: ErpRequestRow, { plan }: CurrentPlan, named: string | undefined): void {
  if (named === undefined) return;
  if (!/^[0-9a-f]{6,64}$/.test(named)) {
    throw new CliError(`"${named}" is not the beginning of a plan hash.`, {
      hint: `Give at least six of its characters, as \`tieback show ${requestId}\` prints them.`,
    });
  }
  if (plan.hash.startsWith(named)) return;
  throw new CliError(`The plan is ${shortHash(plan.hash)} now, not ${named}.`, {
    code: 'PLAN_CHANGED',
    hint: `Look at it again with \`tieback show ${requestId}\`.`,
  });
}

/** At a terminal the plan is shown first; elsewhere the plan that is stored now is the one that is bound. */
async function confirmed(cli: Cli, { plan, pages }: CurrentPlan, { yes }: ApproveOptions): Promise<boolean> {
  if (yes === true || cli.json || cli.io.ask === null) return true;
  cli.print(renderPlan(plan, pages, { ...cli.tableOptions, most: 20 }));
  const answer = await cli.io.ask(`\nApprove plan ${shortHash(plan.hash)}? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  cli.print('Not approved; nothing was changed.');
  return false;
}
