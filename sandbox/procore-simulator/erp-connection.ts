import { notFound, refused } from './errors';
import { ok, created, wrapped, type Handler } from './http-kit';
import { asInt, asString, clone, isObject } from './json';
import { erpListId } from './records/views';
import type { State } from './state';
import type { StatusManagement } from './status-management';

/** ERP connection, its metadata configuration, and status management (Procore guide "ERP Technical Guide"). */
export class ErpConnections {
  constructor(
    private readonly state: State,
    /** null: this company's plan does not have it. */
    private readonly status: StatusManagement | null,
  ) {}

  handlers(): Record<string, Handler> {
    return {
      'connection.create': (call) => {
        const connection = wrapped(call, 'connection');
        const serviceUrl = asString(connection['service_url']);
        const metadata = connection['metadata'];
        if (serviceUrl === undefined || serviceUrl === '' || !isObject(metadata)) {
          throw refused(422, 'service_url and metadata are required');
        }
        const existing = call.company.connection;
        // One connection per company; the same integration may repeat a call whose answer was lost.
        if (existing && existing.service_url !== serviceUrl) {
          throw refused(422, 'This company is already connected to an ERP integration');
        }
        call.company.connection = {
          service_url: serviceUrl,
          metadata: clone(metadata),
          standard_cost_code_list_id: erpListId(call.company, () => this.state.nextId('list')),
        };
        const body = {
          id: call.company.id,
          standard_cost_code_list_id: call.company.connection.standard_cost_code_list_id,
        };
        return existing ? ok(body) : created(body);
      },
      'metadata.update': (call) => {
        if (!call.company.connection) throw refused(422, 'This company has no ERP connection');
        const metadata = wrapped(call, 'metadata');
        call.company.connection.metadata = clone(metadata);
        return ok({ id: call.company.id, metadata });
      },
      'status.unlink': (call) => {
        if (!this.status) throw notFound('No route matches');
        const body = isObject(call.body) ? call.body : {};
        const type = asString(body['item_type']);
        const id = asInt(body['item_id']);
        if (type === undefined || id === undefined) throw refused(400, 'item_type and item_id are required');
        this.status.unlink(call.company, { type, id }, call.token.userId);
        return ok({ item_type: type, item_id: id });
      },
    };
  }
}
