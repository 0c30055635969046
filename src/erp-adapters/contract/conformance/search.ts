import type { VendorProbe } from '../adapter';
import type { ConformanceKit, ConformanceQuestion } from './kit';
import { ensure, question } from './kit';
import { withAdapter } from './reading';
import type { TestVendors } from './test-vendors';

const NOBODY: VendorProbe = {
  code: null,
  name: 'zz conformance nobody',
  sortName: null,
  email: null,
  phone: null,
};

/** The duplicate search: the guard against twins. */
export function searchQuestions(kit: ConformanceKit, test: TestVendors): readonly ConformanceQuestion[] {
  return [
    question(
      'writing',
      'similar',
      'a possible twin is found by each thing alone, however it is written, active or not',
      () =>
        withAdapter(kit, async (_adapter, vendors) => {
          const rules = await vendors.rules();
          const tag = test.tag();
          const digits = `206${String(parseInt(tag, 36) % 10_000_000).padStart(7, '0')}`;
          const fields = test.fields(rules, {
            name: `Tieback Check ${tag} Mechanical LLC`,
            ...(rules.fields.email === undefined ? {} : { email: `ap@${tag.toLowerCase()}.example` }),
            ...(rules.fields.phone === undefined
              ? {}
              : { phone: `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)}` }),
          });
          const { erpKey, record } = await test.written(vendors, test.create(fields));
          const probes: [string, VendorProbe][] = [
            ['number', { ...NOBODY, code: record.code }],
            ['name as it is', { ...NOBODY, name: record.name }],
            ['name in other words', { ...NOBODY, name: `TIEBACK CHECK, ${tag} mechanical, L.L.C.` }],
          ];
          if (record.sortName !== null)
            probes.push(['sort name', { ...NOBODY, sortName: record.sortName.toLowerCase() }]);
          if (record.email !== null)
            probes.push(['e-mail', { ...NOBODY, email: record.email.toUpperCase() }]);
          if (record.phone !== null)
            probes.push(['phone', { ...NOBODY, phone: `+1 (${digits.slice(0, 3)}) ${digits.slice(3)}` }]);
          for (const isActive of [true, false]) {
            if (!isActive) await test.written(vendors, test.update(erpKey, { isActive }));
            for (const [by, probe] of probes) {
              const found = await vendors.findSimilar(probe);
              ensure(
                found.some(({ key }) => key === erpKey),
                `not found by its ${by}${isActive ? '' : ' while inactive'}`,
              );
            }
          }
          const none = await vendors.findSimilar(NOBODY);
          ensure(none.length === 0, `${none.length} vendors are similar to nobody`);
          return probes.map(([by]) => by).join(', ');
        }),
    ),
  ];
}
