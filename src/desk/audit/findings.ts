import type { AuditFinding } from '../../domain/audit/chain';
import type { Difference } from '../../domain/audit/compare';

const MOST_FINDINGS = 1000;

/** What was found, as much as people read: a wiped table must not fill the memory of who looks. */
export class Findings {
  readonly list: AuditFinding[] = [];
  /** How many there are beyond those. */
  more = 0;

  add(finding: AuditFinding): void {
    if (this.list.length < MOST_FINDINGS) this.list.push(finding);
    else this.more += 1;
  }

  about({ about, what }: Difference): void {
    this.add({ seq: null, idx: null, about, what });
  }
}

/** `1 approval`, `2 approvals`. */
export const counted = (count: number, things: string): string =>
  `${count} ${count === 1 ? things.replace(/s$/, '') : things}`;
