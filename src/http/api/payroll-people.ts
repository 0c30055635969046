import { z } from 'zod';
import type { AskedPerson } from '../../desk/payroll/people';
import type { AcceptedPerson } from '../../domain/payroll/accepted-person';
import { ACCEPTED_STATES } from '../../domain/payroll/accepted-person';
import type { Visitor } from '../../domain/people/access';
import type { Feature } from './api';
import { visitorOf } from './api';

/** What is behind the decisions about payroll. */
export interface PayrollSource {
  /** Throws `DeskRefusal`. */
  decidePerson(person: Visitor, asked: AskedPerson, channel: string): Promise<AcceptedPerson>;
}

/** Two ids, two hashes and a few words. */
const MAX_BODY_BYTES = 16 * 1024;

const revision = z.string().regex(/^[0-9a-f]{64}$/);
const pair = { personId: z.int().positive(), employeeKey: z.string().min(1).max(120) };

const people = z.strictObject({
  connection: z.string().trim().min(1).max(60),
  answer: z.discriminatedUnion('how', [
    z.strictObject({
      how: z.literal('accept'),
      ...pair,
      personRevision: revision,
      employeeRevision: revision,
    }),
    z.strictObject({ how: z.literal('undo'), ...pair }),
  ]),
  comment: z.string().max(4_000).default(''),
  channel: z.enum(['cli', 'desk']).default('desk'),
});

const fields = z.object({
  employeeId: z.string().nullish(),
  originId: z.string().nullish(),
  workClassificationId: z.int().nullish(),
});
const accepted = z.object({
  personId: z.int(),
  employeeKey: z.string(),
  employeeNumber: z.string(),
  state: z.enum(ACCEPTED_STATES),
  toWrite: fields,
  before: fields,
  reason: z.string().nullable(),
  decidedBy: z.string(),
  decidedAt: z.string(),
});

/** `POST /api/payroll/people`: who of Procore is which employee of the ERP. */
export const payrollPeopleFeature =
  (source: PayrollSource): Feature =>
  (api) => {
    api.post(
      '/payroll/people',
      {
        bodyLimit: MAX_BODY_BYTES,
        config: { roles: ['approver', 'payroll'] },
        schema: { body: people, response: { 200: z.object({ decided: accepted }) } },
      },
      async (request) => {
        const { connection: connectionId, channel, ...asked } = request.body;
        return {
          decided: await source.decidePerson(visitorOf(request), { ...asked, connectionId }, channel),
        };
      },
    );
  };
