import { sentenceOf } from '../../domain/audit/sentence';
import type { FieldValue } from '../../domain/kinds/record';
import { requestWords } from '../../domain/request/id';
import { STATUS_MEANINGS } from '../../domain/request/status';
import type { SyncRequestRow } from '../../store/rows';
import type { Store } from '../../store/store';
import type { Evidence } from '../audit/export';
import { auditLines, requestsOf } from '../audit/export';
import { readDossier } from '../dossier';
import type { Scope } from '../scope';
import type { RecordName, ShownRecord } from './show';
import { showRecord } from './show';

/** One file of the evidence, line by line. */
export interface EvidenceFile {
  readonly name: string;
  readonly lines: () => AsyncIterable<string>;
}

/** What the evidence is handed over with. */
export interface EvidenceParts {
  readonly store: Store;
  readonly now: () => string;
  /** The program that verifies it without us, as its file is. */
  readonly verifier: () => Promise<string>;
}

const LOG = 'evidence.jsonl';
const VERIFIER = 'verify-tieback-audit.mjs';

/** Evidence of a record names its newest requests; the log of the connection has them all. */
const MOST_REQUESTS = 1_000;
const REQUESTS_AT_A_TIME = 100;
const MOST_WRITES = 200;

/** Everything that is known of one record, for somebody who trusts neither us nor the network: to read, and to verify. Throws as `showRecord`. */
export async function evidenceOfRecord(
  parts: EvidenceParts,
  scope: Scope,
  name: RecordName,
): Promise<readonly EvidenceFile[]> {
  const record = await showRecord(parts.store, scope, name);
  const { connectionId, recordIds, kind, id, erpKey } = record;
  const evidence: Evidence = {
    of: 'record',
    connectionId,
    name: recordIds[0] ?? `${kind}/${erpKey ?? id}`,
    recordIds,
    requests: await requestsOn(parts.store, connectionId, recordIds),
  };
  const asJson: EvidenceFile = {
    name: 'record.json',
    lines: () => linesOf([JSON.stringify(record, null, 2)]),
  };
  return [...evidenceFiles(parts, evidence, wordsOfRecord(record)), asJson];
}

/** The same of one request: what `tieback audit export --request` gives, beside what people read. */
export const evidenceOfRequest = (parts: EvidenceParts, request: SyncRequestRow): readonly EvidenceFile[] =>
  evidenceFiles(parts, { of: 'request', request }, []);

async function requestsOn(
  store: Store,
  connectionId: string,
  recordIds: readonly string[],
): Promise<readonly SyncRequestRow[]> {
  const found: SyncRequestRow[] = [];
  for (let before: string | null = null; found.length < MOST_REQUESTS;) {
    const last: string | null = before;
    const page: readonly SyncRequestRow[] = await store.read('desk.evidence.requests', (t) =>
      t.requests.onRecord(connectionId, recordIds, last, REQUESTS_AT_A_TIME),
    );
    found.push(...page);
    if (page.length < REQUESTS_AT_A_TIME) break;
    before = page.at(-1)?.receivedAt ?? null;
  }
  return found.reverse();
}

function evidenceFiles(
  { store, now, verifier }: EvidenceParts,
  evidence: Evidence,
  about: readonly string[],
): readonly EvidenceFile[] {
  const connectionId = evidence.of === 'request' ? evidence.request.connectionId : evidence.connectionId;
  const exportedAt = now();
  return [
    { name: 'README.txt', lines: () => linesOf(readme(evidence, connectionId, exportedAt)) },
    { name: 'evidence.txt', lines: () => wordsOf(store, evidence, about) },
    {
      name: LOG,
      lines: () =>
        auditLines(store, { connectionIds: [connectionId], evidence, format: 'jsonl', exportedAt }),
    },
    { name: VERIFIER, lines: () => verifierLines(verifier) },
  ];
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

async function* verifierLines(verifier: () => Promise<string>): AsyncGenerator<string> {
  yield (await verifier()).trimEnd();
}

const nameOf = (evidence: Evidence): string =>
  evidence.of === 'request' ? requestWords(evidence.request.id) : evidence.name;

const readme = (evidence: Evidence, connectionId: string, exportedAt: string): readonly string[] => [
  `Evidence of ${nameOf(evidence)} of connection ${connectionId}, taken at ${exportedAt} (UTC).`,
  '',
  'evidence.txt                what happened, to read',
  ...(evidence.of === 'record'
    ? ['record.json                 both sides of the record, field by field']
    : []),
  `${LOG}              entries of the audit log with their hashes, plans, decisions and writes`,
  `${VERIFIER}    checks it; one file to read, without dependencies, for Node.js 18 or newer`,
  '',
  `    node ${VERIFIER} ${LOG}`,
  '',
  'It holds every link of the log from the first one that concerns this, so that the chain can be followed to its head. What others wrote is sealed',
  'in digests, but not shown. Compare the head with one that was anchored or written down outside of Tieback; docs/audit.md has the rules.',
];

function wordsOfRecord(record: ShownRecord): readonly string[] {
  const { kind, code, name, state, generation, erpKey, procoreId, fields, writes } = record;
  const value = (side: { readonly held: FieldValue } | null): string =>
    side === null ? 'not there' : side.held === null ? 'empty' : String(side.held);
  return [
    `${kind.replaceAll('_', ' ')} ${[code, name].filter(Boolean).join(' ')}`,
    `State: ${state}${generation === null ? '' : `, generation ${generation}`}; ERP key ${erpKey ?? 'none'}, id in Procore ${procoreId ?? 'none'}`,
    '',
    ...fields.map(({ label, procore, erp }) => `${label}: Procore ${value(procore)}; ERP ${value(erp)}`),
    '',
    'Writes, newest first:',
    ...writes.rows
      .slice(0, MOST_WRITES)
      .map(({ at, side, action, state: became, requestId, reason }) =>
        [at, side, action.replaceAll('_', ' '), became, requestId, reason ?? ''].filter(Boolean).join(' · '),
      ),
    ...(writes.after === null ? [] : ['... and earlier ones, which the log has.']),
    '',
  ];
}

async function* wordsOf(store: Store, evidence: Evidence, about: readonly string[]): AsyncGenerator<string> {
  yield* about;
  for (const request of requestsOf(evidence)) {
    const { approvals, trail } = await readDossier(store, request);
    const { id, status, reason, about: told, subject, receivedAt } = request;
    yield [requestWords(id), told?.title ?? subject].filter(Boolean).join(' · ');
    yield `Received ${receivedAt}; ${STATUS_MEANINGS[status]}${reason === null ? '' : `: ${reason}`}`;
    for (const { at, decidedBy, decision, planHash, comment } of approvals)
      yield `  ${at} ${decidedBy} ${decision} plan ${planHash.slice(0, 12)}${comment === '' ? '' : `: ${comment}`}`;
    for (const entry of trail) {
      const isOther =
        evidence.of === 'record' && entry.subject !== id && !evidence.recordIds.includes(entry.subject);
      if (!isOther) yield `  ${entry.at} ${sentenceOf(entry)}`;
    }
    yield '';
  }
}
