import { assertNamed, assertReason, planToApprove } from '../desk/decide';
import type { CurrentPlan } from '../desk/dossier';
import type { Cli, Register } from './cli';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions, decide, lookAt } from './decision-options';
import { shortHash } from './format';
import { renderPlan } from './render-plan';

interface ApproveOptions extends DecisionOptions {
  readonly plan?: string;
  readonly yes?: true;
}

export const registerApprove: Register = (program, cli) => {
  addDecisionOptions(program.command('approve <id>'))
    .description('approve the plan of a request; exactly this plan is then written')
    .option(
      '--plan <hash>',
      'the plan you looked at (its hash, as far as it is shown); refused when it is another one now',
    )
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback approve 5012 --comment "checked W-9"\n  tieback approve erp/5012 --plan 3fa8c2d19b07 --yes',
    )
    .action(async (id: string, options: ApproveOptions) => {
      const open = await lookAt(cli, id, options, { toApprove: true });
      const current = planToApprove(open.request, open.current);
      if (options.plan !== undefined) assertNamed(current.plan, options.plan);
      if (!(await confirmed(cli, current, options))) return;
      const { comment = '', wait } = options;
      await decide(cli, open, { answer: 'approve', plan: current.plan.hash, comment }, wait);
    });
};

export const registerReject: Register = (program, cli) => {
  addDecisionOptions(program.command('reject <id>'))
    .description('reject the plan of a request, or give up a parked one; Procore shows the comment')
    .option('--plan <hash>', 'the plan you looked at (its hash, as far as it is shown)')
    .addHelpText('after', '\nExample:\n  tieback reject 5012 --comment "we do not buy there"')
    .action(async (id: string, options: ApproveOptions) => {
      const { comment = '', plan, wait } = options;
      assertReason(comment);
      const open = await lookAt(cli, id, options);
      if (open.current !== null && plan !== undefined) assertNamed(open.current.plan, plan);
      await decide(cli, open, { answer: 'reject', plan: open.current?.plan.hash, comment }, wait);
    });
};

/** At a terminal the plan is shown first; elsewhere the plan that is stored now is the one that is bound. */
async function confirmed(cli: Cli, { plan, pages }: CurrentPlan, { yes }: ApproveOptions): Promise<boolean> {
  if (yes === true || cli.json || cli.io.ask === null) return true;
  cli.print(renderPlan(plan, pages, { ...cli.tableOptions, most: 20 }));
  const answer = await cli.io.ask(`\nApprove plan ${shortHash(plan.hash)}? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  cli.print('Not approved; nothing was changed.');
  return false;
}
