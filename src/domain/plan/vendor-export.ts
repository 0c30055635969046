import type { VendorExport } from '../request/intent';
import { normaliseName, operationKeyOf, originIdOf, recordIdOf, revisionOf } from '../base/identity';
import type { LedgerHead } from './ledger-head';
import { nextGeneration, ownKeyOf } from './ledger-head';
import type { FieldChange, PlannedOperation, Planned } from './plan';
import { sealPlan } from './plan';
import type { RecordLink } from '../kinds/record-link';
import type { Vendor, VendorField } from '../kinds/vendor';
import { VENDOR_FIELDS, VENDOR_FIELD_LABELS } from '../kinds/vendor';
import type { VendorColumns } from '../kinds/vendor-rules';
import { fitVendor } from '../kinds/vendor-rules';

export interface KnownVendor {
  readonly key: string;
  readonly vendor: Vendor;
}

/** Everything the plan of one vendor export depends on: read before, stored, and read again before writing. */
export interface VendorExportInput {
  readonly connectionId: string;
  readonly intent: VendorExport;
  /** Values a person entered with `tieback correct`; they replace what Procore sent. */
  readonly corrections: Readonly<Partial<Vendor>>;
  readonly columns: VendorColumns;
  /** ERP vendors that could be the same company, and the one the link or ledger names. */
  readonly candidates: readonly KnownVendor[];
  /** Our link for this Procore vendor, in any state. */
  readonly link: RecordLink<Vendor> | null;
  /** Links of the candidates, by ERP key. */
  readonly candidateLinks: readonly RecordLink<Vendor>[];
  /** Newest entry of the ERP-side ledger for this record. */
  readonly ledgerHead: LedgerHead | null;
}

/**
 * Plans the export of a Procore vendor: create it in the ERP, or tie it to the ERP vendor that is already there (never a twin),
 * then set its external data. Pure.
 */
export function planVendorExport(input: VendorExportInput): Planned<Vendor> {
  const wanted = { ...input.intent.vendor, ...input.corrections };
  const fitted = fitVendor(wanted, input.columns);
  const own = ownKey(input);
  const ownVendor = own === null ? undefined : input.candidates.find((candidate) => candidate.key === own);
  const writtenByUs = input.ledgerHead !== null && ownVendor !== undefined;
  const others = input.candidates.filter((candidate) => candidate.key !== own);

  const create = planCreate(input, fitted.vendor, others);
  if (writtenByUs && create.operation.operationKey === input.ledgerHead.operationKey) {
    // The very operation is in the ledger already (a crash came between write and record): the same plan again, so that its approval still holds.
    return seal(input, wanted, fitted, create.problems, [...create.warnings], create.operation, null);
  }
  if (ownVendor) return planRelink(input, wanted, fitted, ownVendor);

  const sameCode =
    wanted.code === null ? undefined : others.find(({ vendor }) => vendor.code === wanted.code);
  if (sameCode) return planAdoption(input, wanted, fitted, sameCode, others);
  return seal(input, wanted, fitted, create.problems, create.warnings, create.operation, null);
}

const ownKey = ({ link, ledgerHead }: VendorExportInput): string | null => ownKeyOf(link, ledgerHead);

const generationOf = ({ link, ledgerHead, candidates }: VendorExportInput): number =>
  nextGeneration(
    link,
    ledgerHead,
    candidates.some(({ key }) => key === ledgerHead?.erpKey),
  );

function planCreate(
  input: VendorExportInput,
  vendor: Vendor,
  others: readonly KnownVendor[],
): {
  operation: PlannedOperation<Vendor>;
  problems: readonly string[];
  warnings: readonly string[];
} {
  const problems: string[] = [];
  const sortName = pickSortName(vendor, others, input.columns);
  if (sortName.problem !== null) problems.push(sortName.problem);
  const target: Vendor = { ...vendor, sortName: sortName.value, isActive: true };
  const changes = VENDOR_FIELDS.filter((field) => target[field] !== null || field === 'code').map((field) =>
    change(field, null, field === 'code' && target.code === null ? '(next free number)' : target[field]),
  );
  const recordId = recordIdOf('vendor', input.intent.procoreId);
  const generation = generationOf(input);
  const targetRevision = revisionOf(target);
  return {
    problems,
    warnings: [...sortName.warnings, ...likenessWarnings(target, others)],
    operation: {
      seq: 1,
      side: 'erp',
      action: 'create',
      entity: 'vendor',
      recordId,
      target: `Vendor ${target.code ?? '(next free number)'} ${target.name}`,
      erpKey: null,
      procoreId: input.intent.procoreId,
      generation,
      targetRevision,
      operationKey: operationKeyOf({
        connectionId: input.connectionId,
        recordId,
        generation,
        targetRevision,
      }),
      changes,
      record: target,
      link: null,
    },
  };
}

/** The ERP record is already ours (reset, unlink, or an older store restored): tie it again; its values are the ERP's to keep. */
function planRelink(
  input: VendorExportInput,
  wanted: Vendor,
  fitted: Fitted,
  own: KnownVendor,
): Planned<Vendor> {
  const label = `Vendor ${own.vendor.code ?? own.key}`;
  const warnings = [
    `${label} "${own.vendor.name}" already belongs to this company: it is linked again, nothing is created.`,
    ...(own.vendor.isActive ? [] : [`${label} is inactive in the ERP.`]),
    ...differences(fitted.vendor, own.vendor).map(
      ({ label: name, old, new: next }) =>
        `The ERP keeps its ${name} "${show(next)}"; Procore has "${show(old)}".`,
    ),
  ];
  const problems = otherOwner(input, own);
  return seal(input, wanted, { ...fitted, problems: [] }, problems, warnings, null, own);
}

/** An ERP vendor with the typed number exists: link to it when it is the same company, refuse when it is another. */
function planAdoption(
  input: VendorExportInput,
  wanted: Vendor,
  fitted: Fitted,
  existing: KnownVendor,
  others: readonly KnownVendor[],
): Planned<Vendor> {
  if (normaliseName(existing.vendor.name) !== normaliseName(wanted.name)) {
    return {
      kind: 'refused',
      problems: [
        ...fitted.problems,
        `Vendor code ${wanted.code ?? ''} is already used by "${existing.vendor.name}" in the ERP. Choose another code.`,
      ],
    };
  }
  const warnings = [
    `Vendor ${wanted.code ?? ''} "${existing.vendor.name}" is already in the ERP: it is linked, nothing is created.`,
    ...(existing.vendor.isActive ? [] : [`Vendor ${wanted.code ?? ''} is inactive in the ERP.`]),
    ...differences(fitted.vendor, existing.vendor).map(
      ({ label, old, new: next }) =>
        `The ERP keeps its ${label} "${show(next)}"; Procore has "${show(old)}".`,
    ),
    ...likenessWarnings(
      wanted,
      others.filter(({ key }) => key !== existing.key),
    ),
  ];
  return seal(
    input,
    wanted,
    { ...fitted, problems: [] },
    otherOwner(input, existing),
    warnings,
    null,
    existing,
  );
}

function otherOwner(input: VendorExportInput, vendor: KnownVendor): readonly string[] {
  const link = input.candidateLinks.find(({ erpKey, state }) => erpKey === vendor.key && state === 'linked');
  if (!link || link.procoreId === input.intent.procoreId || link.procoreId === null) return [];
  return [
    `Vendor ${vendor.vendor.code ?? vendor.key} is already linked to another Procore company (id ${link.procoreId}).`,
  ];
}

type Fitted = ReturnType<typeof fitVendor>;

function seal(
  input: VendorExportInput,
  wanted: Vendor,
  fitted: Fitted,
  problems: readonly string[],
  warnings: readonly string[],
  erpOperation: PlannedOperation<Vendor> | null,
  existing: KnownVendor | null,
): Planned<Vendor> {
  const all = [...fitted.problems, ...problems];
  if (all.length > 0) return { kind: 'refused', problems: [...new Set(all)] };
  const recordId = recordIdOf('vendor', input.intent.procoreId);
  const record = existing?.vendor ?? erpOperation?.record ?? wanted;
  const generation = erpOperation?.generation ?? generationOf(input);
  const targetRevision = erpOperation?.targetRevision ?? revisionOf(record);
  const externalData: PlannedOperation<Vendor> = {
    seq: erpOperation ? 2 : 1,
    side: 'procore',
    action: 'set_external_data',
    entity: 'vendor',
    recordId,
    target: `Procore company ${input.intent.procoreId}`,
    erpKey: existing?.key ?? null,
    procoreId: input.intent.procoreId,
    generation,
    targetRevision,
    operationKey: `${operationKeyOf({ connectionId: input.connectionId, recordId, generation, targetRevision })}:external_data`,
    changes: [
      {
        field: 'origin_id',
        label: 'ERP link',
        old: null,
        new: existing ? originIdOf('vendor', existing.key) : '(from the ERP)',
      },
      { field: 'origin_code', label: 'Vendor number', old: null, new: record.code ?? '(next free number)' },
    ],
    record,
    write: {
      kind: 'external_data',
      items: [{ itemType: 'vendor', itemId: input.intent.procoreId, line: null }],
    },
    link: null,
  };
  return {
    kind: 'plan',
    plan: sealPlan({
      subject: wanted.name,
      operations: erpOperation ? [erpOperation, externalData] : [externalData],
      warnings: [...fitted.warnings, ...warnings],
      notes: fitted.notes,
      facts: {
        ...input.intent.facts,
        codeGiven: wanted.code !== null,
        corrected: Object.keys(input.corrections).length > 0,
      },
      leftOut: [],
      unchanged: 0,
    }),
  };
}

const change = (field: VendorField, old: FieldChange['old'], next: FieldChange['new']): FieldChange => ({
  field,
  label: VENDOR_FIELD_LABELS[field],
  old,
  new: next,
});

const differences = (procore: Vendor, erp: Vendor): readonly FieldChange[] =>
  VENDOR_FIELDS.filter(
    (field) =>
      field !== 'code' &&
      field !== 'sortName' &&
      field !== 'isActive' &&
      procore[field] !== null &&
      procore[field] !== erp[field],
  ).map((field) => change(field, procore[field], erp[field]));

const show = (value: FieldChange['new']): string => (value === null ? '(empty)' : String(value));

function pickSortName(
  vendor: Vendor,
  others: readonly KnownVendor[],
  columns: VendorColumns,
): { value: string | null; problem: string | null; warnings: readonly string[] } {
  const rule = columns.fields.sortName;
  if (!rule) return { value: null, problem: null, warnings: [] };
  const taken = new Map(others.map((other) => [other.vendor.sortName?.toUpperCase() ?? '', other]));
  const limit = rule.maxLength;
  const wanted = vendor.sortName ?? makeSortName(vendor.name, limit);
  if (wanted === '')
    return { value: null, problem: 'No sort name can be made from the name; enter one.', warnings: [] };
  const owner = taken.get(wanted.toUpperCase());
  if (!columns.sortNameUnique || !owner) return { value: wanted, problem: null, warnings: [] };
  for (let suffix = 2; suffix < 100; suffix += 1) {
    const next = `${wanted.slice(0, limit - String(suffix).length)}${suffix}`;
    if (!taken.has(next.toUpperCase())) {
      const warning = `Sort name ${wanted} belongs to vendor ${owner.vendor.code ?? owner.key} "${owner.vendor.name}"; ${next} is used.`;
      return { value: next, problem: null, warnings: [warning] };
    }
  }
  return {
    value: wanted,
    problem: `Sort name ${wanted} and its variants are all taken; enter another one.`,
    warnings: [],
  };
}

const makeSortName = (name: string, limit: number): string =>
  name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
    .slice(0, limit);

function likenessWarnings(vendor: Vendor, others: readonly KnownVendor[]): readonly string[] {
  return others.flatMap(({ key, vendor: other }) => {
    const reasons = [
      ...(normaliseName(other.name) === normaliseName(vendor.name) ? ['same name'] : []),
      ...(other.email !== null && other.email.toLowerCase() === vendor.email?.toLowerCase()
        ? ['same e-mail']
        : []),
      ...(digits(other.phone) !== '' && digits(other.phone) === digits(vendor.phone) ? ['same phone'] : []),
    ];
    if (reasons.length === 0) return [];
    const inactive = other.isActive ? '' : ', inactive';
    return [
      `Possible duplicate: vendor ${other.code ?? key} "${other.name}" (${reasons.join(', ')}${inactive}).`,
    ];
  });
}

const digits = (phone: string | null): string => (phone ?? '').replace(/\D/g, '');
