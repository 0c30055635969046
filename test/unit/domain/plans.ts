import type { Warning } from '../../../src/domain/base/warning';
import type { ErpWrite, StageRecord } from '../../../src/domain/plan/operation';
import type { PlanBody } from '../../../src/domain/plan/plan';
import { NO_FACTS } from '../../../src/domain/plan/plan';
import { linkOf, recordOf } from './records';
import { VENDOR } from './vendors';

/** A vendor that is created in the ERP. */
export const operation = (more: Partial<ErpWrite> = {}): ErpWrite => ({
  seq: 1,
  side: 'erp',
  action: 'create',
  kind: 'vendor',
  recordId: 'vendor/1',
  target: 'Vendor 10442 Cobalt',
  erpKey: null,
  procoreId: 1,
  generation: 1,
  targetRevision: 'r1',
  operationKey: 'acme:vendor/1:1:r1',
  changes: [{ field: 'name', label: 'Name', old: null, new: 'Cobalt' }],
  record: recordOf(VENDOR),
  ...more,
});

/** A vendor of the ERP that is put on "Ready to Import". */
export const staging = (more: Partial<StageRecord> = {}): StageRecord => ({
  seq: 1,
  side: 'procore',
  action: 'stage',
  kind: 'vendor',
  recordId: 'vendor/erp:1|10442',
  target: 'Ready to import: Vendor 10442 Cobalt',
  erpKey: '1|10442',
  procoreId: null,
  generation: 1,
  targetRevision: 'r1',
  operationKey: 'acme:vendor/erp:1|10442:1:r1',
  changes: [{ field: 'name', label: 'Name', old: null, new: 'Cobalt' }],
  record: recordOf(VENDOR),
  link: linkOf('vendor', null, '1|10442', { state: 'staged' }),
  ...more,
});

export const body = (more: Partial<PlanBody> = {}): PlanBody => ({
  subject: 'Cobalt',
  operations: [operation()],
  warnings: [{ code: 'possible_duplicate', text: 'Possible duplicate' }],
  notes: ['Web site is not carried'],
  facts: { ...NO_FACTS, kinds: ['vendor'], flags: { prequalified: true } },
  leftOut: [],
  unchanged: 0,
  ...more,
});

/** Warnings as people read them. */
export const textsOf = (warnings: readonly Warning[]): readonly string[] => warnings.map(({ text }) => text);
