import type { ProcoreId } from '../../domain/request/intent';
import { isTiebackError } from '../../domain/base/errors';
import { erpKeyOfOriginId, recordIdOf } from '../../domain/base/identity';
import type { OpenDoorSettings } from '../../domain/request/open-door';
import type { ProcoreHttp } from '../http';
import type { JsonObject } from '../json';
import { isObject, textOrNull, toId } from '../json';
import type { Discovered, DiscoveryScan, Find, ProcoreVendor } from '../port';
import { listVendors, showVendor } from '../resources/vendors';
import type { Live } from './bodies';
import { commitmentFind, commitmentNotice, jobFind, jobNotice, vendorFind, vendorNotice } from './bodies';
import type { Contract, Row } from './lists';
import {
  CONTRACTS,
  listContractLines,
  listContracts,
  listCostCodes,
  listCostTypes,
  listProjects,
  unlessClosed,
} from './lists';

type Step = {
  readonly projectId: ProcoreId | null;
  readonly finds: Find[];
  readonly linked: Discovered['linked'][number][];
};

/**
 * Finds what people would have sent to the ERP, where there is no button for it: companies, then project by project the job with its cost
 * codes and the commitments with their lines. Only records without an `origin_id`; a commitment only of a project that is in scope, and
 * a company only when it is needed, or when all are wanted. What a record refers to comes before it.
 */
export async function* discover(
  http: ProcoreHttp,
  settings: OpenDoorSettings,
  scan: DiscoveryScan,
): AsyncGenerator<Discovered> {
  const scout = new Scout(http, settings, scan);
  yield await scout.companies();
  for (const project of await listProjects(http, 'Active')) {
    if (project.id > (scan.afterProject ?? 0)) yield await scout.project(project);
  }
}

class Scout {
  private readonly vendors = new Map<ProcoreId, Row>();
  private types: ReadonlyMap<ProcoreId, Row> | null = null;
  private readonly companyId: ProcoreId;

  constructor(
    private readonly http: ProcoreHttp,
    private readonly settings: OpenDoorSettings,
    private readonly scan: DiscoveryScan,
  ) {
    this.companyId = http.companyId;
  }

  async companies(): Promise<Discovered> {
    const step = stepOf(null);
    const { since, kinds, again, waitedFor } = this.scan;
    if (!kinds.vendors) return step;
    for await (const page of listVendors(this.http, since === null ? {} : { updatedSince: since })) {
      for (const vendor of page) {
        const row = this.keep(vendor);
        const isWanted = this.settings.vendors === 'all' || waitedFor.has(recordIdOf('vendor', row.id));
        this.addVendor(step, row, isWanted);
      }
    }
    for (const recordId of again) {
      const id = recordId.startsWith('vendor/') ? toId(recordId.slice('vendor/'.length)) : null;
      const vendor = id === null ? null : await this.vendor(id);
      if (vendor !== null) this.addVendor(step, vendor, true);
    }
    return step;
  }

  /** One project that the service account may not read does not stop the others. */
  async project(project: Row): Promise<Discovered> {
    const step = stepOf(project.id);
    await unlessClosed(this.http, project.id, () => this.lookInto(step, project));
    return step;
  }

  private async lookInto(step: Step, project: Row): Promise<void> {
    const tie = tieOf(project.raw, 'project');
    const isOurs = tie === 'ours';
    const isWanted = this.settings.projects === 'active' && this.scan.kinds.projects;
    if (tie === 'foreign' || (!isOurs && !isWanted)) return;
    if (isOurs) step.linked.push(linked('project', project, jobNotice(this.companyId, project)));
    const codes = new Lazy(() => listCostCodes(this.http, project.id));
    if (this.scan.kinds.projects && (await this.isJobDue(project, isOurs, codes))) {
      step.finds.push(jobFind(this.companyId, project, await codes.get()));
    }
    if (this.scan.kinds.commitments) {
      for (const contract of CONTRACTS) await this.contracts(step, project, contract, codes);
    }
  }

  /** A job goes again when something waits for one of its cost codes that the ERP does not have. */
  private async isJobDue(project: Row, isOurs: boolean, codes: Lazy<readonly Row[]>): Promise<boolean> {
    const recordId = recordIdOf('project', project.id);
    if (this.scan.open.has(recordId)) return false;
    const isAskedFor = this.scan.waitedFor.has(recordId) || this.scan.again.has(recordId);
    if (!isOurs) return isAskedFor || this.changed(project.raw);
    if (!isAskedFor) return false;
    return (await codes.get()).some(
      ({ raw }) => tieOf(raw, 'cost_code') === 'none' && (raw['deleted_at'] ?? null) === null,
    );
  }

  private async contracts(
    step: Step,
    project: Row,
    contract: Contract,
    codes: Lazy<readonly Row[]>,
  ): Promise<void> {
    const { open, againIn, since } = this.scan;
    const from = againIn.has(project.id) ? null : since;
    for (const row of await listContracts(this.http, contract, project.id, from)) {
      const tie = tieOf(row.raw, 'commitment');
      if (tie === 'ours') {
        step.linked.push(linked('commitment', row, commitmentNotice(this.companyId, row, project)));
      }
      const isReady = this.settings.commitments.statuses.includes(textOrNull(row.raw['status']) ?? '');
      if (tie !== 'none' || !isReady || open.has(recordIdOf('commitment', row.id))) continue;
      const named = isObject(row.raw['vendor']) ? toId(row.raw['vendor']['id']) : null;
      const live: Live = {
        vendor: named === null ? null : await this.vendor(named),
        codes: byId(await codes.get()),
        types: await this.costTypes(project.id),
      };
      if (live.vendor !== null) this.addVendor(step, live.vendor, true);
      const lines = await listContractLines(this.http, contract, row.id, project.id);
      step.finds.push(commitmentFind(this.companyId, contract, row, lines, project, live));
    }
  }

  private addVendor(step: Step, row: Row, isWanted: boolean): void {
    const tie = tieOf(row.raw, 'vendor');
    if (tie === 'ours') step.linked.push(linked('vendor', row, vendorNotice(this.companyId, row)));
    const isOpen = this.scan.open.has(recordIdOf('vendor', row.id));
    const isOn = this.scan.kinds.vendors && this.settings.vendors !== 'none';
    if (tie === 'none' && isWanted && isOn && !isOpen) step.finds.push(vendorFind(this.companyId, row));
  }

  private changed(raw: JsonObject): boolean {
    const { since } = this.scan;
    const at = Date.parse(textOrNull(raw['updated_at']) ?? '');
    return since === null || Number.isNaN(at) || at >= Date.parse(since);
  }

  private keep({ id, raw }: ProcoreVendor): Row {
    const row = { id, raw };
    this.vendors.set(id, row);
    return row;
  }

  /** Null when the company was deleted. */
  private async vendor(id: ProcoreId): Promise<Row | null> {
    const known = this.vendors.get(id);
    if (known !== undefined) return known;
    try {
      return this.keep(await showVendor(this.http, id));
    } catch (error) {
      if (isTiebackError(error) && error.code === 'PROCORE_NOT_FOUND') return null;
      throw error;
    }
  }

  private async costTypes(projectId: ProcoreId): Promise<ReadonlyMap<ProcoreId, Row>> {
    this.types ??= byId(await listCostTypes(this.http, projectId));
    return this.types;
  }
}

const stepOf = (projectId: ProcoreId | null): Step => ({ projectId, finds: [], linked: [] });

const byId = (rows: readonly Row[]): ReadonlyMap<ProcoreId, Row> => new Map(rows.map((row) => [row.id, row]));

function linked(
  entity: Discovered['linked'][number]['entity'],
  { id, raw }: Row,
  notice: Find,
): Discovered['linked'][number] {
  return { entity, procoreId: id, originId: textOrNull(raw['origin_id']) ?? '', notice };
}

/** Whose a record is, as far as its `origin_id` tells. */
function tieOf(raw: JsonObject, target: string): 'none' | 'ours' | 'foreign' {
  const originId = textOrNull(raw['origin_id'])?.trim() ?? '';
  if (originId === '') return 'none';
  return erpKeyOfOriginId(target, originId) === null ? 'foreign' : 'ours';
}

/** Read when it is first needed, and once. */
class Lazy<T> {
  private value: Promise<T> | null = null;

  constructor(private readonly read: () => Promise<T>) {}

  get(): Promise<T> {
    this.value ??= this.read();
    return this.value;
  }
}
