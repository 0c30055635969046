import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brickyardKit, createBrickyard } from '../../support/brickyard';
import { BrickyardOnServer } from '../../support/brickyard/on-server';
import { ON_A_SERVER, testConformance } from '../../support/conformance';
import { skippedOnSqlServer, testServer } from '../../support/mssql';

const NOT_ASKED = [
  // Brickyard has no locks of people that a program could see.
  'busy',
  'code-tables',
  'dangling',
  'decimals',
  'numbers',
  'outcomes',
  'race-numbers',
  'unique',
];

describe('an ERP by configuration alone, as docs/generic-sql.md tells', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-brickyard-'));
  const file = join(folder, 'company.db');
  const office = createBrickyard(file);
  afterAll(() => {
    office.close();
    rmSync(folder, { recursive: true });
  });

  testConformance(brickyardKit(file), NOT_ASKED);
});

const server = testServer();
if (server === null) skippedOnSqlServer('the conformance of an ERP by configuration alone');
else
  describe('the same on SQL Server', () => {
    const brickyard = new BrickyardOnServer(server);
    beforeAll(() => brickyard.create(), 60_000);
    afterAll(() => brickyard.drop());

    testConformance(brickyard.kit, NOT_ASKED, ON_A_SERVER);
  });
