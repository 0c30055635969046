import type { Clock } from './clock';
import type { JsonObject } from './json';
import { Random } from './random';
import type { Kind, RecordRef, SimRecord } from './records/record';
import { emptyTimeBooks, type TimeBooks } from './timekeeping/books';
import type {
  CompanySeed,
  ErpConnection,
  ErpRequest,
  ExternalDataRow,
  RequestDetail,
  StagedRecord,
} from './types';

/** Everything one Procore company owns. */
export class Company {
  /** Everything the ERP tool knows, by kind. */
  readonly records = new Map<Kind, Map<number, SimRecord>>();
  /** What a request detail is about, when it is about records. */
  readonly detailRecords = new Map<number, RecordRef[]>();
  /** The standard cost code list of the ERP; it exists before the connection names it. */
  erpListId: number | null = null;
  readonly requests = new Map<number, ErpRequest>();
  readonly details = new Map<number, RequestDetail>();
  /** Rows of item types without records here; a record carries its own. Key: `type:id`. */
  readonly external = new Map<string, ExternalDataRow>();
  readonly staged = new Map<number, StagedRecord>();
  /** Records of collections without rules of their own, by path template. */
  readonly collections = new Map<string, Map<number, JsonObject>>();
  /** People, time types, timesheets and timecard entries. */
  readonly time: TimeBooks = emptyTimeBooks();
  /** Records that nobody sees, with what is below them; key: `kind:id`. */
  readonly hidden = new Map<string, readonly SimRecord[]>();
  connection: ErpConnection | null = null;
  connected: boolean;

  constructor(
    readonly id: number,
    readonly name: string,
    connected: boolean,
  ) {
    this.connected = connected;
  }
}

const FIRST_IDS = {
  vendor: 98127745,
  request: 640017,
  detail: 77120,
  external: 5100001,
  staged: 330001,
  list: 41,
  hook: 88001,
  trigger: 99001,
  event: 905500123,
  delivery: 1,
  record: 700001,
  person: 4102001,
  entry: 5200001,
  timesheet: 61001,
};

export type IdKind = keyof typeof FIRST_IDS;

/** The memory of the simulator. */
export class State {
  readonly companies = new Map<number, Company>();
  readonly random: Random;
  private readonly counters = new Map<IdKind, number>();

  constructor(
    readonly clock: Clock,
    seeds: CompanySeed[],
    randomSeed: number,
  ) {
    this.random = new Random(randomSeed);
    for (const seed of seeds) this.addCompany(seed);
  }

  addCompany(seed: CompanySeed): Company {
    const company = new Company(seed.id, seed.name, seed.connected ?? true);
    this.companies.set(seed.id, company);
    return company;
  }

  nextId(kind: IdKind): number {
    const id = this.counters.get(kind) ?? FIRST_IDS[kind];
    this.counters.set(kind, id + 1);
    return id;
  }

  now(): number {
    return this.clock.now();
  }

  /** The records of all companies, and the next ids, as one value that `v8.serialize` can write. */
  dump(): StateDump {
    const companies = [...this.companies.values()].map((company) => ({ ...company }));
    return { companies, counters: this.counters };
  }

  /** Takes the place of everything remembered so far. */
  load({ companies, counters }: StateDump): void {
    this.companies.clear();
    for (const stored of companies) {
      const company = this.addCompany({ id: stored.id, name: stored.name, connected: stored.connected });
      Object.assign(company, stored);
    }
    this.counters.clear();
    counters.forEach((id, kind) => this.counters.set(kind, id));
  }
}

/** What survives the end of a simulator process; hooks, tokens and deliveries do not. */
export interface StateDump {
  readonly companies: readonly Company[];
  readonly counters: ReadonlyMap<IdKind, number>;
}
