import { z } from 'zod';
import type { PayReport, PayrollRoom } from '../../desk/payroll/room';
import { ACCEPTED_STATES } from '../../domain/payroll/accepted-person';
import type { PaySubject } from '../../domain/payroll/decisions';
import { PAY_ANSWERS } from '../../domain/payroll/decisions';
import { FAMILIES } from '../../domain/payroll/line';
import { FREQUENCIES } from '../../domain/payroll/period';
import { REQUEST_STATUSES } from '../../domain/request/status';
import type { FastifyReply } from 'fastify';
import type { Feature } from './api';
import { visitorOf } from './api';
import { sendFile } from './attachments';
import { connectionName, cursor } from './shapes';

const hours = z.string();
const code = z.object({ code: z.string(), name: z.string(), hours });

/** The rows of each list of a period; undeclared keys never leave, and there is none for what an hour pays. */
const ROWS = {
  employees: z.object({
    employee: z.string(),
    name: z.string(),
    regular: hours,
    overtime: hours,
    double: hours,
    other: hours,
    hours,
    allowances: z.string(),
  }),
  jobs: code,
  earnCodes: code,
  lines: z.object({
    key: z.string(),
    purpose: z.enum(['period', 'correction']),
    isNew: z.boolean(),
    employee: z.string(),
    employeeName: z.string(),
    date: z.string(),
    job: z.string().nullable(),
    jobName: z.string().nullable(),
    phase: z.string().nullable(),
    phaseName: z.string().nullable(),
    earnCode: z.string(),
    earnCodeName: z.string(),
    family: z.enum(FAMILIES),
    craft: z.string().nullable(),
    class: z.string().nullable(),
    shift: z.string().nullable(),
    department: z.string().nullable(),
    certified: z.boolean(),
    equipment: z.string().nullable(),
    hours,
    leg: z.enum(['reversal', 'replacement']).nullable(),
  }),
  leftOut: z.object({
    entry: z.int(),
    employee: z.string().nullable(),
    person: z.string(),
    date: z.string(),
    hours,
    reason: z.string(),
    text: z.string(),
  }),
  corrections: z.object({
    employee: z.string(),
    employeeName: z.string(),
    date: z.string(),
    job: z.string().nullable(),
    jobName: z.string().nullable(),
    phase: z.string().nullable(),
    posted: hours,
    written: hours,
    true: hours,
    difference: hours,
  }),
  byHand: z.string(),
  withoutHours: z.string(),
  questions: z.object({
    recordId: z.string(),
    reason: z.string(),
    hint: z.string().nullable(),
    problems: z.array(z.string()).readonly().nullable(),
    openedAt: z.string(),
    asks: z
      .array(
        z.object({
          name: z.string(),
          what: z.enum(Object.keys(PAY_ANSWERS) as PaySubject[]),
          about: z.string(),
          answers: z.array(z.enum(Object.values(PAY_ANSWERS).flatMap(({ answers }) => answers))).readonly(),
        }),
      )
      .readonly(),
  }),
  againstLast: z.object({
    employee: z.string(),
    name: z.string(),
    hours,
    lastHours: hours,
    difference: hours,
  }),
} as const;
const LISTS = Object.keys(ROWS) as (keyof typeof ROWS)[];

const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row).readonly(), count: z.int(), after: z.string().nullable() });

const listed = z.object({
  group: z.string(),
  run: z.int(),
  begin: z.string(),
  end: z.string(),
  cutOff: z.string().nullable(),
  state: z.enum(['future', 'open', 'closed']),
  frequency: z.enum(FREQUENCIES),
  request: z.string().nullable(),
  status: z.enum(REQUEST_STATUSES).nullable(),
});

const periods = z.object({
  connections: z
    .array(
      z.object({
        connectionId: z.string(),
        periods: z.array(listed).readonly(),
        problem: z.string().nullable(),
      }),
    )
    .readonly(),
});

const period = z.object({
  connectionId: z.string(),
  id: z.string(),
  period: z
    .object({ group: z.string(), begin: z.string(), end: z.string(), run: z.int() })
    .readonly()
    .nullable(),
  status: z.enum(REQUEST_STATUSES),
  reason: z.string().nullable(),
  plan: z
    .object({
      hash: z.string(),
      version: z.int(),
      state: z.enum(['built', 'approved', 'rejected', 'superseded', 'applied']),
      builtAt: z.string(),
      warnings: z.array(z.string()).readonly(),
    })
    .nullable(),
  totals: z.object({ lines: z.int(), hours, equipmentHours: hours, allowances: z.string() }).nullable(),
  batches: z
    .array(
      z.object({
        recordId: z.string(),
        erpKey: z.string().nullable(),
        state: z.string(),
        reason: z.string().nullable(),
        at: z.string(),
      }),
    )
    .readonly(),
  last: z.object({ request: z.string(), hours, lastHours: hours }).nullable(),
  employees: pageOf(ROWS.employees),
  jobs: pageOf(ROWS.jobs),
  earnCodes: pageOf(ROWS.earnCodes),
  lines: pageOf(ROWS.lines),
  leftOut: pageOf(ROWS.leftOut),
  corrections: pageOf(ROWS.corrections),
  byHand: pageOf(ROWS.byHand),
  withoutHours: pageOf(ROWS.withoutHours),
  questions: pageOf(ROWS.questions),
  againstLast: pageOf(ROWS.againstLast),
});

const ids = { personId: z.int(), person: z.string() };
const people = z.object({
  matched: z.int(),
  suggestions: z
    .array(
      z.object({
        ...ids,
        personRevision: z.string(),
        employeeKey: z.string(),
        employeeRevision: z.string(),
        employee: z.string(),
        verdict: z.enum(['match', 'ask']),
        reasons: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
  unmatched: z
    .array(
      z.object({
        ...ids,
        personRevision: z.string(),
        number: z.string().nullable(),
        hours: hours.nullable(),
      }),
    )
    .readonly(),
  others: z.int(),
  accepted: z
    .array(
      z.object({
        ...ids,
        employeeKey: z.string(),
        employee: z.string(),
        state: z.enum(ACCEPTED_STATES),
        reason: z.string().nullable(),
        decidedBy: z.string(),
        decidedAt: z.string(),
      }),
    )
    .readonly(),
  employees: z
    .array(
      z.object({
        employeeKey: z.string(),
        employeeRevision: z.string(),
        employee: z.string(),
        payGroup: z.string(),
        isActive: z.boolean(),
      }),
    )
    .readonly(),
  problems: z.array(z.string()).readonly(),
});

const named = z.object({ connection: connectionName, id: z.string().min(1).max(100) });
const date = z.iso.date();
const output = {
  connection: connectionName,
  format: z.enum(['json', 'csv', 'pdf']).default('json'),
  paper: z.enum(['letter', 'a4']).default('letter'),
};

/** What is behind it. */
export interface PayPeriodSource {
  readonly payroll: PayrollRoom;
}

/** `/api/payroll`: pay periods, what is planned for them, and the reports that clerks file. Hours of people; never what they earn. */
export const payrollFeature =
  ({ payroll }: PayPeriodSource): Feature =>
  (api) => {
    const config = { roles: ['payroll', 'auditor', 'admin'] } as const;
    api.get(
      '/payroll/periods',
      {
        config,
        schema: {
          querystring: z.object({ connection: connectionName.optional() }),
          response: { 200: periods },
        },
      },
      async (request) => ({
        connections: await payroll.periods(visitorOf(request), request.query.connection),
      }),
    );
    const one = '/payroll/periods/:connection/:id';
    api.get(one, { config, schema: { params: named, response: { 200: period } } }, (request) =>
      payroll.show(visitorOf(request), request.params.connection, request.params.id),
    );
    for (const list of LISTS)
      api.get(
        `${one}/${list}`,
        {
          config,
          schema: {
            params: named,
            querystring: z.object({
              after: cursor.optional(),
              employee: z.string().max(120).optional(),
              job: z.string().max(120).optional(),
            }),
            response: { 200: pageOf(ROWS[list] as z.ZodType) },
          },
        },
        (request) => {
          const { connection: connectionId, id } = request.params;
          return payroll.list(visitorOf(request), { connectionId, id, list }, request.query);
        },
      );
    api.get(
      '/payroll/people',
      {
        config,
        schema: { querystring: z.object({ connection: connectionName }), response: { 200: people } },
      },
      (request) => payroll.people(visitorOf(request), request.query.connection),
    );
    api.get(
      '/payroll/tie-out',
      {
        config,
        schema: {
          querystring: z.object({ ...output, group: z.string().min(1).max(40), end: date.optional() }),
        },
      },
      async (request, reply) => {
        const { connection, group, end, ...how } = request.query;
        return sendReport(reply, await payroll.tieOut(visitorOf(request), connection, group, end), how);
      },
    );
    api.get(
      '/payroll/labor',
      {
        config,
        schema: {
          querystring: z
            .object({
              ...output,
              from: date,
              to: date,
              project: z.string().max(120).optional(),
              certified: z.enum(['true', 'false']).default('false'),
            })
            .refine(({ from, to }) => from <= to, { path: ['to'], message: 'is before from' }),
        },
      },
      async (request, reply) => {
        const { connection, from: begin, to: end, project = null, certified, ...how } = request.query;
        const asked = { begin, end, project, certifiedOnly: certified === 'true' };
        return sendReport(reply, await payroll.labor(visitorOf(request), connection, asked), how);
      },
    );
  };

async function sendReport(
  reply: FastifyReply,
  report: PayReport,
  { format, paper }: { readonly format: 'json' | 'csv' | 'pdf'; readonly paper: 'letter' | 'a4' },
): Promise<FastifyReply> {
  const name = `${report.name}.${format}`;
  switch (format) {
    case 'json':
      return sendFile(reply, {
        name,
        type: 'application/json',
        body: Buffer.from(JSON.stringify(report.data)),
      });
    case 'csv':
      return sendFile(reply, { name, type: 'text/csv; charset=utf-8', body: report.csv() });
    case 'pdf':
      return sendFile(reply, { name, type: 'application/pdf', body: await report.pdf(paper) });
  }
}
