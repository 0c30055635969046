import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConformance } from '../../support/conformance';
import { ledgerline } from '../../support/ledgerline';
import { createLedgerline } from '../../support/ledgerline/company';
import { GRANT_SCRIPT } from '../../support/ledgerline/database';

describe('the smallest adapter, as docs/adapter-guide.md tells how to make it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-ledgerline-'));
  const file = join(folder, 'company.db');
  const office = createLedgerline(file);
  office.exec(GRANT_SCRIPT);
  afterAll(() => {
    office.close();
    rmSync(folder, { recursive: true });
  });

  testConformance(
    {
      open: ({ io } = {}) =>
        ledgerline.create({ connectionId: 'demo', settings: { file }, ...(io ? { io } : {}) }),
      samples: {
        vendor: {
          sample: (tag) => ({
            fields: {
              code: null,
              name: `Check ${tag}`,
              sortName: tag,
              email: `ap@${tag.toLowerCase()}.example`,
              phone: '206-555-0199',
              retainagePercent: '7.50',
              isActive: true,
            },
            lines: [],
          }),
          changes: 'name',
        },
      },
      people: {
        hold: () => void office.exec("INSERT INTO clerk VALUES ('supplier', 'Kim', '2026-07-01')"),
        release: () => void office.exec('DELETE FROM clerk'),
      },
    },
    ['anchors', 'code-tables', 'outcomes', 'time'],
  );
});
