import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brickyardKit, createBrickyard } from '../../support/brickyard';
import { testConformance } from '../../support/conformance';

describe('an ERP by configuration alone, as docs/generic-sql.md tells', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-brickyard-'));
  const file = join(folder, 'company.db');
  const office = createBrickyard(file);
  afterAll(() => {
    office.close();
    rmSync(folder, { recursive: true });
  });

  testConformance(brickyardKit(file), [
    // Brickyard has no locks of people that a program could see.
    'busy',
    'code-tables',
    'dangling',
    'decimals',
    'numbers',
    'outcomes',
    'race-numbers',
    'unique',
  ]);
});
