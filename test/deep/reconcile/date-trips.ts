/** Run by itself, on a machine in another zone: dates go from Procore to the ERP and back. Prints those that moved. */
import type { CanonicalRecord } from '../../../src/domain/kinds/record';
import { date } from '../../../src/procore/kinds/toolbox/schemas';
import { kindOf, sampleCompany } from '../../unit/erp-adapters/sample-kit';
import { recordSamples } from '../../unit/erp-adapters/record-samples';

/** Both changes of the clock in Berlin, both ends of a year, a leap day, and the day on which Procore and Honolulu differ most of the time. */
const DATES = ['2026-03-29', '2026-10-25', '2026-01-01', '2026-12-31', '2028-02-29', '2026-07-01'];
/** As Procore writes a date, field by field. */
const FORMS = [
  (text: string) => text,
  (text: string) => `${text}T00:00:00Z`,
  (text: string) => `${text}T00:00:00-10:00`,
];
const TRIPS = 6;

async function main(): Promise<void> {
  const company = sampleCompany();
  const commitments = kindOf(company.open(), 'commitment');
  const moved: unknown[] = [];
  let trip = 0;
  const base = { generation: 1, targetRevision: 'r', planHash: 'h', expected: null };
  const write = async (erpKey: string | null, record: CanonicalRecord): Promise<string> => {
    trip += 1;
    const of = { ...base, operationKey: `trip:${trip}`, recordId: `commitment/${trip}` };
    const action = erpKey === null ? ('create' as const) : ('update' as const);
    const [result] = await commitments.write([{ ...of, action, erpKey, record }]);
    if (result === undefined || !('erpKey' in result)) throw new Error(JSON.stringify(result));
    return result.erpKey;
  };
  const key = await write(
    null,
    (await recordSamples(company.accounting).commitment?.sample('19')) ?? { fields: {}, lines: [] },
  );
  for (const day of DATES) {
    let now = day;
    for (let n = 0; n < TRIPS; n += 1) {
      const read = date.parse(FORMS[n % FORMS.length]?.(now));
      await write(key, { fields: { date: read }, lines: [] });
      const [known] = await commitments.read([key]);
      now = String(known?.record.fields['date']);
      if (now !== day) moved.push({ day, trip: n + 1, read, now });
    }
  }
  company.remove();
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
  process.stdout.write(JSON.stringify({ zone, moved, dates: DATES.length }));
}

void main();
