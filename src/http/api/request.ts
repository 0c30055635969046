import { z } from 'zod';
import type { Said } from '../../desk/attention';
import type { CorrectableRecord } from '../../desk/corrections';
import type { OperationShown, RequestPage } from '../../desk/request-page';
import { KINDS } from '../../domain/kinds';
import type { Visitor } from '../../domain/people/access';
import type { Attention } from '../../domain/request/attention';
import type { RequestRef } from '../../domain/request/id';
import { REQUEST_STATUSES } from '../../domain/request/status';
import type { Feature } from './api';
import { visitorOf } from './api';

/** What is behind the page of one request. */
export interface RequestSource {
  /** `seen`: hash of the plan that the visitor looked at. Throws `DeskRefusal`. */
  requestPage(visitor: Visitor, ref: RequestRef, seen: string | null): Promise<RequestPage>;
  correctable(visitor: Visitor, ref: RequestRef): Promise<CorrectableRecord>;
  sayAbout(visitor: Visitor, ref: RequestRef, said: Said, channel: string): Promise<Attention>;
  operations(
    visitor: Visitor,
    ref: RequestRef,
    asked: { readonly hash: string; readonly from: number },
  ): Promise<readonly OperationShown[]>;
}

/** A request by its address: `/api/requests/larkspur/erp/640018`. */
export const requestParams = z.object({
  connection: z.string().min(1).max(60),
  source: z.string().min(1).max(40),
  name: z.string().min(1).max(60),
});

export const refOf = ({ connection, source, name }: z.infer<typeof requestParams>): RequestRef => ({
  connectionId: connection,
  id: `${source}/${name}`,
});

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const value = z.union([z.string(), z.boolean()]).nullable();
const time = z.iso.datetime();
const fieldType = z.string().nullable();
const warning = z.object({ code: z.string(), text: z.string() });

const operation = z.object({
  seq: z.int(),
  side: z.enum(['erp', 'procore', 'tieback']),
  action: z.string(),
  kind: z.enum(KINDS).nullable(),
  recordId: z.string(),
  target: z.string(),
  erpKey: z.string().nullable(),
  procoreId: z.int().nullable(),
  fields: z
    .array(
      z.object({
        field: z.string(),
        label: z.string(),
        type: fieldType,
        old: value,
        new: value,
        words: z.string().nullable(),
      }),
    )
    .readonly(),
  lines: z
    .array(
      z.object({
        kind: z.string(),
        label: z.string(),
        columns: z.array(z.object({ name: z.string(), label: z.string(), type: fieldType })).readonly(),
        lines: z
          .array(
            z.object({
              number: z.string(),
              values: z.record(
                z.string(),
                z.object({ old: value, new: value, words: z.string().nullable() }),
              ),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
  moreLines: z.int(),
  total: z
    .object({
      lines: z.int(),
      ofLines: z.string(),
      header: z.object({ label: z.string(), amount: z.string() }).nullable(),
      difference: z.string(),
    })
    .nullable(),
  batch: z.object({ number: z.string().nullable(), added: z.int(), withdrawn: z.int() }).nullable(),
  outcome: z
    .object({ state: z.string(), reason: z.string().nullable(), erpKey: z.string().nullable(), at: time })
    .nullable(),
});

const plan = z.object({
  hash,
  version: z.int(),
  state: z.enum(['built', 'approved', 'rejected', 'superseded', 'applied']),
  builtAt: time,
  page: z.int(),
  pages: z.int(),
  subject: z.string(),
  warnings: z.array(warning.extend({ contradiction: z.boolean() })).readonly(),
  notes: z.array(z.string()).readonly(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  dates: z.array(z.string()).readonly(),
  leftOut: z
    .array(z.object({ recordId: z.string(), erpKey: z.string().nullable(), reason: z.string() }))
    .readonly(),
  unchanged: z.int(),
  conflicts: z.int(),
  operations: z.array(operation).readonly(),
  count: z.int(),
});

const attention = z.object({
  owner: z.string().nullable(),
  hold: z.object({ by: z.string(), at: time, comment: z.string() }).nullable(),
});

/** Figures of a budget; null: the ERP tells none. */
const budgetFigures = z.object({
  budget: z.string().nullable(),
  committed: z.string().nullable(),
  otherCosts: z.string().nullable(),
  plan: z.string(),
  left: z.string().nullable(),
});
const jobBudget = z.object({
  job: z.string().nullable(),
  jobName: z.string().nullable(),
  /** Where the figures come from; null: there are none. */
  told: z.object({ by: z.enum(['refresh', 'link']), at: time, requestId: z.string().nullable() }).nullable(),
  rows: z
    .array(
      budgetFigures.extend({
        costCode: z.string().nullable(),
        costCodeName: z.string().nullable(),
        costType: z.string().nullable(),
        costTypeName: z.string().nullable(),
      }),
    )
    .readonly(),
  total: budgetFigures,
  billed: z.boolean(),
});

const recordPage = z.object({ kind: z.enum(KINDS), id: z.string() });
const dependency = z.object({
  words: z.string(),
  name: z.string(),
  state: z.enum(['linked', 'in_plan', 'waiting', 'in_erp', 'not_linked']),
  erpState: z.enum(['absent', 'active', 'inactive', 'void']).nullable(),
  record: recordPage.nullable(),
  request: z
    .object({ id: z.string(), title: z.string().nullable(), status: z.enum(REQUEST_STATUSES) })
    .nullable(),
});

const page = z.object({
  request: z.object({
    connectionId: z.string(),
    id: z.string(),
    source: z.string(),
    way: z.string().nullable(),
    kind: z.string().nullable(),
    eventName: z.string().nullable(),
    recordId: z.string().nullable(),
    subject: z.string().nullable(),
    about: z
      .object({
        title: z.string().nullable(),
        project: z.string().nullable(),
        vendor: z.string().nullable(),
        amount: z.string().nullable(),
      })
      .nullable(),
    status: z.enum(REQUEST_STATUSES),
    reason: z.string().nullable(),
    requestedBy: z.int().nullable(),
    sender: z.string().nullable(),
    workflowId: z.string(),
    receivedAt: time,
    updatedAt: time,
    since: time,
    closedAt: time.nullable(),
  }),
  procoreUrl: z.string().nullable(),
  workflowUrl: z.string().nullable(),
  nextSteps: z.array(z.enum(['approve', 'reject', 'correct', 'retry'])).readonly(),
  attention,
  people: z.array(z.string()).readonly(),
  may: z.object({ decide: z.boolean(), because: z.string().nullable() }),
  /** Until when the visitor can withdraw the approval of the plan; null: they cannot. */
  due: time.nullable(),
  undo: time.nullable(),
  /** What would undo the plan once it is written. */
  undoing: z.array(z.string()).readonly(),
  plan: plan.nullable(),
  twins: z
    .array(
      z.object({
        erpKey: z.string(),
        name: z.string(),
        state: z.enum(['active', 'inactive']),
        because: z.array(z.string()).readonly(),
        fields: z
          .array(z.object({ label: z.string(), type: fieldType, here: value, there: value }))
          .readonly(),
      }),
    )
    .readonly(),
  budgets: z.array(jobBudget).readonly(),
  dependsOn: z.array(dependency).readonly(),
  records: z.array(recordPage.extend({ recordId: z.string() })).readonly(),
  difference: z
    .object({
      changed: z
        .array(z.object({ target: z.string(), label: z.string(), before: value, after: value }))
        .readonly(),
      added: z.array(z.string()).readonly(),
      removed: z.array(z.string()).readonly(),
      warningsAdded: z.array(warning).readonly(),
      warningsRemoved: z.array(warning).readonly(),
      other: z.boolean(),
    })
    .nullable(),
  decisions: z
    .array(
      z.object({
        planHash: hash,
        /** `first`: the first of two that must approve. */
        decision: z.enum(['first', 'approved', 'rejected', 'withdrawn']),
        decidedBy: z.string(),
        comment: z.string(),
        channel: z.string(),
        at: time,
      }),
    )
    .readonly(),
  outcomes: z
    .array(
      z.object({
        side: z.enum(['erp', 'procore', 'tieback']),
        action: z.string(),
        recordId: z.string(),
        erpKey: z.string().nullable(),
        state: z.string(),
        reason: z.string().nullable(),
        at: time,
      }),
    )
    .readonly(),
  waits: z
    .array(z.object({ recordId: z.string(), reason: z.string(), hint: z.string().nullable(), since: time }))
    .readonly(),
  exceptions: z
    .array(
      z.object({
        recordId: z.string(),
        cause: z.string(),
        reason: z.string(),
        problems: z.array(z.string()).readonly().nullable(),
        hint: z.string().nullable(),
        owner: z.string().nullable(),
        openedAt: time,
        resolvedAt: time.nullable(),
      }),
    )
    .readonly(),
  trail: z
    .array(
      z.object({
        at: time,
        actor: z.string(),
        action: z.string(),
        subject: z.string(),
        planHash: z.string().nullable(),
        /** What happened, in one sentence. */
        sentence: z.string(),
      }),
    )
    .readonly(),
});

const correctableField = {
  name: z.string(),
  label: z.string(),
  type: z.string(),
  required: z.boolean(),
  rule: z
    .object({
      maxLength: z.int(),
      decimals: z.int().optional(),
      upperCase: z.boolean().optional(),
      pattern: z.object({ source: z.string(), explains: z.string() }).optional(),
      allowed: z.array(z.string()).readonly().optional(),
    })
    .nullable(),
};
const correctable = z.object({
  kind: z.string(),
  label: z.string(),
  values: z.array(z.object({ ...correctableField, value, corrected: z.boolean() })).readonly(),
  lines: z
    .array(
      z.object({
        kind: z.string(),
        label: z.string(),
        fields: z.array(z.object(correctableField)).readonly(),
        lines: z
          .array(
            z.object({
              number: z.string(),
              values: z.record(z.string(), z.object({ value, corrected: z.boolean() })),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
});

const comment = z.string().max(4_000).default('');
const said = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('comment'), comment }),
  z.strictObject({ say: z.literal('assign'), owner: z.string().trim().min(1).max(200).nullable(), comment }),
  z.strictObject({ say: z.literal('hold'), comment }),
  z.strictObject({ say: z.literal('release'), comment }),
]);

/** `GET /api/requests/:connection/:source/:name` and its `/operations` and `/correctable`: one request with everything that a decision needs. `POST .../attention`: comment, hand over, hold. */
export const requestFeature =
  (source: RequestSource): Feature =>
  (api) => {
    api.get(
      '/requests/:connection/:source/:name',
      {
        config: { roles: 'known' },
        schema: {
          params: requestParams,
          querystring: z.object({ seen: hash.optional() }),
          response: { 200: page },
        },
      },
      (request) => source.requestPage(visitorOf(request), refOf(request.params), request.query.seen ?? null),
    );
    api.get(
      '/requests/:connection/:source/:name/correctable',
      {
        config: { roles: 'known' },
        schema: { params: requestParams, response: { 200: correctable } },
      },
      (request) => source.correctable(visitorOf(request), refOf(request.params)),
    );
    api.post(
      '/requests/:connection/:source/:name/attention',
      {
        bodyLimit: 32 * 1024,
        config: { roles: 'known' },
        schema: { params: requestParams, body: said, response: { 200: attention } },
      },
      (request) => source.sayAbout(visitorOf(request), refOf(request.params), request.body, 'desk'),
    );
    api.get(
      '/requests/:connection/:source/:name/operations',
      {
        config: { roles: 'known' },
        schema: {
          params: requestParams,
          querystring: z.object({ plan: hash, from: z.coerce.number().int().min(1) }),
          response: { 200: z.object({ operations: z.array(operation).readonly() }) },
        },
      },
      async (request) => ({
        operations: await source.operations(visitorOf(request), refOf(request.params), {
          hash: request.query.plan,
          from: request.query.from,
        }),
      }),
    );
  };
