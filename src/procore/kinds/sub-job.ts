import type { SyncPlace } from '../../domain/plan/operation';
import type { JsonObject } from '../client/json';
import { codeLines, codesSchema, costCodes, seenLines } from './cost-code';
import type { ReadDraft } from './toolbox/custom-fields';
import { draft, draftsOf, jobRef, refTo, titled } from './toolbox/draft';
import { exported, notice, noticed, readWith, refresh, syncReader } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import type { Row } from './toolbox/lists';
import { findIn, isChangedSince, listAt, needed, pagesOf, rowsOf } from './toolbox/lists';
import * as s from './toolbox/schemas';
import type { SeenKind } from './toolbox/seen';
import { carried, seenFields, SeenReader, seeWhole, seenTitle } from './toolbox/seen';
import { syncWith } from './toolbox/sync-resource';

const subJobSchema = s.object({
  sub_job: s.holder('sub_job', {
    id: s.id,
    code: s.text,
    name: s.requiredText,
    origin_id: s.originId,
    project: s.named,
  }),
  all_cost_codes: codesSchema,
});

const draftOf = ({ sub_job: subJob, all_cost_codes: codes }: s.Of<typeof subJobSchema>): ReadDraft =>
  draft('sub_job', {
    procoreId: subJob.id,
    originId: subJob.origin_id,
    label: titled('Sub job', subJob.code, subJob.name),
    projectId: subJob.project?.id ?? null,
    fields: { code: subJob.code, name: subJob.name, isActive: true },
    refs: { job: jobRef(subJob.project) },
    lines: codeLines(codes.filter((code) => code.biller_type !== 'Project')),
    holder: subJob,
  });

/** Whether a sub job is in use Procore does not say. */
const FIELDS = { code: 'code', name: 'name' } as const;

const SEEN: SeenKind = {
  kind: 'sub_job',
  label: seenTitle('Sub job'),
  fields: seenFields(FIELDS, subJobSchema.shape.sub_job.shape),
  refs: {
    job: {
      from: null,
      read: (_, { projectId = null, jobOriginId = null }) =>
        refTo('project', { id: projectId, origin_id: jobOriginId }, 'job'),
    },
  },
  projectId: (_, { projectId }) => projectId ?? null,
};

const list = ({ projectId }: SyncPlace) =>
  listAt('sub_jobs', { project_id: needed('sub_jobs.list', projectId, 'the project') });

const importedSchema = s.object({
  sub_job: s.object({
    id: s.id,
    code: s.text,
    name: s.text,
    origin_id: s.requiredOriginId,
    project: s.object({ id: s.id }),
  }),
});

/** `id` of the request is the ERP's key. */
const periodicSchema = s.object({
  id: s.requiredOriginId,
  additional_job_data: s.object({ job_name: s.text, procore_project_id: s.id, procore_sub_job_id: s.id }),
});

const resetSchema = s.object({
  sub_job: s.object({ id: s.id, code: s.text, name: s.text, origin_id: s.originId, project: s.named }),
});

export const subJob = {
  events: {
    create_sub_job: readWith(subJobSchema, (data, body) => exported(body, [draftOf(data)])),
    sync_sub_jobs: syncReader('sub_job'),
    create_sub_job_in_procore: readWith(importedSchema, ({ sub_job: one }) =>
      refresh({
        kind: 'sub_job',
        originId: one.origin_id,
        projectId: one.project.id,
        subJobId: one.id,
        why: 'imported',
        label: titled('Sub job', one.code, one.name),
      }),
    ),
    sync_sub_job: readWith(periodicSchema, ({ id, additional_job_data: job }) =>
      refresh({
        kind: 'sub_job',
        originId: id,
        projectId: job.procore_project_id,
        subJobId: job.procore_sub_job_id,
        why: 'periodic',
        label: titled('Sub job', job.job_name ?? id, null),
      }),
    ),
    // The rest of the project stays linked, so the project is not named as a whole.
    reset_sub_job: readWith(resetSchema, ({ sub_job: one }) => {
      const projectOriginId = one.project?.origin_id ?? null;
      return notice('reset', titled('Sub job', one.code, one.name), [
        { ...noticed('sub_job', one.id, one.origin_id), projectOriginId },
      ]);
    }),
  },
  port: (http) => {
    const reader = new SeenReader(http, SEEN);
    const drafts = async (rows: readonly Row[], { projectId, jobOriginId }: SyncPlace) => {
      const payloads: JsonObject[] = [];
      for (const { id, raw } of rows) {
        const codes = await costCodes(http, needed('cost_codes.list', projectId, 'the project'), id);
        const of = { id: projectId, origin_id: jobOriginId ?? null };
        payloads.push({ sub_job: { ...raw, project: of }, all_cost_codes: codes.map((code) => code.raw) });
      }
      return draftsOf(http, subJobSchema, payloads, draftOf);
    };
    return {
      read: async (ids, place) =>
        drafts(
          (await rowsOf(http, list(place))).filter(({ id }) => ids.includes(id)),
          place,
        ),
      readChanged: async function* (since, place) {
        for await (const page of pagesOf(http, list(place)))
          yield drafts(
            page.filter((row) => isChangedSince(row, since)),
            place,
          );
      },
      ...seeWhole(http, reader, list),
      lines: async ({ projectId, subJobId }) =>
        seenLines(
          http,
          needed('cost_codes.list', projectId, 'the project'),
          needed('cost_codes.list', subJobId, 'the sub job'),
        ),
      carries: carried(http, SEEN, Object.keys(FIELDS)),
      write: syncWith(http, {
        operation: 'subJobs.sync',
        path: '/rest/v1.0/sub_jobs/sync',
        query: ({ projectId }) => ({ project_id: projectId }),
        body: ({ projectId }) => ({ project_id: projectId }),
        key: 'id or origin_id',
        fields: FIELDS,
        echo: (row, place) => reader.echo(row, place),
      }),
      findByOriginId: findIn(http, { name: 'sub_jobs', itemType: 'sub_job' }),
    };
  },
} as const satisfies KindRoom;
