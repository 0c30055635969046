import type { Dialect } from '../sql/dialect';

/** How ids of documents are made, so that they are the same before and after posting; and the few functions that the dialects name otherwise. */
export interface VistaSql {
  readonly d: Dialect;
  /** Sum of decimals, as the column reads them. */
  readonly sum: (expression: string) => string;
  /** `2026-07` of a date. */
  readonly month: (expression: string) => string;
  /** A percentage of a fraction: 0.1000 is 10.00. */
  readonly percent: (expression: string) => string;
  /** Id of an invoice: the link of its attachments where we gave it one, else where it is. */
  readonly attached: (alias: string, otherwise: string) => string;
  /** Whether a row carries a link that we made. */
  readonly isOurs: (alias: string) => string;
}

/** How links that we make begin: nobody else's do, as good as surely. */
export const OUR_LINK = '71EBAC00';

export function vistaSql(d: Dialect): VistaSql {
  const sqlite = d.name === 'sqlite';
  const guid = (alias: string): string =>
    sqlite ? `upper(${alias}.UniqueAttchID)` : `CONVERT(varchar(36), ${alias}.UniqueAttchID)`;
  const isOurs = (alias: string): string =>
    `SUBSTRING(${guid(alias)}, 1, ${OUR_LINK.length + 1}) = '${OUR_LINK}-'`;
  return {
    d,
    sum: (expression) =>
      sqlite ? `printf('%.2f', coalesce(sum(${expression}), 0))` : `COALESCE(SUM(${expression}), 0)`,
    month: (expression) => `SUBSTRING(${d.read(expression, 'date')}, 1, 7)`,
    percent: (expression) =>
      sqlite
        ? `printf('%.2f', coalesce(${expression}, 0) * 100)`
        : `CAST(COALESCE(${expression}, 0) * 100 AS numeric(6,2))`,
    attached: (alias, otherwise) => `CASE WHEN ${isOurs(alias)} THEN ${guid(alias)} ELSE ${otherwise} END`,
    isOurs,
  };
}

/** Subcontracts and purchase orders lie in tables of the same form. */
export const MODULES = {
  SL: { prefix: 'S.', type: 'subcontract', noun: 'subcontract', date: 'OrigDate', lineType: 7 },
  PO: { prefix: 'P.', type: 'purchase_order', noun: 'purchase order', date: 'OrderDate', lineType: 6 },
} as const;

export type Module = keyof typeof MODULES;
export const MODULE_NAMES = Object.keys(MODULES) as readonly Module[];

/** The module of an id; undefined: it is none of an order. */
export const moduleOf = (id: string): Module | undefined =>
  MODULE_NAMES.find((module) => id.startsWith(MODULES[module].prefix));

/** Id of a job, from its number. */
export const jobId = (alias: string, company: string): string =>
  `(SELECT m.KeyID FROM JCJM m WHERE m.JCCo = ${alias}.${company} AND m.Job = ${alias}.Job)`;

/** Id of a phase of a job. */
export const phaseId = (alias: string, company = 'JCCo'): string =>
  `(SELECT p.KeyID FROM JCJP p WHERE p.JCCo = ${alias}.${company} AND p.Job = ${alias}.Job AND p.PhaseGroup = ${alias}.PhaseGroup AND p.Phase = ${alias}.Phase)`;

/** Writes the number of a job where its id is given. */
export const jobNumber = (parameter: string): string => `(SELECT Job FROM JCJM WHERE KeyID = ${parameter})`;

/** Writes a phase where its id is given. */
export const phaseCode = (parameter: string): string => `(SELECT Phase FROM JCJP WHERE KeyID = ${parameter})`;
