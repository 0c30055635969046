import type { config as PoolConfig, Connection, ConnectionPool, Request } from 'mssql';
import { driver } from './tsql-batch';

/** What the pool and its connections can do beside what the driver's types tell. */
interface LendingPool {
  readonly config: PoolConfig;
  readonly collation: unknown;
  acquire(borrower: object): Promise<DriverConnection>;
  release(connection: DriverConnection): void;
}
type DriverConnection = Connection & {
  /** As the server has told last. */
  readonly inTransaction: boolean;
  beginTransaction(done: Done, name: string, isolation: number): void;
  commitTransaction(done: Done): void;
  rollbackTransaction(done: Done): void;
  close(): void;
};
type Done = (error?: Error | null) => void;

/**
 * One connection for one transaction. It goes back to the pool only where its transaction is known to be over; otherwise it is closed, and the server
 * undoes whatever is left of it. So an attempt that was given up never lives on beside the next one.
 */
export class HeldConnection {
  /** What a request of the driver wants to know of what it runs on. */
  readonly connected = true;
  private inDoubt = false;
  private readonly limit: NodeJS.Timeout;

  private constructor(
    private readonly pool: LendingPool,
    private readonly connection: DriverConnection,
    limitMs: number,
  ) {
    this.limit = setTimeout(() => this.connection.close(), limitMs);
  }

  static async of(pool: ConnectionPool, limitMs: number): Promise<HeldConnection> {
    const lending = pool as unknown as LendingPool;
    return new HeldConnection(lending, await lending.acquire({}), limitMs);
  }

  get config(): PoolConfig {
    return this.pool.config;
  }

  get collation(): unknown {
    return this.pool.collation;
  }

  /** The driver asks for a connection for every request. */
  acquire(
    _request: unknown,
    callback: (error: null, connection: DriverConnection, config: PoolConfig) => void,
  ): void {
    setImmediate(callback, null, this.connection, this.config);
  }

  release(): void {
    // Kept until the transaction is over.
  }

  /** Throws where the server has undone the transaction meanwhile: what came next would stand alone, and stay. */
  request(): Request {
    this.assertOpen();
    return new (driver().Request)(this as unknown as ConnectionPool);
  }

  async begin(): Promise<void> {
    this.inDoubt = true;
    const { READ_COMMITTED } = driver().ISOLATION_LEVEL;
    await answered((done) => this.connection.beginTransaction(done, '', READ_COMMITTED));
    this.inDoubt = false;
  }

  /** An error leaves it open whether the server has committed, unless the server says so. */
  async commit(): Promise<void> {
    this.assertOpen();
    // From here on nobody may break off: the answer would be lost.
    clearTimeout(this.limit);
    this.inDoubt = true;
    await answered((done) => this.connection.commitTransaction(done));
    this.inDoubt = false;
  }

  async letGo(): Promise<void> {
    clearTimeout(this.limit);
    try {
      if (this.inDoubt) this.connection.close();
      else if (this.connection.inTransaction)
        await answered((done) => this.connection.rollbackTransaction(done));
    } catch {
      // What went wrong before is what people must hear.
      this.connection.close();
    } finally {
      this.pool.release(this.connection);
    }
  }

  private assertOpen(): void {
    if (!this.connection.inTransaction)
      throw Object.assign(new Error('the server has undone the transaction'), { code: 'EABORT' });
  }
}

const answered = (ask: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => ask((error) => (error ? reject(error) : resolve())));
