import type { AuditKeys } from '../../domain/audit/keys';
import type { StoreDialect } from '../column-types';
import type { Session } from '../session';
import { AuditRepository } from './audit';
import { ChangesRepository } from './changes';
import { CheckpointRepository } from './checkpoints';
import { ConflictRepository } from './conflicts';
import { ConnectionRepository } from './connections';
import { DaemonRepository } from './daemons';
import { DeskAccessRepository } from './desk-access';
import { ExceptionRepository } from './exceptions';
import type { HeldConnections } from './held-connections';
import { InstallationRepository } from './installation';
import { LinkRejectionRepository } from './link-rejections';
import { LinkRepository } from './links';
import { NoticeRepository } from './notices';
import { PayrollRepository } from './payroll';
import { PayrollPersonRepository } from './payroll-people';
import { PeopleRepository } from './people';
import { PlanRepository } from './plans';
import { RequestListRepository } from './request-list';
import { RequestRepository } from './requests';
import { ReviewRepository } from './review';
import { RowsRepository } from './rows';
import { RulesRepository } from './rules';
import { tablesOn } from './tables';
import { SavedViewRepository } from './saved-views';
import { SideRecordRepository } from './side-records';
import { WaitRepository } from './waits';

/** Everything the store can do inside one transaction. */
export interface Repositories {
  readonly installation: InstallationRepository;
  readonly daemons: DaemonRepository;
  readonly connections: ConnectionRepository;
  readonly requests: RequestRepository;
  readonly requestList: RequestListRepository;
  readonly plans: PlanRepository;
  readonly links: LinkRepository;
  readonly linkRejections: LinkRejectionRepository;
  readonly payrollPeople: PayrollPersonRepository;
  readonly checkpoints: CheckpointRepository;
  readonly sideRecords: SideRecordRepository;
  readonly payroll: PayrollRepository;
  readonly conflicts: ConflictRepository;
  readonly exceptions: ExceptionRepository;
  readonly waits: WaitRepository;
  readonly people: PeopleRepository;
  readonly savedViews: SavedViewRepository;
  readonly access: DeskAccessRepository;
  readonly changes: ChangesRepository;
  readonly notices: NoticeRepository;
  readonly rules: RulesRepository;
  readonly audit: AuditRepository;
  readonly review: ReviewRepository;
  readonly rows: RowsRepository;
}

/** `held`: the connections that this transaction is about. */
export function repositories(
  dialect: StoreDialect,
  session: Session,
  keys: AuditKeys,
  held: HeldConnections,
): Repositories {
  const tables = tablesOn(dialect, session);
  const audit = new AuditRepository(tables, keys, held);
  return {
    installation: new InstallationRepository(tables),
    daemons: new DaemonRepository(tables),
    connections: new ConnectionRepository(tables, held),
    requests: new RequestRepository(tables),
    requestList: new RequestListRepository(tables),
    plans: new PlanRepository(tables),
    links: new LinkRepository(tables),
    linkRejections: new LinkRejectionRepository(tables),
    payrollPeople: new PayrollPersonRepository(tables, audit),
    checkpoints: new CheckpointRepository(tables),
    sideRecords: new SideRecordRepository(tables),
    payroll: new PayrollRepository(tables),
    conflicts: new ConflictRepository(tables),
    exceptions: new ExceptionRepository(tables),
    waits: new WaitRepository(tables),
    people: new PeopleRepository(tables),
    savedViews: new SavedViewRepository(tables),
    access: new DeskAccessRepository(tables),
    changes: new ChangesRepository(tables),
    notices: new NoticeRepository(tables),
    rules: new RulesRepository(tables, audit),
    audit,
    review: new ReviewRepository(tables, dialect, session),
    rows: new RowsRepository(dialect, session),
  };
}
