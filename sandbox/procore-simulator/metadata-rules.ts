import { isObject, type JsonObject } from './json';

function at(value: unknown, ...keys: string[]): unknown {
  let current = value;
  for (const key of keys) current = isObject(current) ? current[key] : undefined;
  return current;
}

/**
 * Checks the export form of a vendor against `rules.export` of the integration's metadata (Procore guide "ERP
 * Metadata"). Returns what the approver is told; empty when the export may go on.
 */
export function exportComplaints(metadata: JsonObject | undefined, values: JsonObject): string[] {
  const fields = at(metadata, 'settings', 'entities', 'vendors', 'rules', 'export', 'fields');
  if (!isObject(fields)) return [];
  const complaints: string[] = [];
  for (const [name, rule] of Object.entries(fields)) {
    if (at(rule, 'enabled') === false) continue;
    const raw = values[name] ?? null;
    const text = typeof raw === 'string' || typeof raw === 'number' ? String(raw) : '';
    const check = (kind: string, broken: (limit: number) => boolean, fallback: string): void => {
      const validation = at(rule, 'validation', kind);
      if (at(validation, 'enabled') !== true) return;
      const length = Number(at(validation, 'length') ?? 0);
      if (!broken(length)) return;
      const message = at(validation, 'message');
      complaints.push(
        (typeof message === 'string' ? message : `${name} ${fallback}`).replaceAll(
          '%{length}',
          String(length),
        ),
      );
    };
    check('present', () => text === '', "can't be blank");
    check('numeric', () => text !== '' && !/^-?\d+(\.\d+)?$/.test(text), 'is not a number');
    check('max_length', (limit) => text.length > limit, 'is too long (maximum is %{length} characters)');
  }
  return complaints;
}
