import type { ConnectionConfig } from '../config/load';
import { problemsOf } from '../domain/payroll/mapping';
import type { ErpAdapter } from '../erp-adapters/contract/adapter';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { failed, ok } from './findings';
import { plural } from './format';

/** Whether the ERP keeps payroll where a connection says so, and has the codes that its mapping names. */
export async function checkPayroll(
  erp: Pick<ErpAdapter, 'payroll'>,
  { id, adapter, payroll }: Pick<ConnectionConfig, 'id' | 'adapter' | 'payroll'>,
): Promise<readonly Finding[]> {
  if (payroll === undefined) return [];
  if (erp.payroll === undefined)
    return [
      failed(
        'payroll',
        `the ERP adapter "${adapter}" keeps none as it is set up`,
        `Leave connections.${id}.payroll out, or see what the adapter wants (docs/payroll.md).`,
      ),
    ];
  const name = 'payroll mapping';
  try {
    const problems = problemsOf(payroll.mapping, await erp.payroll.codes());
    const types = plural(Object.keys(payroll.mapping.timeTypes).length, 'time type');
    if (problems.length === 0) return [ok(name, `names codes that the ERP has (${types})`)];
    const hint = `Put connections.${id}.payroll.mapping right, or the code in the ERP (docs/payroll.md).`;
    return problems.map(({ path, text }) => failed(name, `${path}: ${text}`, hint));
  } catch (error) {
    return [failed(name, reasonOf(error), `\`tieback payroll periods\` asks the ERP as well.`)];
  }
}
