#!/usr/bin/env node
/**
 * Verifies an export of Tieback's audit log (`tieback audit export`) without Tieback: one file, no dependencies, Node.js 18 or newer.
 *
 *   node verify-tieback-audit.mjs audit.jsonl [--head acme:1842:9f2c41d0a7be...] [--key 2026-11=key-file] [--anchors anchors.jsonl]
 *
 * --head     a head that was written down earlier: connection, link, and at least twelve characters of its hash
 * --key      a key of the log (its id, and the file with 32 bytes in base64): HMACs are checked
 * --anchors  heads as Tieback anchored them, a line of JSON each
 *
 * The rules are in docs/audit.md; this file is what they look like as a program. Exit code 0: everything agrees; 3: something was changed,
 * removed or added; 2: it was called wrongly, or the file is no export.
 */
import { createHash, createHmac } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** JSON with the keys of every object sorted and no white space; members without a value are left out. */
function canonical(value) {
  if (Array.isArray(value))
    return `[${value.map((item) => canonical(item === undefined ? null : item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}

const hashOf = (value) => createHash('sha256').update(canonical(value), 'utf8').digest('hex');

/** What an approval is bound to: what would be written where, old and new, and the warnings. */
const BOUND = ['side', 'action', 'kind', 'recordId', 'target', 'erpKey', 'procoreId', 'changes'];
const WRITTEN = ['items', 'resource', 'place', 'rows', 'id'];
const picked = (object, names) =>
  Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));
const linkOf = ({ link }) => (link ? { link: [link.kind, link.erpKey, link.procoreId, link.state] } : {});

const planHash = ({ subject, operations, warnings, notes, facts, leftOut, unchanged, conflicts }) =>
  hashOf({
    subject,
    operations: operations.map((operation) => ({
      ...picked(operation, [...BOUND, ...WRITTEN]),
      projectId: operation.projectId ?? null,
      ...linkOf(operation),
    })),
    warnings,
    notes,
    facts,
    leftOut,
    unchanged,
    ...(conflicts === undefined ? {} : { conflicts }),
  });

const findings = [];
const found = (where, what) => findings.push(`${where}: ${what}`);

/** One chain as it is read, link after link. */
class Chain {
  last = null;
  digests = new Map();
  hashes = new Map();
  firstKeyed = null;
  counts = { links: 0, entries: 0, notKeyed: 0, notChecked: 0 };
  granted = new Set();
  written = new Map();

  constructor(head) {
    this.head = head;
    this.name = head.connection;
    this.isPart = head.request !== null || typeof head.record === 'string';
  }

  link({ seq, prevHash, digests, hash, keyId = null, hmac = null }) {
    const where = `${this.name} link ${seq}`;
    const before = this.last ?? (seq === 1 ? { seq: 0, hash: '0'.repeat(64) } : null);
    // The export of one request or record begins at its first link.
    if (before === null && !this.isPart) found(where, 'the links before it are missing');
    if (before !== null && seq !== before.seq + 1) found(where, `it does not come after link ${before.seq}`);
    if (before !== null && prevHash !== before.hash) found(where, 'it does not continue the link before it');
    if (hashOf({ connectionId: this.name, seq, prevHash, digests }) !== hash) found(where, 'it was changed');
    this.seal(where, hash, keyId, hmac);
    this.entriesComplete();
    this.digests = new Map(digests.map((digest, idx) => [idx, digest]));
    this.hashes.set(seq, hash);
    this.last = { seq, hash };
    this.counts.links += 1;
  }

  seal(where, hash, keyId, hmac) {
    if (keyId === null && hmac === null) {
      if (this.firstKeyed !== null) found(where, `it has no HMAC, though link ${this.firstKeyed} has one`);
      else this.counts.notKeyed += 1;
      return;
    }
    this.firstKeyed ??= this.last === null ? 1 : this.last.seq + 1;
    if (keys.size === 0) this.counts.notChecked += 1;
    else sealIsRight(where, hash, keyId, hmac);
  }

  entry({ seq, idx, digest, entry }) {
    const where = `${this.name} link ${seq} position ${idx}`;
    this.counts.entries += 1;
    if (hashOf(entry) !== digest) found(where, 'the entry was changed');
    if (this.last?.seq !== seq || this.digests.get(idx) !== digest)
      found(where, 'the entry is not what the link seals');
    this.digests.delete(idx);
    const { action, requestId, planHash: plan, detail } = entry;
    if (action === 'approval.granted') this.granted.add(`${requestId} ${plan} ${entry.actor}`);
    if (action === 'operation.written' || action === 'operation.adopted')
      this.written.set(detail.operation, entry);
  }

  /** A whole export shows every entry; that of one request or record shows its own. */
  entriesComplete() {
    if (this.last === null || this.isPart) return;
    for (const idx of this.digests.keys())
      found(`${this.name} link ${this.last.seq} position ${idx}`, 'the entry is missing');
  }

  end() {
    this.entriesComplete();
    const { seq, hash } = this.head.head;
    if (seq !== (this.last?.seq ?? 0) || (seq > 0 && hash !== this.last?.hash))
      found(this.name, `the chain ends at link ${this.last?.seq ?? 0}, but its head is link ${seq}`);
  }

  /** What was written down of this chain at some time. */
  remembers(seq, start, where) {
    const hash = this.hashes.get(seq);
    const isBefore = this.isPart && seq < Math.min(...this.hashes.keys());
    if (hash === undefined && !isBefore) found(where, `link ${seq} of ${this.name} is not there any more`);
    else if (hash !== undefined && !hash.startsWith(start))
      found(where, `link ${seq} of ${this.name} has another hash now`);
  }

  /** The plans, decisions and operations of one request. */
  evidence({ request, plans, approvals, operations }) {
    const where = `evidence of ${request.id}`;
    const known = new Set();
    for (const { page, version, hash, body } of plans) {
      known.add(hash);
      if (planHash(body) !== hash) found(where, `plan ${version} (page ${page}) does not have its hash`);
    }
    for (const { planHash: plan, decision, decidedBy } of approvals) {
      if (decision === 'approved' && !this.granted.has(`${request.id} ${plan} ${decidedBy}`))
        found(where, `${decidedBy} approved plan ${plan.slice(0, 12)}, but the log has no entry of it`);
    }
    for (const { operationKey, side, state, planHash: plan } of operations) {
      if (side !== 'erp' || (state !== 'written' && state !== 'confirmed')) continue;
      if (!this.written.has(operationKey))
        found(where, `operation ${operationKey} was written, but the log has no entry of it`);
      if (!known.has(plan))
        found(where, `operation ${operationKey} was written by plan ${plan.slice(0, 12)}, which is not here`);
      if (![...this.granted].some((one) => one.startsWith(`${request.id} ${plan} `)))
        found(
          where,
          `operation ${operationKey} was written by plan ${plan.slice(0, 12)}, which nobody approved`,
        );
    }
  }
}

function sealIsRight(where, text, keyId, hmac) {
  const key = keys.get(keyId);
  if (key === undefined) found(where, `it names key "${keyId}", which was not given`);
  else if (createHmac('sha256', key).update(text, 'utf8').digest('hex') !== hmac)
    found(where, `its HMAC is not that of key "${keyId}"`);
}

async function* linesOf(file) {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    try {
      yield { number, value: JSON.parse(line) };
    } catch {
      throw new Error(`${file}: line ${number} is no JSON`);
    }
  }
}

const { file, heads, keys, anchors } = readArguments(process.argv.slice(2));

function readArguments(args) {
  const given = { file: null, heads: [], keys: new Map(), anchors: [] };
  for (let at = 0; at < args.length; at += 1) {
    const [name, value] = [args[at], args[at + 1]];
    if (name === '--anchors' && value) given.anchors.push(value);
    else if (name === '--head' && /^[^:]+:\d+:[0-9a-f]{12,64}$/.test(value ?? ''))
      given.heads.push(value.split(':'));
    else if (name === '--key' && value?.includes('=')) {
      const [id, path] = [value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)];
      given.keys.set(id, Buffer.from(readFileSync(path, 'utf8').trim(), 'base64'));
    } else if (!name.startsWith('--') && given.file === null) {
      given.file = name;
      continue;
    } else
      stop(
        'usage: verify-tieback-audit.mjs <export> [--head connection:link:hash] [--key id=file] [--anchors file]',
      );
    at += 1;
  }
  return given.file === null ? stop('Name the file of the export.') : given;
}

function stop(message) {
  console.error(message);
  process.exit(2);
}

async function verify() {
  const chains = new Map();
  let chain = null;
  for await (const { number, value } of linesOf(file)) {
    if (value.type === 'head') {
      if (value.format !== 'tieback-audit/1')
        throw new Error(`line ${number}: the format ${value.format} is not known here`);
      chain?.end();
      chain = new Chain(value);
      chains.set(chain.name, chain);
    } else if (chain === null) throw new Error(`line ${number}: an export begins with a head`);
    else if (value.type === 'link') chain.link(value);
    else if (value.type === 'entry') chain.entry(value);
    else if (value.type === 'evidence') chain.evidence(value);
    else throw new Error(`line ${number}: there are no lines of type ${value.type}`);
  }
  if (chain === null) throw new Error(`${file} is empty`);
  chain.end();
  for (const [name, seq, hash] of heads) {
    if (!chains.has(name)) found(`--head ${name}`, 'the export has no such connection');
    chains.get(name)?.remembers(Number(seq), hash, 'head that was written down');
  }
  for (const path of anchors) {
    for await (const { number, value } of linesOf(path)) {
      const { connectionId, seq, hash, at, keyId, hmac } = value;
      const where = `anchor in ${path}, line ${number}`;
      if (keys.size > 0 && keyId)
        sealIsRight(where, `tieback-anchor/1 ${connectionId} ${seq} ${hash} ${at}`, keyId, hmac);
      // What was anchored after the export was made is not in it.
      const one = chains.get(connectionId);
      if (one && at <= one.head.exportedAt) one.remembers(seq, hash, where);
    }
  }
  return chains;
}

const chains = await verify().catch((error) => stop(error.message));
for (const { name, counts, last } of chains.values()) {
  console.log(
    `${name}: ${counts.links} links, ${counts.entries} entries, head ${last?.seq ?? 0}:${last?.hash ?? ''}`,
  );
  if (counts.notKeyed > 0) console.log(`${name}: ${counts.notKeyed} links are not keyed`);
  if (counts.notChecked > 0)
    console.log(`${name}: ${counts.notChecked} HMACs were not checked: no --key was given`);
}
for (const finding of findings) console.log(`✗ ${finding}`);
console.log(findings.length === 0 ? 'Everything agrees.' : `${findings.length} findings.`);
process.exitCode = findings.length === 0 ? 0 : 3;
