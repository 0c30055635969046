import type { Vendor } from '../../../domain/kinds/vendor';
import { VENDOR_FIELDS, VENDOR_FIELD_LABELS } from '../../../domain/kinds/vendor';
import type { ConformanceKit, ConformanceQuestion } from './kit';
import { ensure, question, QuestionSkipped } from './kit';
import { readAll, some, withAdapter } from './reading';
import type { TestVendors } from './test-vendors';
import { isWritten, named, say, writeOne } from './test-vendors';

/** What a write answers, and what it leaves behind. */
export function writeQuestions(kit: ConformanceKit, test: TestVendors): readonly ConformanceQuestion[] {
  const pageSize = kit.pageSize ?? 25;
  const writing = (id: string, title: string, see: () => Promise<string>): ConformanceQuestion =>
    question('writing', id, title, see);
  return [
    writing('create', 'a new vendor is there with what was approved, and the ledger tells of it', () =>
      withAdapter(kit, async (adapter, vendors) => {
        const fields = test.fields(await vendors.rules());
        const operation = test.create(fields);
        const { erpKey, record, replayed } = await test.written(vendors, operation);
        ensure(!replayed, 'a first write says that it is a replay');
        for (const [field, value] of Object.entries(fields) as [keyof Vendor, unknown][]) {
          ensure(
            record[field] === value,
            `${VENDOR_FIELD_LABELS[field]} is "${String(record[field])}", not "${String(value)}"`,
          );
        }
        const [held] = await vendors.read([erpKey]);
        ensure(
          JSON.stringify(held?.vendor) === JSON.stringify(record),
          'the vendor read back differs from the answer',
        );
        const entry = await adapter.ledger.find(operation.operationKey);
        ensure(entry !== null, 'the ledger has no entry of the write');
        const { operationKey, recordId, generation, targetRevision, planHash } = operation;
        const told = {
          operationKey,
          entity: 'vendor',
          recordId,
          generation,
          targetRevision,
          planHash,
          erpKey,
        };
        for (const [part, value] of Object.entries(told)) {
          const said = entry[part as keyof typeof entry];
          ensure(said === value, `the ledger says ${part} "${said}", not "${value}"`);
        }
        ensure(
          !Number.isNaN(Date.parse(entry.writtenAt)),
          `the ledger's time "${entry.writtenAt}" is no time`,
        );
        return `${erpKey} written`;
      }),
    ),
    writing('replay', 'the same operation again writes nothing and answers "replayed"', () =>
      withAdapter(kit, async (adapter, vendors) => {
        const fields = test.fields(await vendors.rules());
        const operation = test.create(fields);
        const first = await test.written(vendors, operation);
        const results = [
          ...(await vendors.write([operation, operation])),
          await writeOne(vendors, operation),
        ];
        for (const result of results) {
          ensure(
            isWritten(result) && result.replayed && result.erpKey === first.erpKey,
            `a replay was answered ${say(result)}`,
          );
        }
        const rows = await named(adapter, fields.name);
        ensure(rows.length === 1, `the vendor is there ${rows.length} times`);
        return 'written once, answered four times';
      }),
    ),
    writing('taken', 'a second operation of the same generation is not written', () =>
      withAdapter(kit, async (adapter, vendors) => {
        const rules = await vendors.rules();
        const first = test.create(test.fields(rules));
        await test.written(vendors, first);
        const other = test.fields(rules);
        const second = test.create(other, { recordId: first.recordId, generation: first.generation });
        const result = await writeOne(vendors, second);
        ensure(result.status === 'taken', `it was answered ${say(result)}`);
        ensure(
          result.by.operationKey === first.operationKey,
          `it names ${result.by.operationKey} as the taker`,
        );
        ensure((await named(adapter, other.name)).length === 0, 'it was written all the same');
        ensure((await adapter.ledger.find(second.operationKey)) === null, 'the ledger has an entry of it');
        return 'the second one was turned away';
      }),
    ),
    writing(
      'there-and-back',
      'going from A to B and back to A is three writes, and the ledger names the last',
      () =>
        withAdapter(kit, async (adapter, vendors) => {
          const a = test.fields(await vendors.rules());
          const b = `${a.name} B`;
          const first = test.create(a);
          const { erpKey } = await test.written(vendors, first);
          const { recordId } = first;
          await test.written(
            vendors,
            test.update(erpKey, { name: b }, { name: a.name }, { recordId, generation: 2 }),
          );
          const back = test.update(erpKey, { name: a.name }, { name: b }, { recordId, generation: 3 });
          const { record, replayed } = await test.written(vendors, back);
          ensure(
            record.name === a.name && !replayed,
            `the vendor is called "${record.name}" after going back`,
          );
          const head = await adapter.ledger.head('vendor', recordId);
          ensure(
            head?.generation === 3 && head.operationKey === back.operationKey,
            `the ledger names generation ${head?.generation ?? 0} as the last`,
          );
          return 'three generations';
        }),
    ),
    writing('update-named-fields', 'an update changes the fields it names and no other', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const before = await test.written(vendors, test.create(test.fields(await vendors.rules())));
        const name = `${before.record.name} new`;
        const after = await test.written(
          vendors,
          test.update(before.erpKey, { name }, { name: before.record.name }),
        );
        ensure(after.record.name === name, `the name is "${after.record.name}"`);
        const touched = VENDOR_FIELDS.filter((f) => f !== 'name' && after.record[f] !== before.record[f]);
        ensure(touched.length === 0, `also changed: ${touched.join(', ')}`);
        return 'only the name moved';
      }),
    ),
    writing('moved', 'when a value is not what the plan saw, nothing is written', () =>
      withAdapter(kit, async (adapter, vendors) => {
        const { erpKey, record } = await test.written(
          vendors,
          test.create(test.fields(await vendors.rules())),
        );
        const seen = { name: record.name, isActive: true };
        await test.written(vendors, test.update(erpKey, { name: `${record.name} by hand` }));
        const late = test.update(erpKey, { name: `${record.name} late` }, seen);
        const result = await writeOne(vendors, late);
        ensure(result.status === 'moved', `it was answered ${say(result)}`);
        ensure(result.reason.trim() !== '', 'no reason is given');
        const [held] = await vendors.read([erpKey]);
        ensure(
          held?.vendor.name === `${record.name} by hand`,
          `the name is now "${held?.vendor.name ?? ''}"`,
        );
        ensure((await adapter.ledger.find(late.operationKey)) === null, 'the ledger has an entry of it');
        const gone = await writeOne(vendors, test.update('9|999999999', { name: 'x' }, { name: 'y' }));
        ensure(
          gone.status === 'moved' || gone.status === 'refused',
          `a vendor that is not there: ${say(gone)}`,
        );
        return result.reason;
      }),
    ),
    writing('order-kept', 'one refused operation does not stop the others, and answers keep the order', () =>
      withAdapter(kit, async (adapter, vendors) => {
        const rules = await vendors.rules();
        const good = [test.fields(rules), test.fields(rules), test.fields(rules)];
        const bad = test.create({ ...test.fields(rules), name: 'x'.repeat(4_000) });
        const [one, two, three] = good.map((fields) => test.create(fields));
        ensure(one !== undefined && two !== undefined && three !== undefined, 'unreachable');
        const results = await vendors.write([one, bad, two, one, three]);
        ensure(results.length === 5, `5 operations were answered by ${results.length} results`);
        const refused = results[1];
        ensure(
          refused?.status === 'refused',
          `a name of 4,000 characters: ${refused ? say(refused) : 'no answer'}`,
        );
        ensure(
          (refused.error.class === 'data' || refused.error.class === 'policy') &&
            refused.error.message !== '',
          'a refusal must be of class data or policy and say why',
        );
        const names = [0, 2, 3, 4].map((index) => {
          const result = results[index];
          return result !== undefined && isWritten(result) ? result.record.name : 'not written';
        });
        const [a, b, c] = good.map(({ name }) => name);
        ensure(names.join() === [a, b, a, c].join(), `the answers are ${names.join(', ')}`);
        ensure(
          (await adapter.ledger.find(bad.operationKey)) === null,
          'the ledger has an entry of the refused one',
        );
        return refused.error.message;
      }),
    ),
    writing('busy', 'while a person holds the vendor file, nothing is written; afterwards it is', () =>
      withAdapter(kit, async (adapter, vendors) => {
        if (kit.people === undefined) throw new QuestionSkipped('nobody is here to hold the vendor file');
        const fields = test.fields(await vendors.rules());
        const operation = test.create(fields);
        await kit.people.lockVendors();
        try {
          const result = await writeOne(vendors, operation);
          ensure(result.status === 'busy', `it was answered ${say(result)}`);
          ensure(
            result.reason.trim() !== '' && result.retryAfterMs > 0,
            'it does not say who, or when to try again',
          );
          ensure((await named(adapter, fields.name)).length === 0, 'it was written all the same');
        } finally {
          await kit.people.unlockVendors();
        }
        const { replayed } = await test.written(vendors, operation);
        ensure(!replayed, 'the ledger thinks it was written while busy');
        return 'waited, then written';
      }),
    ),
    writing('inactive-visible', 'an inactive vendor is read, found and shown as inactive', () =>
      withAdapter(kit, async (adapter, vendors) => {
        const before = await readAll(vendors, null, 500);
        const { erpKey, record } = await test.written(
          vendors,
          test.create(test.fields(await vendors.rules())),
        );
        await test.written(vendors, test.update(erpKey, { isActive: false }, { isActive: true }));
        const [held] = await vendors.read([erpKey]);
        ensure(held?.vendor.isActive === false, 'read by key, it is not inactive');
        const changed = await readAll(vendors, before.cursor, pageSize);
        ensure(changed.byKey.get(erpKey)?.isActive === false, 'it does not come as a changed vendor');
        const [found] = await named(adapter, record.name);
        ensure(found?.key === erpKey, 'the duplicate search does not find it');
        return erpKey;
      }),
    ),
    writing('paging-while-changing', 'nothing is missed while vendors change during the reading', () =>
      withAdapter(kit, async (_adapter, vendors) => {
        const rules = await vendors.rules();
        const own = await vendors.write(
          Array.from({ length: pageSize * 2 }, () => test.create(test.fields(rules))),
        );
        const keys = own.map((result) => (isWritten(result) ? result.erpKey : ''));
        const expected = new Map<string, string>();
        const reading = await readAll(vendors, null, pageSize, async (pages) => {
          // After each page someone renames a vendor that was read already and one that is still to come, and enters a new one.
          const key = keys[pages.length * 3];
          const other = keys.at(-pages.length * 3);
          const changes = [...new Set([key, other])].filter((k) => k !== undefined && !expected.has(k));
          if (pages.length > 4) return;
          for (const changing of changes) {
            if (changing === undefined) continue;
            const name = `Tieback check ${test.tag()}`;
            await test.written(vendors, test.update(changing, { name }));
            expected.set(changing, name);
          }
          const added = await test.written(vendors, test.create(test.fields(rules)));
          expected.set(added.erpKey, added.record.name);
        });
        const rest = await readAll(vendors, reading.cursor, pageSize);
        const missed = [...expected].filter(
          ([key, name]) => (rest.byKey.get(key) ?? reading.byKey.get(key))?.name !== name,
        );
        ensure(missed.length === 0, `the newest values of ${some(missed.map(([key]) => key))} never came`);
        const unread = keys.filter((key) => !reading.byKey.has(key) && !rest.byKey.has(key));
        ensure(unread.length === 0, `never read: ${some(unread)}`);
        return `${expected.size} changes during the reading, all seen`;
      }),
    ),
  ];
}
