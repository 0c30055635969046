import type { DraftLine, ProcoreId } from '../../domain/request/intent';
import type { FieldValue } from '../../domain/kinds/record';
import type { ProcoreHttp } from '../client/http';
import type { ProcoreKind, SeenLine, SeenLines, SyncItem } from '../port';
import { erpStandardCodes } from './standard-cost-code';
import type { Above } from './toolbox/code-tree';
import { writeTree } from './toolbox/code-tree';
import { costTypeRef, detailIdsIn } from './toolbox/draft';
import { counted, deletionsAsked, notice, noticed, readWith } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import type { List, Row } from './toolbox/lists';
import { changedAtOf, listAt, needed, rowsOf, steadyRowsOf, textIn } from './toolbox/lists';
import * as s from './toolbox/schemas';
import type { Place } from './toolbox/sync-resource';
import { removeAt, syncWith } from './toolbox/sync-resource';

const codeSchema = s.object({
  id: s.id,
  full_code: s.requiredText,
  ...s.each(s.text, 'name', 'biller_type', 'deleted_at'),
  line_item_types: s
    .list(s.object({ id: s.id, origin_id: s.originId, name: s.text, code: s.numberText }))
    .nullish(),
});
type Code = s.Of<typeof codeSchema>;

/** `all_cost_codes` of a job: its codes are told apart by their whole code. */
export const codesSchema = s.list(codeSchema).superRefine((codes, context) => {
  const seen = new Set<string>();
  codes.forEach((code, index) => {
    const key = `${code.biller_type ?? ''}/${code.full_code}`;
    const path = [index, 'full_code'];
    if (seen.has(key))
      context.addIssue({ code: 'custom', path, message: 'a code that occurs once in the job' });
    seen.add(key);
  });
});

/** Every code, parents too, then every pair of code and cost type: `line_item_types` of a code are its assignments. */
export const codeLines = (codes: readonly Code[]): readonly DraftLine[] => [
  ...codes.map(codeLine),
  ...codes.flatMap(assignmentLines),
];

const codeLine = (code: Code): DraftLine => ({
  kind: 'cost_code',
  number: code.full_code,
  procoreId: code.id,
  itemType: 'cost_code',
  fields: { code: code.full_code, name: code.name, isActive: code.deleted_at === null },
  refs: {},
});

/** Numbered by what people call the cost type; by its id where two types of one code are called the same. */
function assignmentLines(code: Code): readonly DraftLine[] {
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

const list = (projectId: ProcoreId, subJobId: ProcoreId | null): List =>
  listAt('cost_codes', {
    project_id: projectId,
    ...(subJobId === null ? {} : { sub_job_id: subJobId }),
  });

/** Codes of the project itself, or of one of its sub jobs. */
export const costCodes = (
  http: ProcoreHttp,
  projectId: ProcoreId,
  subJobId?: ProcoreId,
): Promise<readonly Row[]> => rowsOf(http, list(projectId, subJobId ?? null));

/** The key of each field of a code; where the answer does not have it, the field is unknown. */
const READ_FIELDS = { code: 'full_code', name: 'name', isActive: 'deleted_at' } as const;
const WRITTEN_FIELDS = { code: 'code', name: 'name' } as const;

const seenSchema = codeSchema.extend({ origin_id: s.originId });
type SeenCode = s.Of<typeof seenSchema> & { readonly row: Row };

const seenLine = (code: SeenCode): SeenLine => {
  const line = codeLine(code);
  const known = Object.entries(READ_FIELDS).filter(([, key]) => Object.hasOwn(code.row.raw, key));
  const fields = Object.fromEntries(known.map(([field]) => [field, line.fields[field] ?? null]));
  return { line: { ...line, fields }, originId: code.origin_id, changedAt: changedAtOf(code.row) };
};

/** An echo of the sync action; null: it is not the whole code. */
function echoOf(row: Row): SeenLine | null {
  const { success, data } = seenSchema.safeParse(row.raw);
  const isWhole = ['origin_id', ...Object.values(READ_FIELDS)].every((key) => Object.hasOwn(row.raw, key));
  return success && isWhole ? seenLine({ ...data, row }) : null;
}

/** Codes and assignments of a project, or of one of its sub jobs, as reconciling reads them. */
export async function seenLines(
  http: ProcoreHttp,
  projectId: ProcoreId,
  subJobId: ProcoreId | null,
): Promise<SeenLines> {
  const rows = await steadyRowsOf(http, list(projectId, subJobId));
  const problems: string[] = [];
  const all = rows.flatMap((row): SeenCode[] => {
    const result = seenSchema.safeParse(row.raw);
    if (result.success) return [{ ...result.data, row }];
    problems.push(...s.problemsOf(result.error, row.raw, `cost code ${row.id}`));
    return [];
  });
  const own = all.filter(({ biller_type: biller }) => biller !== (subJobId === null ? 'SubJob' : 'Project'));
  const codes = new Map<string, SeenCode>();
  const live = own.filter((code) => code.deleted_at === null);
  for (const code of own) if (code.deleted_at !== null) codes.set(code.full_code, code);
  for (const code of live) {
    if (codes.get(code.full_code)?.deleted_at === null)
      problems.push(`cost code ${code.id}: ${code.full_code} is there twice`);
    codes.set(code.full_code, code);
  }
  const [first, ...others] = problems;
  if (first !== undefined)
    throw http.invalid(
      { operation: 'cost_codes.list' },
      others.length === 0 ? first : `${first} (and ${others.length} more)`,
    );
  const hasAssignments = live.every(({ line_item_types: types }) => types !== undefined && types !== null);
  const assignments = live.flatMap(assignmentLines);
  return {
    lines: [
      ...[...codes.values()].map(seenLine),
      ...assignments.map((line): SeenLine => ({ line, originId: null, changedAt: null })),
    ],
    shown: hasAssignments ? ['cost_code', 'cost_type_assignment'] : ['cost_code'],
  };
}

/** The place of codes and of what hangs on them. */
export const inProject = ({ projectId, subJobId }: Place) => ({
  project_id: projectId,
  ...(subJobId === null ? {} : { sub_job_id: subJobId }),
});

/**
 * A project cost code is sent without the codes above it (`23-050` below `23` is `050`), with the id of the one right above, and, when it is
 * new, with the standard code of the ERP's list that it stands for ("cost_codes/sync" in the OpenAPI; exports need it).
 */
function writeCodes(http: ProcoreHttp): NonNullable<ProcoreKind['write']> {
  const write = syncWith(http, {
    operation: 'costCodes.sync',
    path: '/rest/v1.0/cost_codes/sync',
    query: inProject,
    key: 'id or origin_id',
    fields: WRITTEN_FIELDS,
    lineEcho: echoOf,
    more: ({ parentId, standardCostCodeId }) => ({
      ...(parentId === undefined ? {} : { parent_id: parentId }),
      ...(standardCostCodeId === undefined ? {} : { standard_cost_code_id: standardCostCodeId }),
    }),
  });
  return async (place, items) => {
    const projectId = needed('costCodes.sync', place.projectId, 'the project');
    const isBelow = items.some(({ fields }) => textOf(fields['code']).includes(DELIMITER));
    const there = isBelow
      ? idsByCode(await costCodes(http, projectId, place.subJobId ?? undefined))
      : new Map<string, ProcoreId>();
    const standard = items.some(({ procoreId }) => procoreId === undefined)
      ? idsByCode(await erpStandardCodes(http))
      : new Map<string, ProcoreId>();
    const here = new Map(items.map(({ key, fields }) => [textOf(fields['code']), key]));
    const above = new Map(
      items.map(({ key, fields }) => [key, codeAbove(textOf(fields['code']), here, there)]),
    );
    const sent = items.map((item): SyncItem => {
      const code = textOf(item.fields['code']);
      const parent = above.get(item.key) ?? null;
      const standardId = item.procoreId === undefined ? standard.get(code) : undefined;
      return {
        ...item,
        ...(standardId === undefined ? {} : { standardCostCodeId: standardId }),
        fields: parent === null ? item.fields : { ...item.fields, code: code.slice(parent.length + 1) },
      };
    });
    const aboveOf = ({ key }: SyncItem): Above | null => {
      const parent = above.get(key) ?? null;
      if (parent === null) return null;
      const id = there.get(parent);
      return id === undefined ? { key: here.get(parent) ?? parent } : { id };
    };
    return writeTree(sent, aboveOf, (some) => write(place, some));
  };
}

const textOf = (value: FieldValue | undefined): string => (typeof value === 'string' ? value : '');

const idsByCode = (rows: readonly Row[]): ReadonlyMap<string, ProcoreId> =>
  new Map(rows.map((row) => [textIn(row, 'full_code') || textIn(row, 'code'), row.id]));

/** The longest known code that this one begins with; null: it stands at the top. */
function codeAbove(code: string, ...known: readonly ReadonlyMap<string, unknown>[]): string | null {
  const segments = code.split(DELIMITER);
  for (let count = segments.length - 1; count > 0; count -= 1) {
    const parent = segments.slice(0, count).join(DELIMITER);
    if (parent !== '' && known.some((codes) => codes.has(parent))) return parent;
  }
  return null;
}

/** What our metadata configuration says stands between the segments of a code. */
const DELIMITER = '-';

const goneSchema = s.object({
  project_cost_code_data_array: s.list(s.object({ id: s.id, origin_id: s.originId })),
  project_origin_id: s.originId,
});

const askedSchema = s.object({
  project: s.object({ id: s.id }),
  sub_job: s.object({ id: s.optionalId }).nullish(),
  cost_codes: s.list(s.object({ id: s.id, ...s.itemDetail, origin_id: s.originId, sortable_code: s.text })),
});

export const costCode = {
  events: {
    delete_cost_code: readWith(
      goneSchema,
      ({ project_cost_code_data_array: codes, project_origin_id: projectOriginId }) =>
        notice(
          'deleted',
          counted(codes.length, 'cost code'),
          codes.map(({ id, origin_id }) => ({ ...noticed('cost_code', id, origin_id), projectOriginId })),
        ),
    ),
    delete_cost_codes: readWith(askedSchema, ({ project, sub_job: subJob, cost_codes: codes }, body) =>
      deletionsAsked(
        body,
        'cost code',
        codes.map((code) => ({
          target: 'cost_code',
          itemType: 'cost_code',
          procoreId: code.id,
          originId: code.origin_id,
          projectId: project.id,
          subJobId: subJob?.id ?? null,
          detailId: detailIdsIn(code)[0] ?? null,
          label: `cost code ${code.sortable_code ?? code.origin_id ?? String(code.id)}`,
          assignment: null,
        })),
      ),
    ),
  },
  port: (http) => ({
    carries: { reads: Object.keys(READ_FIELDS), writes: Object.keys(WRITTEN_FIELDS) },
    write: writeCodes(http),
    remove: removeAt(http, 'costCodes.delete', true),
  }),
} as const satisfies KindRoom;
