import type { Named } from '../../domain/payroll/entry';
import type { ProcoreHttp } from '../client/http';
import { toId } from '../client/json';
import { readPage } from '../client/pages';
import { rowsOf, textIn } from '../kinds/toolbox/lists';
import type { ProcorePayroll, WorkClassification } from './port';

/** Time types of the company (OpenAPI, "List Timecard Time Types"): one answer, without pages. */
export const timeTypesOf =
  (http: ProcoreHttp): ProcorePayroll['timeTypes'] =>
  async () => {
    const path = `/rest/v1.0/companies/${http.companyId}/timecard_time_types`;
    const { rows } = await readPage(http, { operation: 'timecard_time_types.list', method: 'GET', path });
    return rows.flatMap((raw): readonly Named[] => {
      const id = toId(raw['id']);
      return id === null ? [] : [{ id, name: textIn({ id, raw }, 'time_type') || String(id) }];
    });
  };

/** Work classifications of the company (OpenAPI, "List all Classification"): union craft and class. */
export const workClassificationsOf =
  (http: ProcoreHttp): ProcorePayroll['workClassifications'] =>
  async () => {
    const path = `/rest/v1.0/companies/${http.companyId}/work_classifications`;
    return (await rowsOf(http, { name: 'work_classifications', path })).map((row): WorkClassification => ({
      id: row.id,
      name: textIn(row, 'name') || String(row.id),
      abbreviation: textIn(row, 'abbreviation') || null,
    }));
  };
