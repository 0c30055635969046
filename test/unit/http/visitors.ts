import type { DeskSource } from '../../../src/http/api';
import { DeskRefusal } from '../../../src/desk/refusal';
import type { Grant } from '../../../src/domain/people/access';

/** Lets in whoever shows the name of one of these as a token. */
export const visitorsWith =
  (grants: Readonly<Record<string, readonly Grant[]>>): DeskSource['visitor'] =>
  ({ headers }) => {
    const id = (headers.authorization ?? '').slice('Bearer '.length);
    const own = grants[id];
    return own === undefined
      ? Promise.reject(new DeskRefusal('NOT_LOGGED_IN', 'This token is not known here.'))
      : Promise.resolve({
          id,
          name: null,
          identity: null,
          via: 'token',
          expiresAt: '2027-01-01T00:00:00.000Z',
          grants: own,
        });
  };

/** A role everywhere, or on one connection, or in some of its projects. */
export const grant = (
  role: Grant['role'],
  connections: readonly string[] | null = null,
  projects: readonly number[] | null = null,
): Grant => ({ role, connections, projects });

/** How the API refuses. */
export interface Refused {
  readonly error: { readonly code: string; readonly message: string };
}
