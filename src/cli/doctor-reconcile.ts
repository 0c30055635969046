import type { Client } from '@temporalio/client';
import type { Config } from '../config/load';
import { definitionOf } from '../domain/kinds';
import { freshnessOf } from '../domain/reconcile/freshness';
import { RECONCILED_KINDS, reconcileIdOf } from '../domain/request/id';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { failed, ok, warning } from './findings';
import { time } from './format';
import { lazy } from './lazy';

/** Of each connection, and each kind that is kept equal: whether both sides were looked at lately, and what keeps it where not. */
export async function checkReconciles(
  client: Client,
  { connections }: Config,
  now: Date,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, reconcile } of connections) {
    for (const kind of RECONCILED_KINDS) {
      const wanted = reconcile.kinds[kind];
      if (wanted === undefined) continue;
      const name = `${definitionOf(kind).plural} of ${id}`;
      try {
        const runs = await lazy.reconcileRuns().reconcileRuns(client, id, kind);
        const fresh = freshnessOf(runs, wanted.freshSeconds * 1000, now.getTime());
        const seen = fresh.at === null ? 'not looked at yet' : `both sides last compared ${time(fresh.at)}`;
        findings.push(
          fresh.kind === 'fresh'
            ? ok(name, seen)
            : warning(
                name,
                `are late (${seen}): ${fresh.why}`,
                `Look at \`${reconcileIdOf(id, kind)}\` in the Web UI; \`tieback reconcile ${kind}\` looks now.`,
              ),
        );
      } catch (error) {
        findings.push(failed(name, reasonOf(error), 'Run `tieback provision`.'));
      }
    }
  }
  return findings;
}
