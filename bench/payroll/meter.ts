import type { Activities } from '../../src/activities';
import type { BenchInstallation } from '../installation';

/** What one step, or everything between two moments, cost. */
export interface Spent {
  readonly cpuSeconds: number;
  /** By the clock. */
  readonly seconds: number;
  readonly procore: number;
  /** Round trips, BEGIN and COMMIT counted. */
  readonly erpTrips: number;
  readonly storeTrips: number;
}

export interface Step extends Spent {
  readonly name: string;
}

/** Counts what each activity costs; right as long as they run one after the other. */
export class Meter {
  readonly steps: Step[] = [];
  private on: BenchInstallation | null = null;

  readonly metered = (real: Activities): Activities => ({
    main: this.wrapped(real.main),
    procore: this.wrapped(real.procore),
    erp: this.wrapped(real.erp),
  });

  /** From now on steps are measured on this installation. */
  attach(on: BenchInstallation): void {
    this.on = on;
  }

  /** Everything that happens until it is done. */
  async during(work: () => Promise<unknown>): Promise<Spent> {
    const { on } = this;
    if (on === null) throw new Error('nothing is measured yet');
    const calls = (): Promise<number> => on.procore.requestCount({ path: '^/rest/' });
    const [before, procore] = [{ ...on.io }, await calls()];
    const [cpu, start] = [process.cpuUsage(), process.hrtime.bigint()];
    await work();
    const { user, system } = process.cpuUsage(cpu);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const after = { ...on.io };
    return {
      cpuSeconds: (user + system) / 1e6,
      seconds,
      procore: (await calls()) - procore,
      erpTrips: after.erp - before.erp,
      storeTrips: after.storeTrips - before.storeTrips,
    };
  }

  count(name: string): number {
    return this.steps.filter((step) => step.name === name).length;
  }

  last(name: string): Step {
    const step = this.steps.filter((one) => one.name === name).at(-1);
    if (step === undefined) throw new Error(`${name} never ran`);
    return step;
  }

  private wrapped<Group extends object>(group: Group): Group {
    const entries = Object.entries(group) as [string, (...args: unknown[]) => Promise<unknown>][];
    return Object.fromEntries(
      entries.map(([name, step]) => [
        name,
        async (...args: unknown[]) => {
          if (this.on === null) return step(...args);
          let answer: unknown;
          const spent = await this.during(async () => (answer = await step(...args)));
          this.steps.push({ name, ...spent });
          return answer;
        },
      ]),
    ) as Group;
  }
}
