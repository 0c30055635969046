import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { DeskRefusal } from '../../../src/desk/refusal';
import type { DeskSource } from '../../../src/http/api';
import { deskPlugin } from '../../../src/http/api';

const nobody = (): never => {
  throw new Error('nobody decides this here');
};

/** Rooms that nobody enters here. */
const empty = new Proxy({}, { get: () => nobody }) as never;

/** The door alone: behind it stands what is given, and Maria, whose token is `tbk_maria`. */
export async function doorWith(given: Partial<DeskSource>): Promise<FastifyInstance> {
  const source: DeskSource = {
    visitor: ({ headers }) =>
      headers.authorization === 'Bearer tbk_maria'
        ? Promise.resolve({
            id: 'maria',
            name: null,
            identity: null,
            via: 'token',
            expiresAt: '2027-01-01T00:00:00.000Z',
            grants: [
              { role: 'approver', connections: ['acme'], projects: null },
              { role: 'payroll', connections: ['acme'], projects: null },
            ],
          })
        : Promise.reject(new DeskRefusal('NOT_LOGGED_IN', 'This token is not known here.')),
    live: { join: nobody, position: null },
    mayApprove: () => ['acme'],
    zones: () => ['America/Los_Angeles'],
    decide: nobody,
    decideLinks: nobody,
    decidePerson: nobody,
    inbox: nobody,
    requestPage: nobody,
    operations: nobody,
    correctable: nobody,
    sayAbout: nobody,
    requests: nobody,
    requestsSummary: nobody,
    decideBulk: nobody,
    stuck: nobody,
    retryStuck: nobody,
    conflicts: nobody,
    exceptions: nobody,
    suggestions: nobody,
    rules: empty,
    views: nobody,
    saveView: nobody,
    removeView: nobody,
    sessions: nobody,
    end: nobody,
    audit: empty,
    records: empty,
    payroll: empty,
    connections: empty,
    ...given,
  };
  const app = Fastify();
  await app.register(deskPlugin(source));
  return app;
}
