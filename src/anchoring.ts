/** The places outside our store that are told the head of the audit log, as the configuration names them. */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ActivityDeps } from './activities';
import type { Config } from './config/load';
import type { AnchorPlace } from './domain/audit/anchor';
import { AuditKeys } from './domain/audit/keys';
import type { Logger } from './telemetry/logger';

/** How long an auditor's address may take to answer. */
const ANSWER_MS = 10_000;

/** Where the heads of the audit log are anchored; the ERP's own database comes on top. */
export function anchoringOf({ audit }: Pick<Config, 'audit'>, logger: Logger): ActivityDeps['anchoring'] {
  return {
    everyMs: audit.anchorEveryMs,
    keys: new AuditKeys(audit.keys),
    places: [
      inLog(logger),
      ...(audit.anchorFile === null ? [] : [inFile(audit.anchorFile)]),
      ...(audit.anchorUrl === null ? [] : [atAddress(audit.anchorUrl)]),
    ],
  };
}

const inLog = (logger: Logger): AnchorPlace => ({
  name: 'the log',
  keep: async (anchor) => Promise.resolve(void logger.info('The audit log is anchored', { anchor })),
});

const inFile = (file: string): AnchorPlace => ({
  name: `the file ${file}`,
  async keep(anchor) {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(file, 'a');
    try {
      await handle.appendFile(`${JSON.stringify(anchor)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
});

const atAddress = (url: string): AnchorPlace => ({
  name: url,
  async keep(anchor) {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(anchor), signal });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  },
});
