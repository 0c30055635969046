import type Database from 'better-sqlite3';
import { TiebackError } from '../../domain/base/errors';
import type { Vendor, VendorField } from '../../domain/kinds/vendor';
import { VENDOR_FIELD_LABELS } from '../../domain/kinds/vendor';
import type { VendorWrite, WriteResult } from '../contract/adapter';
import type { SampleConnection, Step } from './connection';
import type { SampleLedger } from './ledger';
import { OperationWriter } from './operation-writer';
import type { CarriedField, VendorRow } from './vendor-columns';
import { COLUMN_OF, columnValue, numberOfKey, sameValue, SELECTED, vendorOf } from './vendor-columns';

/** Writes vendors of one vendor group. */
export class VendorWriter extends OperationWriter<VendorWrite, Vendor> {
  constructor(
    connection: SampleConnection,
    ledger: SampleLedger,
    private readonly vendorGroup: number,
  ) {
    super(connection, ledger, 'vendor', 'erp.vendors.write');
  }

  protected override locksOf({ erpKey }: VendorWrite): readonly string[] {
    const file = `APVM|${this.vendorGroup}`;
    return erpKey === null ? [file] : [file, `APVM|${erpKey}`];
  }

  protected override find(db: Database.Database, erpKey: string): Vendor | null {
    const number = numberOfKey(erpKey, this.vendorGroup);
    const row = number === null ? undefined : this.row(db, number);
    return row === undefined ? null : vendorOf(row);
  }

  protected override nameOf(erpKey: string): string {
    return `vendor ${erpKey}`;
  }

  /** Vendors are one row: the triggers of the ERP have checked all there is. */
  protected override verify(): void {}

  protected override put(step: Step, operation: VendorWrite): string {
    const number =
      operation.action === 'create' ? this.insert(step, operation) : this.update(step, operation);
    return this.keyOf(number);
  }

  protected override movedSince(step: Step, { action, erpKey, expected }: VendorWrite): WriteResult | null {
    if (action === 'create') return null;
    const number = erpKey === null ? null : numberOfKey(erpKey, this.vendorGroup);
    const row = step('readCurrent', (db) => (number === null ? undefined : this.row(db, number)));
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
    while (this.row(db, number) !== undefined) number += 1;
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

  private row(db: Database.Database, number: number): VendorRow | undefined {
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
