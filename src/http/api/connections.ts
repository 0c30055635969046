import { z } from 'zod';
import type { ConnectionRoom } from '../../desk/connections/room';
import { RECONCILED_KINDS } from '../../domain/request/id';
import type { Feature } from './api';
import { visitorOf } from './api';
import { connectionName } from './shapes';

const MAX_BODY_BYTES = 16 * 1024;

const kind = z.enum(RECONCILED_KINDS as [(typeof RECONCILED_KINDS)[number]]);
const runs = {
  label: z.string(),
  goalMs: z.int(),
  at: z.string().nullable(),
  why: z.string().nullable(),
  next: z.string().nullable(),
  running: z.object({ since: z.string(), problem: z.string().nullable() }).readonly().nullable(),
};

const standing = z.object({
  id: z.string(),
  companyId: z.int(),
  adapter: z.string(),
  state: z.enum(['on_time', 'late', 'down']),
  sentence: z.string(),
  lastPoll: z.object({
    at: z.string().nullable(),
    next: z.string().nullable(),
    problem: z.string().nullable(),
  }),
  lastWebhook: z.string().nullable(),
  reconciles: z
    .array(
      z.object({
        kind,
        ...runs,
        state: z.enum(['fresh', 'late', 'paused', 'unknown']),
        progress: z.object({ done: z.int(), open: z.int() }).readonly().nullable(),
        paused: z.object({ by: z.string(), at: z.string(), comment: z.string() }).readonly().nullable(),
      }),
    )
    .readonly(),
  payroll: z.object({ ...runs, state: z.enum(['fresh', 'late', 'paused', 'unknown']) }).nullable(),
  census: z
    .object({
      takenAt: z.string(),
      isClean: z.boolean(),
      foreign: z.string().nullable(),
      counts: z
        .array(
          z.object({ kind: z.string(), total: z.int(), without: z.int(), ours: z.int(), foreign: z.int() }),
        )
        .readonly(),
    })
    .nullable(),
  /** As the daemon that answers knows it. */
  callsLeft: z
    .object({
      remaining: z.record(z.string(), z.int()).readonly(),
      inFlight: z.int(),
      queued: z.int(),
      pausedForMs: z.number(),
    })
    .nullable(),
  openRequests: z.int(),
});

const daemon = z.object({
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  queues: z.array(z.string()).readonly(),
  startedAt: z.string(),
  beatAt: z.string(),
  stoppedAt: z.string().nullable(),
  problem: z.string().nullable(),
  lives: z.boolean(),
});

const finding = z.object({
  name: z.string(),
  status: z.enum(['ok', 'warning', 'failed', 'skipped']),
  detail: z.string(),
  hint: z.string().nullable(),
});

const job = z
  .object({
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    by: z.string(),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    problem: z.string().nullable(),
    result: z
      .object({
        isWell: z.boolean(),
        trouble: z.array(finding.extend({ area: z.string() })).readonly(),
        summary: z.array(z.string()).readonly(),
        areas: z.array(z.object({ name: z.string(), findings: z.array(finding).readonly() })).readonly(),
      })
      .readonly()
      .nullable(),
  })
  .readonly();

const reconcile = z.strictObject({
  kind,
  action: z.enum(['pause', 'resume', 'now']),
  comment: z.string().max(4_000).default(''),
});

/** What is behind it. */
export interface ConnectionSource {
  readonly connections: ConnectionRoom;
}

/** `/api/connections`: how each stands, what the doctor finds, and what admins do about a reconcile. */
export const connectionFeature =
  ({ connections }: ConnectionSource): Feature =>
  (api) => {
    const listed = z.object({
      connections: z.array(standing).readonly(),
      daemons: z.array(daemon).readonly(),
    });
    api.get(
      '/connections',
      { config: { roles: 'known' }, schema: { response: { 200: listed } } },
      (request) => connections.list(visitorOf(request)),
    );
    api.post(
      '/connections/:connection/reconcile',
      {
        bodyLimit: MAX_BODY_BYTES,
        config: { roles: ['admin'] },
        schema: {
          params: z.object({ connection: connectionName }),
          body: reconcile,
          response: { 200: z.object({ done: z.enum(['pause', 'resume', 'now']) }) },
        },
      },
      async (request) => {
        const { connection: connectionId } = request.params;
        await connections.reconcile(visitorOf(request), { connectionId, ...request.body });
        return { done: request.body.action };
      },
    );
    const config = { roles: ['admin', 'auditor'] } as const;
    api.post('/connections/doctor', { config, schema: { response: { 202: job } } }, (request, reply) => {
      void reply.code(202);
      return connections.examine(visitorOf(request));
    });
    api.get(
      '/connections/doctor',
      { config, schema: { response: { 200: z.object({ job: job.nullable() }) } } },
      (request) => ({ job: connections.diagnosis(visitorOf(request)) }),
    );
  };
