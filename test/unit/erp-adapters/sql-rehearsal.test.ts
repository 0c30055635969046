import { readFileSync } from 'node:fs';
import { KINDS } from '../../../src/domain/kinds';
import type { RecordWrite } from '../../../src/erp-adapters/contract/adapter';
import { modelOf } from '../../../src/erp-adapters/generic-sql/model';
import { readDefinition } from '../../../src/erp-adapters/generic-sql/read-definition';
import { createSqlAdapter } from '../../../src/erp-adapters/sql/adapter';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type { Row, SqlDatabase, SqlSession, Statement } from '../../../src/erp-adapters/sql/session';
import { BRICKYARD } from '../../support/brickyard';
import { kindOf, sampleCompany } from './sample-kit';

const creating = (record: RecordWrite['record']): RecordWrite => ({
  operationKey: 'try',
  recordId: 'try',
  generation: 1,
  targetRevision: 'try',
  planHash: 'try',
  action: 'create',
  erpKey: null,
  record,
  expected: null,
});

test('whatever is rehearsed in an adapter made of the engine, its file stays as it was, byte by byte', async () => {
  const company = sampleCompany();
  const adapter = company.open();
  try {
    const before = readFileSync(company.file);
    const written: string[] = [];
    for (const kind of KINDS) {
      const sample = await company.kit.samples?.[kind]?.sample('TRYME0001');
      if (sample === undefined || kindOf(adapter, kind) === undefined) continue;
      const { statements } = (await adapter.rehearse?.(kind, creating(sample))) ?? { statements: [] };
      if (statements.some(({ sql }) => sql.startsWith('INSERT'))) written.push(kind);
    }
    expect(written).toEqual(expect.arrayContaining(['vendor', 'commitment', 'requisition', 'budget']));
    expect(readFileSync(company.file).equals(before)).toBe(true);
  } finally {
    await adapter.close();
    company.remove();
  }
});

describe('on SQL Server, which is played', () => {
  /** It answers questions with nothing or the least, and takes no statement that is none. */
  class Questions implements SqlDatabase {
    readonly dialect = TSQL;

    read<T>(_name: string, work: (session: SqlSession) => Promise<T>): Promise<T> {
      return work({
        dialect: TSQL,
        ask: (_part, statements) => Promise.resolve(statements.map((statement) => this.answer(statement))),
      });
    }

    transaction<T>(): Promise<T> {
      return Promise.reject(new Error('a transaction was begun'));
    }

    generation(): Promise<string> {
      return Promise.resolve('1');
    }

    close(): Promise<void> {
      return Promise.resolve();
    }

    private answer({ sql, bound, reads }: Statement): readonly Row[] {
      if (!reads || !/^\s*SELECT/.test(sql)) throw new Error(`not a question: ${sql}`);
      const ids = bound['ids'];
      return typeof ids === 'string' ? (JSON.parse(ids) as readonly string[]).map((id) => ({ id })) : [];
    }
  }

  test('a procedure is shown with its parameters and not called', async () => {
    const reading = readDefinition(BRICKYARD);
    if (!reading.ok) throw new Error(reading.problems.join());
    const model = modelOf(reading.read, TSQL);
    const specs = model.specs.map((spec) =>
      spec.procedure === undefined ? spec : { ...spec, procedure: { ...spec.procedure, returns: 'id' } },
    );
    const adapter = createSqlAdapter(
      { model: { ...model, specs }, database: new Questions(), grantScript: () => '' },
      { connectionId: 'demo', settings: {} },
    );
    const fields = {
      type: 'subcontract',
      code: 'O-9',
      name: 'Roof',
      job: '10|1',
      vendor: '10|2001',
      amount: '5.00',
    };
    const rehearsal = await adapter.rehearse?.('commitment', creating({ fields, lines: [] }));
    expect(rehearsal).toMatchObject({
      answer: null,
      statements: [{ values: [{ order_kind: 'S', order_no: 'O-9' }] }],
    });
    expect(rehearsal?.statements[0]?.sql).toMatch(
      /^DECLARE @key0 nvarchar\(120\); DECLARE @p0_job nvarchar\(max\) = \(SELECT r\.job_no FROM job r WHERE r\.id = @tieback_job_no .*\); EXEC new_order @company = @tieback_company_id, @kind = @tieback_order_kind, .*@job = @p0_job, .*@id = @key0 OUTPUT; SELECT @key0 AS id$/,
    );
  });
});
