import type { ConnectionConfig } from '../config/load';
import { columnNamesOf } from '../domain/kinds/custom-fields';
import type { ErpAdapter } from '../erp-adapters/contract/adapter';
import type { ConformanceKit } from '../erp-adapters/contract/conformance';
import { CliError } from './errors';
import { checkPayroll } from './doctor-payroll';
import type { Finding } from './findings';
import { failed, look, ok } from './findings';
import { lazy } from './lazy';

export interface ErpQuestions {
  /** Ask the questions that leave test vendors behind, too. */
  readonly writing: boolean;
  /** Do so although the company does not say that it is a test company. */
  readonly yes: boolean;
}

/** The ERP of one connection: what it is, its health checks, and whether the adapter keeps its promises. */
export async function checkErp(
  erp: ErpAdapter,
  connection: ConnectionConfig,
  questions: ErpQuestions,
): Promise<readonly Finding[]> {
  const settingsHint = `Check connections.${connection.id}.erp.settings, and that the ERP database can be reached from here.`;
  let company = '';
  const described = await look('reachable', settingsHint, async () => {
    const { version, company: number, companyName } = await erp.describe();
    company = companyName;
    return `${version}, company ${number} "${companyName}"`;
  });
  const checks = (await erp.check())
    .filter(({ name, ok: well }) => name !== 'reachable' || !well)
    .map(({ name, ok: well, detail, hint }) =>
      well ? ok(name, detail) : failed(name, detail, hint ?? null),
    );
  // Where it cannot be described, what is wrong below may be why.
  const basics = [
    described,
    ...checks.filter(({ status }) => described.status === 'ok' || status === 'failed'),
    ...(described.status === 'ok' ? await checkPayroll(erp, connection) : []),
  ];
  if (basics.some(({ status }) => status === 'failed')) return basics;
  if (questions.writing && !questions.yes) assertTestCompany(company);
  return [...basics, ...(await askConformance(connection, questions))];
}

const TEST_COMPANY = /\b(test|testing|sandbox|demo|training|trial|sample)\b/i;

function assertTestCompany(companyName: string): void {
  if (TEST_COMPANY.test(companyName)) return;
  throw new CliError(`The ERP company "${companyName}" does not say that it is a test company.`, {
    hint: '--writing leaves vendors named "Tieback check ..." behind. If that is all right here, add --yes.',
    code: 'NOT_A_TEST_COMPANY',
  });
}

async function askConformance(
  connection: ConnectionConfig,
  { writing }: ErpQuestions,
): Promise<readonly Finding[]> {
  const definition = lazy.registry().ERP_ADAPTERS[connection.adapter];
  if (!definition) return [];
  const { id: connectionId, adapterSettings: settings, customFields } = connection;
  const customColumns = columnNamesOf(customFields);
  const kit: ConformanceKit = {
    open: ({ io } = {}) =>
      definition.create({ connectionId, settings, customColumns, ...(io === undefined ? {} : { io }) }),
    openMapping: (mapped) => definition.create({ connectionId, settings, customColumns: mapped }),
  };
  const { conformanceQuestions, runConformance } = lazy.conformance();
  const asked = conformanceQuestions(kit).filter(({ level }) => writing || level === 'safe');
  // `describe` and `checks` were told in full above.
  const answers = await runConformance(asked.filter(({ id }) => id !== 'describe' && id !== 'checks'));
  const hint = 'The adapter does not keep this promise: do not write with it, and report it.';
  return answers.map(({ id, title, status, detail }) => ({
    name: id,
    status: status === 'passed' ? ('ok' as const) : status,
    detail: `${title}: ${detail}`,
    hint: status === 'failed' ? hint : null,
  }));
}
