import type { CorrectableLines, CorrectableValue } from '../desk/corrections';
import { CORRECTABLE, correctableIn, correctionsFrom } from '../desk/corrections';
import { assertOpen } from '../desk/decide';
import { findRequest, isAmbiguous } from '../desk/find-request';
import type { ColumnRule } from '../domain/kinds/column-rules';
import type { Correction } from '../domain/request/flow';
import type { Cli, Register } from './cli';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions, decide, lookAt } from './decision-options';
import { plural, shorten } from './format';
import { nameOf } from './next-commands';
import { fold, table } from './print-table';
import { withStore } from './store';
import { fieldWords } from './values';

const HELP = CORRECTABLE.map(
  ({ kind, fields }) => `  ${kind}: ${fields.map(({ name }) => name).join(', ')}`,
).join('\n');

export const registerCorrect: Register = (program, cli) => {
  addDecisionOptions(program.command('correct <id> [field=value...]'))
    .description(
      'enter values that replace what Procore sent; the plan is built again. Without values: what can be corrected',
    )
    .addHelpText(
      'after',
      `\nFields by kind of record (references cannot be corrected):\n${HELP}\n\nA value of - (or none) empties a field.\n\nExamples:\n` +
        '  tieback correct 5012\n  tieback correct 5012 name="Cobalt Mechanical LLC" sortName=COBALT\n  tieback correct erp/5012 fax=- isActive=true\n' +
        '  tieback correct 6001 3.description="Rough-in"   (line 3)',
    )
    .action(async (id: string, pairs: string[], options: DecisionOptions) => {
      const known = await lookAtFields(cli, id, options);
      if (pairs.length > 0) return correct(cli, id, correctionsFrom(pairs, known), options);
      const { kind, label, values, lines } = known;
      cli.result({ kind, record: label, fields: values, lines }, () => render(cli, known));
    });
};

export const registerRetry: Register = (program, cli) => {
  addDecisionOptions(program.command('retry <id>'))
    .description('try a parked request again, after what was in its way was put right elsewhere')
    .addHelpText('after', '\nExample:\n  tieback retry 5012 --comment "the ERP batch is closed now"')
    .action((id: string, options: DecisionOptions) => correct(cli, id, {}, options));
};

type Fields = Awaited<ReturnType<typeof correctableIn>> & {
  readonly name: string;
  /** What is wrong with it; null where it is not parked. */
  readonly reason: string | null;
};

const lookAtFields = (cli: Cli, typed: string, { connection }: DecisionOptions): Promise<Fields> =>
  withStore(cli, async (store) => {
    const request = await findRequest(store, { typed, connectionId: connection });
    assertOpen(request);
    const name = nameOf(request, await isAmbiguous(store, request));
    const reason = request.status === 'parked' ? request.reason : null;
    return { ...(await correctableIn(store, request)), name, reason };
  });

function render(cli: Cli, { label, values, lines, name, reason }: Fields): string {
  const { paint } = cli;
  const isKnown = values.some(({ rule }) => rule !== null);
  const rows = values.map(({ name: field, label: words, value, type, corrected, required, rule }) => [
    field,
    words,
    `${shorten(fieldWords(value, type), 40)}${corrected ? paint.yellow(' (corrected)') : ''}`,
    takes({ type, required, rule }, isKnown),
  ]);
  return [
    paint.bold(fold(`${label}: what can be corrected`, cli.width)),
    ...(reason === null ? [] : [fold(reason, cli.width)]),
    table(['field', 'label', 'now', 'the ERP takes'], rows, { ...cli.tableOptions, wrap: true, indent: 2 }),
    ...lines.map((line) => renderLines(cli, line, isKnown)),
    '',
    `Such as: ${paint.cyan(exampleFor(name, values))}`,
    paint.dim(
      fold(
        'A value of - empties a field. References (vendor, job, cost codes) are put right in Procore.',
        cli.width,
      ),
    ),
  ].join('\n');
}

/** The fields of lines are the same for each of them: told once, with the first line as the example. */
function renderLines(cli: Cli, { label, numbers, fields }: CorrectableLines, isKnown: boolean): string {
  const [first = '1'] = numbers;
  const rows = fields.map((field) => [`${first}.${field.name}`, field.label, takes(field, isKnown)]);
  const head = `${label}: ${plural(numbers.length, 'line')} (${shorten(numbers.join(', '), 40)})`;
  return `\n${cli.paint.bold(head)}\n${table(['field', 'label', 'the ERP takes'], rows, { ...cli.tableOptions, wrap: true, indent: 2 })}`;
}

const takes = (
  { type, required, rule }: Pick<CorrectableValue, 'type' | 'required' | 'rule'>,
  isKnown: boolean,
): string =>
  [
    required ? 'required' : '',
    type === 'flag'
      ? 'true or false'
      : type === 'date'
        ? 'a date such as 2026-03-31'
        : limitWords(rule, isKnown),
  ]
    .filter((part) => part !== '')
    .join('; ');

const MOST_VALUES = 12;

/** What a column takes, in a few words. */
function limitWords(rule: ColumnRule | null, isKnown: boolean): string {
  if (rule === null) return isKnown ? 'nothing: the ERP has no such field' : '';
  const { maxLength, unit, decimals, allowed, pattern, range, upperCase, assigned } = rule;
  const values = allowed?.slice(0, MOST_VALUES).join(', ');
  return [
    allowed === undefined
      ? ''
      : `one of ${values}${allowed.length > MOST_VALUES ? ` and ${allowed.length - MOST_VALUES} more` : ''}`,
    decimals === undefined
      ? allowed === undefined
        ? `at most ${maxLength} ${unit}`
        : ''
      : `a number with ${decimals} decimals`,
    // What a refusal says, turned into what is taken: `it is not a valid e-mail address`.
    pattern === undefined || range !== undefined
      ? ''
      : pattern.explains.replace(/^it is not /, '').replace(/^it /, ''),
    range === undefined ? '' : `from ${range.from} to ${range.to}`,
    upperCase === true ? 'in capitals' : '',
    assigned === true ? 'empty: the next free one' : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** An example that could be typed: with a field of this record. */
function exampleFor(name: string, values: readonly CorrectableValue[]): string {
  const isText = ({ type, rule }: CorrectableValue): boolean =>
    type === 'text' && rule?.allowed === undefined;
  const field =
    values.find((one) => one.name === 'name' || one.name === 'description') ?? values.find(isText);
  const value = typeof field?.value === 'string' ? field.value : 'new value';
  const limit = field?.rule?.maxLength ?? 30;
  return `tieback correct ${name} ${field?.name ?? 'field'}="${value.slice(0, Math.min(limit, 30)).trim()}"`;
}

/** Sends what somebody entered to the request. */
export async function correct(
  cli: Cli,
  typed: string,
  values: Correction['values'],
  options: DecisionOptions,
): Promise<void> {
  const open = await lookAt(cli, typed, options);
  const { comment = '', wait } = options;
  await decide(cli, open, { answer: 'correct', values, comment }, wait);
}
