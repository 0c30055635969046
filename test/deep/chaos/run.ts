/** One chaos run: people at work, kills at random moments, one database after the other put back, and what must be so at the end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './installation';
import { DATABASES, Installation } from './installation';
import { inErp, lostWrites, problemsOf } from './invariants';
import type { Raised } from './people';
import { People } from './people';
import { Dice } from './random';

/** How much happens in a run. */
export interface Extent {
  /** Kills without anything put back, before each restore. */
  readonly kills: number;
  /** Which databases are put back, each once; the order is the seed's. */
  readonly restores: readonly Database[];
  /** The longest a daemon lives between two kills, in milliseconds. */
  readonly longestLifeMs: number;
}

export const WHOLE: Extent = { kills: 1, restores: DATABASES, longestLifeMs: 4_000 };

/**
 * Findings of `tieback audit verify` that a restore causes and nobody can take back, by the database that was put back. All others are
 * faults.
 */
const CAUSED_BY: Readonly<
  Record<Database, readonly { readonly finding: RegExp; readonly because: string }[]>
> = {
  store: [
    {
      finding: /was anchored at .*: (it was cut off|the chain was built anew)/,
      because: 'the heads that were anchored after the copy belong to a part of the log that is gone',
    },
    {
      finding: /^the ERP's ledger says that .* our store does not: .* our store is the older one$/,
      because:
        'it was written after the copy; found there again, it is linked and not written, so the log has no entry of a write',
    },
  ],
  // What is missing there is accepted by an approver, and is no finding afterwards.
  erp: [],
  // Temporal holds progress, not facts.
  temporal: [],
};

/** What a run was, in one line. */
export interface Told {
  readonly line: string;
  readonly problems: readonly string[];
}

export async function play(seed: number, extent: Extent = WHOLE): Promise<Told> {
  const installation = await Installation.create(seed);
  const run = new Run(installation, new Dice(seed), extent);
  try {
    const problems = await run.all();
    return { line: run.line(seed), problems };
  } catch (error) {
    const told = (error as Error).message;
    return { line: run.line(seed), problems: [told, `The daemon said last:\n${installation.logTail()}`] };
  } finally {
    await installation.remove();
  }
}

/** Steps whose worker was killed are taken over in seconds; a machine may be slow. */
const SETTLED_MS = 240_000;

class Run {
  private readonly people: People;
  private readonly restored: Database[] = [];
  private readonly lost = new Set<string>();
  private readonly copies: number[] = [];
  private kills = 0;
  private readonly startedAt = Date.now();

  constructor(
    private readonly on: Installation,
    private readonly dice: Dice,
    private readonly extent: Extent,
  ) {
    this.people = new People(on, dice);
  }

  line(seed: number): string {
    const { people, kills, restored } = this;
    const seconds = Math.round((Date.now() - this.startedAt) / 1000);
    const put = restored.length === 0 ? 'nothing' : restored.join(', ');
    return (
      `chaos seed ${seed}: ${people.raised.length} requests, ${people.decisions} decisions (${people.abandoned} given up early), ` +
      `${kills} kills of daemon and Temporal, put back: ${put}; ${seconds} s`
    );
  }

  async all(): Promise<string[]> {
    const { dice, people, extent } = this;
    await people.begin();
    for (const database of dice.shuffled(extent.restores)) {
      for (let n = 0; n < extent.kills; n += 1) await this.life(null);
      await this.life(database);
      // A store that was put back behind what was accepted asks again.
      const asksAgain = database === 'store' && this.restored.includes('erp');
      if (database === 'erp' || asksAgain) await this.acceptOlderErp();
    }
    await people.untilSettled(SETTLED_MS);
    const isLost = ({ what, procoreId }: Raised): boolean =>
      this.lost.has(`${what.split(' ')[0]}/${procoreId}`);
    const gone = people.raised.filter((one) => isLost(one) && inErp(this.on, one) === false);
    for (const one of gone) people.sendAgain(one);
    await people.untilSettled(SETTLED_MS);
    return [...problemsOf(this.on, people.raised), ...(await this.auditProblems())];
  }

  /** The daemon works for a while and is killed with Temporal; then a database may be put back before both start again. */
  private async life(database: Database | null): Promise<void> {
    const { dice, on } = this;
    const endsAt = Date.now() + dice.between(1_000, this.extent.longestLifeMs);
    while (Date.now() < endsAt) {
      if (dice.chance(0.6)) this.people.act();
      if (dice.chance(0.2)) await on.lookNow();
      await this.people.look(false);
      await delay(dice.between(20, 250));
    }
    await on.killBoth();
    this.kills += 1;
    if (database !== null) {
      on.restore(database, dice.one(this.copies.slice(-2)));
      this.restored.push(database);
    }
    this.copies.push(on.copy());
    await on.start();
  }

  /** Nothing is written to an ERP that is older than what was written to it, until an approver has accepted what is missing. */
  private async acceptOlderErp(): Promise<void> {
    const { on, people } = this;
    people.maySettleFence = false;
    const missing = lostWrites(on).sort();
    const listed = await on.tieback(['restored', '--json']);
    const [compared] = (
      JSON.parse(listed.out) as { connections: { lost: { recordId: string; operationKey: string }[] }[] }
    ).connections;
    const named = (compared?.lost ?? []).map(({ operationKey }) => operationKey).sort();
    if (JSON.stringify(named) !== JSON.stringify(missing))
      throw new Error(`\`tieback restored\` names ${named.join(', ')}; missing are ${missing.join(', ')}`);
    if (missing.length > 0) {
      const before = on.erp.ledger().length;
      const { requestId } = people.vendor('by-rule');
      await this.untilFenced(requestId);
      if (on.erp.ledger().length !== before) throw new Error('an older ERP was written to');
    }
    for (const { recordId } of compared?.lost ?? []) this.lost.add(recordId);
    const accepting = ['restored', '--accept', '--comment', 'backup of Sunday'];
    const { code, out, err } = await on.tieback(accepting);
    if (code !== 0) throw new Error(`accepting ended with ${code}:\n${out}${err}`);
    people.maySettleFence = true;
  }

  private async untilFenced(requestId: number): Promise<void> {
    const deadline = Date.now() + 180_000;
    for (;;) {
      const row = this.on.requests().find(({ erp_request_id: id }) => id === requestId);
      if (row?.status === 'parked' && row.reason?.startsWith('The ERP does not know') === true) return;
      if (row?.status === 'applied' || Date.now() > deadline)
        throw new Error(
          `request ${requestId} is ${row?.status ?? 'unknown'} (${row?.reason ?? ''}), not stopped by the fence`,
        );
      await this.people.look(true);
      await delay(100);
    }
  }

  /** `tieback audit verify` says the truth: nobody tampered, and what a restore took away is told. */
  private async auditProblems(): Promise<string[]> {
    const { code, out, err } = await this.on.tieback(['audit', 'verify', '--json']);
    const { connections } = JSON.parse(out) as { connections: { findings: { what: string }[] }[] };
    const findings = connections.flatMap(({ findings: of }) => of.map(({ what }) => what));
    const caused = this.restored.flatMap((database) => CAUSED_BY[database]);
    const unexplained = findings.filter((what) => !caused.some(({ finding }) => finding.test(what)));
    const expected = findings.length === 0 ? 0 : 3;
    return [
      ...unexplained.map((what) => `audit verify: ${what}`),
      ...(code === expected ? [] : [`audit verify ended with ${code}, not ${expected}: ${err}`]),
    ];
  }
}
