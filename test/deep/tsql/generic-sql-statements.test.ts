/** What an ERP by configuration alone sends to a SQL Server, collected while its conformance is asked on SQLite, and what the doctor asks of a server. */
import { readFileSync } from 'node:fs';
import { genericSqlAdapter } from '../../../src/erp-adapters/generic-sql';
import { modelOf } from '../../../src/erp-adapters/generic-sql/model';
import type { ReadDefinition } from '../../../src/erp-adapters/generic-sql/read-definition';
import { parseDefinition } from '../../../src/erp-adapters/generic-sql/read-definition';
import type * as Adapter from '../../../src/erp-adapters/sql/adapter';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type { Row, SqlDatabase, SqlSession } from '../../../src/erp-adapters/sql/session';
import { joined } from '../../../src/erp-adapters/sql/tsql-batch';
import { SERVER_QUESTIONS } from '../../../src/sql-server/server-facts';
import { BRICKYARD, SAMPLES } from '../../support/brickyard';
import { Collected } from '../../support/tsql/collected';
import { drained } from '../../support/tsql/drained';
import { Remembered, withTwin } from '../../support/tsql/twin-adapter';

const collected = Collected.of('generic-sql');

/** The example with some of its texts replaced. */
function definitionWith(replaced: Readonly<Record<string, string>> = {}): ReadDefinition {
  let text = readFileSync(BRICKYARD, 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`the example has no ${from}`);
    text = text.replace(from, to);
  }
  const reading = parseDefinition(BRICKYARD, text);
  if (!reading.ok) throw new Error(reading.problems.join('; '));
  return reading.read;
}

jest.mock('../../../src/erp-adapters/sql/adapter', () => {
  const { createSqlAdapter: real } = jest.requireActual<typeof Adapter>(
    '../../../src/erp-adapters/sql/adapter',
  );
  const createSqlAdapter: typeof real = (parts, context) => {
    if (parts.database.dialect.name === 'tsql') return real(parts, context);
    const model = modelOf(definitionWith(), TSQL);
    const remembered = new Remembered(parts.database);
    return withTwin(
      real({ ...parts, database: remembered.database }, context),
      real({ ...parts, model, database: remembered.replayed(Collected.of('generic-sql')) }, context),
    );
  };
  return { createSqlAdapter };
});

// With the adapter that has a twin.
import '../../unit/erp-adapters/generic-sql-conformance.test';

/** Change Tracking is on for these tables. */
const tracked = (tables: string): readonly Row[] =>
  (JSON.parse(tables) as readonly string[]).map((table_name) => ({
    table_name,
    current_version: 9,
    valid_version: 1,
  }));

/** A server that knows a row of everything: what is asked first is asked, and what follows as far as it goes. */
function knowing(answer: Readonly<Record<string, string | number>>): SqlDatabase {
  const session: SqlSession = {
    dialect: TSQL,
    ask(part, statements) {
      collected.add(joined(statements).text, ...statements.map((one) => joined([one]).text));
      return Promise.resolve(
        statements.map(({ reads, bound }) => {
          if (part === 'tracked') return tracked(String(bound['tables']));
          return reads ? [answer] : [{ changed: 1 }];
        }),
      );
    },
  };
  return {
    dialect: TSQL,
    read: (_name, work) => work(session),
    transaction: async (_name, work) => (await work(session)).value,
    generation: () => Promise.resolve('the same'),
    close: () => Promise.resolve(),
  };
}

const COUNTER =
  'changes: { by: counter, column: changed, counterTable: change_counter, counterColumn: value }';

test('every way in which changes show, every way to write, and the script of the DBA are collected', async () => {
  const { createSqlAdapter } = jest.requireActual<typeof Adapter>('../../../src/erp-adapters/sql/adapter');
  const ways: readonly Readonly<Record<string, string>>[] = [
    { [COUNTER]: 'changes: { by: rowversion, column: changed }' },
    { [COUNTER]: 'changes: { by: modified, column: changed }' },
    { [COUNTER]: 'changes: { by: changeTracking }' },
    {
      [COUNTER]: 'changes: { by: sweep }',
      '      procedure: new_order\n': '      procedure: new_order\n      returns: id\n',
      'counter: { table: numbers, next: next_supplier, from: first_supplier, to: last_supplier }':
        'range: { from: 1000, to: 99999 }',
    },
  ];
  for (const way of ways) {
    const answers = [{ version: 7, newest: '2026-07-01T12:00:00', id: '1', n: 1, oldest: 1 }, {}];
    for (const answer of answers) {
      const adapter = createSqlAdapter(
        { model: modelOf(definitionWith(way), TSQL), database: knowing(answer), grantScript: () => '' },
        { connectionId: 'demo', settings: {} },
      );
      await drained(() => adapter.check());
      for (const [kind, records] of Object.entries(adapter.kinds)) {
        let cursor: string | null = null;
        const read = async (): Promise<void> => {
          let pages = 0;
          for await (const page of records.readChanged(cursor, 7)) {
            ({ cursor } = page);
            if ((pages += 1) > 3) return;
          }
        };
        // All, and then what changed.
        await drained(read);
        await drained(read);
        const sample = SAMPLES[kind as keyof typeof SAMPLES];
        if (sample === undefined) continue;
        const record = await sample.sample('TRYME0001');
        const operation = {
          operationKey: 'k',
          recordId: 'r/1',
          generation: 1,
          targetRevision: 'r',
          planHash: 'h',
        };
        await drained(() =>
          records.write([{ ...operation, action: 'create', erpKey: null, record, expected: null }]),
        );
      }
    }
  }
  const sqlServer = { host: 'sql01', database: 'Brickyard', login: { type: 'entra-default' } };
  collected.addScript(
    genericSqlAdapter
      .create({ connectionId: 'demo', settings: { definition: BRICKYARD, sqlServer } })
      .grantScript(),
  );
  collected.add(...SERVER_QUESTIONS);
  collected.write();
  const all = collected.all.join('\n');
  for (const table of ['supplier', 'job', 'job_phase', 'sub_order_line', 'tieback.ledger'])
    expect(all).toMatch(new RegExp(`INSERT INTO ${table}\\b`));
  for (const word of [
    'EXEC new_order',
    'sp_getapplock',
    'MIN_ACTIVE_ROWVERSION',
    'CHANGETABLE',
    'sys.parameters',
  ])
    expect(all).toContain(word);
  expect(all).toMatch(/UPDATE t SET .* FROM supplier AS t/);
  expect(all).not.toMatch(/json_each|json_extract|\bpragma_|\bLIMIT @/);
});
