/** Calls that go wrong on purpose: before or after they had their effect, with the process or without it. */

/** What becomes of one call: it fails before or after it had its effect; the process dies with it, or only the answer is an error. */
export type FaultKind = 'crash-before' | 'crash-after' | 'error-before' | 'error-after';

/** What goes wrong in the calls to come, by their number from 1 on. */
export interface Trouble {
  readonly faults?: ReadonlyMap<number, FaultKind>;
  /** What people do just before a call. */
  readonly meanwhile?: ReadonlyMap<number, () => void>;
  /** The same for the first call with this name. */
  readonly at?: { readonly call: string; readonly kind: FaultKind };
  /** What people do just before, or just after, the first call with this name. */
  readonly before?: { readonly call: string; readonly act: () => void };
  readonly after?: { readonly call: string; readonly act: () => void };
}

class Injected extends Error {}

const MOST_ATTEMPTS = 20;

/** A process that can die: every call of it fails from then on. */
export interface Mortal {
  dead: boolean;
}

export class Troubles {
  /** Names of the calls since `set`. */
  calls: string[] = [];
  /** Faults so far. */
  injected = 0;
  private trouble: Trouble = {};

  /** Counts calls anew, and has these go wrong. */
  set(trouble: Trouble): void {
    this.trouble = trouble;
    this.calls = [];
  }

  /** Tries a step until it is through; what nobody injected is a fault of the program. */
  async untilThrough<T>(call: () => Promise<T>, rebirth: () => Promise<void>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const before = this.injected;
      try {
        return await call();
      } catch (error) {
        if (this.injected === before || attempt === MOST_ATTEMPTS) throw error;
        await rebirth();
      }
    }
  }

  private fault(mine: Mortal, name: string): FaultKind | null {
    if (mine.dead) throw new Injected('this process is dead');
    this.calls.push(name);
    const at = this.calls.length;
    this.trouble.meanwhile?.get(at)?.();
    const isFirst = this.calls.indexOf(name) === at - 1;
    const { before, at: named } = this.trouble;
    if (before?.call === name && isFirst) before.act();
    return this.trouble.faults?.get(at) ?? (named?.call === name && isFirst ? named.kind : null);
  }

  private fail(mine: Mortal, fault: FaultKind, name: string): never {
    this.injected += 1;
    if (fault.startsWith('crash')) mine.dead = true;
    throw new Injected(`${fault} ${name}`);
  }

  async io<T>(mine: Mortal, name: string, call: () => Promise<T>): Promise<T> {
    const fault = this.fault(mine, name);
    if (fault?.endsWith('before')) this.fail(mine, fault, name);
    const result = await call();
    const { after } = this.trouble;
    if (after?.call === name && this.calls.filter((one) => one === name).length === 1) after.act();
    if (mine.dead) throw new Injected('this process is dead');
    if (fault) this.fail(mine, fault, name);
    return result;
  }

  ioNow<T>(mine: Mortal, name: string, call: () => T): T {
    const fault = this.fault(mine, name);
    if (fault?.endsWith('before')) this.fail(mine, fault, name);
    const result = call();
    if (fault) this.fail(mine, fault, name);
    return result;
  }
}
