import { z } from 'zod';
import type { Asked, Decided } from '../../desk/decide';
import type { AskedLinks, LinkOutcome } from '../../desk/links/decide';
import { MOST_ANSWERS } from '../../desk/links/decide';
import { KINDS } from '../../domain/kinds';
import type { Visitor } from '../../domain/people/access';
import { REQUEST_STATUSES } from '../../domain/request/status';
import type { Feature } from './api';
import { visitorOf } from './api';

/** What is behind the decision API. */
export interface DecisionSource {
  /** Throws `DeskRefusal`. */
  decide(person: Visitor, asked: Asked, channel: string): Promise<Decided>;
  /** Throws `DeskRefusal`. */
  decideLinks(person: Visitor, asked: AskedLinks, channel: string): Promise<readonly LinkOutcome[]>;
}

/** A decision is a few words; corrections of a record are a few fields. */
const MAX_BODY_BYTES = 64 * 1024;

const decision = z.strictObject({
  /** The request as people name it: `640018`, `erp/640018`. */
  request: z.string().trim().min(1).max(200),
  connection: z.string().trim().min(1).max(60).optional(),
  answer: z.enum(['approve', 'reject', 'correct', 'withdraw']),
  /** Beginning of the hash of the plan that was looked at. */
  plan: z.string().max(64).optional(),
  comment: z.string().max(4_000).default(''),
  values: z.record(z.string(), z.union([z.string().max(4_000), z.boolean(), z.null()])).optional(),
  /** Of `approve` in the Desk: the sentences of all warnings of the plan, each ticked. */
  ticked: z.array(z.string().max(4_000)).max(1_000).optional(),
  channel: z.enum(['cli', 'desk']).default('desk'),
});

/** Two hashes and two keys each. */
const MAX_LINKS_BYTES = 256 * 1024;

const erpKey = z.string().min(1).max(120);
const procoreId = z.int().positive();
const revision = z.string().regex(/^[0-9a-f]{64}$/);
const seen = { erpKey, procoreId, erpRevision: revision, procoreRevision: revision };

const links = z.strictObject({
  connection: z.string().trim().min(1).max(60),
  kind: z.enum(KINDS),
  answers: z
    .array(
      z.discriminatedUnion('how', [
        z.strictObject({ how: z.literal('accept'), ...seen }),
        z.strictObject({ how: z.literal('reject'), ...seen }),
        z.strictObject({ how: z.literal('link'), erpKey, procoreId }),
        z.strictObject({ how: z.literal('relink'), erpKey, procoreId }),
        z.strictObject({ how: z.literal('rename'), erpKey, to: erpKey }),
        z.strictObject({ how: z.literal('unlink'), erpKey }),
        z.strictObject({ how: z.literal('merge'), procoreId, into: procoreId }),
      ]),
    )
    .min(1)
    .max(MOST_ANSWERS),
  comment: z.string().max(4_000).default(''),
  channel: z.enum(['cli', 'desk']).default('desk'),
});

const receipt = z.object({
  connectionId: z.string(),
  id: z.string(),
  receipt: z.object({
    status: z.enum(REQUEST_STATUSES),
    message: z.string(),
    /** Of an approval: for so long, and until then, it can be withdrawn. */
    undo: z.object({ ms: z.int(), until: z.iso.datetime() }).optional(),
  }),
});

const answer = links.shape.answers.element;
const outcomes = z.object({
  outcomes: z
    .array(
      z.object({
        answer,
        refused: z
          .object({ code: z.string(), message: z.string(), hint: z.string().nullable() })
          .readonly()
          .nullable(),
      }),
    )
    .readonly(),
});

/** `POST /api/decisions` and `POST /api/links`. */
export const decisionFeature =
  (source: DecisionSource): Feature =>
  (api) => {
    const decides = { roles: ['approver', 'payroll'] } as const;
    api.post(
      '/decisions',
      {
        bodyLimit: MAX_BODY_BYTES,
        config: decides,
        schema: { body: decision, response: { 200: receipt } },
      },
      async (request) => {
        const { request: typed, connection, channel, ...rest } = request.body;
        // In the Desk each warning is ticked; without the list none was.
        const ticked = channel === 'desk' && rest.answer === 'approve' ? { ticked: rest.ticked ?? [] } : {};
        const asked = { ...rest, ...ticked, typed, connectionId: connection };
        const { request: row, receipt: given } = await source.decide(visitorOf(request), asked, channel);
        return { connectionId: row.connectionId, id: row.id, receipt: given };
      },
    );
    api.post(
      '/links',
      {
        bodyLimit: MAX_LINKS_BYTES,
        config: decides,
        schema: { body: links, response: { 200: outcomes } },
      },
      async (request) => {
        const { connection, channel, ...rest } = request.body;
        const asked = { ...rest, connectionId: connection };
        return { outcomes: await source.decideLinks(visitorOf(request), asked, channel) };
      },
    );
  };
