import type { JsonObject } from '../json';

export interface WebhookEvent {
  id: number;
  ulid: string;
  at: number;
  companyId: number;
  projectId: number | null;
  userId: number | null;
  eventType: string;
  resourceName: string;
  resourceId: number;
  applicationId: string | null;
}

/** Payload formats v2.0, v3.0 and v4.0 (Procore guide "Webhooks: Payload Formats"). */
export function payload(event: WebhookEvent, apiVersion: string, nullMetadata: boolean): JsonObject {
  // Microseconds: the last three digits come from the id, so that two events of one instant differ.
  const timestamp = new Date(event.at)
    .toISOString()
    .replace('Z', String(event.id % 1000).padStart(3, '0') + 'Z');
  if (apiVersion.startsWith('v4')) {
    return {
      id: event.ulid,
      timestamp,
      reason: event.eventType,
      resource_type: event.resourceName,
      resource_id: String(event.resourceId),
      company_id: String(event.companyId),
      project_id: event.projectId === null ? null : String(event.projectId),
      user_id: event.userId === null ? null : String(event.userId),
    };
  }
  const known = !nullMetadata;
  return {
    id: event.id,
    ulid: event.ulid,
    timestamp,
    metadata: {
      source_user_id: known ? event.userId : null,
      source_company_id: known ? event.companyId : null,
      source_project_id: known ? event.projectId : null,
      source_application_id: known ? event.applicationId : null,
      source_operation_id: null,
    },
    user_id: nullMetadata ? null : event.userId,
    company_id: event.companyId,
    project_id: event.projectId,
    api_version: apiVersion.startsWith('v3') ? 'v3.0' : 'v2.0',
    event_type: event.eventType,
    resource_name: event.resourceName,
    resource_id: event.resourceId,
    ...(apiVersion.startsWith('v3') ? { related_resources: [] } : {}),
  };
}
