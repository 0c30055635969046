import type { CustomFields } from '../domain/kinds/custom-fields';
import type { OpenDoorSettings } from '../domain/request/open-door';
import type { Call, ProcoreHttp } from './client/http';
import { isObject, textOrNull, toId } from './client/json';
import { answering } from './answers';
import { erpToolDoor } from './erp-tool';
import type { MetadataOptions } from './erp-tool/metadata';
import { readerVersionOf, readRequest } from './erp-tool/read-request';
import { listOrigins } from './kinds/origins';
import { openDoor } from './open-door';
import { payrollOf } from './payroll';
import type { ProcoreId } from '../domain/request/intent';
import type { ProcoreCompany } from './port';
import { hooksOf } from './webhooks/hooks';

export interface CompanyOptions extends MetadataOptions {
  /** What to look for without the ERP tool; null or absent: the ERP tool sends requests. */
  readonly openDoor?: OpenDoorSettings | null;
  /** IANA name of the zone in which instants become dates where Procore says none; absent: that of this machine. */
  readonly timeZone?: string;
  /** What custom fields are carried, and where to; absent: none. */
  readonly customFields?: CustomFields;
}

/** The port of one company, assembled from its calls and from one of the two doors. */
export function createCompany(http: ProcoreHttp, options: CompanyOptions): ProcoreCompany {
  const { companyId, timeZone, customFields } = http;
  const settings = options.openDoor ?? null;
  return {
    companyId,
    me: () => showMe(http),
    userName: userNames(http),
    readRequest: (body, erpRequestId, answers) =>
      readRequest(body, { companyId, erpRequestId, timeZone, customFields }, answers),
    answer: answering(http),
    readerVersion: readerVersionOf(customFields),
    listOrigins: () => listOrigins(http),
    hooks: hooksOf(http),
    payroll: payrollOf(http),
    ...(settings === null ? erpToolDoor(http, options) : openDoor(http, settings)),
  };
}

/** Names of users, each asked once: they change rarely, and are only shown. */
function userNames(http: ProcoreHttp): ProcoreCompany['userName'] {
  const known = new Map<ProcoreId, Promise<string | null>>();
  return (id) => {
    const name = known.get(id) ?? showUser(http, id);
    known.set(id, name);
    // What failed is asked again.
    name.catch(() => known.delete(id));
    return name;
  };
}

async function showUser(http: ProcoreHttp, id: ProcoreId): Promise<string | null> {
  const call: Call = {
    operation: 'users.show',
    method: 'GET',
    path: `/rest/v1.3/companies/${http.companyId}/users/${id}`,
    alsoAccept: [403, 404],
  };
  const { status, body } = await http.send(call);
  return status === 200 && isObject(body) ? textOrNull(body['name']) : null;
}

/** The directory user of the token: the `user_id` of webhooks that we caused. A service account must name its company here too. */
async function showMe(http: ProcoreHttp): ReturnType<ProcoreCompany['me']> {
  const call: Call = { operation: 'me.show', method: 'GET', path: '/rest/v1.0/me' };
  const { body, header } = await http.send(call);
  const id = isObject(body) ? toId(body['id']) : null;
  if (!isObject(body) || id === null) throw http.invalid(call, 'a user was expected');
  const date = Date.parse(header('date') ?? '');
  return {
    id,
    name: textOrNull(body['name']) ?? textOrNull(body['login']) ?? String(id),
    toldAt: Number.isNaN(date) ? null : new Date(date).toISOString(),
  };
}
