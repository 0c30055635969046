import { z } from 'zod';
import type { Visitor } from '../../domain/people/access';
import { ROLES } from '../../domain/people/access';
import type { Feature } from './api';
import { visitorOf } from './api';

const grant = z.object({
  role: z.enum(ROLES),
  /** Null: all. */
  connections: z.array(z.string()).readonly().nullable(),
  projects: z.array(z.int()).readonly().nullable(),
});

const me = z.object({
  person: z.string(),
  name: z.string().nullable(),
  via: z.enum(['token', 'session']),
  /** When they have to log in again. */
  expiresAt: z.iso.datetime(),
  /** Connections on which they may approve records. */
  mayApprove: z.array(z.string()).readonly(),
  grants: z.array(grant).readonly(),
  /** IANA names of the time zones of the connections that they may look at. */
  zones: z.array(z.string()).readonly(),
});

/** What is behind it. */
export interface MeSource {
  /** Connections on which a visitor may approve, in their own right or in one that was handed to them. */
  mayApprove(visitor: Visitor): readonly string[];
  /** Time zones of the connections that a visitor may look at, each once. */
  zones(visitor: Visitor): readonly string[];
}

/** `GET /api/me`: who calls, and what they may. */
export const meFeature =
  (source: MeSource): Feature =>
  (api) => {
    api.get('/me', { config: { roles: 'known' }, schema: { response: { 200: me } } }, (request) => {
      const visitor = visitorOf(request);
      const { id, name, via, expiresAt, grants } = visitor;
      const own = { mayApprove: source.mayApprove(visitor), zones: source.zones(visitor) };
      return { person: id, name, via, expiresAt, grants, ...own };
    });
  };
