import { sharedText } from '../../../domain/kinds/likeness';
import type { CanonicalRecord, Fields } from '../../../domain/kinds/record';
import { textIn } from '../../../domain/kinds/record';
import { ensure, ensureNone, QuestionSkipped } from './kit';
import type { KindQuestion, Room } from './room';
import { columnProblems, isKey, refsOf, shapeProblems } from './shapes';
import { unlike } from './unlike';

/** Cursors tried out one by one; more would only take longer on a large company. */
const MOST_RESTARTS = 8;
/** Records looked up one by one. */
const MOST_LOOKUPS = 40;
const MOST_SIMILAR = 50;

/** Questions that only read: fit for a production system. */
export const READING_QUESTIONS: readonly KindQuestion[] = [
  {
    name: 'rules',
    title: 'column rules can be met, and are about fields that there are',
    async see({ records, definition }) {
      ensureNone(columnProblems(await records.rules(), definition));
      return 'every rule can be met';
    },
  },
  {
    name: 'paging-complete',
    title: 'small pages bring what large pages bring',
    async see(room) {
      const large = await room.readAll(null, 5_000);
      const small = await room.readAll(null, smallPage(room, large.byKey.size));
      const missing = [...large.byKey.keys()].filter((key) => !small.byKey.has(key));
      const extra = [...small.byKey.keys()].filter((key) => !large.byKey.has(key));
      ensureNone(missing, 'small pages leave out ');
      ensureNone(extra, 'only small pages bring ');
      return `${small.byKey.size} in ${small.pages.length} pages`;
    },
  },
  {
    name: 'paging-stable',
    title: 'reading twice brings the same records with the same values',
    async see(room) {
      const first = await room.readAll(null);
      const second = await room.readAll(null);
      const differ = [...first.byKey].flatMap(([key, record]) =>
        unlike(second.byKey.get(key)?.record, record.record, key),
      );
      ensureNone(differ, 'a second reading differs: ');
      return `${first.byKey.size}, twice the same`;
    },
  },
  {
    name: 'paging-restart',
    title: 'reading can go on from every cursor',
    async see(room) {
      const all = await room.readAll(null, 5_000);
      const whole = await room.readAll(null, smallPage(room, all.byKey.size));
      const cursors = spread(whole.pages.length, MOST_RESTARTS);
      for (const index of cursors) {
        const before = whole.pages
          .slice(0, index + 1)
          .flatMap(({ records }) => records.map(({ key }) => key));
        const rest = await room.readAll(whole.pages[index]?.cursor ?? null);
        const seen = new Set([...before, ...rest.byKey.keys()]);
        ensureNone(
          [...whole.byKey.keys()].filter((key) => !seen.has(key)),
          `going on after page ${index + 1} misses `,
        );
      }
      return `restarted after ${cursors.length} of ${whole.pages.length} pages`;
    },
  },
  {
    name: 'paging-moves-on',
    title: 'after the last page, what was read does not come again for ever',
    where: ({ repeatsNewest }) => !repeatsNewest,
    async see(room) {
      const whole = await room.readAll(null);
      ensure(whole.cursor !== null, 'no page came, so there is no cursor to keep');
      const again = (await room.readAll(whole.cursor)).byKey.size;
      const allowed = Math.min(room.pageSize, Math.floor(whole.byKey.size / 2));
      ensure(again <= allowed, `${again} of ${whole.byKey.size} come again although nothing changed`);
      return `${again} come again`;
    },
  },
  {
    name: 'keys-stable',
    title: 'keys fit into an origin_id, and values that must be unique are so',
    async see(room) {
      const { kind, records } = room;
      const { byKey } = await room.readAll(null);
      ensureNone(
        [...byKey.keys()].filter((key) => !isKey(kind, key)),
        'keys must be "<company or group>|<id>" without blanks, these are not: ',
      );
      for (const [field, { unique, assigned }] of Object.entries((await records.rules()).fields)) {
        if (!unique && !assigned) continue;
        const values = [...byKey.values()].map(({ record }) => sharedText(textIn(record, field)));
        const given = values.filter((value) => value !== null);
        const twice = given.filter((value, index) => given.indexOf(value) !== index);
        ensureNone(twice, `two keys carry the same ${field}: `);
      }
      return `${byKey.size} keys`;
    },
  },
  {
    name: 'keys-whole',
    title: 'the keys of all records are those of a whole reading, each once',
    where: ({ tellsKeys }) => tellsKeys,
    async see(room) {
      const { byKey } = await room.readAll(null);
      const keys: string[] = [];
      for await (const page of room.records.keys?.(smallPage(room, byKey.size)) ?? []) keys.push(...page);
      const told = new Set(keys);
      ensure(told.size === keys.length, `${keys.length - told.size} keys come twice`);
      ensureNone(
        [...byKey.keys()].filter((key) => !told.has(key)),
        'what is there would be taken for deleted: ',
      );
      ensureNone(
        keys.filter((key) => !byKey.has(key)),
        'keys of what is not read: ',
      );
      return `${keys.length} keys`;
    },
  },
  {
    name: 'read-by-keys',
    title: 'reading by key brings exactly those that exist, as paging showed them',
    async see(room) {
      const { byKey } = await room.readAll(null);
      const keys = pick([...byKey.keys()], MOST_LOOKUPS);
      const found = await room.records.read([...keys, 'no|such', '1|999999999', 'nonsense', '']);
      ensure(found.length === keys.length, `${keys.length} that exist were asked for, ${found.length} came`);
      const differ = found.flatMap((record) => unlike(record, byKey.get(record.key), record.key));
      ensureNone(differ, 'read by key, it differs from what came by page: ');
      ensure((await room.records.read([])).length === 0, 'asked for nothing, something came');
      return `${keys.length} read`;
    },
  },
  {
    name: 'value-shapes',
    title: 'what is read is canonical, and every line has a number and a key of its own',
    async see(room) {
      const rules = await room.records.rules();
      const { byKey } = await room.readAll(null);
      ensureNone([...byKey.values()].flatMap((record) => shapeProblems(room.kind, record, rules)));
      return `${byKey.size} well-formed`;
    },
  },
  {
    name: 'look-up',
    title: 'records, lines and what they refer to are looked up as they stand; others are absent',
    async see(room) {
      const { kind, adapter } = room;
      const { byKey } = await room.readAll(null);
      for (const { key, state, record } of pick([...byKey.values()], MOST_LOOKUPS)) {
        const lines = record.lines.map((line) => ({ target: line.kind, key: line.erpKey ?? '' }));
        const gone = { target: kind, key: '1|999999999' };
        const asked = [{ target: kind, key }, ...lines, ...refsOf(kind, record), gone];
        const states = await adapter.lookUp(asked);
        const isInOrder = states.every((s, i) => s.target === asked[i]?.target && s.key === asked[i]?.key);
        ensure(isInOrder && states.length === asked.length, 'the answers do not follow the questions');
        const stands = states[0]?.state ?? 'nothing';
        ensure(stands === state, `${key} is ${state}, looked up it is ${stands}`);
        const absent = states.slice(1, -1).filter((s) => s.state === 'absent');
        ensureNone(
          absent.map((s) => `${s.target} ${s.key}`),
          `${key}: absent are `,
        );
        const strays = states.slice(1, lines.length + 1).filter(({ parentKey }) => parentKey !== key);
        ensureNone(
          strays.map((s) => s.parentKey ?? 'nothing'),
          `${key}: its lines say they belong to `,
        );
        ensure(states.at(-1)?.state === 'absent', 'a record that is not there is not absent');
        ensure(
          states.every(({ label }) => label.trim() !== ''),
          'a label is empty',
        );
      }
      return `${byKey.size} looked up`;
    },
  },
  {
    name: 'finds-number',
    title: 'every record is found by its number',
    where: ({ definition }) => definition.fields['code'] !== undefined,
    async see(room) {
      const { byKey } = await room.readAll(null);
      const numbered = [...byKey.values()].filter(({ record }) => textIn(record, 'code') !== '');
      for (const { key, record } of pick(numbered, MOST_LOOKUPS)) {
        const found = await room.records.findSame(record);
        const code = textIn(record, 'code');
        ensure(
          found.some((one) => one.key === key),
          `${key} is not found by its number ${code}`,
        );
        const others = found.filter((one) => textIn(one.record, 'code') !== code);
        ensureNone(
          others.map((one) => one.key),
          `for the number ${code} also come `,
        );
      }
      return `${numbered.length} found by their numbers`;
    },
  },
  {
    name: 'finds-similar',
    title: 'the search for doubles finds every record by each thing it can be found by',
    where: ({ isSearched }) => isSearched,
    async see(room) {
      const { byKey } = await room.readAll(null);
      for (const { key, record } of pick([...byKey.values()], MOST_LOOKUPS)) {
        for (const { by, probe } of await probesOf(room, record)) {
          const found = (await room.records.findSimilar?.(probe)) ?? [];
          const isTold = found.length === MOST_SIMILAR || found.some((similar) => similar.key === key);
          ensure(
            found.length <= MOST_SIMILAR,
            `${found.length} similar ones came; ${MOST_SIMILAR} are the most`,
          );
          ensure(isTold, `${key} is not found by its ${by}`);
        }
      }
      return `${Math.min(byKey.size, MOST_LOOKUPS)} found by all they have`;
    },
  },
];

/** A record that has one thing in common with another, written in another way. */
export interface Probe {
  readonly by: string;
  readonly probe: CanonicalRecord;
}

/** One probe for each thing a record can be found by: short name, name, e-mail, phone. */
export async function probesOf(room: Room, record: CanonicalRecord): Promise<readonly Probe[]> {
  const { likeness } = room.definition;
  if (likeness === undefined) throw new QuestionSkipped('nothing makes two of them alike');
  const rules = (await room.records.rules()).fields;
  const unique = Object.keys(rules).filter((field) => rules[field]?.unique);
  const digits = textIn(record, likeness.phone ?? '').replace(/\D/g, '');
  const ways: [string, string][] = [
    ...[...unique, likeness.email ?? ''].map((field): [string, string] => [
      field,
      flipped(textIn(record, field)),
    ]),
    [likeness.name, textIn(record, likeness.name).toUpperCase()],
    [likeness.phone ?? '', digits.length === 10 ? `+1 (${digits.slice(0, 3)}) ${digits.slice(3)}` : digits],
  ];
  return ways
    .filter(([field, value]) => value !== '' && (field !== likeness.phone || digits.length >= 7))
    .map(([field, value]) => ({ by: field, probe: nobody(room, { [field]: value }) }));
}

/** A record that is like no other but for these fields. */
export function nobody({ definition }: Room, fields: Fields): CanonicalRecord {
  const name = definition.likeness?.name ?? 'name';
  return { fields: { [name]: 'zz conformance nobody', ...fields }, lines: [] };
}

const flipped = (text: string): string =>
  text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();

/** A page that a file of this size has several of. */
const smallPage = ({ pageSize }: Room, size: number): number =>
  Math.max(1, Math.min(pageSize, Math.ceil(size / 4)));

/** Up to `most` indexes below `length`, evenly spread. */
function spread(length: number, most: number): readonly number[] {
  const step = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

const pick = <T>(items: readonly T[], most: number): readonly T[] =>
  spread(items.length, most).flatMap((index) => items.slice(index, index + 1));
