import { contentHash } from '../../domain/base/identity';
import type { Call, ProcoreHttp } from '../client/http';
import { fillPath } from '../client/http';
import { isObject, toId } from '../client/json';
import type { MetadataPort } from '../port';
import type { MetadataOptions } from './metadata';
import { metadataDocument } from './metadata';

/**
 * Ties the company to this integration and stores its metadata ("ERP Technical Guide", connections), or replaces the metadata alone ("update
 * ERP metadata configuration"; path and wrapper are inferred). Both set the same state when they are sent again.
 */
export const metadataOf = (http: ProcoreHttp, options: MetadataOptions): MetadataPort => ({
  connect: async ({ serviceUrl, metadata }) => {
    const call: Call = {
      operation: 'connection.create',
      method: 'POST',
      path: fillPath(http.settings.paths['connection.create'], { company_id: http.companyId }),
      body: { connection: { service_url: serviceUrl, metadata: metadataDocument(metadata, options) } },
      repeatable: true,
    };
    const { body } = await http.send(call);
    if (!isObject(body)) throw http.invalid(call, 'a connection was expected');
    return { standardCostCodeListId: toId(body['standard_cost_code_list_id']) };
  },
  update: async (metadata) => {
    await http.send({
      operation: 'metadata.update',
      method: 'PATCH',
      path: fillPath(http.settings.paths['metadata.update'], { company_id: http.companyId }),
      body: { metadata: metadataDocument(metadata, options) },
      repeatable: true,
    });
  },
  revision: (metadata) => contentHash(metadataDocument(metadata, options)),
});
