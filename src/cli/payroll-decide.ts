import type { Command } from 'commander';
import type { PaySubject } from '../domain/payroll/decisions';
import { PAY_ANSWERS } from '../domain/payroll/decisions';
import type { Cli } from './cli';
import { correct } from './correct';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions } from './decision-options';
import { CliError } from './errors';

const MEANS: Readonly<Record<(typeof PAY_ANSWERS)[PaySubject]['answers'][number], string>> = {
  adopt: 'the row of somebody else pays what our entries say',
  ignore: 'the row of somebody else is none of ours',
  correct: 'what is posted is corrected, although nobody edited the entry',
  leave: 'what the ERP shows stays as it is until the entry is edited',
  again: 'the line that somebody took out is written again',
  drop: 'it stays out until its entries are edited',
};

const HELP = Object.values(PAY_ANSWERS).flatMap(({ word, answers }) =>
  answers.map((answer) => `  ${word} <id> ${answer.padEnd(8)} ${MEANS[answer]}`),
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

function fieldFor(word: string, answer: string): string {
  const [field, known] = Object.entries(PAY_ANSWERS).find(([, one]) => one.word === word) ?? [];
  if (known === undefined)
    throw new CliError(`Nothing is asked about a "${word}".`, {
      hint: `It is about one of: ${Object.values(PAY_ANSWERS)
        .map((one) => one.word)
        .join(', ')}.`,
      code: 'BAD_ANSWER',
    });
  if (!known.answers.some((one) => one === answer))
    throw new CliError(`"${answer}" is no answer about a ${word}.`, {
      hint: `Answer one of: ${known.answers.join(', ')}.`,
      code: 'BAD_ANSWER',
    });
  return field ?? '';
}
