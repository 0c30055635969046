import { erpKeyOfOriginId, recordIdOf } from '../../domain/base/identity';
import type { RefTarget } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/request/intent';
import type { OpenDoorSettings } from '../../domain/request/open-door';
import type { ProcoreHttp } from '../client/http';
import { textOrNull, toId } from '../client/json';
import type { Contract, Surroundings } from '../kinds/commitment';
import { commitmentPayload, CONTRACTS, contractsOf, once, vendorOf } from '../kinds/commitment';
import { costCodes } from '../kinds/cost-code';
import { costTypes } from '../kinds/line-item-type';
import { jobPayload, projects } from '../kinds/project';
import { activeVendors, showVendor, vendorPayload } from '../kinds/vendor';
import type { Discovered, DiscoveryScan, Find } from '../port';
import { findOf, linkedOf } from './finds';
import type { Row } from '../kinds/toolbox/lists';
import { isChangedSince, ownerOf, unlessClosed } from '../kinds/toolbox/lists';

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
  for (const project of await projects(http, 'Active')) {
    if (project.id > (scan.afterProject ?? 0)) yield await scout.project(project);
  }
}

class Scout {
  private readonly vendors = new Map<ProcoreId, Row | null>();
  private types: (() => Promise<readonly Row[]>) | null = null;
  private readonly companyId: ProcoreId;

  constructor(
    private readonly http: ProcoreHttp,
    private readonly settings: OpenDoorSettings,
    private readonly scan: DiscoveryScan,
  ) {
    this.companyId = http.companyId;
  }

  async companies(): Promise<Discovered> {
    const step: Step = { projectId: null, finds: [], linked: [] };
    const { since, kinds, again, waitedFor } = this.scan;
    if (!kinds.has('vendor')) return step;
    for await (const page of activeVendors(this.http, since)) {
      for (const row of page) {
        this.vendors.set(row.id, row);
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
    const step: Step = { projectId: project.id, finds: [], linked: [] };
    await unlessClosed(this.http, project.id, () => this.lookInto(step, project));
    return step;
  }

  private async lookInto(step: Step, project: Row): Promise<void> {
    const { companyId, http } = this;
    const { kinds } = this.scan;
    const tie = tieOf(project, 'project');
    const isWanted = this.settings.projects === 'active' && kinds.has('project');
    if (tie === 'foreign' || (tie === 'none' && !isWanted)) return;
    if (tie === 'ours') step.linked.push(linkedOf(companyId, 'project', project));
    this.types ??= once(() => costTypes(http, project.id));
    const around: Surroundings = {
      project,
      vendor: (id) => this.vendor(id),
      codes: once(() => costCodes(http, project.id)),
      types: this.types,
    };
    if (kinds.has('project') && (await this.isJobDue(around, tie === 'ours'))) {
      const data = jobPayload(project, await around.codes());
      const event = 'create_or_update_job';
      step.finds.push(
        findOf({ companyId, event, kind: 'project', procoreId: project.id, data }, this.http.customFields),
      );
    }
    if (kinds.has('commitment')) {
      for (const contract of CONTRACTS) await this.contracts(step, contract, around);
    }
  }

  /** A job goes again when something waits for one of its cost codes that the ERP does not have. */
  private async isJobDue({ project, codes }: Surroundings, isOurs: boolean): Promise<boolean> {
    const recordId = recordIdOf('project', project.id);
    const { open, waitedFor, again, since } = this.scan;
    if (open.has(recordId)) return false;
    const isAskedFor = waitedFor.has(recordId) || again.has(recordId);
    if (!isOurs) return isAskedFor || isChangedSince(project, since);
    if (!isAskedFor) return false;
    return (await codes()).some(
      (code) => tieOf(code, 'cost_code') === 'none' && (code.raw['deleted_at'] ?? null) === null,
    );
  }

  private async contracts(step: Step, contract: Contract, around: Surroundings): Promise<void> {
    const { companyId, http } = this;
    const { project } = around;
    const { open, againIn, since } = this.scan;
    const from = againIn.has(project.id) ? null : since;
    for (const row of await contractsOf(http, contract, project.id, from)) {
      const tie = tieOf(row, 'commitment');
      if (tie === 'ours') {
        step.linked.push(linkedOf(companyId, 'commitment', row, project.raw['origin_id']));
      }
      const isReady = this.settings.commitments.statuses.includes(textOrNull(row.raw['status']) ?? '');
      if (tie !== 'none' || !isReady || open.has(recordIdOf('commitment', row.id))) continue;
      const vendorId = vendorOf(row.raw);
      const vendor = vendorId === null ? null : await this.vendor(vendorId);
      if (vendor !== null) this.addVendor(step, vendor, true);
      const data = await commitmentPayload(http, contract, row, around);
      const event = 'create_commitment';
      step.finds.push(
        findOf({ companyId, event, kind: 'commitment', procoreId: row.id, data }, this.http.customFields),
      );
    }
  }

  private addVendor(step: Step, row: Row, isWanted: boolean): void {
    const { companyId, scan, settings } = this;
    const tie = tieOf(row, 'vendor');
    if (tie === 'ours') step.linked.push(linkedOf(companyId, 'vendor', row));
    const isOpen = scan.open.has(recordIdOf('vendor', row.id));
    const isOn = scan.kinds.has('vendor') && settings.vendors !== 'none';
    if (tie !== 'none' || !isWanted || !isOn || isOpen) return;
    const data = vendorPayload(row);
    step.finds.push(
      findOf(
        { companyId, event: 'create_vendor', kind: 'vendor', procoreId: row.id, data },
        this.http.customFields,
      ),
    );
  }

  /** Null when the company was deleted. */
  private async vendor(id: ProcoreId): Promise<Row | null> {
    const known = this.vendors.get(id);
    if (known !== undefined) return known;
    const vendor = await showVendor(this.http, id);
    this.vendors.set(id, vendor);
    return vendor;
  }
}

/** Whose a record is, as far as its `origin_id` tells. */
function tieOf(row: Row, target: RefTarget): 'none' | 'ours' | 'foreign' {
  const originId = ownerOf(row);
  if (originId === null) return 'none';
  return erpKeyOfOriginId(target, originId) === null ? 'foreign' : 'ours';
}
