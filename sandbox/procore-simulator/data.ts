import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from './json';

/** One operation of the catalogue. The compact schema language is explained in `body-validation.ts`. */
export interface OperationRecord {
  operationId: string;
  alias?: string;
  method: string;
  path: string;
  summary: string;
  group: string;
  source: string;
  confidence: string;
  queryParams: { name: string; type: string; required?: boolean; enum?: unknown[] }[];
  paginated: boolean;
  bodySchema: unknown;
  responseSchema: unknown;
}

/** One event of the ERP events dictionary, with an example payload. */
export interface EventRecord {
  name: string;
  requestName: string;
  entity: string;
  kind: string;
  requestDetail: 'single' | 'per-item' | 'none';
  requestDetailPath: string | null;
  requestDetailShownInPayload: boolean | null;
  payloadShape: 'wrapped' | 'bare' | 'envelope';
  externalDataItemTypes: string[];
  examplePayload: JsonObject;
  /** Calls that close the request out, in order. */
  closeOut: { op: string; when: string }[];
  optionalCalls: { op: string; when: string }[];
}

/** The data files are not copied by the compiler, so they are read from the source tree of the project. */
function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json not found above ' + __dirname);
    folder = parent;
  }
  return folder;
}

function load(file: string): unknown {
  const path = join(projectRoot(), 'sandbox', 'procore-simulator', 'data', file);
  return JSON.parse(readFileSync(path, 'utf8'));
}

let operations: OperationRecord[] | undefined;
let events: EventRecord[] | undefined;

export function loadOperations(): OperationRecord[] {
  operations ??= load('operations.json') as OperationRecord[];
  return operations;
}

export function loadEvents(): EventRecord[] {
  events ??= load('events.json') as EventRecord[];
  return events;
}
