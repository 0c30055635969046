import type { MigrationInterface, QueryRunner, TableColumnOptions } from 'typeorm';
import { Table } from 'typeorm';
import type { StoreDialect } from '../column-types';
import type { TableDefinition } from '../entities';
import { snake, tables } from '../entities';

/**
 * All tables of the first slice. Constraint names are given, so that they are the same on every database.
 * It follows `tables()` until the first release; from then on it is frozen, and changes come as migrations of their own.
 */
export class FirstSlice1764000000000 implements MigrationInterface {
  readonly name = 'FirstSlice1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = runner.dataSource.options.type as StoreDialect;
    const all = tables(dialect);
    for (const definition of Object.values(all)) await runner.createTable(toTable(definition), true);
  }

  async down(runner: QueryRunner): Promise<void> {
    const dialect = runner.dataSource.options.type as StoreDialect;
    for (const { name } of Object.values(tables(dialect)).reverse()) await runner.dropTable(name);
  }
}

/** Tables whose rows belong to a request. */
const OF_REQUEST = new Set(['snapshot', 'plan', 'operation', 'approval', 'exception']);

function toTable({ name, columns, indexes = {} }: TableDefinition): Table {
  const parent = OF_REQUEST.has(name)
    ? { table: 'erp_request', here: ['connection_id', 'request_id'], there: ['connection_id', 'request_id'] }
    : { table: 'connection', here: ['connection_id'], there: ['id'] };
  return new Table({
    name,
    columns: Object.entries(columns).map(([property, column]): TableColumnOptions => ({
      name: snake(property),
      type: column.type as string,
      ...(column.length === undefined ? {} : { length: String(column.length) }),
      isNullable: column.nullable === true,
      isPrimary: column.primary === true,
      ...(column.primary === true ? { primaryKeyConstraintName: `pk_${name}` } : {}),
    })),
    indices: Object.entries(indexes).map(([index, properties]) => ({
      name: index,
      columnNames: properties.map(snake),
    })),
    foreignKeys:
      name === 'connection'
        ? []
        : [
            {
              name: `fk_${name}_${parent.table}`,
              columnNames: parent.here,
              referencedTableName: parent.table,
              referencedColumnNames: parent.there,
            },
          ],
  });
}
