import type { RefTarget } from '../../domain/kinds';
import type { FieldValue } from '../../domain/kinds/record';
import type { ErpRef, ErpRefState } from '../contract/adapter';
import type { KindSpec, LineSpec, Moment, ReadHeader, Surroundings } from './model';
import type { ReadLine } from './reader';
import { among, headersQuery, idsIn, linesQuery, parentOf, toHeaders, toLines, withIds } from './reader';
import { keyColumn } from './model';
import type { Scope } from './scope';
import { Asking } from './session';

type Standing = Omit<ErpRefState, 'target' | 'key'>;

/** Lines that were found, of one sort of record. */
interface FoundLines {
  readonly spec: KindSpec;
  readonly line: LineSpec;
  readonly found: readonly ReadLine[];
}

/** How records and lines stand, in the order asked; two round trips, however many are asked for. */
export async function lookUp(moment: Moment, refs: readonly ErpRef[]): Promise<readonly ErpRefState[]> {
  const keys = new Map<RefTarget, Set<string>>();
  for (const { target, key } of refs) keys.set(target, (keys.get(target) ?? new Set()).add(key));

  const first = new Asking();
  const records = [...keys].flatMap(([target, of]) => {
    const spec = moment.catalogue.specOf(target);
    return spec === undefined ? [] : [askRecords(moment, first, spec, [...of])];
  });
  const lines = [...keys].flatMap(([target, of]) =>
    moment.catalogue.ownersOfLine(target).map((place) => askLinesOf(moment, first, place, [...of])),
  );
  await first.run(moment.session, 'refs');

  const second = new Asking();
  const standings = new Map(records.flatMap((take) => [...take()]));
  const parents = lines.map((take) => {
    const { spec, line, found } = take();
    const ids = [...new Set(found.map(({ parentId }) => parentId))];
    return { spec, line, found, headers: askHeaders(moment, second, spec, ids) };
  });
  await second.run(moment.session, 'parents');
  for (const { spec, line, found, headers } of parents) {
    const byId = new Map(headers().map((header) => [header.id, header]));
    for (const [key, standing] of lineStandings(moment, { spec, line, found }, byId))
      if (!standings.has(key)) standings.set(key, standing);
  }
  return refs.map(({ target, key }) => ({
    target,
    key,
    ...(standings.get(nameIn(target, key)) ?? absent(target, key)),
  }));
}

/** Keys of different targets may be alike. */
const nameIn = (target: RefTarget, key: string): string => `${target} ${key}`;

const absent = (target: RefTarget, key: string): Standing => ({
  state: 'absent',
  label: `${target.replace(/_/g, ' ')} ${key}`,
  parentKey: null,
  number: null,
});

type Standings = readonly (readonly [name: string, standing: Standing])[];

function askRecords(
  moment: Moment,
  asking: Asking,
  spec: KindSpec,
  keys: readonly string[],
): () => Standings {
  const { catalogue, scope } = moment;
  const headers = askHeaders(moment, asking, spec, idsIn(catalogue, spec, keys, scope));
  return () =>
    headers().map((header) => [
      nameIn(spec.kind, catalogue.keyOf(spec.kind, header.id, scope)),
      recordStanding(moment, spec, header),
    ]);
}

function askHeaders(
  { session, ...around }: Moment,
  asking: Asking,
  spec: KindSpec,
  ids: readonly string[],
): () => readonly ReadHeader[] {
  if (ids.length === 0) return () => [];
  const rows = asking.add(
    headersQuery(session, around.scope, { spec, condition: withIds(session, spec, ids) }),
  );
  return () => toHeaders(around, spec, rows());
}

function askLinesOf(
  { session, ...around }: Moment,
  asking: Asking,
  [spec, line]: readonly [KindSpec, LineSpec],
  keys: readonly string[],
): () => FoundLines {
  const [column, ids] = lineIds(around, line, keys);
  if (ids.length === 0) return () => ({ spec, line, found: [] });
  const rows = asking.add(linesQuery(session, line, among(session.dialect, `t.${column}`, ids)));
  return () => ({ spec, line, found: toLines(around, line, rows()) });
}

/** A line without a key of its own is looked for by the first half of it. */
function lineIds(
  { catalogue, scope }: Surroundings,
  line: LineSpec,
  keys: readonly string[],
): readonly [column: string, ids: readonly string[]] {
  const [column, target] = line.pair?.[0] ?? [keyColumn(line), line.kind];
  const ids = keys.map((key) => catalogue.idOf(target, key.split('/')[0] ?? '', scope));
  return [column, [...new Set(ids.filter((id) => id !== null))]];
}

const text = (value: FieldValue | undefined): string | null => (typeof value === 'string' ? value : null);

function recordStanding(around: Surroundings, spec: KindSpec, header: ReadHeader): Standing {
  const code = text(header.fields['code']);
  return {
    state: header.state,
    label: labelOf(around, spec, header),
    parentKey: null,
    number: code,
    code,
    name: text(header.fields['name']),
  };
}

function lineStandings(
  around: Surroundings,
  { spec, line, found }: FoundLines,
  headers: ReadonlyMap<string, ReadHeader>,
): Standings {
  return found.flatMap(({ parentId, state, line: { number, erpKey, fields } }) => {
    const header = headers.get(parentId);
    if (header === undefined || erpKey === null) return [];
    const standing: Standing = {
      // Nothing new may use a line of a record that is closed or void.
      state: header.state === 'active' ? state : header.state,
      label: line.label(number, labelOf(around, spec, header)),
      parentKey: around.catalogue.keyOf(spec.kind, header.id, around.scope),
      number,
      code: text(fields['code']),
      name: text(fields['name']),
    };
    return [[nameIn(line.kind, erpKey), standing] as const];
  });
}

/** How sentences name a record: `job 1024-001`. */
export function nameOf(
  { catalogue, scope }: Surroundings,
  { noun, kind }: KindSpec,
  { id, fields }: ReadHeader,
): string {
  const { code } = fields;
  return `${noun} ${typeof code === 'string' ? code : catalogue.keyOf(kind, id, scope)}`;
}

/** With the name where people need it: `vendor 10017 "Falcon Demolition LLC"`. */
function labelOf(around: Surroundings, spec: KindSpec, header: ReadHeader): string {
  const { name } = header.fields;
  const label = nameOf(around, spec, header);
  return spec.showsName && typeof name === 'string' ? `${label} "${name}"` : label;
}

/**
 * Asks which of these are there at all, in one round trip with other questions: what is about to be written refers to them, and the ERP knows rows,
 * not what we call them.
 */
export function askExisting(
  { session, catalogue, scope }: Moment,
  asking: Asking,
  refs: readonly ErpRef[],
): () => ReadonlySet<string> {
  const { dialect } = session;
  const wanted = new Map<RefTarget, Set<string>>();
  for (const { target, key } of refs) wanted.set(target, (wanted.get(target) ?? new Set()).add(key));
  const found = [...wanted].flatMap(([target, keys]) => {
    const spec = catalogue.specOf(target);
    if (spec !== undefined) {
      const ids = idsIn(catalogue, spec, [...keys], scope);
      return [[target, asking.add(existing(dialect, scope, { spec, line: null }, ids))] as const];
    }
    return catalogue.ownersOfLine(target).map(([owner, line]) => {
      const [, ids] = lineIds({ scope, catalogue }, line, [...keys]);
      return [target, asking.add(existing(dialect, scope, { spec: owner, line }, ids))] as const;
    });
  });
  return () =>
    new Set(
      found.flatMap(([target, rows]) =>
        rows().map(({ id }) => nameIn(target, catalogue.keyOf(target, id ?? null, scope))),
      ),
    );
}

/** Whether `askExisting` found it. */
export const isAmong = (existing: ReadonlySet<string>, { target, key }: ErpRef): boolean =>
  existing.has(nameIn(target, key));

function existing(
  dialect: Moment['session']['dialect'],
  scope: Scope,
  { spec, line }: { readonly spec: KindSpec; readonly line: LineSpec | null },
  ids: readonly string[],
): ReturnType<typeof headersQuery> {
  const owner = scope.owners[spec.owner] ?? null;
  const bound = { owner, ids: JSON.stringify(ids) };
  const where = spec.where === undefined ? '' : ` AND ${spec.where}`;
  const header = `SELECT ${dialect.read(`t.${keyColumn(spec)}`, 'text')} AS id FROM ${spec.source ?? spec.table} t WHERE t.${spec.owner} = @owner${where}`;
  if (line === null)
    return { sql: `${header} AND t.${keyColumn(spec)} ${dialect.inList('ids')}`, bound, reads: true };
  const key = line.pair?.[0][0] ?? keyColumn(line);
  return {
    sql: `SELECT ${dialect.read(`l.${key}`, 'text')} AS id
            FROM (SELECT t.${key}, ${parentOf(line)} AS parent_id FROM ${line.source ?? line.table} t ${line.join ?? ''}) l
           WHERE l.${key} ${dialect.inList('ids')} AND EXISTS (${header} AND t.${keyColumn(spec)} = l.parent_id)`,
    bound,
    reads: true,
  };
}
