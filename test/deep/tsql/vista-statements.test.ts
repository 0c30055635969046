/** What the engine and the adapter of Vista send to a SQL Server, collected while their own tests run on SQLite. */
import { z } from 'zod';
import { SCHEMA } from '../../../sandbox/vista-model/schema';
import type * as Adapter from '../../../src/erp-adapters/sql/adapter';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type * as Vista from '../../../src/erp-adapters/vista';
import { VISTA_SETTINGS } from '../../../src/erp-adapters/vista/settings';
import { Collected } from '../../support/tsql/collected';
import { Remembered, withTwin } from '../../support/tsql/twin-adapter';

const collected = new Collected('vista');

jest.mock('../../../src/erp-adapters/sql/adapter', () => {
  const { createSqlAdapter: real } = jest.requireActual<typeof Adapter>(
    '../../../src/erp-adapters/sql/adapter',
  );
  const createSqlAdapter: typeof real = (parts, context) => {
    const { vistaModel } = jest.requireActual<typeof Vista>('../../../src/erp-adapters/vista');
    const settings = z
      .object(VISTA_SETTINGS)
      .parse({ company: 1, newJobs: { department: '100' }, payroll: { corrections: 9 } });
    const model = vistaModel(settings, TSQL, 'tieback');
    const remembered = new Remembered(parts.database);
    return withTwin(
      real({ ...parts, database: remembered.database }, context),
      real({ ...parts, model, database: remembered.replayed(collected) }, context),
    );
  };
  return { createSqlAdapter };
});

// With the adapter that has a twin.
import '../../unit/erp-adapters/vista-adapter.test';
import '../../unit/erp-adapters/vista-payroll.test';

test('the script of the DBA and the model are collected, and everything the adapter does with its tables', () => {
  const { vistaAdapter } = jest.requireActual<typeof Vista>('../../../src/erp-adapters/vista');
  const onServer = { host: 'sql01', database: 'Viewpoint', login: { type: 'entra-default' } };
  collected.addScript(
    vistaAdapter
      .create({ connectionId: 'demo', settings: { company: 1, payroll: {}, sqlServer: onServer } })
      .grantScript(),
  );
  collected.add(...SCHEMA.tsql);
  collected.write();
  const all = collected.all.join('\n');
  for (const table of WRITTEN) expect(all).toMatch(new RegExp(`INSERT INTO ${table}\\b`));
  expect(all).toMatch(/DELETE FROM PRTB\b/);
  expect(all).toContain('sp_getapplock');
  expect(all).toContain('HAS_PERMS_BY_NAME');
  expect(all).toContain("OBJECT_ID('bAPVM')");
  expect(all).not.toMatch(/json_each|json_extract|\bpragma_|\bLIMIT @/);
});

const WRITTEN = [
  ...[
    'tieback.ledger',
    'APVM',
    'JCJM',
    'JCCM',
    'JCJP',
    'JCCH',
    'JCCB',
    'SLHB',
    'SLIB',
    'SLCB',
    'POHB',
    'POIB',
  ],
  ...['APUI', 'APUL', 'PRTB'],
];
