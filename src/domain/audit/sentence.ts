import { isRequestId, requestWords } from '../request/id';
import type { AuditAction, AuditEntry } from './chain';

/** Completes `<actor> ...`; `{}` stands for what it is about. */
const WORDS: Readonly<Record<AuditAction, string>> = {
  'connection.registered': 'registered {}',
  'token.issued': 'issued {}',
  'token.revoked': 'took back {}',
  'session.opened': 'logged in',
  'session.ended': 'logged out, or was logged out',
  'session.refused': 'was not let in',
  'identity.bound': 'was recognised at the identity provider as {}',
  'identity.unbound': 'took apart the identity of {}',
  'invitation.issued': 'invited {} to register a passkey',
  'invitation.ended': 'ended an invitation of {}',
  'passkey.added': 'registered a passkey of {}',
  'passkey.removed': 'removed a passkey of {}',
  'person.disabled': 'let {} in no more',
  'person.enabled': 'let {} in again',
  'breakglass.used': 'broke the glass: decided about {} in the name of somebody else',
  'rule.proposed': 'proposed a change of {}',
  'rule.approved': 'approved the change of {}',
  'rule.rejected': 'rejected the change of {}',
  'rule.withdrawn': 'withdrew the change of {}',
  'rule.resealed': 'signed {} with new keys',
  'intake.received': 'took in {}',
  'intake.ignored': 'ignored {}',
  'request.fetched': 'read {}',
  'request.reread': 'read {} again',
  'request.malformed': 'could not read {}',
  'request.unsupported': 'found that {} is not supported',
  'plan.built': 'made the plan of {}',
  'plan.refused': 'found that {} cannot be planned as it is',
  'request.held': 'held {}',
  'plan.moved': 'made another plan of {}, because what it rests on had moved',
  'approval.asked': 'asked finance about {}',
  'approval.first': 'approved {} as the first of two',
  'approval.granted': 'approved {}',
  'approval.withdrawn': 'withdrew the approval of {} before anything was written',
  'approval.rejected': 'rejected {}',
  'approval.expired': 'no longer counted the approval of {}',
  'incident.found': 'found that {} had been changed past Tieback',
  'erp.restored': 'accepted that the ERP had been restored',
  'erp.schema': 'noted the tables of the ERP',
  'correction.entered': 'corrected {}',
  'operation.written': 'wrote {}',
  'operation.adopted': 'found {} written already',
  'operation.refused': 'could not write {}: it was refused',
  'operation.taken': 'heard that the ERP took in {}',
  'exception.opened': 'parked {} for a person',
  'exception.resolved': 'closed the exception about {}',
  'reconcile.paused': 'paused the reconcile of {}',
  'reconcile.resumed': 'let the reconcile of {} go on',
  'exception.ignored': 'chose not to see the exception about {} until it changes',
  'conflict.opened': 'found that both sides of {} had changed',
  'conflict.decided': 'decided the conflict about {}',
  'conflict.closed': 'closed the conflict about {}',
  'link.changed': 'changed the link of {}',
  'link.decided': 'decided about the link of {}',
  'person.matched': 'matched {} with an employee',
  'person.unmatched': 'took back who {} is',
  'person.told': 'told Procore who {} is',
  'request.commented': 'commented on {}',
  'request.assigned': 'handed {} over',
  'hold.placed': 'put {} on hold',
  'hold.released': 'took {} off hold',
  'request.restarted': 'started the workflow of {} again',
  'request.ended': 'ended {}',
  'request.adopted': 'closed {} as Procore had closed it',
  'request.closed': 'closed {}',
};

/** Facts of an entry that say why, in the order in which one of them is told. */
const REASONS = ['comment', 'reason', 'message', 'problem'] as const;

/** One entry of the log as people read it: who did what to what, and why where that was said. */
export function sentenceOf({ actor, action, subject, detail }: AuditEntry): string {
  const words = WORDS[action] as string | undefined;
  // What was written past us may name an action that there is not.
  const told = words ?? `noted "${action}" about {}`;
  const why = REASONS.map((name) => detail[name]).find((one) => typeof one === 'string' && one !== '');
  const sentence = `${actorWords(actor)} ${told.replace('{}', () => subjectWords(subject))}`;
  return typeof why === 'string' ? `${sentence}: ${why}` : `${sentence}.`;
}

function actorWords(actor: string): string {
  if (actor === 'tieback') return 'Tieback';
  if (actor === 'procore') return 'Procore';
  return actor.startsWith('rule:') ? `The rule "${actor.slice('rule:'.length)}"` : actor;
}

const subjectWords = (subject: string): string =>
  isRequestId(subject) ? requestWords(subject) : subject.replaceAll('_', ' ');
