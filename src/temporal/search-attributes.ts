/**
 * The search attributes of our workflows: what ops can filter by in the Web UI.
 *
 * Workflow code imports this file, so it depends on `@temporalio/common` only. Values are stored in the clear
 * even when payloads are encrypted: ids, numbers and states, and names of companies and documents unless `temporal.searchNames` is off; never
 * amounts or what is said about people.
 */
import { defineSearchAttributeKey } from '@temporalio/common';

/** Id of the connection the workflow works for, e.g. `acme-vista`. */
export const TiebackConnection = defineSearchAttributeKey('TiebackConnection', 'KEYWORD');

/** What the workflow is about: the event of a request (`create_vendor`). */
export const TiebackEvent = defineSearchAttributeKey('TiebackEvent', 'KEYWORD');

/** Where it stands: one of `REQUEST_STATUSES`, e.g. `waiting_for_finance`, `parked`, `applied`. */
export const TiebackStatus = defineSearchAttributeKey('TiebackStatus', 'KEYWORD');

/** Our id of the record it is about, e.g. `vendor/98127745`. */
export const TiebackRecord = defineSearchAttributeKey('TiebackRecord', 'KEYWORD');

/** Id of the sync request, e.g. `erp/640018`, `open/17`. */
export const TiebackRequest = defineSearchAttributeKey('TiebackRequest', 'KEYWORD');

/** Numbers of the records of a request, as each side writes them: `SC-2417-008`, `10442`, `vendor|1|10442`. */
export const TiebackNumbers = defineSearchAttributeKey('TiebackNumbers', 'KEYWORD_LIST');

/** Names and labels of the records of a request, by words: `TiebackText = 'cobalt'`. */
export const TiebackText = defineSearchAttributeKey('TiebackText', 'TEXT');

/** On schedules: the installation that they belong to, see `schedules.ts`. */
export const TiebackInstallation = defineSearchAttributeKey('TiebackInstallation', 'KEYWORD');

/** All of them, for provisioning. */
export const SEARCH_ATTRIBUTES = [
  TiebackConnection,
  TiebackEvent,
  TiebackStatus,
  TiebackRecord,
  TiebackRequest,
  TiebackNumbers,
  TiebackText,
  TiebackInstallation,
] as const;
