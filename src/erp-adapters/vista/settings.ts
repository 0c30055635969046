import { z } from 'zod';

/** A base type of Procore for a letter of `JCCT.JBCostTypeCategory`. */
const BASE_TYPES = [
  'labor',
  'equipment',
  'materials',
  'commitments',
  'owner_cost',
  'professional_services',
  'other',
] as const;

/**
 * What a site decides, and what Vista's documents leave open (those are marked *inferred* in docs/vista.md). The defaults are the careful ones.
 */
export const VISTA_SETTINGS = {
  /** Number of the company (HQCo), which is also that of its AP, JC, SL, PO and GL company. */
  company: z.coerce.number().int().min(1).max(255),
  /** ISO code of the currency that the company keeps its books in; absent: Vista does not say, and other currencies are only warned of. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as USD')
    .optional(),
  /** Where invoices go: `unapproved` (APUI: somebody reviews them in Vista) or `batch` (an AP Entry batch that somebody posts). */
  invoices: z.enum(['unapproved', 'batch']).default('unapproved'),
  /**
   * Month of a document: `document` (that of its date; while it is closed, or not open yet, the document waits) or `first_open` (that of its date, or
   * the first open month where that is closed).
   */
  batchMonth: z.enum(['document', 'first_open']).default('document'),
  /** Projects that become jobs; without a department none are created. */
  newJobs: z
    .strictObject({
      /** Department of the contract (JCDM), which every contract needs. */
      department: z.string().min(1).max(10),
      /** Number of the one item of the new contract, to which all phases belong. */
      contractItem: z.string().min(1).max(16).default('1'),
    })
    .optional(),
  /** Unit of measure (HQUM) of a line with a quantity whose unit Procore does not say. */
  defaultUnit: z.string().min(1).max(3).default('EA'),
  /** Phases for jobs with LockPhases = Y: `refuse`, or `allow`, as JC Job Phases does. */
  lockedPhases: z.enum(['refuse', 'allow']).default('refuse'),
  /**
   * What the login sees under Vista's data-type security: `all`, or `some`, where rows of other companies or groups are hidden from it on purpose.
   * With `all`, `tieback doctor` fails where a view shows fewer rows than its table has.
   */
  visibleRows: z.enum(['all', 'some']).default('all'),
  /** Timecards go into PR Entry batches. Absent: payroll is neither read nor written, and no right on it is asked for. */
  payroll: z
    .strictObject({
      /**
       * Pay sequence (PR Pay Period Control) that corrections of posted hours go into, apart from the ordinary ones, so that automatic overtime leaves them
       * alone. Absent: corrections are a worksheet for the clerk.
       */
      corrections: z.number().int().min(2).max(255).optional(),
      /** Earn code → what its hours are, where they are not hours worked. */
      families: z.record(z.string(), z.enum(['leave', 'allowance', 'equipment'])).default({}),
    })
    .optional(),
  /** Numbers that new vendors get, one above the highest. */
  vendorNumbers: z
    .strictObject({
      from: z.number().int().min(1).max(999_999).default(1),
      to: z.number().int().min(1).max(999_999).default(999_999),
    })
    .prefault({}),
  /** JBCostTypeCategory → base type of Procore. */
  costTypes: z
    .record(z.string().length(1), z.enum(BASE_TYPES))
    .default({ L: 'labor', B: 'labor', M: 'materials', S: 'commitments', E: 'equipment', O: 'other' }),
};

export type VistaOptions = z.infer<z.ZodObject<typeof VISTA_SETTINGS>>;
