import { ActionRefused } from './errors';
import { clone } from './json';
import type { Company } from './state';
import type { ApproverOutcome, ApproverRule, Vendor } from './types';
import type { VendorActions } from './vendor-actions';

/** A directory user "Can Push to Accounting" who follows simple rules: the first that matches decides. */
export class AccountingApprover {
  private rules: ApproverRule[] = [];
  private running = 0;

  constructor(private readonly actions: VendorActions) {}

  setRules(rules: ApproverRule[]): void {
    for (const rule of rules) new RegExp(rule.namePattern ?? '');
    this.rules = clone(rules);
  }

  getRules(): ApproverRule[] {
    return clone(this.rules);
  }

  /** Decide everything that waits in Ready To Export. */
  run(company: Company): ApproverOutcome[] {
    return [...company.vendors.values()]
      .filter((v) => v.erp.status === 'ready_to_export')
      .map((v) => this.decide(company, v));
  }

  private decide(company: Company, vendor: Vendor): ApproverOutcome {
    const outcome: ApproverOutcome = {
      vendorId: vendor.id,
      name: vendor.fields.name,
      decision: 'undecided',
      requestId: null,
      reason: null,
    };
    const rule = this.rules.find((r) => new RegExp(r.namePattern ?? '', 'i').test(vendor.fields.name));
    if (!rule) return outcome;
    if (rule.decision === 'reject') {
      const comment = rule.comment ?? 'Rejected by accounting';
      this.actions.rejectVendor(company, vendor.id, comment);
      return { ...outcome, decision: 'rejected', reason: comment };
    }
    try {
      this.running += 1;
      const code = rule.code?.replaceAll('{n}', String(this.running));
      const result = this.actions.exportVendor(company, vendor.id, {
        code,
        customFields: rule.customFields,
      });
      return { ...outcome, decision: 'accepted', requestId: result.requestId };
    } catch (error) {
      if (!(error instanceof ActionRefused)) throw error;
      return { ...outcome, decision: 'refused', reason: error.message };
    }
  }
}
