import { sum } from '../../domain/base/money';
import type { ProcoreId } from '../../domain/request/intent';
import type { ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject, toId } from '../client/json';
import { costCodes } from './cost-code';
import { costTypes } from './line-item-type';
import { showProject } from './project';
import { showVendor } from './vendor';
import type { Asking } from './toolbox/asking';
import type { ReadDraft } from './toolbox/custom-fields';
import {
  contractLine,
  currenciesOf,
  draft,
  draftsOf,
  jobRef,
  numbered,
  refTo,
  titled,
} from './toolbox/draft';
import { askingOf, exported, notice, noticed, readWith, syncReader, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import type { List, Row } from './toolbox/lists';
import { changedSince, findIn, linesIn, listAt, needed, rowsOf, show, showAll } from './toolbox/lists';
import * as s from './toolbox/schemas';
import { Checks } from './toolbox/totals';

/** Item types of the two kinds of commitments, which are also the names of their lists. */
export const CONTRACTS = ['work_order_contract', 'purchase_order_contract'] as const;
export type Contract = (typeof CONTRACTS)[number];

export const isContract = (itemType: string): itemType is Contract =>
  (CONTRACTS as readonly string[]).includes(itemType);

/**
 * `WorkOrderContract` and `PurchaseOrderContract` are shown; the value set of `commitment_type` is not. Other spellings of the two words
 * are understood, anything else is refused: the wrong kind would be unlinked.
 */
const contractType = s.word('a work order or a purchase order contract', (type): Contract | undefined => {
  const letters = type.toLowerCase().replace(/[^a-z]/g, '');
  if (letters.includes('workorder') || letters.includes('subcontract')) return 'work_order_contract';
  return letters.includes('purchaseorder') ? 'purchase_order_contract' : undefined;
});

const commitmentSchema = s.object({
  job_id: s.originId,
  commitment: s.holder('commitment', {
    id: s.id,
    type: contractType,
    origin_id: s.originId,
    ...s.each(s.text, 'origin_code', 'code', 'title', 'status'),
    description: s.richText,
    number: s.numberText,
    contract_date: s.date,
    retainage_percent: s.decimal,
    ...s.each(s.decimal, 'grand_total', 'approved_change_orders', 'revised_contract'),
    ...s.currency,
    project: s.named,
    vendor: s.object({ id: s.optionalId, origin_id: s.originId, company: s.text }).nullish(),
    vendor_id: s.optionalId,
    erp_custom_fields: s.approver,
  }),
  commitment_items: s.list(s.holder('commitment_line', s.contractItem.shape)),
  additional_data: s.approver,
});

function draftOf(
  { commitment, commitment_items: items, ...data }: s.Of<typeof commitmentSchema>,
  asking: Asking,
): ReadDraft {
  const code = commitment.code ?? commitment.origin_code ?? commitment.number;
  const checks = new Checks();
  const lines = numbered(items, ({ position }) => position).map(({ item, number }) =>
    contractLine('commitment_line', item, number, { asking, checks }),
  );
  checks.total('', {
    name: 'revised contract',
    shown: commitment.revised_contract,
    made: sum([commitment.grand_total ?? '0', commitment.approved_change_orders ?? '0']),
    by: 'contract and approved change orders make',
  });
  return draft('commitment', {
    itemType: commitment.type,
    procoreId: commitment.id,
    originId: commitment.origin_id,
    label: titled('Commitment', code, commitment.title),
    projectId: commitment.project?.id ?? null,
    fields: {
      type: commitment.type === 'work_order_contract' ? 'subcontract' : 'purchase_order',
      code,
      name: commitment.title,
      description: commitment.description,
      status: commitment.status,
      date: commitment.contract_date,
      accountingDate:
        data.additional_data?.accounting_date ?? commitment.erp_custom_fields?.accounting_date ?? null,
      retainagePercent: commitment.retainage_percent,
      // `grand_total` is the original contract value; `revised_contract` adds the approved changes, which are records of their own.
      amount: commitment.grand_total ?? sum(items.map(({ amount }) => amount)),
    },
    refs: {
      job: jobRef(commitment.project, data.job_id),
      vendor: refTo(
        'vendor',
        commitment.vendor ?? { id: commitment.vendor_id },
        'vendor',
        commitment.vendor?.company,
      ),
    },
    lines,
    currencies: currenciesOf(commitment, ...items),
    holder: commitment,
    warnings: checks.warnings,
  });
}

const contracts = (contract: Contract, projectId: ProcoreId): List =>
  listAt(`${contract}s`, { project_id: projectId });

/** The contracts of a project; those changed since then, or all. */
export const contractsOf = (
  http: ProcoreHttp,
  contract: Contract,
  projectId: ProcoreId,
  since: string | null = null,
): Promise<readonly Row[]> => {
  const list = contracts(contract, projectId);
  return rowsOf(http, { ...list, query: { ...list.query, ...changedSince(http, since) } });
};

export const contractPath = (contract: Contract, id: ProcoreId): string => `/rest/v1.0/${contract}s/${id}`;

/** One contract; null when it is gone. */
export const showContract = (
  http: ProcoreHttp,
  contract: Contract,
  id: ProcoreId,
  projectId: ProcoreId,
): Promise<Row | null> => show(http, contracts(contract, projectId), id);

/** The lines of one contract. */
export const contractLines = (
  http: ProcoreHttp,
  contract: Contract,
  id: ProcoreId,
  projectId: ProcoreId,
): Promise<readonly Row[]> =>
  rowsOf(http, {
    name: `${contract}.lines`,
    path: `${contractPath(contract, id)}/line_items`,
    query: { project_id: projectId },
  });

const TYPES: Readonly<Record<Contract, string>> = {
  work_order_contract: 'WorkOrderContract',
  purchase_order_contract: 'PurchaseOrderContract',
};

/** What a contract names, as it is now: the lists name it without what it is tied to. */
export interface Surroundings {
  readonly project: Row;
  readonly vendor: (id: ProcoreId) => Promise<Row | null>;
  readonly codes: () => Promise<readonly Row[]>;
  readonly types: () => Promise<readonly Row[]>;
}

/** The request data of `create_commitment`, as the contract, its lines and what they name make it. */
export async function commitmentPayload(
  http: ProcoreHttp,
  contract: Contract,
  { id, raw }: Row,
  { project, ...named }: Surroundings,
): Promise<JsonObject> {
  const vendorId = vendorOf(raw);
  const vendor = vendorId === null ? null : await named.vendor(vendorId);
  const [codes, types] = [byId(await named.codes()), byId(await named.types())];
  const lines = await contractLines(http, contract, id, project.id);
  return {
    job_id: project.raw['origin_id'],
    commitment: {
      ...raw,
      type: TYPES[contract],
      code: raw['number'],
      project: only(project.raw, ['id', 'name', 'origin_id', 'origin_data']),
      vendor:
        vendor === null
          ? raw['vendor']
          : { ...only(vendor.raw, ['id', 'origin_id', 'origin_data']), company: vendor.raw['name'] },
    },
    commitment_items: lines.map((line) => ({
      ...line.raw,
      cost_code: current(line.raw['cost_code'], codes),
      line_item_type: current(line.raw['line_item_type'], types),
    })),
  };
}

/** The company that a contract names. */
export const vendorOf = ({ vendor }: JsonObject): ProcoreId | null =>
  isObject(vendor) ? toId(vendor['id']) : null;

const byId = (rows: readonly Row[]): ReadonlyMap<ProcoreId, JsonObject> =>
  new Map(rows.map(({ id, raw }) => [id, raw]));

/** The record that a line names, with everything that is known of it. */
const current = (named: unknown, known: ReadonlyMap<ProcoreId, JsonObject>): unknown =>
  isObject(named) ? { ...named, ...known.get(Number(named['id'])) } : named;

export const only = (raw: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(fields.map((field) => [field, raw[field] ?? null]));

/** Everything around the contracts of one project, each part read when it is first needed, and once. */
async function surroundingsOf(http: ProcoreHttp, projectId: ProcoreId): Promise<Surroundings | null> {
  const project = await showProject(http, projectId);
  const vendors = new Map<ProcoreId, Promise<Row | null>>();
  return project === null
    ? null
    : {
        project,
        vendor: (id) => {
          const vendor = vendors.get(id) ?? showVendor(http, id);
          vendors.set(id, vendor);
          return vendor;
        },
        codes: once(() => costCodes(http, projectId)),
        types: once(() => costTypes(http, projectId)),
      };
}

/** Read when it is first needed, and once. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | null = null;
  return () => (value ??= read());
}

/** The sample carries no id at all: the contract is then found by project and title. */
const importedSchema = s.object({
  project_origin_id: s.originId,
  commitment: s
    .object({ id: s.optionalId, origin_id: s.originId, title: s.text })
    .refine(({ id, origin_id: originId, title }) => id !== null || originId !== null || title !== null, {
      path: ['title'],
      error: 'text that is not empty',
    }),
});

const unlinkSchema = s.object({
  procore_commitment_id: s.id,
  // One that is not understood is looked up by its id before anything is let go.
  commitment_type: contractType.nullable().catch(null),
  commitment_origin_id: s.originId,
  project_id: s.optionalId,
});

export const commitment = {
  events: {
    create_commitment: readWith(commitmentSchema, (data, body) => {
      const asking = askingOf(body);
      return exported(body, [draftOf(data, asking)], asking);
    }),
    create_commitment_in_procore: readWith(
      importedSchema,
      ({ commitment: { id, origin_id: originId, title }, project_origin_id: projectOriginId }) =>
        notice('imported', titled('Commitment', null, title ?? originId), [
          { ...noticed('commitment', id, originId), projectOriginId, title },
        ]),
    ),
    sync_commitments: syncReader('commitment'),
    unlink_commitment: readWith(unlinkSchema, (data, body) =>
      unlinkAsked(body, {
        words: 'Commitment',
        target: 'commitment',
        itemType: data.commitment_type,
        procoreId: data.procore_commitment_id,
        originId: data.commitment_origin_id,
        projectId: data.project_id,
        lines: null,
      }),
    ),
  },
  port: (http) => {
    const drafts = async (
      projectId: ProcoreId | undefined,
      rowsIn: (contract: Contract, projectId: ProcoreId) => Promise<readonly Row[]>,
    ) => {
      const id = needed('commitments.list', projectId, 'the project');
      const around = await surroundingsOf(http, id);
      const payloads: JsonObject[] = [];
      for (const contract of around === null ? [] : CONTRACTS) {
        for (const row of await rowsIn(contract, id))
          if (around !== null) payloads.push(await commitmentPayload(http, contract, row, around));
      }
      return draftsOf(http, commitmentSchema, payloads, draftOf);
    };
    return {
      read: (ids, { projectId }) =>
        drafts(projectId, (contract, id) => showAll(http, contracts(contract, id), ids)),
      readChanged: async function* (since, { projectId }) {
        yield await drafts(projectId, (contract, id) => contractsOf(http, contract, id, since));
      },
      findByOriginId: findIn(
        http,
        ...CONTRACTS.map((itemType) => ({ name: `${itemType}s`, itemType, filtered: true as const })),
      ),
      itemTypeOf: async (id, projectId) => {
        for (const contract of CONTRACTS)
          if ((await showContract(http, contract, id, projectId)) !== null) return contract;
        return null;
      },
      listLines: linesIn(http, {
        work_order_contract: { path: '/rest/v1.0/work_order_contracts/{id}/line_items', paged: true },
        purchase_order_contract: { path: '/rest/v1.0/purchase_order_contracts/{id}/line_items', paged: true },
      }),
    };
  },
} as const satisfies KindRoom;
