import type Database from 'better-sqlite3';
import { isTiebackError, TiebackError } from '../../domain/errors';
import type { VendorField } from '../../domain/vendor';
import { VENDOR_FIELD_LABELS } from '../../domain/vendor';
import type { VendorWrite, WriteResult } from '../adapter';
import type { Outcome, SampleConnection, Step } from './connection';
import { RETRY_AFTER_TRANSACTION_MS } from './errors';
import type { SampleLedger } from './ledger';
import type { CarriedField, VendorRow } from './vendor-columns';
import { COLUMN_OF, columnValue, numberOfKey, sameValue, SELECTED, vendorOf } from './vendor-columns';

const ENTITY = 'vendor';

/** A person works for minutes, not milliseconds. */
const RETRY_AFTER_PERSON_MS = 60_000;

/**
 * Writes vendors, one transaction each: look into the ledger, look for people's locks, compare with what the plan saw, write, read
 * back, add the ledger entry, commit. Either all of it is there afterwards or nothing.
 */
export class VendorWriter {
  constructor(
    private readonly connection: SampleConnection,
    private readonly ledger: SampleLedger,
    private readonly vendorGroup: number,
  ) {}

  write(operation: VendorWrite): WriteResult {
    try {
      return this.connection.transaction('erp.vendors.write', (step) => this.writeWithin(step, operation));
    } catch (error) {
      // Raised from inside the transaction, so it is rolled back: these two are answers, the rest is for the caller.
      if (!isTiebackError(error)) throw error;
      if (error.code === 'ERP_REFUSED') return { status: 'refused', error: error.toShape() };
      if (error.code !== 'ERP_BUSY') throw error;
      const retryAfterMs = error.retryAfterMs ?? RETRY_AFTER_TRANSACTION_MS;
      return { status: 'busy', reason: error.message, retryAfterMs };
    }
  }

  private writeWithin(step: Step, operation: VendorWrite): Outcome<WriteResult> {
    const answer =
      this.writtenBefore(step, operation) ??
      this.lockedBy(step, operation) ??
      this.movedSince(step, operation);
    if (answer !== null) return { keep: false, value: answer };

    const number =
      operation.action === 'create' ? this.insert(step, operation) : this.update(step, operation);
    // Read back what the ERP made of it: its defaults and its triggers have had their say.
    const row = step('readBack', (db) => this.find(db, number));
    if (row === undefined) {
      throw new TiebackError('ERP_REFUSED', { reason: `vendor ${number} is not there after writing it` });
    }
    const erpKey = this.keyOf(number);
    step('ledger', (db) =>
      this.ledger.addIn(db, {
        operationKey: operation.operationKey,
        entity: ENTITY,
        recordId: operation.recordId,
        generation: operation.generation,
        targetRevision: operation.targetRevision,
        planHash: operation.planHash,
        erpKey,
        writtenAt: new Date().toISOString(),
      }),
    );
    return { keep: true, value: { status: 'written', erpKey, record: vendorOf(row), replayed: false } };
  }

  /** The same operation again is answered, not repeated; another operation of the same generation has lost the race. */
  private writtenBefore(step: Step, operation: VendorWrite): WriteResult | null {
    const own = step('findOperation', (db) => this.ledger.findIn(db, operation.operationKey));
    if (own !== null) {
      const number = numberOfKey(own.erpKey, this.vendorGroup);
      const row = step('readReplayed', (db) => (number === null ? undefined : this.find(db, number)));
      if (row !== undefined) {
        return { status: 'written', erpKey: own.erpKey, record: vendorOf(row), replayed: true };
      }
      const reason = `vendor ${own.erpKey} was written on ${own.writtenAt} and has been deleted since`;
      throw new TiebackError('ERP_REFUSED', { reason });
    }
    const by = step('findGeneration', (db) =>
      this.ledger.findGenerationIn(db, ENTITY, operation.recordId, operation.generation),
    );
    return by === null ? null : { status: 'taken', by };
  }

  /** Locks are agreements between programs: the database would let us write past them, so we must look ourselves. */
  private lockedBy(step: Step, { erpKey }: VendorWrite): WriteResult | null {
    const file = `APVM|${this.vendorGroup}`;
    const lock = step('findLock', (db) =>
      db
        .prepare<[string, string], { Screen: string; HeldBy: string; Since: string }>(
          'SELECT Screen, HeldBy, Since FROM HQLK WHERE Resource IN (?, ?) ORDER BY Resource LIMIT 1',
        )
        .get(file, erpKey === null ? file : `APVM|${erpKey}`),
    );
    if (lock === undefined) return null;
    const reason = `${lock.HeldBy} has "${lock.Screen}" open since ${lock.Since}`;
    return { status: 'busy', reason, retryAfterMs: RETRY_AFTER_PERSON_MS };
  }

  private movedSince(step: Step, { action, erpKey, expected }: VendorWrite): WriteResult | null {
    if (action === 'create') return null;
    const number = erpKey === null ? null : numberOfKey(erpKey, this.vendorGroup);
    const row = step('readCurrent', (db) => (number === null ? undefined : this.find(db, number)));
    if (row === undefined)
      return { status: 'moved', reason: `Vendor ${erpKey ?? ''} is not in the ERP any more.` };
    const held = vendorOf(row);
    for (const [field, value] of carried(expected ?? {})) {
      if (sameValue(field, held[field], value)) continue;
      return {
        status: 'moved',
        reason: `${VENDOR_FIELD_LABELS[field]} of vendor ${row.Vendor} is now "${held[field] ?? ''}"; the plan saw "${value ?? ''}".`,
      };
    }
    return null;
  }

  private insert(step: Step, { fields }: VendorWrite): number {
    const code = fields.code ?? null;
    const number = code === null ? step('nextNumber', (db) => this.takeNextNumber(db)) : numberOf(code);
    // On a new row there is nothing to clear: null and absent both mean the ERP's own default.
    const values = carried(fields).filter(([field, value]) => field !== 'code' && value !== null);
    const columns = ['VendorGroup', 'Vendor', ...values.map(([field]) => COLUMN_OF[field])];
    step('insert', (db) =>
      db
        .prepare(`INSERT INTO APVM (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
        .run(this.vendorGroup, number, ...values.map(([field, value]) => columnValue(field, value))),
    );
    return number;
  }

  /**
   * Takes the next free number from the counter of the vendor group, as the form does. We hold the write lock, so no one can take the
   * same; numbers that someone typed ahead of the counter are passed over. A rolled-back write gives its number back.
   */
  private takeNextNumber(db: Database.Database): number {
    const counter = db
      .prepare<[number], { NextVendor: number }>('SELECT NextVendor FROM HQVG WHERE VendorGroup = ?')
      .get(this.vendorGroup);
    if (counter === undefined) {
      throw new TiebackError('ERP_CONFIG', {
        reason: `there is no vendor group ${this.vendorGroup} in HQVG`,
      });
    }
    let number = counter.NextVendor;
    while (this.find(db, number) !== undefined) number += 1;
    db.prepare('UPDATE HQVG SET NextVendor = ? WHERE VendorGroup = ?').run(number + 1, this.vendorGroup);
    return number;
  }

  private update(step: Step, { erpKey, fields }: VendorWrite): number {
    const number = numberOfKey(erpKey ?? '', this.vendorGroup);
    if (number === null)
      throw new TiebackError('ERP_REFUSED', { reason: `"${erpKey ?? ''}" is no vendor key` });
    const values = carried(fields);
    if (values.length === 0) return number;
    const columns = values.map(([field]) => `${COLUMN_OF[field]} = ?`).join(', ');
    const bound = values.map(([field, value]) =>
      field === 'code' && typeof value === 'string' ? numberOf(value) : columnValue(field, value),
    );
    step('update', (db) =>
      db
        .prepare(`UPDATE APVM SET ${columns} WHERE VendorGroup = ? AND Vendor = ?`)
        .run(...bound, this.vendorGroup, number),
    );
    return number;
  }

  private find(db: Database.Database, number: number): VendorRow | undefined {
    return db
      .prepare<[number, number], VendorRow>(
        `SELECT ${SELECTED} FROM APVM WHERE VendorGroup = ? AND Vendor = ?`,
      )
      .get(this.vendorGroup, number);
  }

  private keyOf(number: number): string {
    return `${this.vendorGroup}|${number}`;
  }
}

/** The fields that have a column. A value without one is refused: dropping it in silence would not be what was approved. */
function carried(fields: VendorWrite['fields']): (readonly [CarriedField, string | boolean | null])[] {
  const entries = Object.entries(fields) as [VendorField, string | boolean | null | undefined][];
  return entries.flatMap(([field, value]) => {
    if (value === undefined) return [];
    if (isCarried(field)) return [[field, value] as const];
    if (value === null) return [];
    throw new TiebackError('ERP_REFUSED', {
      reason: `the ERP has no field for ${VENDOR_FIELD_LABELS[field]}`,
    });
  });
}

const isCarried = (field: VendorField): field is CarriedField => field in COLUMN_OF;

/** `010442` and `10442` would be the same number to the ERP but not to us, so only the plain form is taken. */
function numberOf(code: string): number {
  if (/^[1-9]\d{0,8}$/.test(code)) return Number(code);
  throw new TiebackError('ERP_REFUSED', { reason: `"${code}" is not a vendor number` });
}
