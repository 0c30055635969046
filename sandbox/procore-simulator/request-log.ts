import { clone } from './json';
import type { LoggedViolation, RequestLogEntry } from './types';

const KEPT = 20_000;
const SHOWN_HEADERS = ['procore-company-id', 'content-type', 'idempotency-token', 'user-agent', 'accept'];

export interface LogFilter {
  operationId?: string;
  method?: string;
  path?: string;
  /** Entries after this sequence number. */
  since?: number;
}

/** What clients sent, and what was undocumented in it. Secrets of the login host are left out. */
export class RequestLog {
  private entries: RequestLogEntry[] = [];
  private seq = 0;

  begin(
    entry: Omit<RequestLogEntry, 'seq' | 'status' | 'fault' | 'violations' | 'headers'>,
    headers: NodeJS.Dict<string | string[]>,
  ): RequestLogEntry {
    const kept: Record<string, string> = {};
    for (const name of SHOWN_HEADERS) {
      const value = headers[name];
      if (typeof value === 'string') kept[name] = value;
    }
    const full: RequestLogEntry = {
      ...entry,
      seq: ++this.seq,
      headers: kept,
      status: null,
      fault: null,
      violations: [],
    };
    this.entries.push(full);
    if (this.entries.length > KEPT) this.entries.splice(0, this.entries.length - KEPT);
    return full;
  }

  list(filter: LogFilter = {}): RequestLogEntry[] {
    return clone(this.matching(filter));
  }

  count(filter: LogFilter = {}): number {
    return this.matching(filter).length;
  }

  private matching(filter: LogFilter): RequestLogEntry[] {
    return this.entries.filter(
      (e) =>
        (filter.operationId === undefined || e.operationId === filter.operationId) &&
        (filter.method === undefined || e.method === filter.method.toUpperCase()) &&
        (filter.path === undefined || new RegExp(filter.path).test(e.path)) &&
        (filter.since === undefined || e.seq > filter.since),
    );
  }

  violations(): LoggedViolation[] {
    return this.entries.flatMap((e) =>
      e.violations.map((v) => ({ ...v, seq: e.seq, operationId: e.operationId })),
    );
  }

  clear(): void {
    this.entries = [];
  }
}
