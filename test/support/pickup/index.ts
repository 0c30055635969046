import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { fileDropAdapter } from '../../../src/erp-adapters/file-drop';

const money = (line: string) => ({ line, width: 12, decimals: 2, align: 'right' });
const mark = (constant: string) => ({ constant, width: 2 });
const flag = { field: 'isActive', title: 'STATUS', width: 1, values: { true: 'A', false: 'I' } };

const VENDOR_COLUMNS = [
  { field: 'code', title: 'VENDOR', width: 12 },
  { field: 'name', title: 'NAME', width: 40 },
  { field: 'sortName', title: 'SHORT', width: 15, unique: true },
  { field: 'email', title: 'EMAIL', width: 60 },
  { field: 'phone', title: 'PHONE', width: 20 },
  { field: 'retainagePercent', title: 'RETAINAGE', width: 6, decimals: 2 },
  flag,
];
const OURS = [
  { value: 'reference', title: 'REF' },
  { value: 'action', title: 'ACTION', values: { create: 'A', update: 'C' } },
];
const COMMITMENT = [
  {
    at: 'record',
    columns: [
      mark('CH'),
      { field: 'code', width: 12 },
      { field: 'type', width: 1, values: { subcontract: 'S', purchase_order: 'P' } },
      { field: 'name', width: 30 },
      { field: 'job', width: 10 },
      { field: 'vendor', width: 12 },
      { field: 'date', width: 8 },
      { field: 'amount', width: 12, decimals: 2, align: 'zeros', impliedPoint: true },
    ],
  },
  {
    at: 'commitment_line',
    columns: [
      mark('CL'),
      { value: 'number', width: 4 },
      { line: 'description', width: 30 },
      { line: 'costCode', width: 15 },
      { line: 'costType', width: 3 },
      money('amount'),
    ],
  },
];
const end = (...columns: object[]) => ({
  at: 'end',
  columns: [mark('ZZ'), { value: 'count', width: 6, align: 'zeros' }, ...columns],
});
const TOTAL = { value: 'total', width: 14, align: 'right' };
const FIXED = { format: 'fixed', encoding: 'cp1252', dates: 'MMDDYYYY' };

/** Settings of a made-up ERP that takes vendors as CSV and commitments in columns of fixed width. `numbers`: who numbers vendors. */
export const pickupSettings = (
  folder: string,
  numbers: 'number' | 'erp' = 'number',
): Record<string, unknown> => ({
  folder,
  company: 'WEST',
  companyName: 'Pickup test company',
  product: 'Pickup 3.1',
  currency: 'USD',
  answers: {
    acknowledged: {
      format: 'csv',
      files: '*.csv',
      complete: 'renamed',
      records: [{ at: 'record', columns: [{ value: 'reference' }, { value: 'number' }] }],
    },
    rejected: {
      format: 'csv',
      files: '*.csv',
      complete: 'renamed',
      records: [{ at: 'record', columns: [{ value: 'reference' }, { value: 'message' }] }],
    },
  },
  layouts: {
    vendor: {
      numbers,
      incoming: {
        format: 'csv',
        encoding: 'cp1252',
        files: 'vendors*.csv',
        content: 'all',
        complete: 'trailer',
        titles: true,
        records: [
          { at: 'record', columns: VENDOR_COLUMNS },
          { at: 'end', columns: [{ constant: 'END' }, { value: 'count' }, { value: 'sequence' }] },
        ],
      },
      outgoing: {
        format: 'csv',
        encoding: 'cp1252',
        titles: true,
        file: 'AP-{sequence}-{reference}.csv',
        updates: 'changed',
        checksum: 'sidecar',
        records: [
          {
            at: 'record',
            columns: [
              ...OURS,
              ...(numbers === 'erp' ? [{ value: 'key', title: 'KEY' }] : []),
              ...VENDOR_COLUMNS,
            ],
          },
        ],
      },
    },
    line_item_type: {
      incoming: {
        format: 'csv',
        files: 'costtypes.csv',
        content: 'all',
        complete: 'renamed',
        records: [
          {
            at: 'record',
            columns: [
              { field: 'code', width: 3 },
              { field: 'name', width: 30 },
              { field: 'baseType', values: { labor: 'L', other: 'O' } },
              flag,
            ],
          },
        ],
      },
    },
    project: {
      incoming: {
        format: 'csv',
        files: 'jobs.csv',
        content: 'all',
        complete: 'renamed',
        records: [
          {
            at: 'cost_code',
            columns: [
              { field: 'code', width: 10 },
              { field: 'name', width: 30 },
              flag,
              { line: 'code', width: 15 },
              { line: 'name', width: 30 },
            ],
          },
        ],
      },
    },
    commitment: {
      incoming: {
        ...FIXED,
        files: 'commitments*.txt',
        content: 'changes',
        complete: 'trailer',
        records: [...COMMITMENT, end(TOTAL)],
      },
      outgoing: {
        ...FIXED,
        file: 'JC-{sequence}-{reference}.txt',
        updates: 'changed',
        emptied: '~',
        records: [
          {
            at: 'start',
            columns: [
              mark('AA'),
              { value: 'company', width: 6 },
              { value: 'reference', width: 16 },
              { value: 'sequence', width: 8, align: 'zeros' },
            ],
          },
          ...COMMITMENT,
          end(TOTAL),
        ],
      },
    },
  },
});

/** A made-up program that takes documents from a drop folder, answers them, and exports what it has. */
export class Pickup {
  readonly folder = mkdtempSync(join(tmpdir(), 'tieback-drop-'));
  private exports = 0;
  private answers = 0;

  constructor(readonly numbers: 'number' | 'erp' = 'number') {
    for (const place of ['out', 'ack', 'rejected', 'in', 'archive', 'tieback/ledger', 'tieback/tmp'])
      mkdirSync(join(this.folder, place), { recursive: true });
    this.put('in', 'costtypes.csv', '1,Labor,L,A\r\n3,Subcontract,O,A\r\n');
    this.put('in', 'jobs.csv', 'J100,Pier 7,A,26-050,Rough-in\r\nJ100,Pier 7,A,3-300,Slab\r\n');
    this.exportVendors([
      'V100,"Harbor, Steel",HARBOR,ap@harbor.example,206-555-0116,10.00,A',
      'V200,Mill Creek Paving,,,,,I',
    ]);
  }

  open(io?: Io): ErpAdapter {
    const settings = pickupSettings(this.folder, this.numbers);
    return fileDropAdapter.create({ connectionId: 'demo', settings, ...(io === undefined ? {} : { io }) });
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** Writes under another name and renames, as a well-behaved program does. */
  put(place: string, name: string, content: string | Uint8Array): void {
    const tmp = this.path('archive', `.${name}`);
    writeFileSync(tmp, content);
    renameSync(tmp, this.path(place, name));
  }

  exportVendors(rows: readonly string[], sequence = (this.exports += 1)): void {
    const titles = VENDOR_COLUMNS.map(({ title }) => title).join(',');
    const lines = [titles, ...rows, `END,${rows.length},${sequence}`];
    this.put('in', `vendors-${sequence}.csv`, `${lines.join('\r\n')}\r\n`);
  }

  acknowledge(reference: string, number = ''): void {
    this.put('ack', `ack-${(this.answers += 1)}.csv`, `${reference},${number}\r\n`);
  }

  reject(reference: string, words: string): void {
    this.put('rejected', `rejected-${(this.answers += 1)}.csv`, `${reference},"${words}"\r\n`);
  }

  /** Documents that lie there, without their checksums. */
  get waiting(): readonly string[] {
    return readdirSync(this.path('out')).filter(
      (name) => !name.endsWith('.sha256') && !name.startsWith('HOLD'),
    );
  }

  /** Takes every document away; answers with their texts by reference. */
  takeAll(): ReadonlyMap<string, string> {
    const taken = this.waiting.map((name) => {
      const text = readFileSync(this.path('out', name), 'latin1');
      rmSync(this.path('out', name));
      rmSync(this.path('out', `${name}.sha256`), { force: true });
      return [/([0-9a-f]{16})\./.exec(name)?.[1] ?? '', text] as const;
    });
    return new Map(taken);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
