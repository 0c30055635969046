import type { Correction } from '../domain/request-flow';
import { REQUEST_UPDATES } from '../domain/request-flow';
import type { VendorField } from '../domain/vendor';
import { VENDOR_FIELD_LABELS, VENDOR_FIELDS } from '../domain/vendor';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions, assertOpen, decide } from './decision-options';
import { CliError } from './errors';
import { findRequest, withStore } from './store';

const FIELDS = VENDOR_FIELDS.map((field) => `  ${field.padEnd(18)} ${VENDOR_FIELD_LABELS[field]}`).join('\n');

export const registerCorrect: Register = (program, cli) => {
  addDecisionOptions(program.command('correct <id> <field=value...>'))
    .description('enter values that replace what Procore sent; the plan is built again')
    .addHelpText(
      'after',
      `\nFields:\n${FIELDS}\n\nA value of - (or none) empties a field.\n\nExamples:\n` +
        '  tieback correct 5012 name="Cobalt Mechanical LLC" sortName=COBALT\n  tieback correct 5012 fax=- isActive=true',
    )
    .action(async (id: string, pairs: string[], options: DecisionOptions) => {
      await correct(cli, wholeNumber(id), parseValues(pairs), options);
    });
};

export const registerRetry: Register = (program, cli) => {
  addDecisionOptions(program.command('retry <id>'))
    .description('try a parked request again, after what was in its way was put right elsewhere')
    .addHelpText('after', '\nExample:\n  tieback retry 5012 --comment "the ERP batch is closed now"')
    .action(async (id: string, options: DecisionOptions) => {
      await correct(cli, wholeNumber(id), {}, options);
    });
};

async function correct(
  cli: Cli,
  requestId: number,
  values: Correction['values'],
  options: DecisionOptions,
): Promise<void> {
  const { request, config } = await withStore(cli, async (store, loaded) => {
    const row = await findRequest(store, requestId, options.connection);
    assertOpen(row);
    return { request: row, config: loaded };
  });
  const input = { by: cli.person(options.as), comment: options.comment ?? '', values };
  await decide(cli, config, request, { name: REQUEST_UPDATES.correct, input }, options.wait);
}

/** `field=value` pairs as canonical values. */
export function parseValues(pairs: readonly string[]): Correction['values'] {
  const values: Record<string, string | boolean | null> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const field = at < 0 ? pair : pair.slice(0, at);
    if (at < 1) {
      throw new CliError(`"${pair}" is not field=value.`, { hint: `Fields: ${VENDOR_FIELDS.join(', ')}` });
    }
    if (!isField(field)) {
      throw new CliError(`There is no field "${field}".`, {
        code: 'UNKNOWN_FIELD',
        hint: `Fields: ${VENDOR_FIELDS.join(', ')}`,
      });
    }
    if (field in values) throw new CliError(`The field "${field}" is given twice.`);
    values[field] = parseValue(field, pair.slice(at + 1).trim());
  }
  return values;
}

const isField = (name: string): name is VendorField => (VENDOR_FIELDS as readonly string[]).includes(name);

function parseValue(field: VendorField, text: string): string | boolean | null {
  if (field === 'isActive') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new CliError(`isActive is true or false, not "${text}".`);
  }
  return text === '' || text === '-' ? null : text;
}
