import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsPage } from '../../../docs/events-page';
import type { EventDefinition } from '../../../src/procore/erp-tool/events';
import { ALL_EVENTS } from '../../../src/procore/erp-tool/events';

const DETAILS = { none: 'none', single: 'one', 'per-item': 'per_item' } as const;
const ROOT = join(__dirname, '..', '..', '..');
const documented = JSON.parse(
  readFileSync(join(ROOT, 'sandbox', 'procore-simulator', 'data', 'events.json'), 'utf8'),
) as readonly {
  readonly name: string;
  readonly trigger: string;
  readonly requestDetail: keyof typeof DETAILS;
  readonly closeOut: readonly { readonly op: string; readonly required: boolean }[];
  readonly optionalCalls: readonly { readonly op: string }[];
}[];
const ours = Object.entries(ALL_EVENTS) as readonly (readonly [string, EventDefinition])[];

test('docs/events.md is what `npm run docs` makes', () => {
  expect(readFileSync(join(ROOT, 'docs', 'events.md'), 'utf8')).toBe(eventsPage());
});

test('every event has its section', () => {
  for (const [name] of ours) expect(eventsPage()).toContain(`\n### ${name}\n`);
});

describe.each(ours)('%s', (name, event) => {
  const dictionary = documented.find((entry) => entry.name === name);
  if (!dictionary) throw new Error(`${name} is in no dictionary`);

  test('is triggered and answered as the dictionary says', () => {
    const { trigger, requestDetail } = dictionary;
    expect(event).toMatchObject({ trigger, details: DETAILS[requestDetail] });
  });

  test('is closed out with the required calls, in order', () => {
    const required = dictionary.closeOut.filter((step) => step.required).map(({ op }) => op);
    expect(event.closeOut.map(({ call }) => call)).toEqual(required);
  });

  test('makes no call beyond those that the dictionary leaves open', () => {
    // The ERP guide updates one job; Tieback uses the sync action of the same resource, which knows records by their origin_id.
    const open = dictionary.optionalCalls.map(({ op }) => op.replace(/\.update$/, '.sync'));
    expect(open).toEqual(expect.arrayContaining((event.optional ?? []).map(({ call }) => call)));
  });
});
