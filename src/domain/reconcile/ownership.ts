import type { Kind, LineKind } from '../kinds';
import { definitionOf } from '../kinds';

/**
 * Who may change a field on both sides.
 *
 * `erp`, `procore`: that side; what the other one changes is put back, and said. `last`: whoever was last, where both sides tell when and the times lie
 * further apart than clocks and polls can; else a person decides. `ask`: either side alone; a person decides where both moved. `never`: nobody; the two
 * values are only watched.
 */
export const OWNERS = ['erp', 'procore', 'last', 'ask', 'never'] as const;
export type Owner = (typeof OWNERS)[number];

/**
 * Rules of one kind: of all fields of its header, and of those that differ. Fields of lines are named `<line kind>.<field>`, all fields of a kind of
 * lines by its name: what holds for `all` does not reach them, because codes are the chart of accounts. Nor does it reach what only people in Procore
 * can enter, unless it may (`mayOwn`).
 */
export interface KindOwnership {
  readonly all: Owner;
  readonly fields?: Readonly<Record<string, Owner>>;
}

export type Ownership = Readonly<Partial<Record<Kind, KindOwnership>>>;

/**
 * What holds unless a connection says otherwise. Codes, jobs and cost types are the ERP's: they are its chart of accounts. Of companies both sides know
 * something; who gave the number, and whether a company may be used, is the ERP's; who is asked for there is a person of Procore's directory.
 */
export const OWNERSHIP: Ownership = {
  vendor: {
    all: 'ask',
    fields: {
      code: 'erp',
      sortName: 'erp',
      contactName: 'procore',
      vendorType: 'erp',
      retainagePercent: 'erp',
      isActive: 'erp',
    },
  },
  project: { all: 'ask', fields: { code: 'erp', isActive: 'erp', cost_code: 'erp' } },
  sub_job: { all: 'erp', fields: { cost_code: 'erp' } },
  standard_cost_code: { all: 'erp' },
  line_item_type: { all: 'erp' },
};

/** Whether somebody may own a field: what only people in Procore can enter never goes there. */
export const mayOwn = (
  owner: Owner,
  { kind, field }: { readonly kind: Kind; readonly field: string },
): boolean =>
  definitionOf(kind).fields[field]?.madeByProcore !== true || owner === 'procore' || owner === 'never';

/** Where nothing is said of a kind. */
const ELSEWHERE: Owner = 'ask';

/** The owner of one field; overrides of the connection come first. */
export function ownerOf(
  { kind, line, field }: { readonly kind: Kind; readonly line: LineKind | null; readonly field: string },
  overrides: Ownership = {},
): Owner {
  const [own, usual] = [overrides[kind], OWNERSHIP[kind]];
  if (line === null) {
    const all = own !== undefined && mayOwn(own.all, { kind, field }) ? own.all : undefined;
    return own?.fields?.[field] ?? all ?? usual?.fields?.[field] ?? usual?.all ?? ELSEWHERE;
  }
  const name = `${line}.${field}`;
  return (
    own?.fields?.[name] ?? own?.fields?.[line] ?? usual?.fields?.[name] ?? usual?.fields?.[line] ?? ELSEWHERE
  );
}
