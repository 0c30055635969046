import type { Kind } from '../kinds/names';
import type { PayPeriod } from '../payroll/period';
import { periodName } from '../payroll/period';
import type { SideName } from '../reconcile/side-record';

/**
 * A sync request has a text id `<source>/<number or name>`: `erp/640018` (Procore's ERP request), `open/17` (found through the open door).
 * `vendors/2026-11-27T14:00:05` (what a reconcile found) and `payroll/1-W-2026-11-21` (a pay period). It is unique within its connection; with the connection in front it is the id of the workflow.
 */
export const SOURCES = [
  'erp',
  'open',
  'vendors',
  'projects',
  'sub_jobs',
  'standard_cost_codes',
  'cost_types',
  'payroll',
] as const;
export type Source = (typeof SOURCES)[number];

/** Kinds that are reconciled, with the source of the requests that a reconcile makes: `vendors/2026-11-27T14:00:05`. */
export const RECONCILED = {
  vendor: 'vendors',
  project: 'projects',
  sub_job: 'sub_jobs',
  standard_cost_code: 'standard_cost_codes',
  line_item_type: 'cost_types',
} as const satisfies Readonly<Partial<Record<Kind, Source>>>;
export type ReconciledKind = keyof typeof RECONCILED;

/** In the order in which they are reconciled: what others refer to comes first. */
export const RECONCILED_KINDS = Object.keys(RECONCILED) as readonly ReconciledKind[];

export const isReconciled = (kind: string): kind is ReconciledKind => Object.hasOwn(RECONCILED, kind);

/** Whether a request was made by a reconcile: its body is our own. */
export const isOfReconcile = (id: string): boolean =>
  (Object.values(RECONCILED) as readonly string[]).includes(id.slice(0, id.indexOf('/')));

/** Id of the request of a pay period: company of the ERP, pay group and end. */
export const payRequestIdOf = (company: string, period: Pick<PayPeriod, 'group' | 'end' | 'run'>): string =>
  requestIdOf('payroll', `${company}-${periodName(period)}`);

const PAY_END = /-(\d{4}-\d{2}-\d{2})(?:\.(\d+))?$/;

/** The end of the period of a request of payroll; empty: it is none. */
export const payEndIn = (id: string): string => PAY_END.exec(id)?.[1] ?? '';

/** What the requests of one pay group have in common: `payroll/1-W`. */
export const payGroupIn = (id: string): string => id.replace(PAY_END, '');

/** Whether a request is that of a pay period: its body is our own. */
export const isOfPayroll = (id: string): boolean => id.startsWith('payroll/');

/** Whether a request is our own making: nobody in Procore waits for it. */
export const isOwn = (id: string): boolean => isOfReconcile(id) || isOfPayroll(id);

/** The type of the workflow that works a request. */
export const workflowTypeOf = (id: string): 'syncRequest' | 'payPeriod' =>
  isOfPayroll(id) ? 'payPeriod' : 'syncRequest';

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

/** Id of the schedule and of the workflows that reconcile a kind. */
export const reconcileIdOf = (connectionId: string, kind: Kind): string =>
  `reconcile/${connectionId}/${kind}`;

/** Reader name of the checkpoint that says how far one side of a kind was looked at. */
export const reconcileReaderOf = (kind: Kind, side: SideName): string => `reconcile:${kind}:${side}`;

/** Reader name of the checkpoint that says whose turn was last: of the `codes` of jobs, or of the `projects` whose records are listed. */
export const rotationReaderOf = (kind: Kind, what: 'codes' | 'projects'): string =>
  `rotation:${kind}:${what}`;

/** Reader name of the checkpoint that says under which mapping all records of a kind were read last; see `fingerprintOf`. */
export const mappingReaderOf = (kind: Kind): string => `reconcile:${kind}:mapping`;

/** Id of the schedule and of the workflows that look for pay periods and timecards. */
export const payrollIdOf = (connectionId: string): string => `payroll/${connectionId}`;

/** Reader name of the checkpoint that says until when timecards were looked at. */
export const TIMECARD_READER = 'timecards';
/** Reader name of the checkpoint that says how pay periods stood at the last look. */
export const PAY_PERIOD_READER = 'payroll:periods';
/** Reader name of the checkpoint that says from which date of work on timecards are ours to pay: earlier ones were paid without us. */
export const PAYROLL_START_READER = 'payroll:start';
/** Reader name of the checkpoint that says when all of them were read last. */
export const TIMECARDS_WHOLE_READER = 'timecards:whole';

/** Id of the schedule and of the workflows that sweep the ERP of a connection. */
export const sweepIdOf = (connectionId: string): string => `sweep/${connectionId}`;

/** Reader name of the checkpoint that says when a kind of record was last swept to its end. */
export const sweepReaderOf = (kind: string): string => `sweep:${kind}`;

/** `640018` of `erp/640018`: the number alone, as Procore shows it. */
export const requestNumber = (id: string): string => id.slice(id.indexOf('/') + 1);
