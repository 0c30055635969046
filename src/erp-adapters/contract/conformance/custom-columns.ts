import { fitDecimal } from '../../../domain/kinds/column-rules';
import type { CustomColumnNames, CustomLabels } from '../../../domain/kinds/custom-fields';
import { customField, isCustomField } from '../../../domain/kinds/custom-fields';
import { withCustomColumns } from '../../../domain/kinds/custom-columns';
import type { RecordColumns } from '../../../domain/kinds/fit-record';
import type { CanonicalRecord, FieldValue } from '../../../domain/kinds/record';
import { ensure, ensureNone, QuestionSkipped } from './kit';
import type { RuledPlace } from './places';
import { isRuledPlace, placesOf, textOfLength } from './places';
import type { KindQuestion, Room } from './room';
import { isNumber } from './shapes';
import { notThe } from './unlike';

/** Known without asking the ERP; what it offers is not. */
const where: NonNullable<KindQuestion['where']> = ({ kit }) => kit.openMapping !== undefined;

/** Columns that custom fields may be mapped to: asked of adapters that offer any, where one with mapped columns can be opened. */
export const CUSTOM_COLUMN_QUESTIONS: readonly KindQuestion[] = [
  {
    name: 'custom-columns',
    title: 'what is written to a mapped column comes back as it was sent, and can be changed',
    where,
    see: (room) =>
      withMapped(room, async (mapped, places) => {
        const tag = mapped.tag();
        const first = filled(await mapped.sample(), places, (place) => valueFor(place, `A${tag}`));
        const { erpKey, record } = await mapped.written(mapped.create(first));
        ensureKept(places, first, record);
        const held = await mapped.held(erpKey);
        ensure(held !== undefined, `${erpKey} is not there after it was written`);
        ensureKept(places, first, held.record);
        const all = await mapped.readAll(null);
        const read = all.byKey.get(erpKey);
        ensure(read !== undefined, `${erpKey} is not among the changed records`);
        ensureKept(places, first, read.record);
        const header = places.filter(({ isHeader }) => isHeader);
        if (header.length === 0) return namesOf(places);
        const second = filled({ fields: {}, lines: [] }, header, (place) => valueFor(place, `B${tag}`, 2));
        const updated = await mapped.written(mapped.update(erpKey, second.fields));
        ensureKept(header, second, updated.record);
        return namesOf(places);
      }),
  },
  {
    name: 'custom-limits',
    title: 'what does not fit a mapped column is refused, not cut or rounded',
    where,
    see: (room) =>
      withMapped(room, async (mapped, places) => {
        const tag = mapped.tag();
        const trials = places.flatMap((place): (readonly [RuledPlace, string])[] => {
          const { decimals = 2, maxLength } = place.rule;
          if (isNumber(place.definition)) return [[place, `33.${'3'.repeat(decimals + 1)}`]];
          if (place.definition.type !== 'text') return [];
          const value = textOfLength(place, maxLength + 1, tag) ?? 'X'.repeat(maxLength + 1);
          return [[place, value]];
        });
        await mapped.refusedAt(trials);
        return namesOf(trials.map(([place]) => place));
      }),
  },
  {
    name: 'custom-unmapped',
    title: 'a column that is not mapped is neither read nor written',
    where,
    see: (room) =>
      withMapped(room, async (mapped, places) => {
        const sent = filled(await mapped.sample(), places, (place) => valueFor(place, mapped.tag()));
        const { erpKey } = await mapped.written(mapped.create(sent));
        const held = await room.held(erpKey);
        ensure(held !== undefined, `${erpKey} is not there after it was written`);
        const fields = [held.record, ...held.record.lines].flatMap((part) => Object.keys(part.fields));
        ensureNone(fields.filter(isCustomField), 'read without being mapped: ');
        const [first] = places;
        ensure(first !== undefined, 'nothing is mapped');
        const value = valueFor(first, room.tag());
        return room.refused(`${first.name}, which is not mapped`, first.put(await room.sample(), value));
      }),
  },
];

/** Asks with every column that is offered, of the header and of the lines that the sample has. */
async function withMapped(
  room: Room,
  see: (mapped: Room, places: readonly RuledPlace[]) => Promise<string>,
): Promise<string> {
  const rules = await room.records.rules();
  const sample = await room.sample();
  const { definition, columns } = withCustomColumns(room.definition, rules, labelsOf(rules));
  const places = placesOf(room.kind, sample, columns, definition)
    .filter(isRuledPlace)
    .filter(({ field }) => isCustomField(field));
  if (places.length === 0)
    throw new QuestionSkipped(`no column of ${room.definition.plural} is offered for custom fields`);
  return room.mapping(namesIn(room, rules), (mapped) => see(mapped, places));
}

const namesIn = ({ kind }: Room, { custom }: RecordColumns): CustomColumnNames => ({
  [kind]: Object.keys(custom?.fields ?? {}),
  ...Object.fromEntries(Object.entries(custom?.lines ?? {}).map(([line, of]) => [line, Object.keys(of)])),
});

function labelsOf({ custom }: RecordColumns): CustomLabels {
  const of = (columns: object = {}): CustomLabels['fields'] =>
    Object.fromEntries(Object.keys(columns).map((column) => [customField(column), null]));
  const lines = Object.entries(custom?.lines ?? {}).map(([kind, columns]) => [kind, of(columns)] as const);
  return { fields: of(custom?.fields), lines: Object.fromEntries(lines) };
}

/** A value that the rule of the place allows; `variant` counts those that differ. */
function valueFor(place: RuledPlace, tag: string, variant = 1): FieldValue {
  const { definition, rule } = place;
  if (definition.type === 'flag') return variant === 1;
  if (definition.type === 'date') return `2026-03-0${variant}`;
  if (isNumber(definition)) return fitDecimal(String(variant), rule.decimals ?? 2);
  if (rule.allowed !== undefined) return rule.allowed[variant - 1] ?? rule.allowed[0] ?? null;
  return textOfLength(place, rule.maxLength, tag);
}

const filled = (
  record: CanonicalRecord,
  places: readonly RuledPlace[],
  valueOf: (place: RuledPlace) => FieldValue,
): CanonicalRecord => places.reduce((into, place) => place.put(into, valueOf(place)), record);

const ensureKept = (places: readonly RuledPlace[], sent: CanonicalRecord, back: CanonicalRecord): void =>
  ensureNone(
    places
      .filter(({ get }) => get(sent) !== get(back))
      .map(({ name, get }) => `${name} came back as ${notThe(get(back), get(sent))}`),
  );

const namesOf = (places: readonly RuledPlace[]): string => places.map(({ name }) => name).join(', ');
