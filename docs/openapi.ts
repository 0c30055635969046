import Fastify from 'fastify';
import type { DeskSource } from '../src/http/api';
import { deskPlugin } from '../src/http/api';

/** Where the document of the API is read, on a daemon as here. */
const PATH = '/api/openapi.json';

/** The OpenAPI document of the Desk's API, as the daemon makes it of its routes. */
export async function openApiText(): Promise<string> {
  const app = Fastify();
  const visitor = {
    id: 'docs',
    name: null,
    identity: null,
    via: 'token',
    expiresAt: '',
    grants: [],
  } as const;
  // Only the one route is asked: what is behind the others is not there.
  await app.register(deskPlugin({ visitor: () => Promise.resolve(visitor) } as unknown as DeskSource));
  const answer = await app.inject({ url: PATH });
  await app.close();
  return `${JSON.stringify(answer.json(), null, 1)}\n`;
}
