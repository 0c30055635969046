import type { FieldDefinition, Kind, LineKind, RefTarget } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import { byChangeTracking } from '../sql/change-tracking';
import { byCounter, byModified, byRowversion } from '../sql/changes';
import { byComparison } from '../sql/comparison';
import type { Dialect } from '../sql/dialect';
import { coded, date, decimal, flag, masked, number, ref, text, unique } from '../sql/fields';
import { Mask } from '../sql/masks';
import type { ChangeFeed, FieldSpec, KindSpec, LineSpec, SqlModel } from '../sql/model';
import type { Scope, ScopeReader } from '../sql/scope';
import type { Value } from '../sql/session';
import { query } from '../sql/session';
import { filledCheck, lacksOf } from './catalogue';
import type { ChangesPart, Definition, FieldPart, KindPart, LinePart } from './definition';
import { partOf, secretsOf } from './definition';
import { refuseMisfits, rulesOfTables } from './dictionary';
import type { ReadDefinition } from './read-definition';

/** The ERP of a definition as the engine wants it. */
export function modelOf(read: ReadDefinition, dialect: Dialect): SqlModel {
  const { definition } = read;
  const { product, currency, changes, kinds } = definition;
  return {
    system: 'generic-sql',
    specs: Object.entries(kinds).map(([kind, part]) => kindSpec(definition, kind as Kind, part, dialect)),
    secrets: secretsOf(definition),
    scope: scopeOf(definition),
    currency: () => currency ?? null,
    version: () => Promise.resolve(product),
    changes: feedOf(changes),
    dictionary: rulesOfTables,
    prepare: refuseMisfits,
    lacks: (session) => lacksOf(session, read),
    checks: [filledCheck(read)],
  };
}

/** Nothing of it is in the database: the one statement only shows that the database answers. */
function scopeOf({ company, masks, kinds }: Definition): ScopeReader {
  const scope: Scope = {
    company: company.code,
    companyName: company.name,
    owners: Object.fromEntries(Object.values(kinds).map(({ owner }) => [owner.column, owner.value])),
    masks: Object.fromEntries(
      Object.entries(masks).map(([name, parts]) => [
        name,
        new Mask(
          parts.map(({ justify, characters, ...part }) => ({
            ...part,
            justify: justify === 'right' ? 'R' : 'L',
            ...(characters === 'alphanumeric' ? { characters: '[A-Za-z0-9]' } : {}),
          })),
        ),
      ]),
    ),
    settings: {},
  };
  return { statements: [query('SELECT 1 AS answers')], read: () => scope };
}

function kindSpec(definition: Definition, kind: Kind, part: KindPart, dialect: Dialect): KindSpec {
  const { table, key, keyForm, fixed, defaults, owner, noun, same, numbering, lines, readOnly, write } = part;
  const fields = fieldSpecs(definition, part, definitionOf(kind).fields, dialect);
  const columns = same.flatMap((field) => fields[field]?.column ?? []);
  const label = noun ?? kind.replace(/_/g, ' ');
  return {
    kind,
    table,
    key,
    idForm: keyForm,
    owner: owner.column,
    fixed: { ...defaults, ...fixed },
    ...whereOf(fixed),
    fields,
    lines: Object.entries(lines).map(([name, line]) =>
      lineSpec(definition, kind, name as LineKind, line, dialect),
    ),
    state: stateOf(part),
    ...(same.length === 0
      ? {}
      : {
          same: {
            fields: same,
            sql: same
              .map(
                (field) =>
                  `t.${String(fields[field]?.column)} = ${fields[field]?.into?.(`@${field}`) ?? `@${field}`}`,
              )
              .join(' AND '),
          },
          identity: [owner.column, ...columns],
        }),
    ...(numbering === undefined
      ? {}
      : {
          numbering: {
            field: numbering.field,
            ...(numbering.counter === undefined ? {} : { counter: numbering.counter }),
            ...(numbering.range === undefined ? {} : { range: numbering.range }),
          },
        }),
    ...(part.changes === undefined ? {} : { changes: feedOf(part.changes) }),
    ...(part.taxId === undefined ? {} : { taxId: part.taxId }),
    ...(write === undefined
      ? {}
      : {
          procedure: {
            name: write.procedure,
            parameters: write.parameters,
            ...(write.returns === undefined ? {} : { returns: write.returns }),
          },
        }),
    noun: label,
    showsName: true,
    ...(readOnly ? { readOnly } : {}),
  };
}

function lineSpec(
  definition: Definition,
  kind: Kind,
  name: LineKind,
  part: LinePart,
  dialect: Dialect,
): LineSpec {
  const { table, key, keyForm, fixed, defaults, parent, numberColumn, numberField, readOnly, state } = part;
  const { lines } = definitionOf(kind);
  return {
    kind: name,
    table,
    key,
    idForm: keyForm,
    fixed,
    derived: literals(defaults),
    fields: fieldSpecs(definition, part, lines[name]?.fields ?? {}, dialect),
    parent,
    ...(numberColumn === undefined ? {} : { numberColumn }),
    ...(numberField === undefined ? {} : { numberOf: (fields) => String(fields[numberField]) }),
    ...(state === undefined ? {} : { state: stateOf(part) }),
    label: (number, of) => `line ${number} of ${of}`,
    ...(readOnly ? { readOnly } : {}),
  };
}

const fieldSpecs = (
  definition: Definition,
  { fields }: Pick<KindPart, 'fields'>,
  definitions: Readonly<Record<string, FieldDefinition>>,
  dialect: Dialect,
): Readonly<Record<string, FieldSpec>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, part]) => {
      const found = definitions[name];
      return found === undefined ? [] : [[name, fieldSpec(definition, part, found, dialect)] as const];
    }),
  );

const DECIMALS = { money: 2, quantity: 4, unit_cost: 5, percent: 2 } as const;

function fieldSpec(
  definition: Definition,
  part: FieldPart,
  { type, refersTo }: FieldDefinition,
  dialect: Dialect,
): FieldSpec {
  const { column, decimals, yes = [], no = [] } = part;
  switch (type) {
    case 'flag':
      return flag(column, yes, no);
    case 'date':
      return date(column);
    case 'reference':
      return refersTo === undefined ? text(column) : refSpec(definition, part, refersTo, dialect);
    case 'text':
      return part.unique ? unique(textSpec(part)) : textSpec(part);
    default:
      return decimal(column, decimals ?? DECIMALS[type]);
  }
}

function textSpec({ column, number: isNumber, codes, mask }: FieldPart): FieldSpec {
  if (isNumber) return number(column);
  if (codes !== undefined) return coded(column, codes);
  return mask === undefined ? text(column) : masked(column, mask);
}

/** Where the column holds the number of the other record and not its key, the key is looked up on reading, and the number on writing. */
function refSpec(
  definition: Definition,
  { column, by }: FieldPart,
  target: RefTarget,
  dialect: Dialect,
): FieldSpec {
  if (by === undefined) return ref(column, target);
  const other = partOf(definition, target);
  if (other === undefined) return ref(column, target);
  const ours = 'owner' in other ? ` AND r.${other.owner.column} = ${literal(other.owner.value)}` : '';
  return ref(column, target, {
    select: `(SELECT r.${other.key} FROM ${other.table} r WHERE r.${by} = t.${column}${ours})`,
    into: (parameter) =>
      `(SELECT r.${by} FROM ${other.table} r WHERE r.${other.key} = ${dialect.collated(parameter)}${ours})`,
  });
}

function stateOf({ state }: Pick<KindPart, 'state'>): string {
  if (state === undefined) return "'active'";
  const { column, active, void: voided = [] } = state;
  const when = (values: readonly Exclude<Value, null>[], word: string): string =>
    values.map((value) => `WHEN t.${column} = ${literal(value)} THEN '${word}' `).join('');
  return `CASE ${when(active, 'active')}${when(voided, 'void')}ELSE 'inactive' END`;
}

const whereOf = (fixed: KindPart['fixed']): Pick<KindSpec, 'where'> => {
  const conditions = Object.entries(fixed).map(([column, value]) => `t.${column} = ${literal(value)}`);
  return conditions.length === 0 ? {} : { where: conditions.join(' AND ') };
};

/** A value of the definition as SQL. */
const literal = (value: Exclude<Value, null>): string =>
  typeof value === 'number' ? String(value) : `'${value.replace(/'/g, "''")}'`;

const literals = (values: KindPart['defaults']): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([column, value]) => [column, literal(value)]));

function feedOf(changes: ChangesPart): ChangeFeed {
  switch (changes.by) {
    case 'counter':
      return byCounter(changes.column, `(SELECT ${changes.counterColumn} FROM ${changes.counterTable})`);
    case 'modified':
      return byModified(changes.column, changes.overlapSeconds);
    case 'rowversion':
      return byRowversion(changes.column);
    case 'changeTracking':
      return byChangeTracking;
    case 'sweep':
      return byComparison();
  }
}
