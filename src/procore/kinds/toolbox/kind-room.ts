import type { ProcoreHttp } from '../../client/http';
import type { ProcoreKind } from '../../port';
import type { EventReaders } from './event';

/** One kind of record or line, both ends: how its events are read, and what its resource can. */
export interface KindRoom {
  readonly events: EventReaders;
  readonly port: (http: ProcoreHttp) => ProcoreKind;
}
