import type { SealedIdentity } from '../../domain/people/identity';
import type { SealedInvitation, SealedPasskey } from '../../domain/people/passkey';
import type { SealedSession } from '../../domain/people/session';
import type { DeskIdentityRow, DeskSessionRow, InvitationRow, PasskeyRow } from '../rows';
import { above, below, oneOf } from './table';
import type { StoreTables } from './tables';

const BY_PERSON = [
  ['person', 'ASC'],
  ['createdAt', 'ASC'],
] as const;

/** Who is logged in to the Desk, and with what people log in. Everything is sealed by whoever writes it. */
export class DeskAccessRepository {
  constructor(
    private readonly tables: Pick<StoreTables, 'deskSession' | 'deskIdentity' | 'passkey' | 'invitation'>,
  ) {}

  addSession(session: SealedSession): void {
    this.tables.deskSession.insert([session]);
  }

  async sessionByHash(hash: string): Promise<DeskSessionRow | null> {
    return this.tables.deskSession.findOne({ hash });
  }

  /** Sessions whose time is not over at `now` and that nobody ended, by person and age. */
  async openSessions(now: string): Promise<readonly DeskSessionRow[]> {
    return this.tables.deskSession.find({ where: { endedAt: null, endsAt: above(now) }, order: BY_PERSON });
  }

  /** Keeps a session as it is now, unless somebody ended it meanwhile. */
  saveSession({ id, ...values }: SealedSession): void {
    this.tables.deskSession.update({ id, endedAt: null }, values);
  }

  /** Forgets sessions that were over before this moment. */
  forgetSessions(before: string): void {
    this.tables.deskSession.delete({ endsAt: below(before) });
  }

  async identity(id: string): Promise<DeskIdentityRow | null> {
    return this.tables.deskIdentity.findOne({ id });
  }

  async identities(): Promise<readonly DeskIdentityRow[]> {
    return this.tables.deskIdentity.find({ where: {}, order: [['person', 'ASC']] });
  }

  bind(identity: SealedIdentity): void {
    this.tables.deskIdentity.put([identity]);
  }

  unbind(ids: readonly string[]): void {
    if (ids.length > 0) this.tables.deskIdentity.delete({ id: oneOf(ids) });
  }

  async passkey(id: string): Promise<PasskeyRow | null> {
    return this.tables.passkey.findOne({ id });
  }

  async passkeys(): Promise<readonly PasskeyRow[]> {
    return this.tables.passkey.find({ where: {}, order: BY_PERSON });
  }

  /** Adds a passkey, or keeps it as it is now. */
  savePasskey(passkey: SealedPasskey): void {
    this.tables.passkey.put([passkey]);
  }

  async invitationByHash(hash: string): Promise<InvitationRow | null> {
    return this.tables.invitation.findOne({ hash });
  }

  async invitations(): Promise<readonly InvitationRow[]> {
    return this.tables.invitation.find({ where: {}, order: BY_PERSON });
  }

  /** Adds an invitation, or keeps it as it is now. */
  saveInvitation(invitation: SealedInvitation): void {
    this.tables.invitation.put([invitation]);
  }
}
