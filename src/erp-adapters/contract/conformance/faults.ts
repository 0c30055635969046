import type { Io } from '../definition';

/** Stands for a process that dies, or a line that is cut. */
export class InjectedCrash extends Error {
  constructor(when: 'before' | 'after', call: string) {
    super(`injected crash ${when} ${call}`);
  }
}

/** A hook that writes down the names of the calls. */
export function recordCalls(): { readonly io: Io; readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    io: (name, call) => {
      calls.push(name);
      return call();
    },
  };
}

/** A hook that runs `act` when call number `index` (from 0) is about to begin. */
export function atCall(index: number, act: () => void): Io {
  let count = 0;
  return (_name, call) => {
    if (count++ === index) act();
    return call();
  };
}

/** A hook that crashes once, before or after call number `index` (from 0); `after` means that the call was carried out. */
export function crashAt(index: number, when: 'before' | 'after'): Io {
  let count = 0;
  return (name, call) => {
    if (count++ !== index) return call();
    if (when === 'before') throw new InjectedCrash(when, name);
    return afterwards(call(), () => {
      throw new InjectedCrash(when, name);
    });
  };
}

/** Runs `act` after a call, also when the call answers later. */
function afterwards<T>(result: T, act: () => never): T {
  if (result instanceof Promise) return result.then(act, act) as T;
  return act();
}
