import type { Row, Value, Work } from './database';
import { insert, one, remove, select, update } from './work';
import type { Values } from './work';

/** A job: where it stands, and on which contract. */
export interface JobEntry {
  readonly contract?: string;
  readonly item?: string;
  readonly address?: string;
  readonly city?: string;
  readonly state?: string;
  readonly zip?: string;
  /** 0 pending, 1 open, 2 soft-closed, 3 hard-closed. */
  readonly status?: number;
  readonly lockPhases?: 'Y' | 'N';
}

/** `1024-001` → ` 1024-001`: the job mask 5R-3R. */
export function rawJob(code: string): string {
  const [one = '', two = ''] = code.split('-').map((part) => part.trim());
  return `${one.padStart(5)}-${two.padStart(3)}`;
}

/** `23-050` → `23-050-  `: the phase mask 2R-3R-2L. */
export function rawPhase(code: string): string {
  const [one = '', two = '', three = ''] = code.split('-').map((part) => part.trim());
  return `${one.padStart(2)}-${two.padStart(3)}-${three.padEnd(2)}`;
}

/** Codes are taken with or without the blanks of their masks. */
export const MASTERS = {
  *addVendor(values: Values & { readonly Vendor: number; readonly Name: string }): Work<void> {
    yield* insert('APVM', {
      VendorGroup: 1,
      GLCo: 1,
      SortName: String(values.Name).toUpperCase().slice(0, 15).trim(),
      ...values,
    });
  },

  *changeVendor(vendor: number, changes: Values): Work<void> {
    yield* update('APVM', { VendorGroup: 1, Vendor: vendor }, changes);
  },

  *deleteVendor(vendor: number): Work<void> {
    yield* remove('APVM', { VendorGroup: 1, Vendor: vendor });
  },

  *vendors(): Work<readonly Row[]> {
    return yield* select('APVM', { VendorGroup: 1 });
  },

  *addStandardPhase(code: string, description: string, ...costTypes: readonly number[]): Work<void> {
    yield* insert('JCPM', { PhaseGroup: 1, Phase: rawPhase(code), Description: description });
    for (const CostType of costTypes)
      yield* insert('JCPC', { PhaseGroup: 1, Phase: rawPhase(code), CostType });
  },

  *addCostType(costType: number, description: string, category: string | null = null): Work<void> {
    yield* insert('JCCT', {
      PhaseGroup: 1,
      CostType: costType,
      Description: description,
      Abbreviation: description.slice(0, 10),
      JBCostTypeCategory: category,
    });
  },

  *addContract(co: number, contract: string, description: string, item = '1', more: Values = {}): Work<void> {
    const Contract = rawJob(contract);
    yield* insert('JCCM', {
      JCCo: co,
      Contract,
      Description: description,
      Department: '100',
      StartMonth: '2026-07-01',
      ...more,
    });
    yield* MASTERS.addContractItem(co, contract, item, { Description: description });
  },

  *addContractItem(co: number, contract: string, item: string, values: Values = {}): Work<void> {
    yield* insert('JCCI', { JCCo: co, Contract: rawJob(contract), Item: item, Department: '100', ...values });
    const OrigContractAmt = values['OrigContractAmt'];
    if (OrigContractAmt === undefined) return;
    yield* update(
      'JCCI',
      { JCCo: co, Contract: rawJob(contract), Item: item },
      { ContractAmt: OrigContractAmt },
    );
  },

  /** Enters a job, with a contract of its number and one item where none is named. */
  *addJob(co: number, job: string, description: string, entry: JobEntry = {}): Work<void> {
    const { contract = job, item, address, city, state, zip, status, lockPhases } = entry;
    if (entry.contract === undefined) yield* MASTERS.addContract(co, contract, description, item);
    yield* insert('JCJM', {
      JCCo: co,
      Job: rawJob(job),
      Description: description,
      Contract: rawJob(contract),
      JobStatus: status,
      LockPhases: lockPhases,
      MailAddress: address,
      MailCity: city,
      MailState: state,
      MailZip: zip,
      VendorGroup: 1,
    });
  },

  *changeJob(co: number, job: string, changes: Values): Work<void> {
    yield* update('JCJM', { JCCo: co, Job: rawJob(job) }, changes);
  },

  *deleteJob(co: number, job: string): Work<void> {
    yield* remove('JCJM', { JCCo: co, Job: rawJob(job) });
  },

  *jobs(co = 1): Work<readonly Row[]> {
    return yield* select('JCJM', { JCCo: co });
  },

  *addPhase(co: number, job: string, phase: string, description: string, item = '1'): Work<void> {
    const { Contract = null } = yield* one('JCJM', { JCCo: co, Job: rawJob(job) });
    yield* insert('JCJP', {
      JCCo: co,
      Job: rawJob(job),
      PhaseGroup: 1,
      Phase: rawPhase(phase),
      Description: description,
      Contract,
      Item: item,
    });
  },

  *changePhase(co: number, job: string, phase: string, changes: Values): Work<void> {
    yield* update('JCJP', { JCCo: co, Job: rawJob(job), Phase: rawPhase(phase) }, changes);
  },

  *deletePhase(co: number, job: string, phase: string): Work<void> {
    yield* remove('JCJP', { JCCo: co, Job: rawJob(job), Phase: rawPhase(phase) });
  },

  *phases(co: number, job: string): Work<readonly Row[]> {
    return yield* select('JCJP', { JCCo: co, Job: rawJob(job) });
  },

  *assignCostType(co: number, job: string, phase: string, ...costTypes: readonly number[]): Work<void> {
    for (const CostType of costTypes) yield* insert('JCCH', { ...place(co, job, phase), CostType });
  },

  *removeCostType(co: number, job: string, phase: string, costType: number): Work<void> {
    yield* remove('JCCH', { ...place(co, job, phase), CostType: costType });
  },

  /** Changes a row of any table, as a DBA would. */
  *change(table: string, where: Values, changes: Values): Work<void> {
    yield* update(table, where, changes);
  },

  /** Takes rows of any table away, as a DBA would. */
  *takeAway(table: string, where: Values): Work<void> {
    yield* remove(table, where);
  },

  /** Rows of any table. */
  *rows(table: string, where: Readonly<Record<string, Value>> = {}): Work<readonly Row[]> {
    return yield* select(table, where);
  },
};

/** Where cost goes, without its type. */
export const place = (
  co: number,
  job: string,
  phase: string,
): { JCCo: number; Job: string; PhaseGroup: number; Phase: string } => ({
  JCCo: co,
  Job: rawJob(job),
  PhaseGroup: 1,
  Phase: rawPhase(phase),
});
