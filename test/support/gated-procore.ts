/** Every call to Procore as a call that can be lost: what tests put between the steps and the client. */

/** Lets a call through, or does not. */
export interface Gate {
  io<T>(name: string, call: () => Promise<T>): Promise<T>;
}

/** Members of the ports that only compute. */
const PURE = ['now', 'readRequest', 'readerVersion', 'revision', 'companyId', 'carries'];
/** Members that answer page by page. */
const PAGES = ['list', 'listOrigins', 'discover', 'readChanged', 'scan', 'entries', 'changedEntries'];

/** Every call of a Procore port is one I/O call; of an iteration, every page. */
export function gated<Port extends object>(port: Port, gate: () => Gate, path = 'procore'): Port {
  return new Proxy(port, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      const key = String(property);
      const name = `${path}.${key}`;
      if (PURE.includes(key)) return member;
      if (typeof member === 'object' && member !== null) return gated(member, gate, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (!PAGES.includes(key) || path === 'procore.hooks') {
          return gate().io(name, () => member.apply(target, args) as Promise<unknown>);
        }
        const source = (member.apply(target, args) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
        return { [Symbol.asyncIterator]: () => ({ next: () => gate().io(name, () => source.next()) }) };
      };
    },
  });
}
