import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { DeskRefusal } from '../../../src/desk/refusal';
import type { DecisionSource } from '../../../src/http/decisions';
import { decisionPlugin } from '../../../src/http/decisions';

const nobody = (): never => {
  throw new Error('nobody decides this here');
};

/** The door alone: behind it stands what is given, and Maria, whose token is `tbk_maria`. */
export async function doorWith(given: Partial<DecisionSource>): Promise<FastifyInstance> {
  const source: DecisionSource = {
    whoIs: (token) =>
      token === 'tbk_maria'
        ? Promise.resolve({ id: 'maria', tokenId: 't', expiresAt: '2027-01-01T00:00:00.000Z' })
        : Promise.reject(new DeskRefusal('NOT_LOGGED_IN', 'This token is not known here.')),
    mayApprove: () => ['acme'],
    decide: nobody,
    decideLinks: nobody,
    decidePerson: nobody,
    inbox: nobody,
    ...given,
  };
  const app = Fastify();
  await app.register(decisionPlugin(source));
  return app;
}
