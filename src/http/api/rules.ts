import { z } from 'zod';
import type { RulesRoom } from '../../desk/rules/room';
import { RULE_DECISIONS } from '../../domain/request/policy';
import type { Feature } from './api';
import { visitorOf } from './api';

/** What is behind the rules of a connection. */
export interface RulesSource {
  readonly rules: RulesRoom;
}

/** Some hundred rules. */
const MAX_BODY_BYTES = 256 * 1024;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const comment = z.string().max(4_000).default('');
const decision = z.enum(RULE_DECISIONS);

/** What a connection's rules say, as the configuration writes it (docs/configuration.md); it is checked as the configuration is. */
const given = z.record(z.string(), z.unknown());

const shown = z.object({
  rules: z
    .array(
      z.object({
        name: z.string(),
        decision,
        when: z.union([z.literal('everything'), z.record(z.string(), z.unknown())]),
      }),
    )
    .readonly(),
  requireSecondPerson: z.boolean(),
  delegations: z
    .array(
      z.object({
        from: z.string(),
        to: z.string(),
        procoreUserId: z.int().optional(),
        begin: z.string(),
        end: z.string(),
      }),
    )
    .readonly(),
  deadlines: z
    .array(
      z.object({
        afterHours: z.number(),
        tell: z.union([z.object({ person: z.string() }), z.object({ channel: z.string() })]),
      }),
    )
    .readonly(),
});

const said = {
  hash: z.string(),
  body: shown,
  /** Each rule in a sentence, in their order. */
  rules: z.array(z.object({ name: z.string(), sentence: z.string() })).readonly(),
  /** All of it in sentences. */
  sentences: z.array(z.string()).readonly(),
};

const step = z.object({ by: z.string(), at: z.iso.datetime(), comment: z.string() }).nullable();
const state = z.enum(['proposed', 'in_force', 'replaced', 'rejected', 'withdrawn']);
const version = {
  /** 0: the configuration. */
  version: z.int(),
  basedOn: z.int(),
  state,
  hash: z.string(),
  proposed: step,
  decided: step,
  /** How often each rule decided or asked while this version was in force. */
  hits: z
    .array(
      z.object({
        rule: z.string(),
        count: z.int(),
        last: z.iso.datetime().nullable(),
        /** Ids of the last requests, for those who see all of the connection. */
        examples: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
};

const page = z.object({
  connectionId: z.string(),
  version: z.int(),
  inForce: z.object(said),
  problem: z.string().nullable(),
  configurationDiffers: z.boolean(),
  approvers: z.array(z.string()).readonly(),
  /** `outdated`: another version came into force since, and this one can only be rejected or withdrawn. */
  proposed: z.array(z.object({ ...version, ...said, outdated: z.boolean() })).readonly(),
  history: z.array(z.object(version)).readonly(),
});

const tally = z.object({
  decision,
  count: z.int(),
  sums: z.array(z.object({ currency: z.string(), amount: z.string() })).readonly(),
});
const trial = z.object({
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  plans: z.int(),
  cut: z.boolean(),
  said: z.array(tally).readonly(),
  would: z.array(tally).readonly(),
  differing: z.int(),
  differences: z
    .array(
      z.object({
        requestId: z.string(),
        planHash: z.string(),
        subject: z.string(),
        amount: z.string().nullable(),
        currency: z.string().nullable(),
        said: z.object({ decision, rule: z.string().nullable() }),
        would: z.object({ decision, rule: z.string(), because: z.string() }),
      }),
    )
    .readonly(),
});

const receipt = z.object({ connectionId: z.string(), version: z.int(), hash: z.string(), state });

const params = z.object({ connection: z.string().min(1).max(60) });

/** `GET /api/rules/:connection`, and what admins do there: `/try`, `/proposals`, `/proposals/:version`. */
export const rulesFeature =
  ({ rules }: RulesSource): Feature =>
  (api) => {
    const admins = { config: { roles: ['admin'] }, bodyLimit: MAX_BODY_BYTES } as const;
    api.get(
      '/rules/:connection',
      { config: { roles: 'known' }, schema: { params, response: { 200: page } } },
      (request) => rules.read(visitorOf(request), request.params.connection),
    );
    api.post(
      '/rules/:connection/try',
      {
        ...admins,
        schema: {
          params,
          body: z.strictObject({ body: given, since: z.iso.datetime().optional() }),
          response: { 200: trial },
        },
      },
      (request) =>
        rules.try(visitorOf(request), { connectionId: request.params.connection, ...request.body }),
    );
    api.post(
      '/rules/:connection/proposals',
      {
        ...admins,
        schema: {
          params,
          /** `basedOn`: the version that was looked at. */
          body: z.strictObject({ body: given, basedOn: z.int().min(0), comment }),
          response: { 200: receipt },
        },
      },
      (request) =>
        rules.propose(visitorOf(request), {
          connectionId: request.params.connection,
          ...request.body,
        }),
    );
    api.post(
      '/rules/:connection/proposals/:version',
      {
        ...admins,
        schema: {
          params: params.extend({ version: z.coerce.number().int().positive() }),
          /** `hash`: of the proposal that was looked at. */
          body: z.strictObject({ answer: z.enum(['approve', 'reject', 'withdraw']), hash, comment }),
          response: { 200: receipt },
        },
      },
      (request) => {
        const { connection: connectionId, version: number } = request.params;
        return rules.settle(visitorOf(request), { connectionId, version: number, ...request.body });
      },
    );
  };
