/** The people of a chaos run: those who send records to the ERP, and the one in finance who decides. */
import { setTimeout as delay } from 'node:timers/promises';
import { ActionRefused } from '../../../sandbox/procore-simulator/errors';
import { isFinal } from '../../../src/domain/request/status';
import { MARIA, vendorFields } from '../../support/world';
import type { Installation, StoredRequest } from './installation';
import { CONNECTION } from './installation';
import type { Dice } from './random';

/** What becomes of a request in the end, whatever breaks on the way; null: either, there was nothing to decide. */
export type Verdict = 'applied' | 'rejected' | 'failed' | null;

/** A request that somebody raised, and what must be so at the end. */
export interface Raised {
  readonly requestId: number;
  readonly what: string;
  readonly verdict: Verdict;
  /** What is in the ERP once when it is applied: the name of a vendor, or the number of a commitment. */
  readonly vendor?: string;
  readonly commitment?: string;
  /** The record in Procore. */
  readonly procoreId?: number;
  /** Corrections that a parked request needs. */
  readonly corrections?: Readonly<Record<string, string>>;
}

/** The job that commitments are for. */
interface Site {
  readonly project: number;
  readonly vendor: number;
}

const OLDER = /^The ERP does not know what Tieback wrote to it/;

export class People {
  readonly raised: Raised[] = [];
  /** Nobody touches a request that is stopped by the fence before they were asked to look. */
  maySettleFence = false;
  decisions = 0;
  abandoned = 0;
  private counter = 0;
  private site: Site | null = null;

  constructor(
    private readonly on: Installation,
    private readonly dice: Dice,
  ) {}

  /** A job with a code and a vendor: what a commitment needs. */
  async begin(): Promise<void> {
    const { procore } = this.on;
    for (const { requestId } of procore.refresh('standard_cost_codes'))
      this.raised.push({ requestId, what: 'refresh codes', verdict: 'applied' });
    await this.untilSettled(180_000);
    const vendor = this.vendor('by-rule');
    const project = procore.seedProject({ name: 'Eastgate Parking', project_number: 'P-2417' }).id;
    procore.seedCostCodes(project, [
      { code: '23', name: 'HVAC' },
      { code: '23-050', name: 'HVAC systems', types: ['3'] },
    ]);
    const { requestId } = procore.exportJob(project, { code: '2417-001' });
    this.raised.push({ requestId, what: 'job', verdict: 'applied' });
    await this.untilSettled(180_000);
    this.site = { project, vendor: vendor.procoreId ?? 0 };
  }

  /** Somebody presses a button in Procore. */
  act(): void {
    const { dice } = this;
    // Some webhooks never arrive: then the request is found by the poll.
    if (dice.chance(0.3)) this.on.procore.setWebhookOptions({ loseNext: 1 });
    const button = dice.next();
    if (button < 0.25) this.vendor('by-rule');
    else if (button < 0.4) this.vendor('by-finance');
    else if (button < 0.5) this.vendor('rejected');
    else if (button < 0.6) this.vendor('corrected');
    else if (button < 0.78) this.commitment(dice.chance(0.75));
    else if (button < 0.86) this.unlink();
    else this.refresh();
  }

  vendor(kind: 'by-rule' | 'by-finance' | 'rejected' | 'corrected'): Raised {
    this.counter += 1;
    const n = this.counter;
    const vendor = `Chaos ${kind} ${n}`;
    const [seeded] = this.on.procore.seedVendors([
      vendorFields({
        name: vendor,
        abbreviated_name: `CHAOS${n}`,
        email_address: `ap${n}@chaos.example`,
        business_phone: `20655${20_000 + n}`,
        prequalified: kind === 'by-rule' || kind === 'corrected',
        // The ERP takes no comma in an address.
        ...(kind === 'corrected' ? { address: 'Suite 200, 14 Dock St' } : {}),
      }),
    ]);
    const procoreId = seeded?.id ?? 0;
    const { requestId } = this.on.procore.exportVendor(procoreId, {
      code: String(30_000 + n),
      customFields: { vendor_type_origin_id: '1|SUB' },
    });
    const verdict = kind === 'rejected' ? 'rejected' : 'applied';
    const corrections = kind === 'corrected' ? { address: '14 Dock St Suite 200' } : undefined;
    const raised = { requestId, what: `vendor ${kind}`, verdict, vendor, procoreId } as const;
    this.raised.push(corrections ? { ...raised, corrections } : raised);
    return raised;
  }

  private commitment(wanted: boolean): void {
    if (this.site === null) return;
    this.counter += 1;
    const number = `SC-${this.counter}`;
    const { id } = this.on.procore.seedCommitment(this.site.project, {
      number,
      title: `Work ${number}`,
      vendor_id: this.site.vendor,
      contract_date: '2026-07-01',
      lines: [{ code: '23-050', type: '3', amount: `${1000 + this.counter}.50` }],
    });
    const { requestId } = this.on.procore.exportCommitment(id, {
      code: number,
      accountingDate: '2026-07-31',
    });
    const verdict = wanted ? 'applied' : 'rejected';
    this.raised.push({ requestId, what: 'commitment', verdict, commitment: number, procoreId: id });
  }

  /** Somebody wants to unlink a commitment that the ERP has: it is refused. */
  private unlink(): void {
    const { procore, erp } = this.on;
    const inErp = new Set(erp.commitments().map(({ SL }) => SL));
    const linked = this.raised.find(
      ({ commitment, procoreId }) =>
        commitment !== undefined &&
        inErp.has(commitment) &&
        procore.record('commitment', procoreId ?? 0).linked,
    );
    if (!linked) return this.refresh();
    const { requestId } = procore.unlinkRecord('commitment', linked.procoreId ?? 0);
    this.raised.push({ requestId, what: 'unlink', verdict: 'failed' });
  }

  /** One refresh of a list at a time, says Procore. */
  private refresh(): void {
    const { procore } = this.on;
    try {
      const raised = this.dice.chance(0.5)
        ? [procore.refreshVendors()]
        : procore.refresh('jobs', { force: true });
      for (const { requestId } of raised) this.raised.push({ requestId, what: 'refresh', verdict: null });
    } catch (error) {
      if (!(error instanceof ActionRefused)) throw error;
    }
  }

  /** What the ERP lost with a restored backup is sent again from Procore. */
  sendAgain({ vendor, commitment, corrections, procoreId = 0 }: Raised): void {
    const { procore } = this.on;
    const customFields = { vendor_type_origin_id: '1|SUB' };
    const { requestId } =
      commitment === undefined
        ? procore.exportVendor(procoreId, { customFields })
        : procore.exportCommitment(procoreId, { code: commitment, accountingDate: '2026-07-31' });
    this.raised.push({
      requestId,
      what: 'sent again',
      verdict: 'applied',
      procoreId,
      ...(vendor === undefined ? {} : { vendor }),
      ...(commitment === undefined ? {} : { commitment }),
      ...(corrections === undefined ? {} : { corrections }),
    });
  }

  /** Looks at the list and decides about what waits; servers may be away. */
  async look(patient: boolean): Promise<void> {
    const waiting = this.on
      .requests()
      .filter(
        ({ status, reason }) =>
          status === 'waiting_for_finance' || (status === 'parked' && this.isOurs(reason)),
      );
    for (const request of this.dice.shuffled(waiting)) {
      if (!patient && this.dice.chance(0.4)) continue;
      await this.settle(request, patient || this.dice.chance(0.6) ? 10_000 : this.dice.between(1, 60));
    }
  }

  private isOurs(reason: string | null): boolean {
    return this.maySettleFence || !OLDER.test(reason ?? '');
  }

  private async settle(request: StoredRequest, patienceMs: number): Promise<void> {
    this.decisions += 1;
    try {
      await decide(this.on, request, { ...this.decisionOn(request), patienceMs });
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error;
      this.abandoned += 1;
    }
  }

  /** The same answer however often it is asked: a store that was put back may ask again. */
  private decisionOn({ erp_request_id: id, status, reason }: StoredRequest): Omit<Deciding, 'patienceMs'> {
    const raised = this.raised.find(({ requestId }) => requestId === id);
    if (status !== 'parked') return { what: raised?.verdict === 'rejected' ? 'reject' : 'approve' };
    if (OLDER.test(reason ?? '')) return { what: 'retry' };
    return raised?.corrections ? { what: 'correct', values: raised.corrections } : { what: 'reject' };
  }

  /** Waits until nothing is open any more; fails with what still is. */
  async untilSettled(withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    let nextLook = 0;
    for (;;) {
      if (Date.now() > nextLook) {
        await this.on.lookNow();
        nextLook = Date.now() + 3_000;
      }
      await this.look(true);
      const known = new Map(this.on.requests().map((row) => [row.erp_request_id, row]));
      const open = this.raised.filter(
        ({ requestId }) => !isFinal(known.get(requestId)?.status ?? 'received'),
      );
      if (open.length === 0) return;
      if (Date.now() > deadline) {
        const told = open.map(({ requestId, what }) => {
          const { status, reason } = known.get(requestId) ?? { status: 'unknown', reason: null };
          return `${requestId} (${what}) is ${status}: ${reason ?? ''}`;
        });
        throw new Error(`still open after ${withinMs / 1000} s:\n${told.join('\n')}`);
      }
      await delay(200);
    }
  }
}

/** The client did not wait for the answer, or the server went away: whether the decision holds is not known. */
export class GaveUp extends Error {}

interface Deciding {
  readonly what: 'approve' | 'reject' | 'correct' | 'retry';
  readonly values?: Readonly<Record<string, string>>;
  /** How long the client waits for the answer, in milliseconds. */
  readonly patienceMs: number;
}

/** What a daemon says that nobody decided: it has no way to the workflows right now. */
const UNDECIDED = 500;

/**
 * A person decides: the only place of this suite that knows how. Throws `GaveUp` where the client heard no answer; what was refused because
 * the request moved on meanwhile is fine.
 */
async function decide(
  on: Installation,
  request: StoredRequest,
  { what, values, patienceMs }: Deciding,
): Promise<void> {
  const [plan] = on.rows<{ hash: string }>(
    'SELECT hash FROM plan WHERE request_id = ? ORDER BY page DESC, version DESC LIMIT 1',
    request.id,
  );
  const answer = what === 'retry' ? 'correct' : what;
  const about = answer === 'correct' ? { values: values ?? {} } : { plan: plan?.hash };
  const comment = what === 'reject' ? 'not now' : '';
  const asked = { request: request.id, connection: CONNECTION, answer, comment, channel: 'cli', ...about };
  const answered = await fetch(`${on.url}/api/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${on.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(asked),
    signal: AbortSignal.timeout(patienceMs),
  }).catch((error: unknown) => {
    throw new GaveUp(what, { cause: error });
  });
  if (answered.status >= UNDECIDED) throw new GaveUp(`${what}: ${await answered.text().catch(() => '')}`);
  if (answered.status === 401) throw new Error(`${MARIA} is not known any more: ${await answered.text()}`);
}
