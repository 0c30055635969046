import type { Call } from '../http-kit';
import { asString } from '../json';
import { readRange } from '../ranges';
import { isLinked, originId, type SimRecord } from './record';

type Predicate = (record: SimRecord) => boolean;

/** In the order of the ids, or by name where the list documents `sort` and the call wants it. */
export function sorted({ query, operation }: Call, records: SimRecord[]): SimRecord[] {
  const byId = (a: SimRecord, b: SimRecord): number => a.id - b.id;
  const [, minus, field] = /^(-?)(name)$/.exec(query.get('sort') ?? '') ?? [];
  if (field === undefined || !operation.queryParams.some((p) => p.name === 'sort')) return records.sort(byId);
  const text = (r: SimRecord): string => asString(r.fields[field]) ?? '';
  records.sort((a, b) => text(a).localeCompare(text(b)) || byId(a, b));
  return minus === '-' ? records.reverse() : records;
}

/** The documented filters of a list; one that is not documented there is ignored, as Procore does. */
export function readFilters(call: Call): Predicate[] {
  const { query, operation } = call;
  const documented = operation.queryParams
    .map((p) => /^filters\[(\w+)\]/.exec(p.name)?.[1])
    .filter((name): name is string => name !== undefined);
  return documented.flatMap((name): Predicate[] => {
    const key = `filters[${name}]`;
    if (!query.has(key)) return [];
    const values = query.list(key) ?? [];
    if (name === 'updated_at' || name === 'created_at') {
      const [from, to] = readRange(query.get(key) ?? '');
      return [(r) => r[name] >= from && r[name] <= to];
    }
    if (name === 'id') return [(r) => values.includes(String(r.id))];
    if (name === 'origin_id') return [(r) => values.includes(originId(r) ?? '')];
    if (name === 'synced') return [(r) => String(isLinked(r)) === values[0]];
    if (name === 'by_status') {
      return [(r) => values[0] === 'All' || (r.fields['active'] !== false) === (values[0] === 'Active')];
    }
    if (name === 'name' || name === 'search') {
      const wanted = (values[0] ?? '').toLowerCase();
      return [(r) => (asString(r.fields['name']) ?? '').toLowerCase().includes(wanted)];
    }
    if (name === 'include_deleted') return [];
    const words = values.map((value) => value.toLowerCase());
    return [(r) => words.includes(String(r.fields[name]).toLowerCase())];
  });
}
