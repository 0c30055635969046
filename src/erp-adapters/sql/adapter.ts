import { TiebackError } from '../../domain/base/errors';
import type { ErpAdapter } from '../contract/adapter';
import type { AdapterContext } from '../contract/definition';
import { SqlAnchors } from './anchors';
import type { Grants } from './grants';
import { checkErp, timeOf } from './health';
import { SqlLedger } from './ledger';
import { lookUp } from './look-up';
import type { SqlModel } from './model';
import { Catalogue, specsWith, withoutTaxIds } from './model';
import { SqlPayroll } from './payroll';
import { payrollCheck } from './payroll/check';
import { sqlKinds } from './records';
import { rehearse } from './rehearsal';
import { rightsCheck } from './rights';
import { readSchema } from './schema';
import { Scopes } from './scope';
import type { SqlDatabase } from './session';
import type { SqlParts } from './writer';

/** What an adapter adds to its model. */
export interface SqlAdapterParts {
  readonly model: SqlModel;
  readonly database: SqlDatabase;
  /** What a DBA runs once. */
  readonly grantScript: (model: SqlModel) => string;
  /** On SQL Server: what that script gives, which `tieback doctor` looks for. */
  readonly grants?: (model: SqlModel) => Grants;
}

/** An adapter made of tables as data. */
export function createSqlAdapter(
  { model: plain, database, grantScript, grants }: SqlAdapterParts,
  { connectionId, logger, customColumns = {}, taxIds }: AdapterContext,
): ErpAdapter {
  const specs = specsWith(plain.specs, customColumns);
  const mapped: SqlModel = { ...plain, specs: taxIds === true ? specs : withoutTaxIds(specs) };
  const isServer = database.dialect.name === 'tsql';
  const rights = grants === undefined || !isServer ? [] : [rightsCheck(grants(mapped))];
  const pay = plain.payroll === undefined ? [] : [payrollCheck(plain.payroll)];
  const model: SqlModel = { ...mapped, checks: [...(plain.checks ?? []), ...pay, ...rights] };
  const catalogue = new Catalogue(model.specs);
  const scopes = new Scopes(model.scope);
  const ledger = new SqlLedger(database, connectionId);
  const parts: SqlParts = { model, database, connection: connectionId, ledger, scopes, catalogue };
  return {
    describe: () =>
      database.read('erp.describe', async (session) => {
        const version = await model.version(session);
        const { scope } = await scopes.ask(session, 'scope', () => () => null);
        const { company, companyName } = scope;
        const kinds = [...new Set(model.specs.map(({ kind }) => kind))];
        return { system: model.system, version, company, companyName, kinds };
      }),
    check: () => checkErp(parts),
    grantScript: () => grantScript(model),
    ledger,
    anchors: new SqlAnchors(database, connectionId),
    rehearse(kind, operation) {
      const specs = catalogue.specsOf(kind);
      const spec =
        specs.find(({ variant }) => variant === undefined || variant.takes(operation.record.fields)) ??
        specs[0];
      if (spec === undefined)
        throw new TiebackError('ERP_CONFIG', { reason: `the ERP keeps no records of kind ${kind}` });
      return rehearse(parts, spec, operation);
    },
    kinds: sqlKinds(parts, model.specs, logger),
    ...(model.payroll === undefined ? {} : { payroll: new SqlPayroll(model.payroll, parts) }),
    lookUp: (refs) =>
      database.read('erp.lookUp', async (session) => {
        const { scope } = await scopes.ask(session, 'scope', () => () => null);
        return lookUp({ session, scope, catalogue }, refs);
      }),
    now: () => timeOf(database),
    schema: () => database.read('erp.schema', (session) => readSchema(session, model)),
    close: () => database.close(),
  };
}
