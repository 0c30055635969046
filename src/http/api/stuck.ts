import { z } from 'zod';
import type {
  ConflictsShown,
  ExceptionsShown,
  ProblemsAsked,
  SuggestionsShown,
} from '../../desk/requests/problems';
import type { RetryOutcome, StuckGroup } from '../../desk/requests/stuck';
import type { Kind } from '../../domain/kinds';
import { KINDS } from '../../domain/kinds';
import type { Visitor } from '../../domain/people/access';
import { OWNERS } from '../../domain/reconcile/ownership';
import type { StuckCause } from '../../domain/request/stuck-cause';
import { STUCK_CAUSES } from '../../domain/request/stuck-cause';
import type { Feature } from './api';
import { visitorOf } from './api';
import { eachOutcome, several, yes } from './parts';

/** What is behind what does not go on. */
export interface StuckSource {
  stuck(
    person: Visitor,
    asked: { readonly connections?: readonly string[] | undefined },
  ): Promise<readonly StuckGroup[]>;
  /** Throws `DeskRefusal`. */
  retryStuck(
    person: Visitor,
    asked: { readonly connectionId: string; readonly cause: StuckCause },
    channel: string,
  ): Promise<RetryOutcome>;
  conflicts(
    person: Visitor,
    asked: ProblemsAsked & { readonly search?: string | undefined },
  ): Promise<ConflictsShown>;
  exceptions(person: Visitor, asked: ProblemsAsked): Promise<ExceptionsShown>;
  /** Throws `DeskRefusal`. */
  suggestions(
    person: Visitor,
    asked: { readonly connectionId: string; readonly kind: Kind },
  ): Promise<SuggestionsShown>;
}

const time = z.iso.datetime();
const connection = z.string().min(1).max(60);
const value = z.union([z.string(), z.boolean(), z.null()]);
const pair = z.object({ procore: value, erp: value });
const ids = z.array(z.string()).readonly();

const group = z.object({
  connectionId: z.string(),
  cause: z.enum(STUCK_CAUSES),
  words: z.string(),
  helps: z.string(),
  since: time,
  nextTry: time.nullable(),
  count: z.int(),
  more: z.boolean(),
  retryable: z.int(),
  examples: z
    .array(
      z.object({
        id: z.string(),
        title: z.string().nullable(),
        reason: z.string().nullable(),
        since: time,
      }),
    )
    .readonly(),
  waitsFor: z
    .array(z.object({ recordId: z.string(), words: z.string(), count: z.int(), holdsUp: ids }))
    .readonly(),
});

const retry = z.strictObject({
  connection,
  cause: z.enum(STUCK_CAUSES),
  channel: z.enum(['cli', 'desk']).default('desk'),
});
const retried = z.object({ outcomes: z.array(eachOutcome).readonly(), left: z.int() });

const problems = {
  connection: several(connection),
  kind: z.enum(KINDS).optional(),
  owner: z.string().max(200).optional(),
  ignored: yes.optional(),
};

const fitting = z.union([z.object({ value }), z.object({ problem: z.string() })]);
const conflict = z.object({
  connectionId: z.string(),
  /** `<record id>#<field>`. */
  id: z.string(),
  recordKind: z.enum(KINDS),
  recordId: z.string(),
  erpKey: z.string(),
  procoreId: z.int().nullable(),
  names: z.object({ procore: z.string(), erp: z.string() }),
  field: z.string(),
  label: z.string(),
  type: z.string().nullable(),
  agreed: z.object({ ...pair.shape, at: time.nullable() }),
  procore: value,
  erp: value,
  fits: z.object({ procore: fitting, erp: fitting }),
  procoreAt: time.nullable(),
  erpAt: time.nullable(),
  rule: z.enum(OWNERS),
  owner: z.string().nullable(),
  openedAt: time,
  holdsUp: ids,
  isIgnored: z.boolean(),
  choices: z
    .array(
      z.object({
        take: z.enum(['procore', 'erp', 'ignore']),
        words: z.string(),
        problem: z.string().nullable(),
      }),
    )
    .readonly(),
});
const conflicts = z.object({ conflicts: z.array(conflict).readonly(), more: z.boolean() });

const exception = z.object({
  connectionId: z.string(),
  recordId: z.string(),
  recordKind: z.string(),
  cause: z.string(),
  reason: z.string(),
  hint: z.string().nullable(),
  problems: ids.nullable(),
  erpKey: z.string().nullable(),
  owner: z.string().nullable(),
  ignored: z.object({ by: z.string(), at: time, comment: z.string() }).readonly().nullable(),
  requestId: z.string().nullable(),
  openedAt: time,
  holdsUp: ids,
  act: z.string(),
});
const exceptions = z.object({ exceptions: z.array(exception).readonly(), more: z.boolean() });

const counts = z.object({ erp: z.int(), procore: z.int() });
const record = z.object({
  code: z.string(),
  name: z.string(),
  fields: z.record(z.string(), value).readonly(),
});
const suggestions = z.object({
  kind: z.enum(KINDS),
  pairs: z
    .array(
      z.object({
        erpKey: z.string(),
        procoreId: z.int(),
        bits: z.number(),
        verdict: z.enum(['match', 'ask']),
        reasons: ids,
        records: z.object({ erp: record, procore: record }),
        erpRevision: z.string(),
        procoreRevision: z.string(),
      }),
    )
    .readonly(),
  unpaired: counts,
  alone: counts,
  claimed: z.int(),
  more: z.boolean(),
});

/** `GET /api/stuck`, `POST /api/stuck/retry`, `GET /api/conflicts`, `GET /api/exceptions` and `GET /api/links/suggestions`. */
export const stuckFeature =
  (source: StuckSource): Feature =>
  (api) => {
    const known = { config: { roles: 'known' } } as const;
    api.get(
      '/stuck',
      {
        ...known,
        schema: {
          querystring: z.strictObject({ connection: problems.connection }),
          response: { 200: z.object({ groups: z.array(group).readonly() }) },
        },
      },
      async (request) => ({
        groups: await source.stuck(visitorOf(request), { connections: request.query.connection }),
      }),
    );
    api.post(
      '/stuck/retry',
      {
        bodyLimit: 16 * 1024,
        config: { roles: ['approver', 'payroll'] },
        schema: { body: retry, response: { 200: retried } },
      },
      (request) => {
        const { connection: connectionId, cause, channel } = request.body;
        return source.retryStuck(visitorOf(request), { connectionId, cause }, channel);
      },
    );
    api.get(
      '/conflicts',
      {
        ...known,
        schema: {
          querystring: z.strictObject({ ...problems, q: z.string().max(200).optional() }),
          response: { 200: conflicts },
        },
      },
      (request) => {
        const { connection: connections, q: search, ...asked } = request.query;
        return source.conflicts(visitorOf(request), { ...asked, connections, search });
      },
    );
    api.get(
      '/exceptions',
      { ...known, schema: { querystring: z.strictObject(problems), response: { 200: exceptions } } },
      (request) => {
        const { connection: connections, ...asked } = request.query;
        return source.exceptions(visitorOf(request), { ...asked, connections });
      },
    );
    api.get(
      '/links/suggestions',
      {
        ...known,
        schema: {
          querystring: z.strictObject({ connection, kind: z.enum(KINDS) }),
          response: { 200: suggestions },
        },
      },
      (request) => {
        const { connection: connectionId, kind } = request.query;
        return source.suggestions(visitorOf(request), { connectionId, kind });
      },
    );
  };
