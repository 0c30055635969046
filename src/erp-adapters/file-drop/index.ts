import { TiebackError } from '../../domain/base/errors';
import { KINDS } from '../../domain/kinds';
import type { ErpAdapter, LedgerEntry, LedgerKind, OperationLedger } from '../contract/adapter';
import type { AdapterDefinition } from '../contract/definition';
import { checkDrop, grantScript } from './check';
import { Drop } from './drop';
import { stat } from './folder';
import type { Handed } from './log';
import { FilePayroll } from './payroll';
import type { HandedCards } from './payroll/entries';
import { outcomesOf } from './outcomes';
import { capabilityOf, standingOf } from './records';
import { readSettings } from './settings';
import { ledgerEntry } from './write';

/** ERPs without SQL: documents in declared layouts in a drop folder, answers and exports from there. */
export const fileDropAdapter: AdapterDefinition = {
  name: 'file-drop',
  summary: 'Any ERP that imports and exports files: CSV or fixed width, in a drop folder',
  readSettings,
  create({ settings: raw, connectionId, io = (_name, call) => call(), logger }): ErpAdapter {
    const reading = readSettings(raw);
    if (!reading.ok) throw new TiebackError('ERP_CONFIG', { reason: reading.problems.join('; ') });
    const { settings } = reading;
    const drop = new Drop(settings, connectionId, io, logger);
    const kinds = KINDS.filter((kind) => settings.layouts[kind] !== undefined);
    return {
      async describe() {
        await drop.folder.call('erp.describe', () => stat(drop.folder.path('ledger')));
        const { product: version, company, companyName } = settings;
        return { system: 'file-drop', version, company, companyName, kinds };
      },
      check: () => checkDrop(drop),
      grantScript: () => grantScript(settings.folder),
      ledger: ledgerOf(drop),
      kinds: Object.fromEntries(kinds.map((kind) => [kind, capabilityOf(drop, kind)])),
      async lookUp(refs) {
        await drop.refresh();
        return refs.map((ref) => standingOf(drop, ref));
      },
      ...(settings.payroll === undefined ? {} : { payroll: new FilePayroll(settings.payroll, drop) }),
      outcomes: (after, size) => outcomesOf(drop, after, size),
      close: async () => undefined,
    };
  },
};

function ledgerOf(drop: Drop): OperationLedger {
  const all = async (): Promise<readonly ((Handed | HandedCards) & { sequence: number })[]> => {
    await drop.log.refresh();
    return drop.log.entries.filter(
      (entry) =>
        (entry.type === 'document' || entry.type === 'timecards') && entry.connection === drop.connectionId,
    ) as ((Handed | HandedCards) & { sequence: number })[];
  };
  const ofRecord = async (kind: LedgerKind, recordId: string): Promise<readonly LedgerEntry[]> =>
    (await all())
      .filter((entry) => entry.kind === kind && entry.recordId === recordId)
      .sort((a, b) => a.generation - b.generation)
      .map(ledgerEntry);
  return {
    async find(operationKeys) {
      const wanted = new Set(operationKeys);
      return (await all()).filter(({ operationKey }) => wanted.has(operationKey)).map(ledgerEntry);
    },
    head: async (kind, recordId) => (await ofRecord(kind, recordId)).at(-1) ?? null,
    ofRecord,
    async entries(after, size) {
      const page = (await all()).filter(({ sequence }) => sequence > Number(after ?? 0)).slice(0, size);
      return {
        entries: page.map(ledgerEntry),
        cursor: page.length < size ? null : String(page.at(-1)?.sequence),
      };
    },
  };
}
