import { COMPANY_PATH, type Answer, type Bench } from './procore-client';

export interface SyncBody {
  entities: (Record<string, unknown> & { id: number })[];
  errors: (Record<string, unknown> & { errors: Record<string, string[]> })[];
}

export const syncBody = (answer: Answer): SyncBody => answer.body as SyncBody;

export interface Ids {
  project: number;
  division: number;
  code: number;
  type: number;
  vendor: number;
}

export const PROJECT = { name: 'Eastgate Parking Structure', project_number: 'P-2417', city: 'Bellevue' };

/** A project with one division, one code and two cost types; linked to an ERP unless told otherwise. */
export function constructionCompany(bench: Bench, linked = true): Ids {
  const { sim } = bench;
  const origin = (key: string): { origin_id?: string } => (linked ? { origin_id: key } : {});
  const types = sim.seedCostTypes([
    { code: 'S', name: 'Subcontract', origin_id: 'type|S' },
    { code: 'M', name: 'Material', origin_id: 'type|M' },
  ]);
  sim.seedStandardCodes([
    { code: '23', name: 'HVAC', origin_id: 'std|23' },
    { code: '23-050', name: 'HVAC systems', origin_id: 'std|23-050' },
  ]);
  const project = sim.seedProject({ ...PROJECT, ...origin('project|2417') });
  const codes = sim.seedCostCodes(project.id, [
    { code: '23', name: 'HVAC', ...origin('code|23') },
    { code: '23-050', name: 'HVAC systems', types: ['S', 'M'], ...origin('code|23-050') },
  ]);
  const [vendor] = sim.seedVendors([{ name: 'Cobalt Mechanical LLC', origin_id: 'vendor|10442' }]);
  return {
    project: project.id,
    division: codes[0]?.id ?? 0,
    code: codes[1]?.id ?? 0,
    type: types[0]?.id ?? 0,
    vendor: vendor?.id ?? 0,
  };
}

export const LINE = { code: '23-050', type: 'S', amount: '150000.00', description: 'Rough-in' };

/** An approved subcontract with one line. */
export function subcontract(
  bench: Bench,
  ids: Ids,
  more: Record<string, unknown> = {},
): { id: number; line: number } {
  const contract = bench.sim.seedCommitment(ids.project, {
    number: 'SC-2417-008',
    title: 'HVAC - Eastgate',
    vendor_id: ids.vendor,
    retainage_percent: '10.0',
    lines: [LINE],
    ...more,
  });
  return { id: contract.id, line: contract.lines?.[0]?.id ?? 0 };
}

/** Ties records to the ERP as an integrator does. */
export async function link(
  bench: Bench,
  ...items: [type: string, id: number, originId: string | null][]
): Promise<void> {
  const updates = items.map(([item_type, item_id, origin_id]) => ({ item_type, item_id, origin_id }));
  const answer = await bench.call('PATCH', `${COMPANY_PATH}/external_data/sync`, { updates });
  expect(syncBody(answer).errors).toEqual([]);
}

/** Installs the integration's metadata with rules for some entities. */
export async function metadata(bench: Bench, entities: object): Promise<void> {
  await bench.call('POST', `${COMPANY_PATH}/erp_connections`, {
    connection: { service_url: 'https://erp.example', metadata: { settings: { entities } } },
  });
}
