import type { Command } from 'commander';
import type { Cli } from './cli';
import { correct } from './correct';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions } from './decision-options';
import { CliError } from './errors';

/** What may be answered, by what it is about: its name in the log, and the answers with what they mean. */
const ANSWERS: Readonly<
  Record<string, { readonly field: string; readonly answers: Readonly<Record<string, string>> }>
> = {
  row: {
    field: 'pay_row',
    answers: {
      adopt: 'the row of somebody else pays what our entries say',
      ignore: 'the row of somebody else is none of ours',
    },
  },
  entry: {
    field: 'timecard_entry',
    answers: {
      correct: 'what is posted is corrected, although nobody edited the entry',
      leave: 'what the ERP shows stays as it is until the entry is edited',
    },
  },
  line: {
    field: 'pay_line',
    answers: {
      again: 'the line that somebody took out is written again',
      drop: 'it stays out until its entries are edited',
    },
  },
};

const HELP = Object.entries(ANSWERS).flatMap(([what, { answers }]) =>
  Object.entries(answers).map(([answer, means]) => `  ${what} <id> ${answer.padEnd(8)} ${means}`),
);

/** Answers to what no rule decides, below `tieback payroll`. */
export function registerPayrollDecide(payroll: Command, cli: Cli): void {
  addDecisionOptions(payroll.command('decide <request> <what> <id> <answer>'))
    .description('answer what a pay period asks about a row of the ERP, an entry or a line')
    .addHelpText(
      'after',
      `\nWhat it asks stands in \`tieback exceptions\`, with the command that answers it:\n${HELP.join('\n')}\n\n` +
        'Example:\n  tieback payroll decide payroll/1-W-2026-11-21 row 4711 adopt --comment "Mary paid it by hand"',
    )
    .action((request: string, what: string, id: string, answer: string, options: DecisionOptions) =>
      correct(cli, request, { [`${fieldFor(what, answer)}[${id}].decision`]: answer }, options),
    );
}

function fieldFor(what: string, answer: string): string {
  const known = ANSWERS[what];
  if (known === undefined)
    throw new CliError(`Nothing is asked about a "${what}".`, {
      hint: `It is about one of: ${Object.keys(ANSWERS).join(', ')}.`,
      code: 'BAD_ANSWER',
    });
  if (known.answers[answer] === undefined)
    throw new CliError(`"${answer}" is no answer about a ${what}.`, {
      hint: `Answer one of: ${Object.keys(known.answers).join(', ')}.`,
      code: 'BAD_ANSWER',
    });
  return known.field;
}
