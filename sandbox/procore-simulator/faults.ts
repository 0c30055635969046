import { ActionRefused } from './errors';
import type { ActiveFault, FaultRule } from './types';

export interface FaultSubject {
  method: string;
  path: string;
  operationId: string | null;
}

export interface FaultVerdict {
  delayMs: number;
  fault: ActiveFault | null;
}

const KINDS = new Set(['delay', 'status', 'drop-before', 'drop-reply', 'truncate', 'duplicate-delivery']);

/** Counted, consumable switches that make coming requests go wrong. */
export class Faults {
  private rules: ActiveFault[] = [];
  private nextId = 1;

  add(rule: FaultRule): ActiveFault {
    if (!KINDS.has(rule.kind)) throw new ActionRefused(`unknown fault kind ${String(rule.kind)}`, 400);
    if (rule.match?.path !== undefined) new RegExp(rule.match.path);
    const active: ActiveFault = {
      ...rule,
      id: this.nextId++,
      remaining: rule.times ?? 1,
      toSkip: rule.skip ?? 0,
      hits: 0,
    };
    this.rules.push(active);
    return active;
  }

  /** Every rule ever set, the used up ones with `remaining` 0. */
  list(): ActiveFault[] {
    return this.rules.map((rule) => ({ ...rule }));
  }

  clear(): void {
    this.rules = [];
  }

  /** Delays add up; of the other kinds the first matching rule wins. */
  forRequest(subject: FaultSubject): FaultVerdict {
    const verdict: FaultVerdict = { delayMs: 0, fault: null };
    for (const rule of this.rules) {
      if (rule.kind === 'duplicate-delivery' || !matches(rule, subject)) continue;
      if (rule.kind !== 'delay' && verdict.fault) continue;
      if (!consume(rule)) continue;
      if (rule.kind === 'delay') verdict.delayMs += rule.ms;
      else verdict.fault = rule;
    }
    return verdict;
  }

  /** Whether a webhook delivery to this address is to be sent twice. */
  duplicatesDelivery(path: string): boolean {
    const subject = { method: 'POST', path, operationId: null };
    return this.rules.some((r) => r.kind === 'duplicate-delivery' && matches(r, subject) && consume(r));
  }
}

function matches(rule: ActiveFault, subject: FaultSubject): boolean {
  if (rule.remaining <= 0) return false;
  const { method, path, operationId } = rule.match ?? {};
  if (method !== undefined && method.toUpperCase() !== subject.method) return false;
  if (path !== undefined && !new RegExp(path).test(subject.path)) return false;
  return operationId === undefined || operationId === subject.operationId;
}

function consume(rule: ActiveFault): boolean {
  if (rule.toSkip > 0) {
    rule.toSkip -= 1;
    return false;
  }
  rule.remaining -= 1;
  rule.hits += 1;
  return true;
}
