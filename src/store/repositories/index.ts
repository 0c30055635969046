import type { EntityManager } from 'typeorm';
import type { StoreDialect } from '../column-types';
import { AuditRepository } from './audit';
import { CheckpointRepository } from './checkpoints';
import { ConnectionRepository } from './connections';
import { ExceptionRepository } from './exceptions';
import { LinkRepository } from './links';
import { PlanRepository } from './plans';
import { RequestRepository } from './requests';

/** Everything the store can do inside one transaction. */
export interface Repositories {
  readonly connections: ConnectionRepository;
  readonly requests: RequestRepository;
  readonly plans: PlanRepository;
  readonly links: LinkRepository;
  readonly checkpoints: CheckpointRepository;
  readonly exceptions: ExceptionRepository;
  readonly audit: AuditRepository;
}

export const repositories = (manager: EntityManager, dialect: StoreDialect): Repositories => ({
  connections: new ConnectionRepository(manager),
  requests: new RequestRepository(manager),
  plans: new PlanRepository(manager),
  links: new LinkRepository(manager),
  checkpoints: new CheckpointRepository(manager),
  exceptions: new ExceptionRepository(manager),
  audit: new AuditRepository(manager, dialect),
});
