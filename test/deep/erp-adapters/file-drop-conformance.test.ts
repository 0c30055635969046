import { rmSync, writeFileSync } from 'node:fs';
import { testConformance } from '../../support/conformance';
import { Pickup } from '../../support/pickup';
import { kindOf } from '../../unit/erp-adapters/sample-kit';
import { lineOf, recordOf } from '../../unit/erp-adapters/record-samples';

describe('the adapter for drop folders', () => {
  const pickup = new Pickup();
  afterAll(() => pickup.remove());
  // The ERP has answered before: by pages, one twice, and with an answer that it takes back.
  beforeAll(() => answered(pickup));
  const cost = { costCode: 'WEST|J100~cost_code~26-050', costType: 'WEST|3' };

  testConformance(
    {
      open: ({ io } = {}) => pickup.open(io),
      pageSize: 7,
      samples: {
        vendor: {
          sample: (tag) =>
            recordOf({
              code: tag,
              name: `Check ${tag}`,
              sortName: tag,
              email: `ap@${tag.toLowerCase()}.example`,
              phone: '206-555-0199',
              retainagePercent: '7.50',
              isActive: true,
            }),
          changes: 'name',
        },
        commitment: {
          sample: (tag) =>
            recordOf(
              {
                code: tag,
                type: 'subcontract',
                name: `Check ${tag}`,
                job: 'WEST|J100',
                vendor: 'WEST|V100',
                date: '2026-07-01',
                amount: '200.00',
              },
              lineOf('commitment_line', '1', { description: 'Rough-in', ...cost, amount: '211.30' }),
              lineOf('commitment_line', '2', { description: 'Credit', ...cost, amount: '-11.30' }),
            ),
          changes: 'name',
        },
      },
      people: {
        hold: (kind) => writeFileSync(pickup.path('out', `HOLD.${kind}`), 'Kim counts the stock\n'),
        release: (kind) => rmSync(pickup.path('out', `HOLD.${kind}`)),
      },
    },
    ['anchors', 'time', 'code-tables', 'numbers', 'race-numbers'],
  );
});

async function answered(pickup: Pickup): Promise<void> {
  const adapter = pickup.open();
  for (let id = 1; id <= 12; id += 1) {
    const recordId = `vendor/answered-${id}`;
    const record = recordOf({ code: `A${id}`, name: `Answered ${id}`, isActive: true });
    const more = { generation: 1, targetRevision: 'r', planHash: 'p', erpKey: null, expected: null };
    await kindOf(adapter, 'vendor').write([
      { ...more, operationKey: `demo:${recordId}:1:r`, recordId, action: 'create', record },
    ]);
  }
  const [first = '', ...others] = pickup.takeAll().keys();
  pickup.reject(first, 'Terms code missing');
  others.forEach((reference) => pickup.acknowledge(reference));
  await adapter.outcomes?.(null, 1);
  pickup.acknowledge(first);
  pickup.acknowledge(others[0] ?? '');
}
