import { z } from 'zod';
import type { Inbox } from '../../desk/inbox-parts';
import type { Visitor } from '../../domain/people/access';
import type { Feature } from './api';
import { visitorOf } from './api';

/** A choice is a few words; so many of them come at once. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Most conflicts or records in one call. */
export const MOST_AT_ONCE = 500;

const value = z.union([z.string().max(4_000), z.boolean(), z.null()]);
const ids = z.array(z.string().min(1).max(200)).min(1).max(MOST_AT_ONCE);
const about = {
  connection: z.string().trim().min(1).max(60),
  channel: z.enum(['cli', 'desk']).default('desk'),
};
const comment = z.string().max(4_000).default('');
/** Null: nobody any more. */
const owner = z.string().trim().min(1).max(200).nullable();

const choice = z.discriminatedUnion('take', [
  z.strictObject({ take: z.enum(['procore', 'erp', 'ignore']) }),
  z.strictObject({ take: z.literal('value'), value }),
]);

const conflicts = z.discriminatedUnion('action', [
  z.strictObject({
    ...about,
    action: z.literal('settle'),
    comment,
    answers: z
      .array(
        z.strictObject({
          id: z.string().min(1).max(200),
          choice,
          /** Both values, as they were looked at. */
          pair: z.strictObject({ procore: value, erp: value }),
        }),
      )
      .min(1)
      .max(MOST_AT_ONCE),
  }),
  z.strictObject({ ...about, action: z.literal('assign'), ids, owner }),
]);

const exceptions = z.discriminatedUnion('action', [
  z.strictObject({ ...about, action: z.literal('ignore'), ids, comment }),
  z.strictObject({ ...about, action: z.literal('retry'), ids }),
  z.strictObject({ ...about, action: z.literal('assign'), ids, owner }),
]);

const receipt = z.object({
  done: z.array(z.string()).readonly(),
  refused: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })).readonly(),
  looks: z.enum(['now', 'later']).nullable(),
});

/** What is behind it. */
export interface ExceptionSource {
  /** What a person may do, said through `channel`. Throws `DeskRefusal`. */
  inbox(person: Visitor, channel: string): Inbox;
}

/** `POST /api/conflicts` and `POST /api/exceptions`: `action` says what is done about them; the answer is what became of each. */
export const exceptionFeature =
  (source: ExceptionSource): Feature =>
  (api) => {
    const options = { bodyLimit: MAX_BODY_BYTES, config: { roles: ['approver', 'payroll'] } } as const;
    api.post(
      '/conflicts',
      { ...options, schema: { body: conflicts, response: { 200: receipt } } },
      (request) => {
        const { connection: connectionId, channel, ...asked } = request.body;
        const inbox = source.inbox(visitorOf(request), channel);
        return asked.action === 'settle'
          ? inbox.settle({ connectionId, answers: asked.answers, comment: asked.comment })
          : inbox.assignConflicts({ connectionId, ids: asked.ids, owner: asked.owner });
      },
    );
    api.post(
      '/exceptions',
      { ...options, schema: { body: exceptions, response: { 200: receipt } } },
      (request) => {
        const { connection: connectionId, channel, ...asked } = request.body;
        const inbox = source.inbox(visitorOf(request), channel);
        switch (asked.action) {
          case 'ignore':
            return inbox.ignore({ connectionId, ids: asked.ids, comment: asked.comment });
          case 'retry':
            return inbox.retry({ connectionId, ids: asked.ids });
          case 'assign':
            return inbox.assignExceptions({ connectionId, ids: asked.ids, owner: asked.owner });
        }
      },
    );
  };
