import type Database from 'better-sqlite3';
import type { RefTarget } from '../../domain/kinds/entity';
import type { ErpRef, ErpRefState } from '../contract/adapter';
import type { SampleConnection } from './connection';
import { scopeOf } from './health';
import type { Scope } from './record-fields';
import { idOfKey, keyOf } from './record-fields';
import type { ReadHeader } from './record-reader';
import { readHeaders, readLines } from './record-reader';
import type { EntitySpec } from './record-tables';
import { ownersOfLine, specOf } from './record-tables';

type Standing = Omit<ErpRefState, 'target' | 'key'>;

/** How records and lines stand, in the order asked. Reads one moment of the ERP. */
export function lookUp(
  connection: SampleConnection,
  company: number,
  refs: readonly ErpRef[],
): readonly ErpRefState[] {
  const scope = scopeOf(connection, company);
  return connection.read('erp.lookUp', (db) =>
    db.transaction(() =>
      refs.map(({ target, key }) => ({
        target,
        key,
        ...(standingOf(db, scope, target, key) ?? absent(target, key)),
      })),
    )(),
  );
}

/** Whether there is such a record or line, in any state. */
export const refExists = (db: Database.Database, scope: Scope, target: RefTarget, key: string): boolean =>
  standingOf(db, scope, target, key) !== null;

const absent = (target: RefTarget, key: string): Standing => ({
  state: 'absent',
  label: `${target.replace(/_/g, ' ')} ${key}`,
  parentKey: null,
  number: null,
});

function standingOf(db: Database.Database, scope: Scope, target: RefTarget, key: string): Standing | null {
  if (target === 'vendor') return vendorStanding(db, scope, key);
  if (target === 'cost_type_assignment') return assignmentStanding(db, scope, key);
  const id = idOfKey(target, key, scope);
  if (id === null) return null;
  const spec = specOf(target);
  return spec === undefined ? lineStanding(db, scope, target, id) : recordStanding(db, scope, spec, id);
}

function vendorStanding(db: Database.Database, scope: Scope, key: string): Standing | null {
  const number = idOfKey('vendor', key, scope);
  const row =
    number === null
      ? undefined
      : db
          .prepare<[number, number], { Name: string; Status: string }>(
            'SELECT Name, Status FROM APVM WHERE VendorGroup = ? AND Vendor = ?',
          )
          .get(scope.vendorGroup, number);
  if (row === undefined) return null;
  return {
    state: row.Status === 'A' ? 'active' : 'inactive',
    label: `vendor ${number} "${row.Name.trim()}"`,
    parentKey: null,
    number: String(number),
  };
}

function recordStanding(db: Database.Database, scope: Scope, spec: EntitySpec, id: number): Standing | null {
  const header = headerOf(db, scope, spec, id);
  if (header === undefined) return null;
  const { code } = header.fields;
  return {
    state: header.state,
    label: labelOf(spec, header, scope),
    parentKey: null,
    number: typeof code === 'string' ? code : null,
  };
}

function lineStanding(db: Database.Database, scope: Scope, target: RefTarget, id: number): Standing | null {
  return lineStandingBy(db, scope, target, 't.KeyID = ?', [id]);
}

/** `<cost code key>/<cost type key>`: it has no key of its own. */
function assignmentStanding(db: Database.Database, scope: Scope, key: string): Standing | null {
  const [phaseKey = '', typeKey = '', ...rest] = key.split('/');
  const phase = idOfKey('cost_code', phaseKey, scope);
  const type = idOfKey('line_item_type', typeKey, scope);
  if (phase === null || type === null || rest.length > 0) return null;
  const condition = 't.PhaseID = ? AND t.CostTypeID = ?';
  return lineStandingBy(db, scope, 'cost_type_assignment', condition, [phase, type]);
}

function lineStandingBy(
  db: Database.Database,
  scope: Scope,
  target: RefTarget,
  condition: string,
  bound: readonly number[],
): Standing | null {
  for (const [spec, line] of ownersOfLine(target)) {
    const [found] = readLines(db, line, scope, condition, bound);
    const header = found && headerOf(db, scope, spec, found.parentId);
    if (found === undefined || header === undefined) continue;
    return {
      // Nothing new may use a line of a record that is closed or void.
      state: header.state === 'active' ? found.state : header.state,
      label: line.label(found.line.number, labelOf(spec, header, scope)),
      parentKey: keyOf(spec.entity, header.id, scope),
      number: found.line.number,
    };
  }
  return null;
}

const headerOf = (
  db: Database.Database,
  scope: Scope,
  spec: EntitySpec,
  id: number,
): ReadHeader | undefined => readHeaders(db, spec, scope, 't.KeyID = @id', { id })[0];

function labelOf({ noun, entity }: EntitySpec, { id, fields }: ReadHeader, scope: Scope): string {
  const { code } = fields;
  return `${noun} ${typeof code === 'string' ? code : keyOf(entity, id, scope)}`;
}
