import type { Correction } from '../domain/request/flow';
import { REQUEST_UPDATES } from '../domain/request/flow';
import { ENTITIES, definitionOf } from '../domain/kinds/entity';
import { VENDOR_FIELD_LABELS, VENDOR_FIELDS } from '../domain/kinds/vendor';
import type { Cli, Register } from './cli';
import { wholeNumber } from './cli';
import type { DecisionOptions } from './decision-options';
import { addDecisionOptions, assertOpen, decide } from './decision-options';
import { CliError } from './errors';
import { findRequest, withStore } from './store';

/** Correctable fields by kind of record, with their words. */
const FIELDS = new Map<string, readonly (readonly [name: string, label: string, isFlag: boolean])[]>([
  ['vendor', VENDOR_FIELDS.map((field) => [field, VENDOR_FIELD_LABELS[field], field === 'isActive'])],
  ...ENTITIES.filter((entity) => entity !== 'vendor').map(
    (entity) =>
      [
        entity,
        Object.entries(definitionOf(entity).fields)
          .filter(([, { kind }]) => kind !== 'reference')
          .map(([field, { label, kind }]) => [field, label, kind === 'flag'] as const),
      ] as const,
  ),
]);

const HELP = [...FIELDS]
  .map(([entity, fields]) => `  ${entity.replaceAll('_', ' ')}: ${fields.map(([name]) => name).join(', ')}`)
  .join('\n');

const NAMES = new Set([...FIELDS.values()].flat().map(([name]) => name));
const FLAGS = new Set([...FIELDS.values()].flat().flatMap(([name, , isFlag]) => (isFlag ? [name] : [])));

export const registerCorrect: Register = (program, cli) => {
  addDecisionOptions(program.command('correct <id> <field=value...>'))
    .description('enter values that replace what Procore sent; the plan is built again')
    .addHelpText(
      'after',
      `\nFields by kind of record (references cannot be corrected):\n${HELP}\n\nA value of - (or none) empties a field.\n\nExamples:\n` +
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
      throw new CliError(`"${pair}" is not field=value.`, { hint: 'Fields: see `tieback correct --help`.' });
    }
    if (!NAMES.has(field)) {
      throw new CliError(`There is no field "${field}".`, {
        code: 'UNKNOWN_FIELD',
        hint: 'Fields: see `tieback correct --help`.',
      });
    }
    if (field in values) throw new CliError(`The field "${field}" is given twice.`);
    values[field] = parseValue(field, pair.slice(at + 1).trim());
  }
  return values;
}

function parseValue(field: string, text: string): string | boolean | null {
  if (FLAGS.has(field)) {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new CliError(`${field} is true or false, not "${text}".`);
  }
  return text === '' || text === '-' ? null : text;
}
