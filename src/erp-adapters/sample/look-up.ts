import type { FieldValue } from '../../domain/kinds/record';
import type { RefTarget } from '../../domain/kinds';
import type { ErpRef, ErpRefState } from '../contract/adapter';
import type { Condition, Moment, ReadHeader } from './record-reader';
import { among, headersOfKeys, readHeaders, readLines } from './record-reader';
import type { KindSpec, LineSpec } from './record-tables';
import { keyColumn, ownersOfLine, specOf } from './record-tables';
import type { Scope } from './scope';
import { idOfKey, keyOf } from './scope';

type Standing = Omit<ErpRefState, 'target' | 'key'>;

/** How records and lines stand, in the order asked; few queries, however many are asked for. */
export function lookUp(moment: Moment, refs: readonly ErpRef[]): readonly ErpRefState[] {
  const keys = new Map<RefTarget, Set<string>>();
  for (const { target, key } of refs) keys.set(target, (keys.get(target) ?? new Set()).add(key));
  const found = new Map([...keys].map(([target, of]) => [target, standingsOf(moment, target, [...of])]));
  return refs.map(({ target, key }) => ({
    target,
    key,
    ...(found.get(target)?.get(key) ?? absent(target, key)),
  }));
}

const absent = (target: RefTarget, key: string): Standing => ({
  state: 'absent',
  label: `${target.replace(/_/g, ' ')} ${key}`,
  parentKey: null,
  number: null,
});

function standingsOf(
  moment: Moment,
  target: RefTarget,
  keys: readonly string[],
): ReadonlyMap<string, Standing> {
  const spec = specOf(target);
  return spec === undefined
    ? lineStandings(moment, target, keys)
    : new Map(
        headersOfKeys(moment, spec, keys).map((header) => [
          keyOf(target, header.id, moment.scope),
          recordStanding(moment.scope, spec, header),
        ]),
      );
}

const text = (value: FieldValue | undefined): string | null => (typeof value === 'string' ? value : null);

function recordStanding(scope: Scope, spec: KindSpec, header: ReadHeader): Standing {
  const code = text(header.fields['code']);
  return {
    state: header.state,
    label: labelOf(spec, header, scope),
    parentKey: null,
    number: code,
    code,
    name: text(header.fields['name']),
  };
}

function lineStandings(
  moment: Moment,
  target: RefTarget,
  keys: readonly string[],
): ReadonlyMap<string, Standing> {
  const { scope } = moment;
  const standings = new Map<string, Standing>();
  for (const [spec, line] of ownersOfLine(target)) {
    const found = readLines(moment, line, linesOfKeys(scope, line, keys));
    const parents = [...new Set(found.map(({ parentId }) => parentId))];
    if (parents.length === 0) continue;
    const headers = new Map(
      readHeaders(moment, spec, among(keyColumn(spec), parents)).map((header) => [header.id, header]),
    );
    for (const {
      parentId,
      state,
      line: { number, erpKey, fields },
    } of found) {
      const header = headers.get(parentId);
      if (header === undefined || erpKey === null || standings.has(erpKey)) continue;
      standings.set(erpKey, {
        // Nothing new may use a line of a record that is closed or void.
        state: header.state === 'active' ? state : header.state,
        label: line.label(number, labelOf(spec, header, scope)),
        parentKey: keyOf(spec.kind, header.id, scope),
        number,
        code: text(fields['code']),
        name: text(fields['name']),
      });
    }
  }
  return standings;
}

/** A line without a key of its own is looked for by the first half of it. */
function linesOfKeys(scope: Scope, { kind, pair }: LineSpec, keys: readonly string[]): Condition {
  const [column, target] = pair?.[0] ?? ['KeyID', kind];
  const ids = keys.map((key) => idOfKey(target, key.split('/')[0] ?? '', scope));
  return among(
    column,
    ids.filter((id) => id !== null),
  );
}

/** How sentences name a record: `job 1024-001`. */
export function nameOf({ noun, kind }: KindSpec, { id, fields }: ReadHeader, scope: Scope): string {
  const { code } = fields;
  return `${noun} ${typeof code === 'string' ? code : keyOf(kind, id, scope)}`;
}

/** With the name where people need it: `vendor 10017 "Falcon Demolition LLC"`. */
function labelOf(spec: KindSpec, header: ReadHeader, scope: Scope): string {
  const { name } = header.fields;
  const label = nameOf(spec, header, scope);
  return spec.showsName && typeof name === 'string' ? `${label} "${name}"` : label;
}
