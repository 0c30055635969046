import { isObject, type JsonObject } from './json';

function at(value: unknown, ...keys: string[]): unknown {
  let current = value;
  for (const key of keys) current = isObject(current) ? current[key] : undefined;
  return current;
}

/** What a validation looks at: the text of the field, and whether the field is a cost code with codes below it. */
interface Subject {
  text: string;
  division: boolean;
}

type Check = (subject: Subject, limit: number) => boolean;

const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);

/** Broken or not, and what to say without a message of the integrator (Procore guide "ERP Metadata"). */
const VALIDATIONS: Record<string, [broken: Check, fallback: string]> = {
  present: [({ text }) => text.trim() === '', "can't be blank"],
  numeric: [({ text }) => text !== '' && !isNumber(text), 'is not a number'],
  positive: [({ text }) => text !== '' && !(isNumber(text) && Number(text) > 0), 'must be positive'],
  max_length: [({ text }, limit) => text.length > limit, 'is too long (maximum is %{length} characters)'],
  max_line_length: [
    ({ text }, limit) => text.split(/\r?\n/).some((line) => line.length > limit),
    'has a line that is too long (maximum is %{length} characters)',
  ],
  max_length_decimal: [
    ({ text }, limit) => (text.split('.')[1] ?? '').replace(/0+$/, '').length > limit,
    'has too many decimal places (maximum is %{length})',
  ],
  max_length_units: [
    ({ text }, limit) => (text.split('.')[0] ?? '').replace('-', '').length > limit,
    'is too large (maximum is %{length} digits)',
  ],
  disallow_division: [({ division }) => division, 'must not be a division'],
};

/** `format` names the format of the job id: `#` a digit, `@` a letter, `*` either; other characters stand for themselves. */
function breaksFormat(text: string, format: string): boolean {
  const classes: Record<string, string> = { '#': '\\d', '@': '[A-Za-z]', '*': '[A-Za-z0-9]' };
  const pattern = [...format].map((c) => classes[c] ?? c.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('');
  return text !== '' && !new RegExp(`^${pattern}$`).test(text);
}

/**
 * Checks values against `rules.save` or `rules.export` of an entity of the integration's metadata. Returns what the person is told;
 * empty when the work may go on.
 */
export function ruleComplaints(
  metadata: JsonObject | undefined,
  { entity, moment }: { entity: string; moment: 'save' | 'export' },
  values: JsonObject,
  divisions: readonly string[] = [],
): string[] {
  const entityRules = at(metadata, 'settings', 'entities', entity);
  const fields = at(entityRules, 'rules', moment, 'fields');
  if (!isObject(fields)) return [];
  const jobFormat = at(entityRules, 'configs', 'job_id_format');
  const format =
    typeof jobFormat === 'string' ? jobFormat : (at(jobFormat, 'format') ?? at(jobFormat, 'text'));
  const complaints: string[] = [];
  for (const [name, rule] of Object.entries(fields)) {
    if (at(rule, 'enabled') === false) continue;
    const raw = values[name] ?? null;
    const text = typeof raw === 'string' || typeof raw === 'number' ? String(raw) : '';
    const subject = { text, division: divisions.includes(name) };
    const complain = (validation: unknown, fallback: string): void => {
      const message = at(validation, 'message');
      const length = at(validation, 'length');
      complaints.push(
        (typeof message === 'string' ? message : `${name} ${fallback}`)
          .replaceAll('%{length}', typeof length === 'number' ? String(length) : '')
          .replaceAll('%{job_code_format}', typeof format === 'string' ? format : ''),
      );
    };
    for (const [kind, [broken, fallback]] of Object.entries(VALIDATIONS)) {
      const validation = at(rule, 'validation', kind);
      if (at(validation, 'enabled') === true && broken(subject, Number(at(validation, 'length') ?? 0))) {
        complain(validation, fallback);
      }
    }
    const wanted = at(rule, 'validation', 'format');
    if (at(wanted, 'enabled') === true && typeof format === 'string' && breaksFormat(text, format)) {
      complain(wanted, 'has the wrong format');
    }
  }
  return complaints;
}

/** `configs.<switch>.enabled` of an entity; undefined where the metadata says nothing. */
export function metadataSwitch(
  metadata: JsonObject | undefined,
  entity: string,
  ...path: string[]
): boolean | undefined {
  const value = at(metadata, 'settings', 'entities', entity, 'configs', ...path, 'enabled');
  return typeof value === 'boolean' ? value : undefined;
}
