import type { Visitor } from '../../domain/people/access';
import { seesHours } from '../../domain/people/access';
import { isOfPayroll } from '../../domain/request/id';
import { evidenceName, fileNameOf } from '../audit/export';
import { DeskRefusal } from '../refusal';
import type { Scope } from '../scope';
import { scopesOf } from '../scope';
import type { EvidenceFile, EvidenceParts } from './evidence';
import { evidenceOfRecord, evidenceOfRequest } from './evidence';
import type { FoundRecords, RecordQuestion } from './find';
import { findRecords, isWithin } from './find';
import type { Page, RecordName, ShownRecord, ShownRequest, ShownWrite } from './show';
import { moreRequests, moreWrites, showRecord } from './show';

export interface RecordRoomParts extends EvidenceParts {
  readonly connectionIds: readonly string[];
}

/** A download of several files. */
export interface EvidenceZip {
  readonly name: string;
  readonly files: readonly EvidenceFile[];
}

/** Records of both sides, as people of the Desk look them up and prove them. */
export class RecordRoom {
  constructor(private readonly parts: RecordRoomParts) {}

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `CURSOR`. */
  find(
    visitor: Visitor,
    { connection, ...asked }: RecordQuestion & { readonly connection?: string | undefined },
  ): Promise<FoundRecords> {
    const scopes = scopesOf(visitor, this.parts.connectionIds, { only: connection });
    return findRecords(this.parts.store, scopes, asked);
  }

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `RECORD_UNKNOWN`, as the others. */
  show(visitor: Visitor, name: RecordName): Promise<ShownRecord> {
    return showRecord(this.parts.store, this.scopeOf(visitor, name), name);
  }

  requests(visitor: Visitor, name: RecordName, after: string): Promise<Page<ShownRequest>> {
    return moreRequests(this.parts.store, this.scopeOf(visitor, name), name, after);
  }

  writes(visitor: Visitor, name: RecordName, after: string): Promise<Page<ShownWrite>> {
    return moreWrites(this.parts.store, this.scopeOf(visitor, name), name, after);
  }

  async evidence(visitor: Visitor, name: RecordName): Promise<EvidenceZip> {
    const files = await evidenceOfRecord(this.parts, this.scopeOf(visitor, name), name);
    return { name: fileNameOf(['evidence', name.connectionId, name.kind, name.id], 'zip'), files };
  }

  /** Of one request. Throws `DeskRefusal` `REQUEST_UNKNOWN`, also where it is of nothing that is seen. */
  async requestEvidence(visitor: Visitor, connectionId: string, id: string): Promise<EvidenceZip> {
    const { store, connectionIds } = this.parts;
    const unknown = new DeskRefusal('REQUEST_UNKNOWN', `There is no request "${id}".`);
    const [scope] = scopesOf(visitor, connectionIds, { only: connectionId });
    const request = await store.read('desk.evidence', (t) => t.requests.find({ connectionId, id }));
    if (request === null || scope === undefined) throw unknown;
    const isSeen = isOfPayroll(id)
      ? seesHours(visitor.grants, connectionId)
      : isWithin(request.projectId, scope);
    if (!isSeen) throw unknown;
    return { name: fileNameOf(evidenceName(request), 'zip'), files: evidenceOfRequest(this.parts, request) };
  }

  private scopeOf(visitor: Visitor, { connectionId }: RecordName): Scope {
    const [scope] = scopesOf(visitor, this.parts.connectionIds, { only: connectionId });
    return scope ?? { connectionId, projects: [] };
  }
}
