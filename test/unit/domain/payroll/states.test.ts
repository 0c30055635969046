import type { LineAction, LineEvent, LineState, Reaction } from '../../../../src/domain/payroll/states';
import { LINE_ACTIONS, LINE_EVENTS, LINE_STATES, react } from '../../../../src/domain/payroll/states';

/** As finance and operations agreed on it; see the words below. */
const AGREED = `
|Event|D|A|X|C|R|P|K|
|duplicate, older version|–|–|–|–|–|–|–|
|approved at source|A|–|queue|amend|A|delta|delta|
|edit, move, split (still approved)|A|replan|queue|amend|A|delta|delta|
|delete, zero|drop|replan|queue|withdraw|drop|delta|delta|
|status lowered|–|D|queue|ask|D|flag|flag|
|mapping fixed|–|replan|queue|amend|A|ask|ask|
|employee, job ended|warn|recheck|queue|ask|park|–|–|
|cut-off|list, next|freeze|–|–|ask|–|–|
|busy, not open|–|wait|wait|wait|wait|wait|wait|
|period closed|next|replan|probe|alarm|ask|–|–|
|period reopened|–|–|–|–|ask|ask|ask|
|outcome unknown|–|–|probe|probe|–|probe|probe|
|ERP accepted|alarm|adopt|C|–|C|–|–|
|ERP rejected|alarm|alarm|R|R|text|alarm|alarm|
|ERP row altered|alarm|alarm|record|conflict|–|rebase|rebase|
|ERP row gone|–|–|probe|ask|–|ask|ask|
|ERP posted|alarm|adopt|P|P|P|–|–|
|correction posted|–|–|–|–|–|K|K|
`;

const STATE_OF: Readonly<Record<string, LineState>> = {
  D: 'draft',
  A: 'approved',
  X: 'written',
  C: 'accepted',
  R: 'rejected',
  P: 'posted',
  K: 'corrected',
};
const EVENT_OF: Readonly<Record<string, LineEvent>> = {
  'duplicate, older version': 'stale',
  'approved at source': 'source_approved',
  'edit, move, split (still approved)': 'edited',
  'delete, zero': 'deleted',
  'status lowered': 'status_lowered',
  'mapping fixed': 'mapping_fixed',
  'employee, job ended': 'place_ended',
  'cut-off': 'cut_off',
  'busy, not open': 'busy',
  'period closed': 'period_closed',
  'period reopened': 'period_reopened',
  'outcome unknown': 'outcome_unknown',
  'ERP accepted': 'erp_accepted',
  'ERP rejected': 'erp_rejected',
  'ERP row altered': 'row_altered',
  'ERP row gone': 'row_gone',
  'ERP posted': 'erp_posted',
  'correction posted': 'correction_posted',
};

const meant = (text: string): Reaction => {
  if (text === '–') return { state: null, actions: [] };
  const state = STATE_OF[text];
  return state === undefined
    ? { state: null, actions: text.split(', ') as LineAction[] }
    : { state, actions: [] };
};

const [header = [], ...rows] = AGREED.trim()
  .split('\n')
  .map((line) => line.split('|').slice(1, -1));
const cells = rows.flatMap(([event = '', ...texts]) =>
  texts.map((text, index) => [event, header[index + 1] ?? '', text] as const),
);

test('the table has every event and every state', () => {
  expect(rows.map(([event = '']) => EVENT_OF[event])).toEqual(Object.keys(LINE_EVENTS));
  expect(header.slice(1).map((letter) => STATE_OF[letter])).toEqual(Object.keys(LINE_STATES));
  expect(cells).toHaveLength(18 * 7);
});

test.each(cells)('%s, in state %s: %s', (event, letter, text) => {
  const state = STATE_OF[letter];
  const happened = EVENT_OF[event];
  if (state === undefined || happened === undefined) throw new Error('not in the table');
  const reaction = react(state, happened);
  expect(reaction).toEqual(meant(text));
  for (const action of reaction.actions) expect(LINE_ACTIONS[action]).toMatch(/\w{3}/);
});

test('what is posted never leaves payroll: only a correction follows it', () => {
  for (const event of Object.keys(LINE_EVENTS) as LineEvent[])
    for (const state of ['posted', 'corrected'] as const)
      expect([null, 'corrected']).toContain(react(state, event).state);
});

test('an event that is told again after it moved a line does not move it back', () => {
  for (const event of Object.keys(LINE_EVENTS) as LineEvent[])
    for (const state of Object.keys(LINE_STATES) as LineState[]) {
      const after = react(state, event).state ?? state;
      expect([null, after]).toContain(react(after, event).state);
    }
});
