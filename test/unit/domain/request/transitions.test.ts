import type { LinkState } from '../../../../src/domain/kinds/record-link';
import { canBecome, LINK_TRANSITIONS } from '../../../../src/domain/kinds/record-link';
import type { RequestStatus } from '../../../../src/domain/request/status';
import {
  FINAL_STATUSES,
  isFinal,
  mayFollow,
  REQUEST_STATUSES,
  REQUEST_TRANSITIONS,
  STATUS_MEANINGS,
} from '../../../../src/domain/request/status';

describe('request status', () => {
  test.each(REQUEST_STATUSES)('%s may be set again and has a meaning in words', (status) => {
    expect(mayFollow(status, status)).toBe(true);
    expect(STATUS_MEANINGS[status]).toMatch(/\w{3}/);
  });

  test('final is final', () => {
    expect(REQUEST_STATUSES.filter(isFinal)).toEqual([...FINAL_STATUSES]);
    for (const final of FINAL_STATUSES)
      for (const other of REQUEST_STATUSES) expect(mayFollow(final, other)).toBe(other === final);
  });

  test('from everywhere that is not final there is a way to every end, and nothing goes back to received', () => {
    for (const status of REQUEST_STATUSES.filter((one) => !isFinal(one))) {
      const reached = new Set<RequestStatus>([status]);
      for (const one of reached) for (const next of REQUEST_TRANSITIONS[one]) reached.add(next);
      expect([...reached]).toEqual(expect.arrayContaining([...FINAL_STATUSES]));
      expect(REQUEST_TRANSITIONS[status]).not.toContain('received');
    }
  });

  test.each<[RequestStatus, RequestStatus, boolean]>([
    ['received', 'planning', true],
    ['received', 'applied', false],
    ['received', 'applying', false],
    ['planning', 'rejected', false],
    ['planning', 'applied', true],
    ['waiting_for_finance', 'applied', false],
    ['waiting_for_finance', 'rejected', true],
    ['applying', 'rejected', true],
    ['busy', 'rejected', true],
    ['received', 'rejected', false],
    ['applying', 'waiting_for_finance', true],
    ['parked', 'rejected', true],
    ['parked', 'applied', false],
    ['applied', 'planning', false],
    ['rejected', 'failed', false],
  ])('%s → %s: %s', (from, to, legal) => {
    expect(mayFollow(from, to)).toBe(legal);
  });

  test('nothing reaches applied without having been planned', () => {
    expect(REQUEST_STATUSES.filter((from) => mayFollow(from, 'applied') && from !== 'applied')).toEqual([
      'planning',
      'applying',
      'busy',
    ]);
  });
});

describe('record link', () => {
  const states = Object.keys(LINK_TRANSITIONS).filter((state) => state !== 'none') as LinkState[];

  test('a link never disappears: every state has a successor, none is "none"', () => {
    for (const next of Object.values(LINK_TRANSITIONS)) {
      expect(next.length).toBeGreaterThan(0);
      expect(next).not.toContain('none');
    }
  });

  test('every state can become linked, and linked can be left', () => {
    for (const state of states) expect(canBecome(state, 'linked')).toBe(true);
    expect(canBecome('linked', 'unlinked')).toBe(true);
    expect(canBecome('linked', 'merged')).toBe(true);
  });

  test.each<[LinkState | 'none', LinkState, boolean]>([
    ['none', 'archived', false],
    ['linked', 'staged', false],
    ['linked', 'archived', false],
    ['staged', 'unlinked', false],
    ['staged', 'merged', false],
    ['unlinked', 'staged', true],
    ['archived', 'staged', true],
    ['merged', 'staged', false],
  ])('%s → %s: %s', (from, to, legal) => {
    expect(canBecome(from, to)).toBe(legal);
  });
});
