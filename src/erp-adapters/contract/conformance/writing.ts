import { sum } from '../../../domain/base/money';
import { lineKeyOf } from '../../../domain/kinds/record';
import type { LedgerEntry, LedgerPage } from '../adapter';
import { ensure, ensureNone, QuestionSkipped } from './kit';
import { placesOf, textOfLength, textPlaces } from './places';
import { nobody, probesOf } from './reading';
import type { KindQuestion, Room, Subject } from './room';
import { asWritten, changesOf, isWritten, say, valueOf, withFields } from './room';
import { differences, isRuled } from './shapes';
import { ensureSame, notThe, same } from './unlike';

/** Entries per page when the whole ledger is read. */
const LEDGER_PAGE = 500;
/** Far longer than any column. */
const TOO_LONG = 'x'.repeat(4_000);

/** Fields that the number of a line is made of. */
const IN_NUMBERS = ['code', 'costCode'];

const changing = ({ kind, kit }: Subject): boolean => changesOf(kit, kind) !== undefined;
const hasState = ({ definition }: Subject): boolean => definition.fields['isActive'] !== undefined;

/** What a write answers, and what it leaves behind. */
export const WRITING_QUESTIONS: readonly KindQuestion[] = [
  {
    name: 'create',
    title: 'a new record is there with all that was approved, and the ledger tells of it',
    async see(room) {
      const { kind, adapter } = room;
      const sent = await room.sample();
      const operation = room.create(sent);
      const { erpKey, record, replayed } = await room.written(operation);
      ensure(!replayed, 'a first write says that it is a replay');
      ensureNone(differences(kind, sent, record), 'the answer is not what was sent: ');
      ensureSame((await room.held(erpKey))?.record, record, 'read by its key, it is not as it was answered');
      const [entry] = await adapter.ledger.find([operation.operationKey, 'conformance:never-written']);
      ensure(entry !== undefined, 'the ledger has no entry of the write');
      const { operationKey, recordId, generation, targetRevision, planHash } = operation;
      const told: Omit<LedgerEntry, 'writtenAt'> = {
        operationKey,
        kind,
        recordId,
        generation,
        targetRevision,
        planHash,
        erpKey,
      };
      const { writtenAt, ...said } = entry;
      ensureSame(said, told, 'the ledger tells of it otherwise');
      ensure(!Number.isNaN(Date.parse(writtenAt)), `the ledger's time "${writtenAt}" is no time`);
      const head = await adapter.ledger.head(kind, recordId);
      ensure(head?.operationKey === operationKey, 'the ledger does not name it as the last write');
      return `${erpKey} with ${record.lines.length} lines`;
    },
  },
  {
    name: 'replay',
    title: 'the same operation again writes nothing, and answers with the same keys',
    async see(room) {
      const mark = await room.mark();
      const operation = room.create(await room.sample());
      const first = await room.written(operation);
      const again = [...(await room.records.write([operation, operation])), await room.write(operation)];
      ensure(again.length === 3, `three operations were answered by ${again.length} results`);
      for (const result of again) {
        const isReplay = isWritten(result) && result.replayed && result.erpKey === first.erpKey;
        ensure(isReplay, `a replay was answered ${say(result)}`);
        ensureSame(result.record, first.record, 'a replay answers with another record');
      }
      const keys = first.record.lines.map((line) => line.erpKey);
      ensure(!keys.includes(null) && new Set(keys).size === keys.length, 'a line has no key of its own');
      const there = await room.countSince(mark);
      ensure(there === 1, `it is there ${there} times`);
      return 'written once, answered four times';
    },
  },
  {
    name: 'taken',
    title: 'a second operation of the same generation is not written',
    async see(room) {
      const first = room.create(await room.sample());
      await room.written(first);
      const sent = await room.sample();
      const mark = await room.mark();
      const second = room.create(sent, { recordId: first.recordId });
      const result = await room.write(second);
      ensure(result.status === 'taken', `it was answered ${say(result)}`);
      ensure(
        result.by.operationKey === first.operationKey,
        `it names ${result.by.operationKey} as the taker`,
      );
      ensure((await room.countSince(mark)) === 0, 'it was written all the same');
      ensure(!(await room.told(second)), 'the ledger has an entry of it');
      return 'the second one was turned away';
    },
  },
  {
    name: 'late',
    title: 'an operation whose worker was held up is not written after a later one of its record',
    where: changing,
    async see(room) {
      const first = room.create(await room.sample());
      const { erpKey, record } = await room.written(first);
      const { recordId } = first;
      const a = { [room.changes]: valueOf(record, room.changes) };
      await room.written(
        room.update(
          erpKey,
          { [room.changes]: `Later ${room.tag()}` },
          { expected: a, recordId, generation: 3 },
        ),
      );
      const late = room.update(
        erpKey,
        { [room.changes]: `Late ${room.tag()}` },
        { expected: {}, recordId, generation: 2 },
      );
      const result = await room.write(late);
      ensure(result.status === 'moved', `it was answered ${say(result)}`);
      ensure(!(await room.told(late)), 'the ledger has an entry of it');
      return 'the late one was turned away';
    },
  },
  {
    name: 'there-and-back',
    title: 'going from A to B and back to A is three writes, and the ledger names the last',
    where: changing,
    async see(room) {
      const first = room.create(await room.sample());
      const { erpKey, record } = await room.written(first);
      const { recordId } = first;
      const field = room.changes;
      const a = { [field]: valueOf(record, field) };
      const b = { [field]: `There ${room.tag()}` };
      await room.written(room.update(erpKey, b, { expected: a, recordId, generation: 2 }));
      const back = room.update(erpKey, a, { expected: b, recordId, generation: 3 });
      const last = await room.written(back);
      const isBack = valueOf(last.record, field) === a[field] && !last.replayed;
      ensure(
        isBack,
        `after going back ${field} is ${notThe(valueOf(last.record, field), a[field])}${last.replayed ? ', as a replay' : ''}`,
      );
      const head = await room.adapter.ledger.head(room.kind, recordId);
      const isLast = head?.generation === 3 && head.operationKey === back.operationKey;
      ensure(isLast, `the ledger names generation ${head?.generation ?? 0} as the last`);
      return 'three generations';
    },
  },
  {
    name: 'ledger-all',
    title: 'whoever reads the whole ledger finds every write, in order and once',
    async see(room) {
      const { ledger } = room.adapter;
      const operations = [room.create(await room.sample()), room.create(await room.sample())];
      for (const operation of operations) await room.written(operation);
      const wanted = operations.map(({ operationKey }) => operationKey);
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const page: LedgerPage = await ledger.entries(after, LEDGER_PAGE);
        seen.push(
          ...page.entries.map(({ operationKey }) => operationKey).filter((key) => wanted.includes(key)),
        );
        after = page.cursor;
      } while (after !== null);
      ensure(same(seen, wanted), `two were written, the whole ledger tells of ${seen.join(', ') || 'none'}`);
      return 'both were found';
    },
  },
  {
    name: 'update-named',
    title: 'an update changes the fields it names and nothing else',
    where: changing,
    async see(room) {
      const { erpKey, record } = await room.newRecord();
      const field = room.changes;
      const value = `New ${room.tag()}`;
      const expected = { [field]: valueOf(record, field) };
      const after = await room.written(room.update(erpKey, { [field]: value }, { expected }));
      ensureSame(valueOf(after.record, field), value, field);
      const rest = { ...after.record, fields: { ...after.record.fields, ...expected } };
      ensureSame(rest, record, 'it changed more');
      return `only ${field} moved`;
    },
  },
  {
    name: 'update-lines',
    title: 'an update changes the line it gives, known by kind and number, and no other',
    where: (subject) => changing(subject) && Object.keys(subject.definition.lines).length > 0,
    async see(room) {
      const { erpKey, record } = await room.newRecord();
      const tag = room.tag();
      const [wanted] = textPlaces(placesOf(room.kind, record, await room.records.rules()))
        .filter(
          ({ isHeader, field, rule }) =>
            !isHeader && !IN_NUMBERS.includes(field) && rule.maxLength >= tag.length,
        )
        .map((place) => place.put(record, textOfLength(place, tag.length, tag)));
      if (wanted === undefined) throw new QuestionSkipped('no line of the sample has free text');
      const lines = wanted.lines.filter((line) => !record.lines.includes(line));
      const after = await room.written(room.update(erpKey, {}, { record: { fields: {}, lines } }));
      ensureSame(after.record, { ...wanted, fields: record.fields }, 'after the update');
      return lines.map(lineKeyOf).join(', ');
    },
  },
  {
    name: 'moved',
    title: 'when a value is not what the plan saw, nothing is written',
    where: changing,
    async see(room) {
      const { erpKey, record } = await room.newRecord();
      const field = room.changes;
      const byHand = `Hand ${room.tag()}`;
      await room.written(room.update(erpKey, { [field]: byHand }));
      const expected = { [field]: valueOf(record, field) };
      const late = room.update(erpKey, { [field]: `Late ${room.tag()}` }, { expected });
      const result = await room.write(late);
      ensure(result.status === 'moved', `it was answered ${say(result)}`);
      ensure(result.reason.trim() !== '', 'no reason is given');
      const held = await room.held(erpKey);
      ensure(held !== undefined && valueOf(held.record, field) === byHand, 'it was written all the same');
      ensure(!(await room.told(late)), 'the ledger has an entry of it');
      const gone = await room.write(
        room.update('1|999999999', { [field]: 'x' }, { expected: { [field]: 'y' } }),
      );
      ensure(gone.status === 'moved' || gone.status === 'refused', `one that is not there: ${say(gone)}`);
      return result.reason;
    },
  },
  {
    name: 'order-kept',
    title:
      'a refused operation leaves nothing behind and does not stop the others, and answers keep the order',
    async see(room) {
      const good = [await room.sample(), await room.sample(), await room.sample()];
      const bad = await room.sample();
      // In the last line where there is one, so that much is written before the refusal.
      const places = textPlaces(placesOf(room.kind, bad, await room.records.rules()));
      const place = places.filter(({ rule }) => rule.pattern === undefined).at(-1);
      if (place === undefined) throw new QuestionSkipped('no field of it has a length');
      const mark = await room.mark();
      const [one, two, three] = good.map((record) => room.create(record));
      const refused = room.create(place.put(bad, TOO_LONG));
      ensure(one !== undefined && two !== undefined && three !== undefined, 'unreachable');
      const results = await room.records.write([one, refused, two, one, three]);
      ensure(results.length === 5, `5 operations were answered by ${results.length} results`);
      const answer = results[1];
      ensure(
        answer?.status === 'refused',
        `a text of 4,000 characters: ${answer ? say(answer) : 'no answer'}`,
      );
      const isSaid =
        (answer.error.class === 'data' || answer.error.class === 'policy') && answer.error.message !== '';
      ensure(isSaid, 'a refusal must be of class data or policy and say why');
      const order = [good[0], undefined, good[1], good[0], good[2]];
      for (const [index, sent] of order.entries()) {
        const result = results[index];
        if (sent === undefined || result === undefined) continue;
        ensureNone(differences(room.kind, sent, asWritten(result).record), `answer ${index + 1}: `);
      }
      const left = await room.countSince(mark);
      ensure(left === 3, `${left} records are there, 3 were written`);
      ensure(!(await room.told(refused)), 'the ledger has an entry of the refused one');
      return answer.error.message;
    },
  },
  {
    name: 'busy',
    title: 'while a person holds the file, nothing is written; afterwards it is',
    async see(room) {
      const { people } = room.kit;
      if (people === undefined) throw new QuestionSkipped('nobody is here to hold the file');
      const operation = room.create(await room.sample());
      const mark = await room.mark();
      await people.hold(room.kind);
      try {
        const result = await room.write(operation);
        ensure(result.status === 'busy', `it was answered ${say(result)}`);
        const isSaid = result.reason.trim() !== '' && result.retryAfterMs > 0;
        ensure(isSaid, 'it does not say who, or when to try again');
        ensure((await room.countSince(mark)) === 0, 'it was written all the same');
      } finally {
        await people.release(room.kind);
      }
      const { replayed } = await room.written(operation);
      ensure(!replayed, 'the ledger thinks it was written while busy');
      return 'waited, then written';
    },
  },
  {
    name: 'inactive-visible',
    title: 'an inactive record is read, found and shown as inactive',
    where: hasState,
    async see(room) {
      const { kind, records, adapter, definition } = room;
      const { erpKey, record } = await room.newRecord();
      const mark = await room.mark();
      const expected = { isActive: true };
      const result = await room.write(room.update(erpKey, { isActive: false }, { expected }));
      if (result.status === 'refused') throw new QuestionSkipped(`none becomes inactive: ${say(result)}`);
      asWritten(result);
      const held = await room.held(erpKey);
      ensure(held?.state === 'inactive', `read by key, it is ${held?.state ?? 'not there'}`);
      ensure(valueOf(held.record, 'isActive') === false, 'read by key, its field says that it is active');
      const changed = (await room.readAll(mark)).byKey.get(erpKey);
      ensure(changed?.state === 'inactive', 'it does not come as a changed record');
      const [standing] = await adapter.lookUp([{ target: kind, key: erpKey }]);
      ensure(standing?.state === 'inactive', `looked up, it is ${standing?.state ?? 'nothing'}`);
      if (definition.fields['code'] === undefined) return erpKey;
      const found = await records.findSame(record);
      ensure(
        found.some(({ key }) => key === erpKey),
        'it is not found by its number',
      );
      return erpKey;
    },
  },
  {
    name: 'finds-new',
    title: 'a record is found by its number as soon as it is written, and not before',
    where: ({ definition }) => definition.fields['code'] !== undefined,
    async see(room) {
      const sent = await room.sample();
      const before = await room.records.findSame(sent);
      ensure(before.length === 0, `${before[0]?.key ?? ''} is found for a number that nobody has`);
      const { erpKey, record } = await room.written(room.create(sent));
      const found = await room.records.findSame(record);
      ensure(
        found.some(({ key }) => key === erpKey),
        `${erpKey} is not found by its number`,
      );
      return erpKey;
    },
  },
  {
    name: 'similar',
    title: 'a possible double is found by each thing alone, however it is written, active or not',
    where: ({ isSearched }) => isSearched,
    async see(room) {
      const { fields: rules } = await room.records.rules();
      const { likeness } = room.definition;
      const tag = room.tag();
      const digits = `206${String(parseInt(tag, 36) % 10_000_000).padStart(7, '0')}`;
      const sent = await room.sample();
      const more: Record<string, string> = {
        [likeness?.name ?? 'name']: `Tieback Check ${tag} Mechanical LLC`,
      };
      const { email = '', phone = '' } = likeness ?? {};
      if (rules[email]) more[email] = `ap@${tag.toLowerCase()}.example`;
      if (rules[phone]) more[phone] = `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)}`;
      const operation = room.create(withFields(sent, more));
      const { erpKey, record } = await room.written(operation);
      const inOtherWords = nobody(room, {
        [likeness?.name ?? 'name']: `TIEBACK CHECK, ${tag} mechanical, L.L.C.`,
      });
      const named = (name: string) => nobody(room, { [likeness?.name ?? 'name']: name });
      const probes = [
        ...(await probesOf(room, record)),
        { by: 'name in other words', probe: inOtherWords },
        { by: 'name with another hyphen', probe: named(`Tie-back Check ${tag} Mechanical Inc`) },
        { by: 'name with a slip', probe: named(`Tieback Check ${tag} Mechancial`) },
      ];
      for (const isActive of [true, false]) {
        if (!isActive) await room.written(room.update(erpKey, { isActive }));
        for (const { by, probe } of probes) {
          const found = (await room.records.findSimilar?.(probe)) ?? [];
          const when = isActive ? '' : ' while inactive';
          ensure(
            found.some(({ key }) => key === erpKey),
            `not found by its ${by}${when}`,
          );
        }
      }
      const none = (await room.records.findSimilar?.(nobody(room, {}))) ?? [];
      ensure(none.length === 0, `${none.length} are similar to nobody`);
      return probes.map(({ by }) => by).join(', ');
    },
  },
  {
    name: 'changed',
    title: 'what is written or changed comes after the cursor, with all its lines',
    async see(room) {
      const mark = await room.mark();
      const { erpKey, record } = await room.newRecord();
      const after = await room.readAll(mark);
      ensure(after.byKey.has(erpKey), 'what was written does not come');
      ensureSame(after.byKey.get(erpKey)?.record, record, 'it does not come as it was answered');
      const field = changesOf(room.kit, room.kind);
      if (field === undefined) return erpKey;
      await room.written(room.update(erpKey, { [field]: `New ${room.tag()}` }));
      const again = await room.readAll(after.cursor);
      ensure(again.byKey.has(erpKey), 'a change of it does not come');
      return erpKey;
    },
  },
  {
    name: 'paging-while-changing',
    title: 'nothing is missed while records change during the reading',
    see: readWhileChanging,
  },
  {
    name: 'total',
    title: 'a header that is not the sum of its lines is refused with both amounts',
    where: ({ definition }) => definition.total !== undefined,
    async see(room) {
      const field = room.definition.total?.field ?? '';
      const sent = await room.sample();
      const stated = sum([String(sent.fields[field]), '0.01']);
      const said = await room.refused(`${field} ${stated}`, {
        ...sent,
        fields: { ...sent.fields, [field]: stated },
      });
      ensure(said.includes(stated), `the refusal does not name ${stated}: ${said}`);
      return said;
    },
  },
  {
    name: 'dangling',
    title: 'a reference to what is not there is refused',
    where: ({ definition }) =>
      [definition, ...Object.values(definition.lines)].some(({ fields }) =>
        Object.values(fields).some(({ type }) => type === 'reference'),
      ),
    async see(room) {
      const sent = await room.sample();
      const trials = placesOf(room.kind, sent, await room.records.rules()).flatMap((place) => {
        const value = place.definition.type === 'reference' ? place.get(sent) : null;
        return typeof value === 'string' ? [[place, `${value.split('|')[0] ?? ''}|999999999`] as const] : [];
      });
      if (trials.length === 0) throw new QuestionSkipped('the sample refers to nothing');
      await room.refusedAt(trials);
      return trials.map(([{ name }]) => name).join(', ');
    },
  },
  {
    name: 'not-carried',
    title: 'a value without a column is refused, not dropped',
    async see(room) {
      const sent = await room.sample();
      const without = placesOf(room.kind, sent, await room.records.rules()).filter(
        ({ rule, definition }) => rule === undefined && isRuled(definition),
      );
      await room.refusedAt(without.map((place) => [place, '1']));
      await room.refused('a field that there is not', withFields(sent, { conformance: '1' }));
      return ['conformance', ...without.map(({ name }) => name)].join(', ');
    },
  },
];

/** After each page someone changes a record that was read already and one that is still to come, and enters a new one. */
async function readWhileChanging(room: Room): Promise<string> {
  const pageSize = Math.max(2, Math.min(5, room.pageSize));
  const mark = await room.mark();
  const keys: string[] = [];
  for (let count = 0; count < pageSize * 3; count += 1) keys.push((await room.newRecord()).erpKey);
  const field = changesOf(room.kit, room.kind);
  const expected = new Map<string, string>();
  const reading = await room.readAll(mark, pageSize, async ({ length }) => {
    if (length > 4) return;
    for (const key of new Set([keys[length * 3], keys.at(-length * 3)])) {
      if (key === undefined || field === undefined || expected.has(key)) continue;
      const value = `Moving ${room.tag()}`;
      await room.written(room.update(key, { [field]: value }));
      expected.set(key, value);
    }
    keys.push((await room.newRecord()).erpKey);
  });
  const rest = await room.readAll(reading.cursor);
  const newest = new Map([...reading.byKey, ...rest.byKey]);
  const missed = [...expected].filter(
    ([key, value]) => newest.get(key)?.record.fields[field ?? ''] !== value,
  );
  ensureNone(
    missed.map(([key]) => key),
    'the newest values never came of ',
  );
  ensureNone(
    keys.filter((key) => !newest.has(key)),
    'never read: ',
  );
  return `${keys.length} written and ${expected.size} changed, all seen`;
}
