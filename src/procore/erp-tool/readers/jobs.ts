import type * as z from 'zod';
import type { DraftLine, JobRefresh, RecordDraft } from '../../../domain/request/intent';
import {
  flagSchema,
  idSchema,
  listSchema,
  numberTextSchema,
  objectSchema,
  optionalIdSchema,
  originIdSchema,
  requiredOriginIdSchema,
  requiredTextSchema,
  textSchema,
} from '../../read-problems';
import type { EventName } from '../events';
import type { EventReader } from '../reader';
import { readWith } from '../reader';
import {
  costTypeRef,
  counted,
  detailIdsIn,
  exported,
  ITEM_DETAIL,
  jobRef,
  noticed,
  others,
  projectSchema,
  titled,
} from './parts';
import { syncReader } from './syncs';

const exportCodeSchema = objectSchema({
  id: idSchema,
  full_code: requiredTextSchema,
  name: textSchema,
  biller_type: textSchema,
  deleted_at: textSchema,
  line_item_types: listSchema(
    objectSchema({ id: idSchema, origin_id: originIdSchema, name: textSchema, code: numberTextSchema }),
  ).nullish(),
});
type ExportCode = z.output<typeof exportCodeSchema>;

/** Cost codes of one job are told apart by their whole code. */
const codesSchema = listSchema(exportCodeSchema).superRefine((codes, context) => {
  const seen = new Set<string>();
  codes.forEach((code, index) => {
    const key = `${code.biller_type ?? ''}/${code.full_code}`;
    if (seen.has(key)) {
      context.addIssue({
        code: 'custom',
        path: [index, 'full_code'],
        message: 'a code that occurs once in the job',
      });
    }
    seen.add(key);
  });
});

const jobSchema = objectSchema({
  job: objectSchema({
    id: idSchema,
    name: requiredTextSchema,
    origin_id: originIdSchema,
    origin_code: textSchema,
    address: textSchema,
    city: textSchema,
    state_code: textSchema,
    zip: textSchema,
    active: flagSchema(true),
  }),
  all_cost_codes: codesSchema,
});

const subJobSchema = objectSchema({
  sub_job: objectSchema({
    id: idSchema,
    code: textSchema,
    name: requiredTextSchema,
    origin_id: originIdSchema,
    project: projectSchema,
  }),
});
const subJobExportSchema = subJobSchema.extend({ all_cost_codes: codesSchema });

/** Codes of sub jobs go out with their sub job. */
const readJobExport = readWith(jobSchema, ({ job, all_cost_codes: codes }, body) => {
  const own = codes.filter((code) => code.biller_type !== 'SubJob');
  const record: RecordDraft = {
    entity: 'project',
    itemType: 'project',
    procoreId: job.id,
    originId: job.origin_id,
    label: titled('Job', job.origin_code, job.name),
    projectId: job.id,
    detailIds: [],
    fields: {
      code: job.origin_code,
      name: job.name,
      address: job.address,
      city: job.city,
      stateCode: job.state_code,
      postalCode: job.zip,
      isActive: job.active,
    },
    refs: {},
    lines: codeLines(own),
    notes:
      own.length === codes.length
        ? []
        : [`${codes.length - own.length} cost codes of sub jobs are left to their sub jobs.`],
  };
  return exported(body, [record], 'jobs');
});

const readSubJobExport = readWith(subJobExportSchema, ({ sub_job: subJob, all_cost_codes: codes }, body) => {
  const record: RecordDraft = {
    entity: 'sub_job',
    itemType: 'sub_job',
    procoreId: subJob.id,
    originId: subJob.origin_id,
    label: titled('Sub job', subJob.code, subJob.name),
    projectId: subJob.project?.id ?? null,
    detailIds: [],
    fields: { code: subJob.code, name: subJob.name, isActive: true },
    refs: { job: jobRef(subJob.project) },
    lines: codeLines(codes.filter((code) => code.biller_type !== 'Project')),
    notes: [],
  };
  return exported(body, [record], 'sub jobs');
});

/** Every code, parents too, then every pair of code and cost type: `line_item_types` of a code are its assignments. */
function codeLines(codes: readonly ExportCode[]): readonly DraftLine[] {
  return [...codes.map(codeLine), ...codes.flatMap(assignmentLines)];
}

const codeLine = (code: ExportCode): DraftLine => ({
  kind: 'cost_code',
  number: code.full_code,
  procoreId: code.id,
  itemType: 'cost_code',
  fields: { code: code.full_code, name: code.name, isActive: code.deleted_at === null },
  refs: {},
});

/** Numbered by what people call the cost type; by its id where two types of one code are called the same. */
function assignmentLines(code: ExportCode): readonly DraftLine[] {
  const types = code.line_item_types ?? [];
  const names = types.map((type) => type.code ?? type.name ?? String(type.id));
  const unique = new Set(names).size === names.length;
  return types.map((type, index) => ({
    kind: 'cost_type_assignment',
    number: `${code.full_code}/${unique ? (names[index] ?? type.id) : type.id}`,
    procoreId: null,
    itemType: null,
    fields: { costCode: code.full_code },
    refs: { costType: costTypeRef(type) },
    pair: { costCodeId: code.id, lineItemTypeId: type.id },
  }));
}

const importedJobSchema = objectSchema({
  project: objectSchema({ id: idSchema, name: textSchema, origin_id: requiredOriginIdSchema }),
});

const importedSubJobSchema = objectSchema({
  sub_job: objectSchema({
    id: idSchema,
    code: textSchema,
    name: textSchema,
    origin_id: requiredOriginIdSchema,
    project: objectSchema({ id: idSchema }),
  }),
});

/** `id` of the request is the ERP's key, and `project_id` inside is not the Procore project. */
const periodicJobSchema = objectSchema({
  id: requiredOriginIdSchema,
  additional_job_data: objectSchema({ job_name: textSchema, procore_project_id: idSchema }),
});
const periodicSubJobSchema = objectSchema({
  id: requiredOriginIdSchema,
  additional_job_data: objectSchema({
    job_name: textSchema,
    procore_project_id: idSchema,
    procore_sub_job_id: idSchema,
  }),
});

const refresh = (intent: Omit<JobRefresh, 'kind'>): ReturnType<EventReader> => ({
  subject: intent.label,
  intent: { kind: 'refresh', ...intent },
});

const resetJobSchema = objectSchema({
  project: objectSchema({ id: idSchema, name: textSchema, origin_id: originIdSchema }),
});
const resetSubJobSchema = objectSchema({
  sub_job: objectSchema({
    id: idSchema,
    code: textSchema,
    name: textSchema,
    origin_id: originIdSchema,
    project: projectSchema,
  }),
});

const deletedCodesSchema = objectSchema({
  project_cost_code_data_array: listSchema(
    objectSchema({ id: idSchema, origin_id: originIdSchema, sortable_code: textSchema }),
  ),
  project_origin_id: originIdSchema,
});

const subJobField = objectSchema({ id: optionalIdSchema }).nullish();
const askedCodesSchema = objectSchema({
  project: objectSchema({ id: idSchema }),
  sub_job: subJobField,
  cost_codes: listSchema(
    objectSchema({
      id: idSchema,
      ...ITEM_DETAIL,
      origin_id: originIdSchema,
      sortable_code: textSchema,
    }),
  ),
});
const askedAssignmentsSchema = objectSchema({
  project: objectSchema({ id: idSchema }),
  sub_job: subJobField,
  cost_type_assignments: listSchema(
    objectSchema({
      id: idSchema,
      ...ITEM_DETAIL,
      cost_code_origin_id: requiredOriginIdSchema,
      line_item_type_origin_id: requiredOriginIdSchema,
      job_cost_id: optionalIdSchema,
    }),
  ),
});

/** The events about projects, sub jobs and their cost codes. */
export const JOB_READERS = {
  create_or_update_job: readJobExport,
  create_sub_job: readSubJobExport,
  sync_jobs: syncReader('project'),
  sync_sub_jobs: syncReader('sub_job'),
  create_job_in_procore: readWith(importedJobSchema, ({ project }) =>
    refresh({
      entity: 'project',
      originId: project.origin_id,
      projectId: project.id,
      subJobId: null,
      why: 'imported',
      label: titled('Job', project.name ?? project.origin_id, null),
    }),
  ),
  create_sub_job_in_procore: readWith(importedSubJobSchema, ({ sub_job: subJob }) =>
    refresh({
      entity: 'sub_job',
      originId: subJob.origin_id,
      projectId: subJob.project.id,
      subJobId: subJob.id,
      why: 'imported',
      label: titled('Sub job', subJob.code, subJob.name),
    }),
  ),
  sync_single_job: readWith(periodicJobSchema, ({ id, additional_job_data: job }) =>
    refresh({
      entity: 'project',
      originId: id,
      projectId: job.procore_project_id,
      subJobId: null,
      why: 'periodic',
      label: titled('Job', job.job_name ?? id, null),
    }),
  ),
  sync_sub_job: readWith(periodicSubJobSchema, ({ id, additional_job_data: job }) =>
    refresh({
      entity: 'sub_job',
      originId: id,
      projectId: job.procore_project_id,
      subJobId: job.procore_sub_job_id,
      why: 'periodic',
      label: titled('Sub job', job.job_name ?? id, null),
    }),
  ),
  reset_job: readWith(resetJobSchema, ({ project }) => {
    const label = titled('Job', project.name ?? String(project.id), null);
    const record = noticed('project', project.id, project.origin_id);
    return {
      subject: label,
      intent: { kind: 'notice', how: 'reset', label, records: [record], wholeProjectId: project.id },
    };
  }),
  // The rest of the project stays linked, so the project is not named as a whole.
  reset_sub_job: readWith(resetSubJobSchema, ({ sub_job: subJob }) => {
    const label = titled('Sub job', subJob.code, subJob.name);
    const projectOriginId = subJob.project?.origin_id ?? null;
    const record = { ...noticed('sub_job', subJob.id, subJob.origin_id), projectOriginId };
    return {
      subject: label,
      intent: { kind: 'notice', how: 'reset', label, records: [record], wholeProjectId: null },
    };
  }),
  delete_cost_code: readWith(
    deletedCodesSchema,
    ({ project_cost_code_data_array: codes, project_origin_id: projectOriginId }) => {
      const label = counted(codes.length, 'cost code');
      const records = codes.map(({ id, origin_id }) => ({
        ...noticed('cost_code', id, origin_id),
        projectOriginId,
      }));
      return {
        subject: label,
        intent: { kind: 'notice', how: 'deleted', label, records, wholeProjectId: null },
      };
    },
  ),
  delete_cost_codes: readWith(askedCodesSchema, ({ project, sub_job: subJob, cost_codes: codes }, body) => ({
    subject: counted(codes.length, 'cost code'),
    intent: {
      kind: 'question',
      about: 'delete',
      detailIds: others(body.detailIds, codes),
      items: codes.map((code) => ({
        target: 'cost_code',
        itemType: 'cost_code',
        procoreId: code.id,
        originId: code.origin_id,
        projectId: project.id,
        subJobId: subJob?.id ?? null,
        detailId: detailIdsIn(code)[0] ?? null,
        label: `cost code ${code.sortable_code ?? code.origin_id ?? String(code.id)}`,
        lines: [],
        assignment: null,
      })),
    },
  })),
  delete_cost_type_assignments: readWith(
    askedAssignmentsSchema,
    ({ project, sub_job: subJob, cost_type_assignments: assignments }, body) => ({
      subject: counted(assignments.length, 'cost type assignment'),
      intent: {
        kind: 'question',
        about: 'delete',
        detailIds: others(body.detailIds, assignments),
        items: assignments.map((assignment) => ({
          target: 'cost_type_assignment',
          itemType: null,
          procoreId: assignment.id,
          originId: null,
          projectId: project.id,
          subJobId: subJob?.id ?? null,
          detailId: detailIdsIn(assignment)[0] ?? null,
          label: `cost type ${assignment.line_item_type_origin_id} of cost code ${assignment.cost_code_origin_id}`,
          lines: [],
          assignment: {
            costCodeOriginId: assignment.cost_code_origin_id,
            lineItemTypeOriginId: assignment.line_item_type_origin_id,
            jobCostId: assignment.job_cost_id,
          },
        })),
      },
    }),
  ),
} as const satisfies Partial<Record<EventName, EventReader>>;
