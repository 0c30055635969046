/** Where a line is on its way. */
export const LINE_STATES = {
  draft: 'gathered, not approved yet',
  approved: 'approved and planned, not written',
  written: 'written, and the ERP has not said what became of it',
  accepted: 'accepted by the ERP, not posted',
  rejected: 'refused by the ERP',
  posted: 'posted',
  corrected: 'posted, and taken back or replaced by a posted correction',
} as const;
export type LineState = keyof typeof LINE_STATES;

/** What can happen to a line. */
export const LINE_EVENTS = {
  stale: 'a duplicate, or an older version of the entry',
  source_approved: 'approved at the source',
  edited: 'edited, moved or split, and still approved',
  deleted: 'deleted, or set to zero',
  status_lowered: 'not approved any more',
  mapping_fixed: 'a gap of the mapping was closed',
  place_ended: 'employee or job ended',
  cut_off: 'the cut-off of the period is over',
  busy: 'the ERP is busy, or the period is not open',
  period_closed: 'the ERP closed the period',
  period_reopened: 'the ERP opened the period again',
  outcome_unknown: 'nobody knows whether a write was done',
  erp_accepted: 'the ERP accepted it',
  erp_rejected: 'the ERP refused it',
  row_altered: 'somebody changed its row in the ERP',
  row_gone: 'its row is not in the ERP any more',
  erp_posted: 'the ERP posted it',
  correction_posted: 'the ERP posted its correction',
} as const;
export type LineEvent = keyof typeof LINE_EVENTS;

/** What is to be done where the line does not simply move on. */
export const LINE_ACTIONS = {
  replan: 'the plan is made again',
  queue: 'waits until the write is settled',
  amend: 'the batch is changed, approved again',
  withdraw: 'taken out of the batch, approved again',
  drop: 'there is no line any more',
  delta: 'a correction',
  ask: 'a person decides',
  flag: 'shown, and nothing changes',
  warn: 'a warning of the plan',
  recheck: 'looked at again when the plan is made',
  park: 'waits for a person, with the reason',
  next: 'listed, and paid in the next open period',
  list: 'listed among what is left out',
  freeze: 'stays in the period, whatever else arrives',
  wait: 'a durable wait, with the reason',
  probe: 'its fingerprint is read; it is never sent again before that',
  alarm: 'cannot be: somebody must look',
  adopt: 'it is in the ERP already: taken over as it is',
  record: 'what the row became is kept',
  conflict: 'a person chooses between our row and theirs',
  rebase: 'what is paid is what the row says now',
  text: 'the new reason of the ERP is shown',
} as const;
export type LineAction = keyof typeof LINE_ACTIONS;

/** What follows of an event: another state, something to be done, or nothing. */
export interface Reaction {
  /** Null: it stays where it is. */
  readonly state: LineState | null;
  readonly actions: readonly LineAction[];
}

const nothing: Reaction = { state: null, actions: [] };
const to = (state: LineState): Reaction => ({ state, actions: [] });
const act = (...actions: readonly LineAction[]): Reaction => ({ state: null, actions });

type Row = Readonly<Record<LineState, Reaction>>;

/** A row of the table, in the order of `LINE_STATES`. */
const row = (
  draft: Reaction,
  approved: Reaction,
  written: Reaction,
  accepted: Reaction,
  rejected: Reaction,
  posted: Reaction,
  corrected: Reaction,
): Row => ({ draft, approved, written, accepted, rejected, posted, corrected });

const [alarm, ask, delta, flag, probe, queue, replan, wait] = [
  act('alarm'),
  act('ask'),
  act('delta'),
  act('flag'),
  act('probe'),
  act('queue'),
  act('replan'),
  act('wait'),
];

/** One row an event, one column a state, in the order of `LINE_STATES`. */
const TABLE: Readonly<Record<LineEvent, Row>> = {
  stale: row(nothing, nothing, nothing, nothing, nothing, nothing, nothing),
  source_approved: row(to('approved'), nothing, queue, act('amend'), to('approved'), delta, delta),
  edited: row(to('approved'), replan, queue, act('amend'), to('approved'), delta, delta),
  deleted: row(act('drop'), replan, queue, act('withdraw'), act('drop'), delta, delta),
  status_lowered: row(nothing, to('draft'), queue, ask, to('draft'), flag, flag),
  mapping_fixed: row(nothing, replan, queue, act('amend'), to('approved'), ask, ask),
  place_ended: row(act('warn'), act('recheck'), queue, ask, act('park'), nothing, nothing),
  cut_off: row(act('list', 'next'), act('freeze'), nothing, nothing, ask, nothing, nothing),
  busy: row(nothing, wait, wait, wait, wait, wait, wait),
  period_closed: row(act('next'), replan, probe, alarm, ask, nothing, nothing),
  period_reopened: row(nothing, nothing, nothing, nothing, ask, ask, ask),
  outcome_unknown: row(nothing, nothing, probe, probe, nothing, probe, probe),
  erp_accepted: row(alarm, act('adopt'), to('accepted'), nothing, to('accepted'), nothing, nothing),
  erp_rejected: row(alarm, alarm, to('rejected'), to('rejected'), act('text'), alarm, alarm),
  row_altered: row(alarm, alarm, act('record'), act('conflict'), nothing, act('rebase'), act('rebase')),
  row_gone: row(nothing, nothing, probe, ask, nothing, ask, ask),
  erp_posted: row(alarm, act('adopt'), to('posted'), to('posted'), to('posted'), nothing, nothing),
  correction_posted: row(nothing, nothing, nothing, nothing, nothing, to('corrected'), to('corrected')),
};

/** What an event means for a line in a state. Total: there is an answer for each of them, and the same event twice is harmless. */
export const react = (state: LineState, event: LineEvent): Reaction => TABLE[event][state];
