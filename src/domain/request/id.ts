/**
 * A sync request has a text id `<source>/<number or name>`: `erp/640018` (Procore's ERP request), `open/17` (found through the open door).
 * It is unique within its connection; with the connection in front it is the id of the workflow.
 */
export const SOURCES = ['erp', 'open'] as const;
export type Source = (typeof SOURCES)[number];

/** Names one sync request. */
export interface RequestRef {
  readonly connectionId: string;
  /** `erp/640018` */
  readonly id: string;
}

export const requestIdOf = (source: Source, name: number | string): string => `${source}/${name}`;

/** Workflow id of a sync request: what the CLI, the Web UI and the audit log call it, with its connection. */
export const workflowIdOf = ({ connectionId, id }: RequestRef): string => `${connectionId}/${id}`;

/** What a person may type: `erp/640018`, `640018` (an ERP request), `larkspur/erp/640018`; null when it is none of them. */
export function parseRequestId(
  typed: string,
): { readonly connectionId: string | null; readonly id: string } | null {
  const text = typed.trim();
  if (/^\d+$/.test(text))
    return { connectionId: null, id: requestIdOf('erp', text.replace(/^0+(?=\d)/, '')) };
  const parts = text.split('/');
  const [first = '', second = ''] = parts;
  if (parts.some((part) => part === '')) return null;
  if (isSource(first) && parts.length === 2) return { connectionId: null, id: text };
  if (isSource(second) && parts.length === 3) return { connectionId: first, id: parts.slice(1).join('/') };
  return null;
}

const isSource = (name: string): name is Source => (SOURCES as readonly string[]).includes(name);

/** Whether something that is waited for is a request and no record. */
export const isRequestId = (id: string): boolean =>
  id.includes('/') && isSource(id.slice(0, id.indexOf('/')));

/** `ERP request 640018`, `request open/17`: how sentences name a request. */
export const requestWords = (id: string): string =>
  id.startsWith('erp/') ? `ERP request ${id.slice('erp/'.length)}` : `request ${id}`;

/** Id of the schedule and, with the time appended by the server, of the workflows that poll for a connection. */
export const intakeIdOf = (connectionId: string): string => `intake/${connectionId}`;

/** Id of the schedule and of the workflows that sweep the ERP of a connection. */
export const sweepIdOf = (connectionId: string): string => `sweep/${connectionId}`;

/** Reader name of the checkpoint that says when a kind of record was last swept to its end. */
export const sweepReaderOf = (kind: string): string => `sweep:${kind}`;

/** `640018` of `erp/640018`: the number alone, as Procore shows it. */
export const requestNumber = (id: string): string => id.slice(id.indexOf('/') + 1);
