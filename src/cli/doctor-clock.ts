import { aheadOf, clockVerdict, clockWords, wrongClock } from '../domain/base/clock';
import type { ErpAdapter } from '../erp-adapters/contract/adapter';
import type { Cli } from './cli';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { ok, skipped, warning, failed } from './findings';

const NAME = 'clock';
const SET_OURS =
  'Let this machine take its time from a time server (`timedatectl`, `w32tm /resync`): the times of the audit log and of decisions are its own.';
const SET_ERP =
  'Let the database server of the ERP take its time from a time server: the times of the ledger are its own.';

/** A time that another system told, and when it was asked by our clock: all epoch milliseconds. */
export interface ToldTime {
  readonly before: number;
  readonly after: number;
  /** Null: its answer had no time. */
  readonly theirs: number | null;
}

/** How far Procore's clock is ahead of ours, in milliseconds; null: it is not known. */
export type ProcoreAhead = { ms: number | null };

/** Compares our clock with Procore's, and remembers the difference for the ERP's. */
export function procoreClock({ theirs, ...call }: ToldTime, known: ProcoreAhead): Finding {
  if (theirs === null) return skipped(NAME, 'not compared: the answer of Procore has no Date');
  const ahead = aheadOf(call, theirs);
  known.ms = ahead;
  const detail = `Procore's clock is ${clockWords(ahead)} ours`;
  return told(detail, ahead, SET_OURS);
}

/** Compares our clock with the ERP's, where its adapter tells the time. */
export async function erpClock(cli: Cli, erp: ErpAdapter, procore: ProcoreAhead): Promise<Finding> {
  if (erp.now === undefined)
    return skipped(NAME, 'not compared: the adapter does not tell the time of the ERP');
  const before = cli.now().getTime();
  try {
    const theirs = Date.parse(await erp.now());
    return erpClockFinding({ before, after: cli.now().getTime(), theirs }, procore.ms);
  } catch (error) {
    return skipped(NAME, `not compared: ${reasonOf(error)}`);
  }
}

/** `procoreAheadMs`: of Procore's clock before ours; it tells which of the two others is wrong. */
export function erpClockFinding({ theirs, ...call }: ToldTime, procoreAheadMs: number | null): Finding {
  if (theirs === null || Number.isNaN(theirs))
    return failed(
      NAME,
      'the adapter tells a time that is none',
      'Report it: `now` of the adapter must answer ISO 8601 in UTC.',
    );
  const ahead = aheadOf(call, theirs);
  const detail = `the ERP's clock is ${clockWords(ahead)} ours`;
  switch (wrongClock(ahead, procoreAheadMs)) {
    case 'erp':
      return told(`${detail}; ours agrees with Procore's`, ahead, SET_ERP);
    case 'ours':
      return told(`${detail}; the ERP's agrees with Procore's, so ours is wrong`, ahead, SET_OURS);
    case 'both':
      return told(`${detail}, and neither agrees with Procore's`, ahead, `${SET_OURS} ${SET_ERP}`);
    case 'one of them':
      return told(detail, ahead, `${SET_OURS} ${SET_ERP}`);
  }
}

function told(detail: string, aheadMs: number, hint: string): Finding {
  const verdict = clockVerdict(aheadMs);
  if (verdict === 'ok') return ok(NAME, detail.split(/[;,]/)[0] ?? detail);
  return verdict === 'warning' ? warning(NAME, detail, hint) : failed(NAME, detail, hint);
}
