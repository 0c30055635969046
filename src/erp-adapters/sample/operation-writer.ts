import type Database from 'better-sqlite3';
import { isTiebackError, TiebackError } from '../../domain/base/errors';
import type { AnyRecord } from '../../domain/kinds/record';
import type { WriteResult } from '../contract/adapter';
import type { Outcome, SampleConnection, Step } from './connection';
import { RETRY_AFTER_PERSON_MS, RETRY_AFTER_TRANSACTION_MS } from './errors';
import type { SampleLedger } from './ledger';

/** What every write has in common. */
export interface Operation {
  readonly operationKey: string;
  readonly recordId: string;
  readonly generation: number;
  readonly targetRevision: string;
  readonly planHash: string;
  readonly action: 'create' | 'update';
  readonly erpKey: string | null;
}

/**
 * Writes records, one transaction each: look into the ledger, look for people's locks, compare with what the plan saw, write, read back,
 * add the ledger entry, commit. Either all of it is there afterwards or nothing.
 */
export abstract class OperationWriter<W extends Operation, R extends AnyRecord> {
  constructor(
    protected readonly connection: SampleConnection,
    protected readonly ledger: SampleLedger,
    /** As in the ledger. */
    private readonly entity: string,
    /** Name of the write for the `io` hook. */
    private readonly name: string,
  ) {}

  write(operation: W): WriteResult<R> {
    try {
      return this.connection.transaction(this.name, (step) => this.writeWithin(step, operation));
    } catch (error) {
      // Raised from inside the transaction, so it is rolled back: these two are answers, the rest is for the caller.
      if (!isTiebackError(error)) throw error;
      if (error.code === 'ERP_REFUSED') return { status: 'refused', error: error.toShape() };
      if (error.code !== 'ERP_BUSY') throw error;
      const retryAfterMs = error.retryAfterMs ?? RETRY_AFTER_TRANSACTION_MS;
      return { status: 'busy', reason: error.message, retryAfterMs };
    }
  }

  private writeWithin(step: Step, operation: W): Outcome<WriteResult<R>> {
    const answer =
      this.writtenBefore(step, operation) ??
      this.lockedBy(step, operation) ??
      this.movedSince(step, operation);
    if (answer !== null) return { keep: false, value: answer };

    const erpKey = this.put(step, operation);
    // Read back what the ERP made of it: its defaults and its triggers have had their say.
    const record = step('readBack', (db) => this.find(db, erpKey));
    if (record === null) {
      throw new TiebackError('ERP_REFUSED', {
        reason: `${this.nameOf(erpKey)} is not there after writing it`,
      });
    }
    this.verify(operation, record);
    const { operationKey, recordId, generation, targetRevision, planHash } = operation;
    step('ledger', (db) =>
      this.ledger.addIn(db, {
        operationKey,
        entity: this.entity,
        recordId,
        generation,
        targetRevision,
        planHash,
        erpKey,
        writtenAt: new Date().toISOString(),
      }),
    );
    return { keep: true, value: { status: 'written', erpKey, record, replayed: false } };
  }

  /** The same operation again is answered, not repeated; another operation of the same generation has lost the race. */
  private writtenBefore(step: Step, operation: W): WriteResult<R> | null {
    const own = step('findOperation', (db) => this.ledger.findIn(db, operation.operationKey));
    if (own !== null) {
      const record = step('readReplayed', (db) => this.find(db, own.erpKey));
      if (record !== null) return { status: 'written', erpKey: own.erpKey, record, replayed: true };
      const reason = `${this.nameOf(own.erpKey)} was written on ${own.writtenAt} and has been deleted since`;
      throw new TiebackError('ERP_REFUSED', { reason });
    }
    const by = step('findGeneration', (db) =>
      this.ledger.findGenerationIn(db, this.entity, operation.recordId, operation.generation),
    );
    return by === null ? null : { status: 'taken', by };
  }

  /** Locks are agreements between programs: the database would let us write past them, so we must look ourselves. */
  private lockedBy(step: Step, operation: W): WriteResult<R> | null {
    const resources = this.locksOf(operation);
    const lock = step('findLock', (db) =>
      db
        .prepare<string[], { Screen: string; HeldBy: string; Since: string }>(
          `SELECT Screen, HeldBy, Since FROM HQLK WHERE Resource IN (${resources.map(() => '?').join(', ')}) ORDER BY Resource LIMIT 1`,
        )
        .get(...resources),
    );
    if (lock === undefined) return null;
    const reason = `${lock.HeldBy} has "${lock.Screen}" open since ${lock.Since}`;
    return { status: 'busy', reason, retryAfterMs: RETRY_AFTER_PERSON_MS };
  }

  /** Resources of `HQLK` that nobody may hold while this is written. */
  protected abstract locksOf(operation: W): readonly string[];

  /** `moved` when the record is not what the plan saw. */
  protected abstract movedSince(step: Step, operation: W): WriteResult<R> | null;

  /** Writes the rows and returns the key of the record. */
  protected abstract put(step: Step, operation: W): string;

  /** The record with this key as it is now. */
  protected abstract find(db: Database.Database, erpKey: string): R | null;

  /** Throws `ERP_REFUSED` when what came of it must not stay. */
  protected abstract verify(operation: W, record: R): void;

  /** How sentences name a record of this kind. */
  protected abstract nameOf(erpKey: string): string;
}
