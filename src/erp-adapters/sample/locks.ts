import type { Document, KindSpec, SqlModel } from '../sql/model';
import type { Scope } from '../sql/scope';
import { ownerIn } from '../sql/scope';
import type { SqlSession } from '../sql/session';
import { askAll, query } from '../sql/session';
import { RECORD_SPECS } from './tables';

/**
 * Locks are agreements between programs: the database would let us write past them, so we must look ourselves. Nobody may have the file, the record, or
 * what its header refers to on the screen.
 */
export const heldByPeople: NonNullable<SqlModel['held']> = async (session, scope, spec, documents) => {
  const resources = documents.map((document) => resourcesOf(spec, document, scope));
  const held = await locksOn(session, [...new Set(resources.flat())]);
  return resources.map((names) => {
    const name = [...names].sort().find((one) => held.has(one));
    return name === undefined ? null : (held.get(name) ?? null);
  });
};

function resourcesOf(
  { table, owner, fields }: KindSpec,
  { id, fields: given }: Document,
  scope: Scope,
): readonly string[] {
  const parents = Object.entries(fields).flatMap(([field, { refersTo }]) => {
    const key = given[field];
    const parent = RECORD_SPECS.find(({ kind }) => kind === refersTo);
    return parent && !parent.guardsItselfOnly && typeof key === 'string' ? [`${parent.table}|${key}`] : [];
  });
  const file = String(ownerIn(owner, scope));
  return [`${table}|${file}`, ...(id === null ? [] : [`${table}|${file}|${id}`]), ...parents];
}

async function locksOn(
  session: SqlSession,
  resources: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await askAll(
    session,
    'locks',
    query(
      `SELECT Resource, Screen, HeldBy, Since FROM HQLK WHERE Resource ${session.dialect.inList('resources')}`,
      {
        resources: JSON.stringify(resources),
      },
    ),
  );
  return new Map(
    rows.map(({ Resource, Screen, HeldBy, Since }) => [
      String(Resource),
      `${String(HeldBy)} has "${String(Screen)}" open since ${String(Since)}`,
    ]),
  );
}
