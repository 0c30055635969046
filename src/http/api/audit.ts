import { z } from 'zod';
import { fileNameOf } from '../../desk/audit/export';
import type { AuditRoom } from '../../desk/audit/room';
import { AUDIT_ACTIONS } from '../../domain/audit/chain';
import type { Feature } from './api';
import { visitorOf } from './api';
import { linesAsFile, sendFile } from './attachments';
import { auditEntry, connectionName, cursor, searched } from './shapes';

const MAX_BODY_BYTES = 1024;

const question = z.object({
  connection: connectionName.optional(),
  subject: z.string().max(200).optional(),
  actor: z.string().max(200).optional(),
  action: z.enum(AUDIT_ACTIONS).optional(),
  request: z.string().max(60).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  q: searched.optional(),
  after: cursor.optional(),
});

const timeline = z.object({
  entries: z.array(auditEntry.extend({ connectionId: z.string(), seq: z.int(), idx: z.int() })).readonly(),
  after: z.string().nullable(),
  stopped: z.boolean(),
});

const heads = z.object({
  heads: z
    .array(
      z.object({
        connectionId: z.string(),
        links: z.int(),
        hash: z.string(),
        keyId: z.string().nullable(),
        anchor: z.object({ seq: z.int(), hash: z.string(), at: z.string() }).nullable(),
      }),
    )
    .readonly(),
});

const finding = z.object({
  seq: z.int().nullable(),
  idx: z.int().nullable(),
  about: z.string().optional(),
  what: z.string(),
});

const verdict = z.object({
  connectionId: z.string(),
  entries: z.int(),
  links: z.int(),
  requests: z.int(),
  head: z.object({ seq: z.int(), hash: z.string() }).readonly(),
  findings: z.array(finding.readonly()).readonly(),
  moreFindings: z.int(),
  erp: z.union([
    z.object({ compared: z.literal(true), entries: z.int() }).readonly(),
    z.object({ compared: z.literal(false), reason: z.string() }).readonly(),
  ]),
  anchors: z
    .array(z.object({ place: z.string(), anchors: z.int(), problem: z.string().nullable() }).readonly())
    .readonly(),
  keys: z.object({ first: z.int().nullable(), unchecked: z.int() }).readonly(),
  signatures: z.object({ checked: z.int(), unchecked: z.int() }).readonly(),
});

const job = z
  .object({
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    by: z.string(),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    progress: z.object({ requests: z.int(), links: z.int(), of: z.int().nullable() }).readonly().nullable(),
    result: verdict.readonly().nullable(),
    problem: z.string().nullable(),
  })
  .readonly();

const verifications = z.object({
  verifications: z.array(z.object({ connectionId: z.string(), job: job.nullable() })).readonly(),
});

/** What is behind it. */
export interface AuditSource {
  readonly audit: AuditRoom;
}

/** `/api/audit`: the log as people read it, where it stands, whether it holds, and all of it for a third party. */
export const auditFeature =
  ({ audit }: AuditSource): Feature =>
  (api) => {
    const config = { roles: ['auditor', 'admin'] } as const;
    api.get(
      '/audit',
      { config, schema: { querystring: question, response: { 200: timeline } } },
      (request) => {
        const { connection, q, after, request: requestId, ...filter } = request.query;
        return audit.timeline(visitorOf(request), {
          connection,
          q,
          after,
          filter: { ...filter, requestId },
        });
      },
    );
    api.get('/audit/head', { config, schema: { response: { 200: heads } } }, async (request) => ({
      heads: await audit.heads(visitorOf(request)),
    }));
    api.post(
      '/audit/verify',
      {
        bodyLimit: MAX_BODY_BYTES,
        config,
        schema: { body: z.strictObject({ connection: connectionName }), response: { 202: job } },
      },
      (request, reply) => {
        void reply.code(202);
        return audit.verify(visitorOf(request), request.body.connection);
      },
    );
    api.get(
      '/audit/verify',
      {
        config,
        schema: {
          querystring: z.object({ connection: connectionName.optional() }),
          response: { 200: verifications },
        },
      },
      (request) => ({
        verifications: audit.verifications(visitorOf(request), request.query.connection),
      }),
    );
    api.get(
      '/audit/export',
      {
        config,
        schema: {
          querystring: z.object({
            connection: connectionName.optional(),
            format: z.enum(['jsonl', 'csv']).default('jsonl'),
          }),
        },
      },
      (request, reply) => {
        const { connection, format } = request.query;
        const lines = audit.export(visitorOf(request), connection, format);
        return sendFile(reply, {
          name: fileNameOf(['audit', ...(connection === undefined ? [] : [connection])], format),
          type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
          body: linesAsFile(lines),
        });
      },
    );
  };
