import { foldText, lengthIn } from '../../../domain/base/text';
import type { ColumnRule } from '../../../domain/kinds/column-rules';
import { fitDecimal } from '../../../domain/kinds/column-rules';
import { textIn } from '../../../domain/kinds/record';
import { ensure, ensureNone, QuestionSkipped } from './kit';
import type { Place, RuledPlace } from './places';
import { isRuledPlace, placesOf, textOfLength, textPlaces } from './places';
import type { KindQuestion, Room } from './room';
import { isWritten, say, withFields } from './room';
import { isNumber } from './shapes';
import { ensureSame, notThe } from './unlike';

/** Names that are hard on an ERP: typographic quotes, accents, letters outside Latin-1, another script, emoji, combining marks. */
const HARD_NAMES = [
  'O’Neil “Señal” – 3″',
  'Ñandú Große Ltée',
  'Łódź Żelbet',
  '株式会社タイバック',
  'Crane 🏗',
  'Rése\u0301au',
];

const DECIMALS = ['0.10', '10', '100.00', '7.5', '0'];

/** Whether the rules tell the truth: what they allow is stored as it was sent, what they forbid is refused and never cut. */
export const LIMIT_QUESTIONS: readonly KindQuestion[] = [
  {
    name: 'limit-exact',
    title: 'text of exactly the longest length is stored as it is, in every column',
    async see(room) {
      const places = await placesIn(room, textPlaces);
      let sent = await room.sample();
      const tried = places.flatMap((place) => {
        const value = textOfLength(place, place.rule.maxLength, room.tag());
        if (value === null) return [];
        sent = place.put(sent, value);
        return [{ place, value }];
      });
      const { record } = await room.written(room.create(sent));
      const differ = tried.filter(({ place, value }) => place.get(record) !== value);
      ensureNone(
        differ.map(({ place, value }) => `${place.name} came back as ${notThe(place.get(record), value)}`),
      );
      return namesOf(tried.map(({ place }) => place));
    },
  },
  {
    name: 'limit-too-long',
    title: 'text one longer than the column is refused, not cut, in every column',
    async see(room) {
      const places = await placesIn(room, textPlaces);
      await room.refusedAt(
        places.map((place) => {
          const length = place.rule.maxLength + 1;
          return [place, textOfLength(place, length, room.tag()) ?? 'X'.repeat(length)];
        }),
      );
      return namesOf(places);
    },
  },
  {
    name: 'unicode',
    title: 'text comes back as it was sent, or is refused with a reason, as the rules say',
    async see(room) {
      const places = await placesIn(room, (all) =>
        textPlaces(all).filter(
          ({ rule, field }) =>
            rule.maxLength >= 20 && rule.pattern === undefined && field !== 'code' && !rule.unique,
        ),
      );
      const tried = [places.find(({ isHeader }) => isHeader), places.find(({ isHeader }) => !isHeader)];
      const stored: string[] = [];
      for (const place of tried.filter((one) => one !== undefined)) {
        const lines = place.rule.lineBreaks === true ? ['First line\nsecond line'] : [];
        for (const hard of [...HARD_NAMES, ...lines]) {
          const tagged = `${hard} ${room.tag()}`;
          const text = tagged.length > place.rule.maxLength ? hard : tagged;
          const result = await room.write(room.create(place.put(await room.sample(), text)));
          if (!isWritten(result)) {
            ensure(result.status === 'refused' && result.error.message !== '', `"${text}": ${say(result)}`);
            ensure(!holds(text, place.rule), `the rules allow "${text}", the ERP does not: ${say(result)}`);
            continue;
          }
          const held = await room.held(result.erpKey);
          for (const record of [result.record, held?.record]) {
            const back = record && place.get(record);
            ensureSame(back, text.normalize('NFC'), `${place.name} came back otherwise than it was sent`);
          }
          stored.push(hard);
        }
      }
      return `stored: ${stored.join(', ')}`;
    },
  },
  {
    name: 'decimals',
    title: 'numbers are stored exactly; what would have to be rounded or is too large is refused',
    async see(room) {
      const { total, derived = [] } = room.definition;
      // What the lines make is not free.
      const made = new Set([total?.field, ...derived.map(({ field }) => field)]);
      const places = await placesIn(room, (all) =>
        all.filter(isRuledPlace).filter(({ definition, isHeader, field }) => {
          const isMade = isHeader && made.has(field);
          return isNumber(definition) && !isMade;
        }),
      );
      await room.refusedAt(
        places.flatMap((place) => {
          const { decimals = 2, maxLength } = place.rule;
          const tooLarge = '9'.repeat(maxLength + 1);
          const tooFine = `33.${'3'.repeat(decimals + 1)}`;
          return [tooFine, fitDecimal(tooLarge, decimals) ?? tooLarge].map(
            (value) => [place, value] as const,
          );
        }),
      );
      for (const value of DECIMALS) {
        const sent = places.reduce((record, { put }) => put(record, value), await room.sample());
        const { record } = await room.written(room.create(sent));
        for (const { name, rule, get } of places) {
          const back = get(record);
          const exact = fitDecimal(value, rule.decimals ?? 2);
          ensure(back === exact, `${name} ${value} came back as ${notThe(back, exact)}`);
        }
      }
      return namesOf(places);
    },
  },
  {
    name: 'code-tables',
    title: 'a value that is not in the code table is refused',
    async see(room) {
      const places = await placesIn(room, (all) =>
        all.filter(isRuledPlace).filter(({ rule }) => rule.allowed !== undefined),
      );
      await room.refusedAt(
        places.flatMap((place) => {
          const values = ['Q', '0', 'Z'].map((c) => c.repeat(Math.min(2, place.rule.maxLength)));
          const value = values.find((one) => !place.rule.allowed?.includes(one));
          return value === undefined ? [] : [[place, value] as const];
        }),
      );
      return namesOf(places);
    },
  },
  {
    name: 'unique',
    title: 'a value that must be unique is refused the second time',
    async see(room) {
      const places = await placesIn(room, (all) =>
        all.filter(isRuledPlace).filter(({ rule }) => rule.unique),
      );
      const { record } = await room.newRecord();
      await room.refusedAt(places.map((place) => [place, String(place.get(record))]));
      return namesOf(places);
    },
  },
  {
    name: 'numbers',
    title: 'a number outside the range or in use is refused; a free one is used; none means the next',
    async see(room) {
      const places = await placesIn(room, (all) =>
        all.filter(isRuledPlace).filter(({ rule }) => rule.assigned),
      );
      for (const place of places) {
        const { field, rule } = place;
        const numberOf = async (given: string | null): Promise<string> =>
          textIn((await room.newRecord({ [field]: given })).record, field);
        const next = await numberOf(null);
        ensure(next !== '', 'a record without a number came back');
        const { from, to } = rule.range ?? { from: 1, to: Infinity };
        const outside = [from - 1, to + 1].filter(Number.isFinite).map(String);
        await room.refusedAt([next, ...outside].map((value) => [place, value]));
        const free = await freeAfter(room, field, next, to);
        const result = await room.write(room.create(withFields(await room.sample(), { [field]: free })));
        ensure(isWritten(result), `${place.name} "${free}" is free, and was answered ${say(result)}`);
        ensureSame(textIn(result.record, field), free, 'the free number became another');
        const another = await room.write(room.create(withFields(await room.sample(), { [field]: null })));
        ensure(isWritten(another), `after ${free} was typed ahead of the counter: ${say(another)}`);
      }
      return namesOf(places);
    },
  },
];

const namesOf = (places: readonly Place[]): string => places.map(({ name }) => name).join(', ');

/** The places of this kind that a question is about; without one it cannot be asked. */
async function placesIn(
  room: Room,
  choose: (places: readonly Place[]) => readonly RuledPlace[],
): Promise<readonly RuledPlace[]> {
  const { lacks = [] } = room.kit.samples?.[room.kind] ?? {};
  const all = placesOf(room.kind, await room.sample(), await room.records.rules());
  const places = choose(all.filter(({ isHeader, field }) => !isHeader || !lacks.includes(field)));
  if (places.length === 0)
    throw new QuestionSkipped(`no column of ${room.definition.plural} is of this sort`);
  return places;
}

/** The first number after this one that nobody has, in its form: `S-00017` → `S-00018`. */
async function freeAfter(room: Room, field: string, number: string, last: number): Promise<string> {
  const [, before = '', digits = '', after = ''] = /^(.*?)(\d+)(\D*)$/s.exec(number) ?? [];
  ensure(digits !== '', `the number "${number}" that the ERP gave out has no digits`);
  for (let next = Number(digits) + 1; next <= last; next += 1) {
    const free = `${before}${String(next).padStart(digits.length, '0')}${after}`;
    if ((await room.records.findSame({ fields: { [field]: free }, lines: [] })).length === 0) return free;
  }
  throw new QuestionSkipped(`no number after ${number} is free`);
}

/** Whether the rules say that a value can be stored as it is. */
function holds(value: string, { charset, unit, maxLength }: ColumnRule): boolean {
  const isKept = value.split('\n').every((line) => {
    const { text, impossible } = foldText(line, charset);
    return impossible.length === 0 && text === line;
  });
  return isKept && lengthIn(value, unit, charset) <= maxLength;
}
