import { approval, assertNamed, planToApprove, rejection } from '../desk/decide';
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

const deciderOf = (cli: Cli, { as, comment }: DecisionOptions) => ({
  by: cli.person(as),
  comment: comment?.trim() ?? '',
  channel: 'cli',
});

export const registerApprove: Register = (program, cli) => {
  addDecisionOptions(program.command('approve <id>'))
    .description('approve the plan of a request; exactly this plan is then written')
    .option(
      '--plan <hash>',
      'the plan you looked at (any beginning of its hash); refused when it is another one now',
    )
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback approve 5012 --comment "checked W-9"\n  tieback approve erp/5012 --plan 3fa8c2d1 --as maria@acme.example',
    )
    .action(async (id: string, options: ApproveOptions) => {
      const open = await lookAt(cli, id, options, { toApprove: true });
      const current = planToApprove(open.request, open.current);
      assertNamed(current.plan, options.plan);
      if (!(await confirmed(cli, current, options))) return;
      await decide(cli, open, approval(current, deciderOf(cli, options)), options.wait);
    });
};

export const registerReject: Register = (program, cli) => {
  addDecisionOptions(program.command('reject <id>'))
    .description('reject the plan of a request, or give up a parked one; Procore shows the comment')
    .option('--plan <hash>', 'the plan you looked at (any beginning of its hash)')
    .addHelpText('after', '\nExample:\n  tieback reject 5012 --comment "we do not buy there"')
    .action(async (id: string, options: ApproveOptions) => {
      const open = await lookAt(cli, id, options);
      if (open.current) assertNamed(open.current.plan, options.plan);
      await decide(cli, open, rejection(open.current, deciderOf(cli, options)), options.wait);
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
