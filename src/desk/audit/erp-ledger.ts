import { operationOf } from '../../domain/audit/compare';
import { isTiebackError } from '../../domain/base/errors';
import type { WriteRow } from '../../store/repositories/review';
import type { Store } from '../../store/store';
import type { Findings } from './findings';
import { counted } from './findings';
import type { Pace } from './pace';

/** An operation as the ERP's own ledger tells it. */
export interface WrittenInErp {
  readonly operationKey: string;
  readonly recordId: string;
  readonly erpKey: string;
  readonly planHash: string;
  /** ISO 8601 UTC. */
  readonly writtenAt: string;
}

/** The ERP's own ledger, as far as the check asks it. */
export interface ErpLedger {
  find(operationKeys: readonly string[]): Promise<readonly WrittenInErp[]>;
  entries(
    after: string | null,
    size: number,
  ): Promise<{ readonly entries: readonly WrittenInErp[]; readonly cursor: string | null }>;
}

/** Whether the ERP's ledger was compared, and why not. */
export type ErpComparison =
  | { readonly compared: true; readonly entries: number }
  | { readonly compared: false; readonly reason: string };

/** Entries of the ERP's ledger that are read at a time. */
const LEDGER_PAGE = 500;

/**
 * Compares the ERP's ledger with our operations and the chain, both ways. Where the ERP cannot be reached it goes on without, and says so:
 * that a comparison was not made is no finding, but never a secret.
 */
export class LedgerCheck {
  private problem: string | null;
  private read = 0;

  constructor(
    private readonly store: Store,
    private readonly connectionId: string,
    private readonly ledger: ErpLedger | string,
    private readonly told: { readonly findings: Findings; readonly pace: Pace },
  ) {
    this.problem = typeof ledger === 'string' ? ledger : null;
  }

  get result(): ErpComparison {
    return this.problem === null
      ? { compared: true, entries: this.read }
      : { compared: false, reason: this.problem };
  }

  /** Everything the ledger holds must be known to us; `logged`: there is an audit log at all. */
  async everyEntry(logged: boolean): Promise<void> {
    await this.asking(async (ledger) => {
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<ErpLedger['entries']>> = await ledger.entries(after, LEDGER_PAGE);
        this.read += page.entries.length;
        if (logged) await this.compare(page.entries);
        after = page.cursor;
        await this.told.pace.step();
      } while (after !== null);
    });
    if (this.read > 0 && !logged) {
      const what = `it is empty, but the ERP's ledger holds ${counted(this.read, 'operations')} of ours`;
      this.told.findings.about({ about: 'audit log', what });
    }
  }

  /** What we say was written must be in the ledger. */
  async theseWrites(writes: readonly { readonly operationKey: string }[]): Promise<void> {
    if (writes.length === 0) return;
    await this.asking(async (ledger) => {
      const keys = writes.map(({ operationKey }) => operationKey);
      const found = new Set((await ledger.find(keys)).map(({ operationKey }) => operationKey));
      for (const key of keys.filter((one) => !found.has(one))) {
        this.told.findings.about({
          about: `operation ${key}`,
          what: "it was written to the ERP, but the ERP's ledger does not know it: the ERP was restored, or somebody removed it",
        });
      }
    });
  }

  private async asking(ask: (ledger: ErpLedger) => Promise<void>): Promise<void> {
    if (this.problem !== null || typeof this.ledger === 'string') return;
    try {
      await ask(this.ledger);
    } catch (error) {
      if (!isTiebackError(error)) throw error;
      this.problem = error.message;
    }
  }

  private async compare(entries: readonly WrittenInErp[]): Promise<void> {
    const { connectionId } = this;
    const recordIds = [...new Set(entries.map(({ recordId }) => recordId))];
    const { rows, logged } = await this.store.read('audit.ledger', async (t) => {
      const written = await t.review.writesOn(connectionId, recordIds);
      const ids = [...new Set(written.map(({ requestId }) => requestId))];
      const told = await t.review.entries(connectionId, ids, ['operation.written']);
      return {
        rows: new Map(written.map((row) => [row.operationKey, row])),
        logged: [...told.values()].flat(),
      };
    });
    const planOf = new Map(logged.map((entry) => [operationOf(entry), entry.planHash]));
    for (const entry of entries) {
      const row = rows.get(entry.operationKey);
      const what = row ? differs(entry, row, planOf.get(entry.operationKey)) : await this.unknown(entry);
      if (what !== null) this.told.findings.about({ about: `operation ${entry.operationKey}`, what });
    }
  }

  /** The ERP is written first, our store second: between the two the plan of an open request says what it is. */
  private async unknown(entry: WrittenInErp): Promise<string | null> {
    const { planHash, operationKey, writtenAt, erpKey } = entry;
    const { connectionId } = this;
    const planned = await this.store.read('audit.planned', (t) =>
      t.review.plannedBy(connectionId, planHash, operationKey),
    );
    if (planned !== null) return null;
    return `the ERP's ledger says that ${erpKey} was written at ${writtenAt}, but our store does not: it was removed here, or our store is the older one`;
  }
}

/** `logged`: plan hash of the entry of the first write; undefined: it was only found there later. */
function differs(entry: WrittenInErp, row: WriteRow, logged: string | null | undefined): string | null {
  if (row.erpKey !== entry.erpKey)
    return `its ERP key is ${row.erpKey}, the ERP's ledger says ${entry.erpKey}`;
  if (logged === undefined || logged === entry.planHash) return null;
  return `it was logged for plan ${logged?.slice(0, 12)}, the ERP's ledger says ${entry.planHash.slice(0, 12)}`;
}
