import type { AuditEntry } from '../audit/chain';
import type { Grant, Place, Role } from '../people/access';
import { connectionsSeen, holds, mayLook } from '../people/access';
import { isOfPayroll } from '../request/id';
import type { ProcoreId } from '../kinds/record';

/** What a page of the Desk may be old about. */
export const TOPICS = [
  'request',
  'exception',
  'conflict',
  'link',
  'audit',
  'connection',
  'rule',
  'payroll',
] as const;
export type Topic = (typeof TOPICS)[number];

/** Something changed: what kind of thing, where, and which, never how it is now. */
export interface Told {
  readonly topic: Topic;
  readonly connection: string;
  /** Null: several, or it is not said which. */
  readonly id: string | null;
}

/** A change with what must be known to tell whom it concerns. */
export interface Change extends Told {
  /** Procore project that it belongs to; null: to none; undefined: that is not known. */
  readonly projectId: ProcoreId | null | undefined;
}

/** Topics by the first word of what the log says was done. What is not named is news of the log alone. */
const BY_ACTION: Readonly<Record<string, Topic>> = {
  intake: 'request',
  request: 'request',
  plan: 'request',
  approval: 'request',
  correction: 'request',
  exception: 'exception',
  conflict: 'conflict',
  link: 'link',
  operation: 'link',
  person: 'payroll',
  connection: 'connection',
  reconcile: 'connection',
  erp: 'connection',
  rule: 'rule',
};

/** Whose page it is, where it is not everybody's. */
const PAGE_OF: Readonly<Partial<Record<Topic, readonly Role[]>>> = {
  audit: ['auditor', 'admin'],
  payroll: ['payroll', 'auditor', 'admin'],
};

/** What changed with a request. */
export const changesOfRequest = (
  connection: string,
  id: string,
  projectId: Change['projectId'],
): readonly Change[] => [
  { topic: 'request', connection, id, projectId },
  ...(isOfPayroll(id) ? [{ topic: 'payroll' as const, connection, id, projectId }] : []),
];

/** What an entry of the log says has changed. `projectOf`: of a request. */
export function changesOfEntry(
  connection: string,
  { action, subject, requestId }: Pick<AuditEntry, 'subject' | 'requestId'> & { readonly action: string },
  projectOf: (requestId: string) => Change['projectId'],
): readonly Change[] {
  const topic = BY_ACTION[action.slice(0, action.indexOf('.'))];
  const projectId = requestId === null ? undefined : projectOf(requestId);
  return [
    { topic: 'audit', connection, id: requestId, projectId },
    ...(requestId === null ? [] : changesOfRequest(connection, requestId, projectId)),
    ...(topic === undefined || topic === 'request' ? [] : [{ topic, connection, id: subject, projectId }]),
  ];
}

/**
 * What somebody with these grants is told of changes, each once. Of what belongs to a project that is not theirs they hear nothing; of what may belong to
 * one, that something of the kind has changed, and not which.
 */
export function toldTo(grants: readonly Grant[], changes: readonly Change[]): readonly Told[] {
  const told = new Map<string, Told>();
  for (const { topic, connection, id, projectId } of changes) {
    const roles = PAGE_OF[topic];
    const sees = (place: Place): boolean =>
      roles === undefined ? mayLook(grants, place) : roles.some((role) => holds(grants, role, place));
    const place = { connectionId: connection };
    if (!sees(projectId === undefined ? place : { ...place, projectId })) continue;
    const isWhose = projectId !== undefined || sees({ ...place, projectId: null });
    const one: Told = { topic, connection, id: isWhose ? id : null };
    told.set(JSON.stringify([topic, connection, one.id]), one);
  }
  return [...told.values()];
}

/** How far somebody has heard: until when, and up to which link of each connection's log. */
export interface Position {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly heads: Readonly<Record<string, number>>;
}

/** A position as the id of an event: one word, with the logs of those connections alone that they may look at. */
export const positionText = ({ at, heads }: Position, grants: readonly Grant[]): string => {
  const seen = connectionsSeen(grants);
  const logs = Object.entries(heads).filter(([id]) => seen === null || seen.includes(id));
  return [Date.parse(at), ...logs.map(([id, seq]) => `${id}:${seq}`)].join(',');
};

const POSITION = /^\d{1,15}(,[a-z0-9-]{1,60}:\d{1,12})*$/;

/** The position in such a text; null: it is none. */
export function positionIn(text: string): Position | null {
  if (!POSITION.test(text)) return null;
  const [at = '', ...logs] = text.split(',');
  const heads = logs.map((log) => log.split(':') as [string, string]);
  return {
    at: new Date(Number(at)).toISOString(),
    heads: Object.fromEntries(heads.map(([id, seq]) => [id, Number(seq)])),
  };
}
