import { z } from 'zod';
import type { BulkAsked, BulkOutcome } from '../../desk/requests/bulk';
import { MOST_AT_ONCE } from '../../desk/requests/bulk';
import type { RequestsAsked } from '../../desk/requests/filter';
import type { PageAsked, RequestPage, StageSummary } from '../../desk/requests/list';
import { KINDS } from '../../domain/kinds';
import type { Visitor } from '../../domain/people/access';
import { SOURCES } from '../../domain/request/id';
import type { Stage } from '../../domain/request/stage';
import { STAGES } from '../../domain/request/stage';
import { REQUEST_STATUSES } from '../../domain/request/status';
import type { Feature } from './api';
import { visitorOf } from './api';
import { eachOutcome, several, yes } from './parts';

/** What is behind the lists. */
export interface RequestsSource {
  /** Throws `DeskRefusal`. */
  requests(person: Visitor, asked: PageAsked): Promise<RequestPage>;
  /** Throws `DeskRefusal`. */
  requestsSummary(person: Visitor, asked: RequestsAsked): Promise<Readonly<Record<Stage, StageSummary>>>;
  /** Throws `DeskRefusal`, and only where nothing at all was done. */
  decideBulk(person: Visitor, asked: BulkAsked, channel: string): Promise<BulkOutcome>;
}

/** A hundred names and hashes. */
const MAX_BODY_BYTES = 64 * 1024;
const MOST_ROWS = 50;

const decimal = z.string().regex(/^-?\d{1,17}(\.\d{1,6})?$/, 'it is a number such as 12400.00');
const words = z.string().max(200);

const filter = {
  connection: several(z.string().min(1).max(60)),
  kind: several(z.enum(KINDS)),
  project: words.optional(),
  vendor: words.optional(),
  warnings: yes.optional(),
  mine: yes.optional(),
  held: yes.optional(),
  olderThanHours: z.coerce.number().int().min(0).max(100_000).optional(),
  amountFrom: decimal.optional(),
  amountTo: decimal.optional(),
  source: z.enum(SOURCES).optional(),
  q: words.optional(),
};
const summaryQuery = z.strictObject(filter);
const pageQuery = z.strictObject({
  ...filter,
  stage: z.enum(STAGES).default('needs_me'),
  sort: z.enum(['age', 'amount', 'vendor', 'number']).default('age'),
  direction: z.enum(['asc', 'desc']).default('asc'),
  cursor: z.string().max(2_000).optional(),
  take: z.coerce.number().int().min(1).max(MOST_ROWS).default(MOST_ROWS),
});

const time = z.iso.datetime();
const row = z.object({
  connectionId: z.string(),
  id: z.string(),
  number: z.string(),
  record: z.object({
    kind: z.enum(KINDS).nullable(),
    words: z.string().nullable(),
    title: z.string().nullable(),
  }),
  project: z.string().nullable(),
  projectId: z.int().nullable(),
  vendor: z.string().nullable(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  warnings: z.object({ count: z.int(), contradiction: z.boolean() }),
  sender: z.string().nullable(),
  owner: z.string().nullable(),
  heldBy: z.string().nullable(),
  status: z.enum(REQUEST_STATUSES),
  stage: z.enum(STAGES),
  reason: z.string().nullable(),
  waitsFor: z.string().nullable(),
  receivedAt: time,
  since: time,
  blockedSince: time.nullable(),
  due: time.nullable(),
  deadline: time.nullable(),
  nextSteps: z.array(z.enum(['approve', 'reject', 'correct', 'retry'])).readonly(),
  planHash: z.string().nullable(),
  bulk: z.boolean(),
});
const page = z.object({ rows: z.array(row).readonly(), next: z.string().nullable() });

const summed = z.object({
  count: z.int(),
  sums: z.array(z.object({ currency: z.string().nullable(), amount: z.string(), count: z.int() })).readonly(),
});
const summary = z.object({ needs_me: summed, waiting: summed, stuck: summed, done: summed });

const sums = z
  .array(
    z.strictObject({
      /** Null: nobody says which. */
      currency: z.string().length(3).nullable(),
      amount: decimal,
    }),
  )
  .max(20);
const bulk = z.strictObject({
  answer: z.enum(['approve', 'withdraw']).default('approve'),
  /** Made once for what the person confirmed: sent again, it decides nothing anew. */
  key: z.uuid(),
  requests: z
    .array(
      z.strictObject({
        connectionId: z.string().min(1).max(60),
        request: z.string().min(1).max(200),
        /** Beginning of the hash of the plan that was looked at. */
        plan: z.string().regex(/^[0-9a-f]{12,64}$/),
      }),
    )
    .min(1)
    .max(MOST_AT_ONCE),
  /** What the person saw. */
  count: z.int().positive(),
  sums,
  comment: z.string().max(4_000).default(''),
  channel: z.enum(['cli', 'desk']).default('desk'),
});
const outcome = z.object({ outcomes: z.array(eachOutcome).readonly() });

/** `GET /api/requests`, `GET /api/requests/summary` and `POST /api/decisions/bulk`. */
export const requestsFeature =
  (source: RequestsSource): Feature =>
  (api) => {
    api.get(
      '/requests',
      { config: { roles: 'known' }, schema: { querystring: pageQuery, response: { 200: page } } },
      (request) => {
        const { stage, sort, direction, cursor, take, ...rest } = request.query;
        const asked = { ...askedIn(rest), stage, sort, descending: direction === 'desc', cursor, take };
        return source.requests(visitorOf(request), asked);
      },
    );
    api.get(
      '/requests/summary',
      { config: { roles: 'known' }, schema: { querystring: summaryQuery, response: { 200: summary } } },
      (request) => source.requestsSummary(visitorOf(request), askedIn(request.query)),
    );
    api.post(
      '/decisions/bulk',
      {
        bodyLimit: MAX_BODY_BYTES,
        config: { roles: ['approver', 'payroll'] },
        schema: { body: bulk, response: { 200: outcome } },
      },
      (request) => {
        const { channel, ...asked } = request.body;
        return source.decideBulk(visitorOf(request), asked, channel);
      },
    );
  };

const askedIn = ({ connection, kind, ...rest }: z.output<typeof summaryQuery>): RequestsAsked => ({
  ...rest,
  connections: connection,
  kinds: kind,
});
