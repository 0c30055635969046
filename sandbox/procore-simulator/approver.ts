import { ActionRefused } from './errors';
import { asString, clone } from './json';
import type { RecordExports } from './people/exports';
import type { SimRecord } from './records/record';
import type { Records } from './records/store';
import type { Company } from './state';
import type { ApproverOutcome, ApproverRule } from './types';

/** A directory user "Can Push to Accounting" who follows simple rules about vendors: the first that matches decides. */
export class AccountingApprover {
  private rules: ApproverRule[] = [];
  private running = 0;

  constructor(
    private readonly records: Records,
    private readonly exports: RecordExports,
  ) {}

  setRules(rules: ApproverRule[]): void {
    for (const rule of rules) new RegExp(rule.namePattern ?? '');
    this.rules = clone(rules);
  }

  /** Decide every vendor that waits in Ready To Export. */
  run(company: Company): ApproverOutcome[] {
    return this.records
      .of(company, 'vendor')
      .filter((vendor) => vendor.erp.status === 'ready_to_export')
      .map((vendor) => this.decide(company, vendor));
  }

  private decide(company: Company, vendor: SimRecord): ApproverOutcome {
    const name = asString(vendor.fields['name']) ?? '';
    const undecided = { vendorId: vendor.id, name, requestId: null, reason: null };
    const rule = this.rules.find((r) => new RegExp(r.namePattern ?? '', 'i').test(name));
    if (!rule) return { ...undecided, decision: 'undecided' };
    if (rule.decision === 'reject') {
      const comment = rule.comment ?? 'Rejected by accounting';
      this.exports.reject(company, 'vendor', vendor.id, comment);
      return { ...undecided, decision: 'rejected', reason: comment };
    }
    try {
      this.running += 1;
      const form = {
        ...(rule.code === undefined ? {} : { code: rule.code.replaceAll('{n}', String(this.running)) }),
        ...(rule.customFields === undefined ? {} : { customFields: rule.customFields }),
      };
      const { requestId } = this.exports.export(company, 'vendor', [vendor.id], form);
      return { ...undecided, decision: 'accepted', requestId };
    } catch (error) {
      if (!(error instanceof ActionRefused)) throw error;
      return { ...undecided, decision: 'refused', reason: error.message };
    }
  }
}
