import type { Doorkeeper } from '../../desk/access/sessions';
import type { Visitor } from '../../domain/people/access';
import type { Logger } from '../../telemetry/logger';
import type { OidcSettings } from './oidc';

/** What it takes to let people in. */
export interface AccessParts {
  readonly doorkeeper: Doorkeeper;
  /** Address under which people open the Desk; null: nobody can log in with a browser. Asked when it is needed: the port may be picked at the start. */
  readonly url: () => string | null;
  /** Null: people log in with passkeys. */
  readonly oidc: OidcSettings | null;
  /** A person as whom everybody is let in; null: nobody is. */
  readonly loginAs: string | null;
  /** The id of a known person by their address, whatever its case; null: there is none. */
  readonly knownAs: (email: string) => string | null;
  /** Who sends this `Authorization` header. Throws `DeskRefusal` `NOT_LOGGED_IN`. */
  readonly bearer: (authorization: string) => Promise<Visitor>;
  readonly logger: Logger;
}
