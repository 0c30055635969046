import { KINDS } from '../../../domain/kinds';
import type { AnchorPage, ErpAdapter, LateOutcome, LedgerEntry, LedgerPage, OutcomePage } from '../adapter';
import type { Promised } from './kit';
import { ensure, ensureNone, QuestionSkipped } from './kit';
import { ensureSame } from './unlike';

/** `2026-11-29T12:00:00Z`, with or without a part of a second. */
const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Anchors per page. */
const ANCHOR_PAGE = 500;
/** Outcomes per page when all of them are read. */
const OUTCOME_PAGE = 500;
/** Entries per page when the paging of the ledger is tried out. */
const SMALL_PAGE = 5;

/** A question about the adapter as a whole. */
export interface AdapterQuestion extends Pick<Promised, 'name' | 'title'> {
  see(adapter: ErpAdapter): Promise<string>;
}

/** What an adapter says of itself, and its ledger: these only read. */
export const ADAPTER_QUESTIONS: readonly AdapterQuestion[] = [
  {
    name: 'describe',
    title: 'says what it is and what it can do',
    async see(adapter) {
      const { system, version, company, companyName, kinds } = await adapter.describe();
      for (const [part, value] of Object.entries({ system, version, company, companyName }))
        ensure(value.trim() !== '', `the description has no ${part}`);
      const kept = KINDS.filter((kind) => adapter.kinds[kind] !== undefined);
      const told = KINDS.filter((kind) => kinds.includes(kind));
      const differ = `the description tells of ${told.join(', ')}; the adapter keeps ${kept.join(', ')}`;
      ensure(kept.join() === told.join(), differ);
      return `${system}: ${version}, company ${company} ${companyName}`;
    },
  },
  {
    name: 'checks',
    title: 'all its own health checks are well',
    async see(adapter) {
      const checks = await adapter.check();
      ensure(checks.length > 0, 'there are no health checks');
      ensureNone(checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`));
      return checks.map(({ name }) => name).join(', ');
    },
  },
  {
    name: 'grant-script',
    title: 'prints the script that creates its rights and the ledger',
    async see(adapter) {
      const script = adapter.grantScript();
      const isWhole = /tieback/i.test(script) && /ledger/i.test(script);
      ensure(isWhole, 'the grant script does not create the Tieback ledger');
      return `${script.split('\n').length} lines`;
    },
  },
  {
    name: 'ledger',
    title: 'the operation ledger answers, and knows nothing it was not told',
    async see({ ledger }) {
      const found = await ledger.find(['conformance:never-written', 'conformance:neither']);
      ensure(found.length === 0, 'an operation that never was is in the ledger');
      ensure((await ledger.find([])).length === 0, 'asked for no operation, the ledger names one');
      const head = await ledger.head('vendor', 'vendor/conformance-never');
      ensure(head === null, 'a record that never was is in the ledger');
      const all = (await ledger.ofRecord?.('vendor', 'vendor/conformance-never')) ?? [];
      ensure(all.length === 0, 'a record that never was has entries in the ledger');
      return 'the ledger answers';
    },
  },
  {
    name: 'ledger-pages',
    title: 'the ledger is the same in small pages as in a large one, and every entry is found by its key',
    async see({ ledger }) {
      const most = 3 * SMALL_PAGE;
      const large = (await ledger.entries(null, most)).entries;
      const small: LedgerEntry[] = [];
      let after: string | null = null;
      do {
        const page: LedgerPage = await ledger.entries(after, SMALL_PAGE);
        ensure(page.entries.length <= SMALL_PAGE, `a page holds ${page.entries.length} of ${SMALL_PAGE}`);
        ensure(page.cursor === null || page.entries.length > 0, 'an empty page is not the last one');
        small.push(...page.entries);
        after = page.cursor;
      } while (after !== null && small.length < most);
      ensureSame(small.slice(0, most), large, 'in small pages the ledger holds other entries');
      const keys = large.map(({ operationKey }) => operationKey);
      const found = new Set((await ledger.find(keys)).map(({ operationKey }) => operationKey));
      ensureNone(
        keys.filter((key) => !found.has(key)),
        'the ledger has entries of operations that it does not find by their keys: ',
      );
      return `${large.length} entries`;
    },
  },
  {
    name: 'anchors',
    title: 'anchors of the audit log come by pages, and come to an end',
    async see({ anchors }) {
      if (anchors === undefined) throw new QuestionSkipped('this adapter keeps no anchors');
      let count = 0;
      let after: string | null = null;
      do {
        const page: AnchorPage = await anchors.entries(after, ANCHOR_PAGE);
        ensure(page.anchors.length <= ANCHOR_PAGE, `a page holds ${page.anchors.length} of ${ANCHOR_PAGE}`);
        ensure(page.cursor === null || page.anchors.length > 0, 'an empty page is not the last one');
        count += page.anchors.length;
        after = page.cursor;
      } while (after !== null);
      return `${count} anchors`;
    },
  },
  {
    name: 'outcomes',
    title: 'what the ERP decided later comes in order, again the same, and goes on where a reader stopped',
    async see(adapter) {
      if (adapter.outcomes === undefined)
        throw new QuestionSkipped('this adapter answers nothing "accepted"');
      const most = 3 * SMALL_PAGE;
      const large = await adapter.outcomes(null, most);
      const small: LateOutcome[] = [];
      let after: string | null = null;
      while (small.length < large.outcomes.length) {
        const page: OutcomePage = await adapter.outcomes(after, SMALL_PAGE);
        ensure(page.outcomes.length <= SMALL_PAGE, `a page holds ${page.outcomes.length} of ${SMALL_PAGE}`);
        ensure(
          page.outcomes.length > 0,
          `after ${small.length} outcomes a page is empty, but there are more`,
        );
        ensure(page.cursor !== null, 'a page with outcomes has no cursor, so nobody can go on after it');
        small.push(...page.outcomes);
        after = page.cursor;
      }
      ensureSame(small.slice(0, most), large.outcomes, 'in small pages there are other outcomes');
      const end = await endOfOutcomes(adapter, large.cursor);
      const again = await adapter.outcomes(end, SMALL_PAGE);
      ensure(again.outcomes.length === 0, 'from the last place on, outcomes come again');
      ensure(again.cursor === end, 'where nothing is new, the place to go on is another one');
      ensureNone(await problemsOfOutcomes(adapter, large.outcomes));
      return `${large.outcomes.length} outcomes`;
    },
  },
  {
    name: 'time',
    title: 'its time is in UTC, and goes on',
    async see(adapter) {
      if (adapter.now === undefined) throw new QuestionSkipped('this adapter does not tell the time');
      const [first, second] = [await adapter.now(), await adapter.now()];
      for (const time of [first, second]) ensure(ISO_UTC.test(time), `"${time}" is not ISO 8601 in UTC`);
      ensure(Date.parse(first) <= Date.parse(second), `after ${first} it was ${second}`);
      return first;
    },
  },
];

/** The place after the last outcome there is. */
async function endOfOutcomes(adapter: ErpAdapter, from: string | null): Promise<string | null> {
  for (let cursor = from; ;) {
    const page: OutcomePage | undefined = await adapter.outcomes?.(cursor, OUTCOME_PAGE);
    if (page === undefined || page.outcomes.length === 0) return cursor;
    ensure(page.cursor !== cursor, `the cursor "${cursor}" came twice: a reader would never come to the end`);
    cursor = page.cursor;
  }
}

/** Each is about an operation that the ledger knows, says when it was learned, and a rejection says why. */
async function problemsOfOutcomes(
  { ledger }: ErpAdapter,
  outcomes: readonly LateOutcome[],
): Promise<readonly string[]> {
  const entries = await ledger.find(outcomes.map(({ operationKey }) => operationKey));
  const known = new Map(entries.map((entry) => [entry.operationKey, entry]));
  return outcomes.flatMap(({ operationKey, recordId, generation, kind, at, outcome, words }, index) => {
    const entry = known.get(operationKey);
    const isOf = entry?.kind === kind && entry.recordId === recordId && entry.generation === generation;
    const before = outcomes[index - 1];
    return [
      ...(isOf ? [] : [`the ledger does not know ${operationKey} as it is told`]),
      ...(ISO_UTC.test(at) ? [] : [`"${at}" is not ISO 8601 in UTC`]),
      ...(before !== undefined && Date.parse(before.at) > Date.parse(at)
        ? [`${operationKey} comes after what was learned later`]
        : []),
      ...(outcome === 'rejected' && (words ?? '').trim() === ''
        ? [`${operationKey} is rejected without a word`]
        : []),
    ];
  });
}
