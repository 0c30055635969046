import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AskedPerson } from '../desk/payroll/people';
import type { Person } from '../desk/people';
import type { AcceptedPerson } from '../domain/payroll/accepted-person';

/** What is behind the decisions about payroll. */
export interface PayrollSource {
  /** Throws `DeskRefusal`. */
  decidePerson(person: Person, asked: AskedPerson, channel: string): Promise<AcceptedPerson>;
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

/** `POST /api/payroll/people`: who of Procore is which employee of the ERP. */
export function payrollRoutes(
  app: FastifyInstance,
  source: PayrollSource,
  personOf: (request: FastifyRequest) => Person,
): void {
  app.post('/api/payroll/people', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const { connection: connectionId, channel, ...asked } = people.parse(request.body);
    const decided = await source.decidePerson(personOf(request), { ...asked, connectionId }, channel);
    await reply.send({ decided });
  });
}
