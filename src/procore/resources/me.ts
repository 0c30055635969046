import type { ProcoreId } from '../../domain/request/intent';
import type { Call, ProcoreHttp } from '../http';
import { isObject, textOrNull, toId } from '../json';

/** The directory user of the token: the `user_id` of webhooks that we caused. A service account must name its company here too. */
export async function showMe(http: ProcoreHttp): Promise<{ readonly id: ProcoreId; readonly name: string }> {
  const call: Call = { operation: 'me.show', method: 'GET', path: '/rest/v1.0/me' };
  const { body } = await http.send(call);
  const id = isObject(body) ? toId(body['id']) : null;
  if (!isObject(body) || id === null) throw http.invalid(call, 'a user was expected');
  return { id, name: textOrNull(body['name']) ?? textOrNull(body['login']) ?? String(id) };
}
