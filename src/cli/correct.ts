import { CORRECTABLE, correctionsFrom } from '../desk/corrections';
import type { Correction } from '../domain/request/flow';
import type { Cli, Register } from './cli';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions, decide, lookAt } from './decision-options';

const HELP = CORRECTABLE.map(
  ({ kind, fields }) => `  ${kind}: ${fields.map(({ name }) => name).join(', ')}`,
).join('\n');

export const registerCorrect: Register = (program, cli) => {
  addDecisionOptions(program.command('correct <id> <field=value...>'))
    .description('enter values that replace what Procore sent; the plan is built again')
    .addHelpText(
      'after',
      `\nFields by kind of record (references cannot be corrected):\n${HELP}\n\nA value of - (or none) empties a field.\n\nExamples:\n` +
        '  tieback correct 5012 name="Cobalt Mechanical LLC" sortName=COBALT\n  tieback correct erp/5012 fax=- isActive=true',
    )
    .action((id: string, pairs: string[], options: DecisionOptions) =>
      correct(cli, id, correctionsFrom(pairs), options),
    );
};

export const registerRetry: Register = (program, cli) => {
  addDecisionOptions(program.command('retry <id>'))
    .description('try a parked request again, after what was in its way was put right elsewhere')
    .addHelpText('after', '\nExample:\n  tieback retry 5012 --comment "the ERP batch is closed now"')
    .action((id: string, options: DecisionOptions) => correct(cli, id, {}, options));
};

async function correct(
  cli: Cli,
  typed: string,
  values: Correction['values'],
  options: DecisionOptions,
): Promise<void> {
  const open = await lookAt(cli, typed, options);
  const { comment = '', wait } = options;
  await decide(cli, open, { answer: 'correct', values, comment }, wait);
}
