import type { ProcoreId } from '../../domain/request/intent';
import { contentHash } from '../../domain/base/identity';
import type { ErpMetadata } from '../../domain/kinds/metadata';
import type { Call, ProcoreHttp } from '../http';
import { fillPath } from '../http';
import { isObject, toId } from '../json';
import type { MetadataOptions } from './metadata';
import { metadataDocument } from './metadata';

/**
 * Ties the company to this integration and stores its metadata ("ERP Technical Guide", connections). Sent again it sets the same state,
 * so a lost answer is simply asked for again.
 */
export async function createErpConnection(
  http: ProcoreHttp,
  { serviceUrl, metadata }: { readonly serviceUrl: string; readonly metadata: ErpMetadata },
  options: MetadataOptions,
): Promise<{ readonly standardCostCodeListId: ProcoreId | null }> {
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
}

/** Replaces the whole metadata configuration ("ERP connections / update ERP metadata configuration"; path and wrapper are inferred). */
export async function updateMetadata(
  http: ProcoreHttp,
  metadata: ErpMetadata,
  options: MetadataOptions,
): Promise<void> {
  await http.send({
    operation: 'metadata.update',
    method: 'PATCH',
    path: fillPath(http.settings.paths['metadata.update'], { company_id: http.companyId }),
    body: { metadata: metadataDocument(metadata, options) },
    repeatable: true,
  });
}

/** Content hash of the document that these calls send: what was sent last is known by it. */
export const metadataRevision = (metadata: ErpMetadata, options: MetadataOptions): string =>
  contentHash(metadataDocument(metadata, options));
