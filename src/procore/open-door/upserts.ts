import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import { normaliseName } from '../../domain/kinds/likeness';
import { textIn as fieldIn } from '../../domain/kinds/record';
import type { ProcoreHttp } from '../client/http';
import { jobCode, project, projects } from '../kinds/project';
import { activeVendors, inactiveVendors, vendor } from '../kinds/vendor';
import type { ItemError, ProcoreKind, StagedCandidate, SyncItem } from '../port';
import type { Row } from '../kinds/toolbox/lists';
import { ownerOf, textIn } from '../kinds/toolbox/lists';

/*
 * ERP records that come to Procore. There is no "Ready to Import" where a person would see that a record is there already, so it is
 * looked for before one is made: a twin is worse than a record that waits for a person.
 */

/** A kind whose records are made. */
interface MadeKind {
  readonly write: (http: ProcoreHttp) => NonNullable<ProcoreKind['write']>;
  /** All records, and those that a new one could be the twin of. */
  readonly rows: (
    http: ProcoreHttp,
  ) => Promise<{ readonly all: readonly Row[]; readonly active: readonly Row[] }>;
  readonly isTwin: (row: Row, candidate: StagedCandidate) => boolean;
  readonly label: (candidate: StagedCandidate) => string;
}

const nameOf = ({ record }: StagedCandidate): string => fieldIn(record, 'name');
const isNamesake = (row: Row, candidate: StagedCandidate): boolean =>
  nameOf(candidate) !== '' && normaliseName(textIn(row, 'name')) === normaliseName(nameOf(candidate));

const MADE: Readonly<Partial<Record<Kind, MadeKind>>> = {
  vendor: {
    write: (http) => vendor.port(http).write,
    rows: async (http) => {
      const active: Row[] = [];
      for await (const page of activeVendors(http, null)) active.push(...page);
      return { all: [...active, ...(await inactiveVendors(http))], active };
    },
    isTwin: isNamesake,
    label: nameOf,
  },
  project: {
    write: (http) => project.port(http).write,
    rows: async (http) => {
      const all = await projects(http, 'All');
      return { all, active: all };
    },
    isTwin: (row, candidate) =>
      (candidate.originCode !== null && jobCode(row) === candidate.originCode) || isNamesake(row, candidate),
    label: (candidate) => `Project ${candidate.originCode ?? ''} ${nameOf(candidate)}`.trim(),
  },
};

/**
 * Makes companies and projects for new ERP records, and switches off those that we made and that nobody uses any more in the ERP; every
 * other kind is answered with a sentence, record by record. The key of an error is the origin_id.
 */
export async function upsertRecords(
  http: ProcoreHttp,
  candidates: readonly StagedCandidate[],
): Promise<readonly ItemError[]> {
  const errors = candidates.flatMap(({ kind, originId }): ItemError[] => {
    if (MADE[kind] !== undefined) return [];
    const sentence = `${definitionOf(kind).plural} are not made in Procore without its ERP tool: enter it there, then give it the origin_id ${originId}`;
    return [{ key: originId, messages: [sentence] }];
  });
  for (const [kind, made] of Object.entries(MADE)) {
    const wanted = candidates.filter((candidate) => candidate.kind === kind);
    if (wanted.length > 0) errors.push(...(await upsert(http, made, wanted)));
  }
  return errors;
}

async function upsert(
  http: ProcoreHttp,
  made: MadeKind,
  candidates: readonly StagedCandidate[],
): Promise<readonly ItemError[]> {
  const { all, active } = await made.rows(http);
  const byOwner = new Map(all.map((row) => [ownerOf(row), row]));
  const loose = active.filter((row) => ownerOf(row) === null);
  const refused: ItemError[] = [];
  const items = candidates.flatMap((candidate): readonly SyncItem[] => {
    const { originId, status, record } = candidate;
    const known = byOwner.get(originId);
    const procoreId = known === undefined ? {} : { procoreId: known.id };
    if (status === 'archived') {
      return known === undefined ? [] : [{ key: originId, ...procoreId, fields: { isActive: false } }];
    }
    const same = known === undefined ? loose.find((row) => made.isTwin(row, candidate)) : undefined;
    if (same === undefined) return [{ key: originId, originId, ...procoreId, fields: record.fields }];
    refused.push(twin(made.label(candidate), same, originId));
    return [];
  });
  return [...refused, ...(await made.write(http)({}, items)).errors];
}

/** What stands in the way of making a record under an `origin_id`. */
export const twin = (label: string, { id }: Row, originId: string): ItemError => ({
  key: originId,
  messages: [
    `${label} is already in Procore without a link (id ${id}); link it first: give that record the origin_id ${originId}`,
  ],
});
