import type { MigrationInterface, QueryRunner, TableColumnOptions } from 'typeorm';
import { Table } from 'typeorm';
import type { StoreDialect } from '../column-types';
import type { TableDefinition } from '../entities';
import { snake, tables } from '../entities';

/**
 * All tables. Constraint names are given, so that they are the same on every database.
 * It follows `tables()` until the first release; from then on it is frozen, and changes come as migrations of their own.
 */
export class Tables1764000000000 implements MigrationInterface {
  readonly name = 'Tables1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = runner.dataSource.options.type as StoreDialect;
    const all = tables(dialect);
    for (const definition of Object.values(all)) await runner.createTable(toTable(dialect, definition), true);
  }

  async down(runner: QueryRunner): Promise<void> {
    const dialect = runner.dataSource.options.type as StoreDialect;
    for (const { name } of Object.values(tables(dialect)).reverse()) await runner.dropTable(name);
  }
}

function toTable(
  dialect: StoreDialect,
  { name, columns, indexes = {}, unique = {}, parent }: TableDefinition,
): Table {
  const columnsOfParent =
    parent === 'sync_request'
      ? { here: ['connection_id', 'request_id'], there: ['connection_id', 'id'] }
      : { here: ['connection_id'], there: ['id'] };
  return new Table({
    name,
    columns: Object.entries(columns).map(([property, column]): TableColumnOptions => ({
      name: snake(property),
      type: column.type as string,
      ...(dialect === 'better-sqlite3' || column.length === undefined
        ? {}
        : { length: String(column.length) }),
      ...(column.collation === undefined ? {} : { collation: column.collation }),
      isNullable: column.nullable === true,
      isPrimary: column.primary === true,
      ...(column.primary === true ? { primaryKeyConstraintName: `pk_${name}` } : {}),
    })),
    indices: [
      ...Object.entries(indexes).map(([index, properties]) => ({
        name: index,
        columnNames: properties.map(snake),
      })),
      ...Object.entries(unique).map(([index, { columns: properties, where }]) => ({
        name: index,
        columnNames: properties.map(snake),
        isUnique: true,
        where,
      })),
    ],
    foreignKeys:
      parent === null || name === parent
        ? []
        : [
            {
              name: `fk_${name}_${parent}`,
              columnNames: columnsOfParent.here,
              referencedTableName: parent,
              referencedColumnNames: columnsOfParent.there,
            },
          ],
  });
}
