import type { ProcoreId } from '../../domain/request/intent';
import type { ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import { codeLines, codesSchema, costCodes, seenLines } from './cost-code';
import type { ReadDraft } from './toolbox/custom-fields';
import { draft, draftsOf, titled } from './toolbox/draft';
import { exported, notice, noticed, readWith, refresh, syncReader } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import type { List, Row } from './toolbox/lists';
import {
  changedSince,
  findIn,
  listAt,
  needed,
  ofCompany,
  pagesOf,
  rowsById,
  rowsOf,
  showAll,
  steadyPagesOf,
  textIn,
  unlessClosed,
} from './toolbox/lists';
import * as s from './toolbox/schemas';
import type { SeenKind } from './toolbox/seen';
import { carried, seenField, seenFields, SeenReader, seenTitle } from './toolbox/seen';
import { syncWith } from './toolbox/sync-resource';

const jobSchema = s.object({
  job: s.holder('project', {
    id: s.id,
    name: s.requiredText,
    origin_id: s.originId,
    ...s.each(s.text, 'origin_code', 'address', 'city', 'state_code', 'zip'),
    active: s.flag(true),
  }),
  all_cost_codes: codesSchema,
});

/** Codes of sub jobs go out with their sub job. */
function draftOf({ job, all_cost_codes: codes }: s.Of<typeof jobSchema>): ReadDraft {
  const own = codes.filter((code) => code.biller_type !== 'SubJob');
  const others = codes.length - own.length;
  return draft('project', {
    procoreId: job.id,
    originId: job.origin_id,
    label: titled('Job', job.origin_code, job.name),
    projectId: job.id,
    fields: {
      code: job.origin_code,
      name: job.name,
      address: job.address,
      city: job.city,
      stateCode: job.state_code,
      postalCode: job.zip,
      isActive: job.active,
    },
    lines: codeLines(own),
    holder: job,
    notes: others === 0 ? [] : [`${others} cost codes of sub jobs are left to their sub jobs.`],
  });
}

/** What is written under the name that it is read by. */
const SAME_FIELDS = {
  name: 'name',
  address: 'address',
  city: 'city',
  stateCode: 'state_code',
  postalCode: 'zip',
  isActive: 'active',
} as const;

/** `project_number` is the project team's own. */
const WRITTEN_FIELDS = { code: 'accounting_project_number', ...SAME_FIELDS } as const;

const SEEN: SeenKind = {
  kind: 'project',
  label: seenTitle('Job'),
  fields: {
    // Of these the sync action takes the first alone: it must be what is read once it was written.
    code: seenField(s.text, WRITTEN_FIELDS.code, 'origin_code', 'project_number'),
    ...seenFields(SAME_FIELDS, jobSchema.shape.job.shape),
  },
  projectId: ({ id }) => id,
  hasCustomFields: true,
};

/** The number of a job is that of accounting, where the project has one. */
export const jobCode = (row: Row): string | null =>
  ['origin_code', 'accounting_project_number', 'project_number']
    .map((field) => textIn(row, field))
    .find((code) => code !== '') ?? null;

/** The request data of `create_or_update_job`, as the project and its codes make it. */
export const jobPayload = (row: Row, codes: readonly Row[]): JsonObject => ({
  job: { ...row.raw, origin_code: jobCode(row) },
  all_cost_codes: codes.map(({ raw }) => raw),
});

const list = (http: ProcoreHttp, status: 'Active' | 'All'): List =>
  listAt('projects', { ...ofCompany(http), 'filters[by_status]': status });

/** Active or not. */
const changed = (http: ProcoreHttp, since: string | null): List => {
  const all = list(http, 'All');
  return { ...all, query: { ...all.query, ...changedSince(http, since) } };
};

/** `Active` projects, or all, by ascending id: a scan that is cut off goes on after the last one. */
export const projects = async (http: ProcoreHttp, status: 'Active' | 'All'): Promise<readonly Row[]> =>
  [...(await rowsOf(http, list(http, status)))].sort((a, b) => a.id - b.id);

/** One project; null when it is gone. */
export const showProject = async (http: ProcoreHttp, id: ProcoreId): Promise<Row | null> =>
  (await showAll(http, listAt('projects', ofCompany(http)), [id]))[0] ?? null;

const importedSchema = s.object({
  project: s.object({ id: s.id, name: s.text, origin_id: s.requiredOriginId }),
});

/** `id` of the request is the ERP's key, and `project_id` inside is not the Procore project. */
const periodicSchema = s.object({
  id: s.requiredOriginId,
  additional_job_data: s.object({ job_name: s.text, procore_project_id: s.id }),
});

const resetSchema = s.object({ project: s.object({ id: s.id, name: s.text, origin_id: s.originId }) });

export const project = {
  events: {
    create_or_update_job: readWith(jobSchema, (data, body) => exported(body, [draftOf(data)])),
    sync_jobs: syncReader('project'),
    create_job_in_procore: readWith(importedSchema, ({ project: job }) =>
      refresh({
        kind: 'project',
        originId: job.origin_id,
        projectId: job.id,
        subJobId: null,
        why: 'imported',
        label: titled('Job', job.name ?? job.origin_id, null),
      }),
    ),
    sync_single_job: readWith(periodicSchema, ({ id, additional_job_data: job }) =>
      refresh({
        kind: 'project',
        originId: id,
        projectId: job.procore_project_id,
        subJobId: null,
        why: 'periodic',
        label: titled('Job', job.job_name ?? id, null),
      }),
    ),
    reset_job: readWith(resetSchema, ({ project: job }) =>
      notice(
        'reset',
        titled('Job', job.name ?? String(job.id), null),
        [noticed('project', job.id, job.origin_id)],
        { wholeProjectId: job.id },
      ),
    ),
  },
  port: (http) => {
    const reader = new SeenReader(http, SEEN);
    const drafts = async (rows: readonly Row[]) => {
      const payloads: JsonObject[] = [];
      for (const row of rows) {
        await unlessClosed(http, row.id, async () => {
          payloads.push(jobPayload(row, await costCodes(http, row.id)));
        });
      }
      return draftsOf(http, jobSchema, payloads, draftOf);
    };
    return {
      read: async (ids) => drafts(await showAll(http, listAt('projects', ofCompany(http)), ids)),
      readChanged: async function* (since) {
        for await (const page of pagesOf(http, changed(http, since))) yield drafts(page);
      },
      scan: async function* (since, place) {
        for await (const page of steadyPagesOf(http, changed(http, since), since === null))
          yield reader.read(page, place);
      },
      see: async (ids, place) => reader.read(await rowsById(http, list(http, 'All'), ids), place),
      lines: async ({ projectId }) =>
        seenLines(http, needed('cost_codes.list', projectId, 'the project'), null),
      carries: carried(http, SEEN, Object.keys(WRITTEN_FIELDS)),
      write: syncWith(http, {
        operation: 'projects.sync',
        path: '/rest/v1.0/projects/sync',
        body: ({ companyId }) => ({ company_id: companyId }),
        key: 'id or origin_id',
        fields: WRITTEN_FIELDS,
        echo: (row, place) => reader.echo(row, place),
      }),
      findByOriginId: findIn(http, {
        name: 'projects',
        itemType: 'project',
        scopes: ofCompany,
        filtered: true,
      }),
    };
  },
} as const satisfies KindRoom;
