import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import type { EvidenceZip, RecordRoom } from '../../desk/records/room';
import { KINDS } from '../../domain/kinds';
import { requestIdOf, SOURCES } from '../../domain/request/id';
import { REQUEST_STATUSES } from '../../domain/request/status';
import type { Feature } from './api';
import { visitorOf } from './api';
import { linesAsFile, sendFile } from './attachments';
import { auditEntry, connectionName, cursor, searched } from './shapes';

const kind = z.enum(KINDS);
const candidate = z.object({
  connectionId: z.string(),
  kind,
  /** Names it in the address of its page. */
  id: z.string(),
  state: z.enum(['staged', 'archived', 'linked', 'unlinked', 'merged', 'unpaired']),
  erpKey: z.string().nullable(),
  procoreId: z.int().nullable(),
  code: z.string(),
  name: z.string(),
  projectId: z.int().nullable(),
});

const found = z.object({
  exact: z.array(candidate).readonly(),
  records: z.array(candidate).readonly(),
  requests: z
    .array(
      z.object({
        connectionId: z.string(),
        id: z.string(),
        title: z.string().nullable(),
        status: z.enum(REQUEST_STATUSES),
        receivedAt: z.string(),
      }),
    )
    .readonly(),
  after: z.string().nullable(),
  stopped: z.boolean(),
});

const value = z.union([z.string(), z.boolean(), z.null()]);
const side = z.object({ held: value, agreed: value, moved: z.boolean() }).nullable();
const field = z.object({
  field: z.string(),
  label: z.string(),
  type: z.enum(['text', 'money', 'quantity', 'unit_cost', 'percent', 'date', 'flag', 'reference']),
  procore: side,
  erp: side,
  differs: z.boolean(),
});
const shownSide = z
  .object({
    key: z.string(),
    originId: z.string().nullable(),
    moved: z.boolean(),
    isToRead: z.boolean(),
    changedAt: z.string().nullable(),
    seenAt: z.string().nullable(),
  })
  .nullable();

const requests = z.object({
  rows: z
    .array(
      z.object({
        id: z.string(),
        eventName: z.string().nullable(),
        subject: z.string().nullable(),
        title: z.string().nullable(),
        status: z.enum(REQUEST_STATUSES),
        reason: z.string().nullable(),
        receivedAt: z.string(),
        closedAt: z.string().nullable(),
      }),
    )
    .readonly(),
  after: z.string().nullable(),
});

const writes = z.object({
  rows: z
    .array(
      z.object({
        requestId: z.string(),
        operationKey: z.string(),
        planHash: z.string(),
        side: z.string(),
        action: z.string(),
        erpKey: z.string().nullable(),
        state: z.enum(['planned', 'written', 'confirmed', 'refused', 'rejected', 'lost']),
        reason: z.string().nullable(),
        at: z.string(),
        /** As it was read back, header fields; null: as the plan says, or not known. */
        readBack: z
          .array(z.object({ label: z.string(), value }))
          .readonly()
          .nullable(),
        lines: z.int(),
      }),
    )
    .readonly(),
  after: z.string().nullable(),
});

const record = candidate.extend({
  recordIds: z.array(z.string()).readonly(),
  generation: z.int().nullable(),
  sides: z.object({ procore: shownSide, erp: shownSide }),
  fields: z.array(field).readonly(),
  lines: z
    .array(
      z.object({
        kind: z.string(),
        label: z.string(),
        number: z.string(),
        fields: z.array(field).readonly(),
      }),
    )
    .readonly(),
  moreLines: z.int(),
  altered: z.array(z.string()).readonly(),
  requests,
  writes,
  exceptions: z
    .array(
      z.object({
        recordId: z.string(),
        cause: z.string(),
        reason: z.string(),
        hint: z.string().nullable(),
        problems: z.array(z.string()).readonly().nullable(),
        owner: z.string().nullable(),
        requestId: z.string().nullable(),
        openedAt: z.string(),
      }),
    )
    .readonly(),
  conflicts: z
    .array(
      z.object({
        id: z.string(),
        field: z.string(),
        procore: value,
        erp: value,
        agreed: z.object({ procore: value, erp: value, at: z.string().nullable() }).readonly(),
        owner: z.string().nullable(),
        openedAt: z.string(),
      }),
    )
    .readonly(),
  waiting: z.array(z.string()).readonly(),
  waits: z
    .array(
      z.object({
        requestId: z.string(),
        recordId: z.string(),
        reason: z.string(),
        hint: z.string().nullable(),
        since: z.string(),
      }),
    )
    .readonly(),
  decisions: z.array(auditEntry).readonly(),
});

const named = z.object({ connection: connectionName, kind, id: z.string().min(1).max(200) });
const nameIn = ({ connection, ...rest }: z.infer<typeof named>) => ({ connectionId: connection, ...rest });
const ofRequest = z.object({
  connection: connectionName,
  source: z.enum(SOURCES),
  name: z.string().min(1).max(60),
});
const page = z.object({ after: cursor });

/** What is behind it. */
export interface RecordSource {
  readonly records: RecordRoom;
}

/** `/api/records`: whatever has a number, name, id or key; both sides of one record, everything that was done with it, and the evidence of it. */
export const recordFeature =
  ({ records }: RecordSource): Feature =>
  (api) => {
    const config = { roles: 'known' } as const;
    api.get(
      '/records',
      {
        config,
        schema: {
          querystring: z.object({
            q: searched.default(''),
            connection: connectionName.optional(),
            kind: kind.optional(),
            after: cursor.optional(),
          }),
          response: { 200: found },
        },
      },
      (request) => records.find(visitorOf(request), request.query),
    );
    const one = '/records/:connection/:kind/:id';
    api.get(one, { config, schema: { params: named, response: { 200: record } } }, (request) =>
      records.show(visitorOf(request), nameIn(request.params)),
    );
    api.get(
      `${one}/requests`,
      { config, schema: { params: named, querystring: page, response: { 200: requests } } },
      (request) => records.requests(visitorOf(request), nameIn(request.params), request.query.after),
    );
    api.get(
      `${one}/writes`,
      { config, schema: { params: named, querystring: page, response: { 200: writes } } },
      (request) => records.writes(visitorOf(request), nameIn(request.params), request.query.after),
    );
    api.get(`${one}/evidence.zip`, { config, schema: { params: named } }, async (request, reply) =>
      sendFile(reply, zipped(await records.evidence(visitorOf(request), nameIn(request.params)))),
    );
    api.get(
      '/requests/:connection/:source/:name/evidence.zip',
      { config, schema: { params: ofRequest } },
      async (request, reply) => {
        const { connection, source, name } = request.params;
        const id = requestIdOf(source, name);
        return sendFile(reply, zipped(await records.requestEvidence(visitorOf(request), connection, id)));
      },
    );
  };

/** The files of the evidence as a ZIP that is made while it is sent: each is read when its turn comes. */
function zipped({ name, files }: EvidenceZip): Parameters<typeof sendFile>[1] {
  const zip = new ZipFile();
  const body = zip.outputStream as Readable;
  // A download that breaks off is seen by who asked for it; half a ZIP that looks whole would not be.
  const fail = (error: Error): void => void body.destroy(error);
  zip.on('error', fail);
  for (const file of files)
    zip.addReadStreamLazy(file.name, (done) => done(null, linesAsFile(file.lines()).on('error', fail)));
  zip.end();
  return { name, type: 'application/zip', body };
}
