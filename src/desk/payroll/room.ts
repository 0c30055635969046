import { isTiebackError } from '../../domain/base/errors';
import type { PayPeriod } from '../../domain/payroll/period';
import type { Visitor } from '../../domain/people/access';
import type { Store } from '../../store/store';
import { DeskRefusal } from '../refusal';
import { wholeConnections } from '../scope';
import type { PeopleShown } from './people-shown';
import type { ListedPeriod } from './periods';
import { listPeriods } from './periods';
import type { PayListQuestion, PayPage, PeriodList, PeriodLists } from './show';
import { pageOf, periodList, showPeriod } from './show';
import type { PeriodShown } from './shown';

/** Who sees the hours of people, of a connection as a whole. */
const READERS = ['payroll', 'auditor', 'admin'] as const;

/** A report as it is handed over: a file, or its rows. */
export interface PayReport {
  /** Without its ending. */
  readonly name: string;
  readonly data: object;
  csv(): Buffer;
  pdf(paper: 'letter' | 'a4'): Promise<Buffer>;
}

/** Which dates a report of labor is about; see `payroll labor`. */
export interface LaborAsked {
  readonly begin: string;
  readonly end: string;
  readonly project: string | null;
  readonly certifiedOnly: boolean;
}

/** Reads both sides of the payroll of one connection as they are now. Each throws what the sides throw. */
export interface PayrollReading {
  periods(): Promise<{ readonly company: string; readonly periods: readonly PayPeriod[] }>;
  /** Throws `DeskRefusal` `PERIOD_UNKNOWN`. */
  tieOut(group: string, end: string | undefined): Promise<PayReport>;
  /** Throws `DeskRefusal` `PROJECT_UNKNOWN`. */
  labor(asked: LaborAsked): Promise<PayReport>;
  people(): Promise<PeopleShown>;
}

export interface PayrollRoomParts {
  readonly store: Store;
  readonly connectionIds: readonly string[];
  readonly now: () => string;
  /** Null: the connection keeps no payroll. */
  readonly reading: (connectionId: string) => PayrollReading | null;
}

/** The pay periods of one connection. */
export interface ConnectionPeriods {
  readonly connectionId: string;
  readonly periods: readonly ListedPeriod[];
  /** Why the ERP did not tell its periods; null: it did. */
  readonly problem: string | null;
}

/** The first page of each list, beside what there is one of. */
export type PeriodPage = Omit<PeriodShown, PeriodList> & {
  readonly [List in PeriodList]: PayPage<PeriodLists[List]>;
};

/** Payroll as clerks and auditors read it. */
export class PayrollRoom {
  constructor(private readonly parts: PayrollRoomParts) {}

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`. */
  async periods(visitor: Visitor, connection?: string): Promise<readonly ConnectionPeriods[]> {
    const { store, connectionIds, reading } = this.parts;
    const found: ConnectionPeriods[] = [];
    for (const connectionId of wholeConnections(visitor, connectionIds, {
      only: connection,
      roles: READERS,
    })) {
      const own = reading(connectionId);
      if (own === null) continue;
      try {
        const periods = await listPeriods(store, connectionId, await own.periods());
        found.push({ connectionId, periods, problem: null });
      } catch (error) {
        if (!isTiebackError(error)) throw error;
        found.push({ connectionId, periods: [], problem: error.message });
      }
    }
    return found;
  }

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `PERIOD_UNKNOWN`, `PLAN_TAMPERED`, as `list`. */
  async show(visitor: Visitor, connectionId: string, id: string): Promise<PeriodPage> {
    this.assertReads(visitor, connectionId);
    const { store, now } = this.parts;
    const shown = await showPeriod(store, { connectionId, id }, now());
    const first = <List extends PeriodList>(list: List): PayPage<PeriodLists[List]> =>
      pageOf(shown, list, {});
    return {
      ...shown,
      employees: first('employees'),
      jobs: first('jobs'),
      earnCodes: first('earnCodes'),
      lines: first('lines'),
      leftOut: first('leftOut'),
      corrections: first('corrections'),
      byHand: first('byHand'),
      withoutHours: first('withoutHours'),
      questions: first('questions'),
      againstLast: first('againstLast'),
    };
  }

  list<List extends PeriodList>(
    visitor: Visitor,
    { connectionId, id, list }: { readonly connectionId: string; readonly id: string; readonly list: List },
    question: PayListQuestion,
  ): Promise<PayPage<PeriodLists[List]>> {
    this.assertReads(visitor, connectionId);
    return periodList(this.parts.store, { connectionId, id }, list, question, this.parts.now());
  }

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NO_PAYROLL`, `PERIOD_UNKNOWN`, `ERP_AWAY`. */
  tieOut(visitor: Visitor, connectionId: string, group: string, end: string | undefined): Promise<PayReport> {
    return this.asking(visitor, connectionId, (reading) => reading.tieOut(group, end));
  }

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NO_PAYROLL`, `PROJECT_UNKNOWN`, `ERP_AWAY`. */
  labor(visitor: Visitor, connectionId: string, asked: LaborAsked): Promise<PayReport> {
    return this.asking(visitor, connectionId, (reading) => reading.labor(asked));
  }

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NO_PAYROLL`, `ERP_AWAY`. */
  people(visitor: Visitor, connectionId: string): Promise<PeopleShown> {
    return this.asking(visitor, connectionId, (reading) => reading.people());
  }

  private async asking<Told>(
    visitor: Visitor,
    connectionId: string,
    ask: (reading: PayrollReading) => Promise<Told>,
  ): Promise<Told> {
    this.assertReads(visitor, connectionId);
    const reading = this.parts.reading(connectionId);
    if (reading === null)
      throw new DeskRefusal('NO_PAYROLL', `Connection "${connectionId}" keeps no payroll.`);
    try {
      return await ask(reading);
    } catch (error) {
      if (!isTiebackError(error)) throw error;
      throw new DeskRefusal('ERP_AWAY', error.message, error.hint, error);
    }
  }

  private assertReads(visitor: Visitor, only: string): void {
    wholeConnections(visitor, this.parts.connectionIds, { only, roles: READERS });
  }
}
