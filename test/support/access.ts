/** The Desk's door with a real store behind it: who comes in is real, what they find is not there. */
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import Fastify from 'fastify';
import { openSession } from '../../src/desk/access/sessions';
import type { Doorkeeper } from '../../src/desk/access/sessions';
import { tokenVisitor } from '../../src/desk/people';
import type { Grant } from '../../src/domain/people/access';
import { Access } from '../../src/http/access';
import type { AccessParts } from '../../src/http/access';
import { secureAnswers } from '../../src/http/access/headers';
import type { DeskSource } from '../../src/http/api';
import { deskPlugin } from '../../src/http/api';
import { DeskRefusal } from '../../src/desk/refusal';
import type { AuditEntry } from '../../src/domain/audit/chain';
import { Store } from '../../src/store/store';
import { silentLogger } from '../../src/telemetry/logger';
import { TEST_KEYS } from './people';

export const DESK = 'https://desk.acme.example';
const CONNECTIONS = ['acme', 'other'];
const MINUTE = 60_000;

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface AskedRoute {
  readonly method: string;
  readonly url: string;
}

export class AccessWorld {
  /** ISO 8601 UTC; tests move it. */
  now = '2026-11-30T08:00:00.000Z';
  /** By person; tests change it. */
  readonly grants: Record<string, readonly Grant[]> = {};
  readonly routes: AskedRoute[] = [];
  private readonly secrets = new Map<string, string>();
  private counter = 0;

  private constructor(
    readonly store: Store,
    readonly app: FastifyInstance,
  ) {}

  access!: Access;
  doorkeeper!: Doorkeeper;

  static async create(given: Partial<AccessParts> = {}, more: { hsts?: boolean } = {}): Promise<AccessWorld> {
    const store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
    await store.transaction('test', null, async (t) => {
      for (const [index, id] of CONNECTIONS.entries())
        await t.connections.add({
          id,
          companyId: index + 1,
          erpAdapter: 'sample',
          erpCompany: '1',
          createdAt: '2026-01-01T00:00:00.000Z',
        });
    });
    const app = Fastify();
    const world = new AccessWorld(store, app);
    const doorkeeper: Doorkeeper = {
      store,
      keys: TEST_KEYS,
      connectionIds: CONNECTIONS,
      now: () => world.now,
      limits: { idleMs: 30 * MINUTE, absoluteMs: 600 * MINUTE },
      grantsOf: (person) => world.grants[person] ?? [],
    };
    world.doorkeeper = doorkeeper;
    world.access = new Access({
      doorkeeper,
      url: () => DESK,
      oidc: null,
      loginAs: null,
      knownAs: (email) => Object.keys(world.grants).find((id) => id === email.toLowerCase()) ?? null,
      bearer: (authorization) => tokenVisitor(doorkeeper, authorization),
      logger: silentLogger,
      ...given,
    });
    secureAnswers(app, { hsts: more.hsts ?? false });
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') world.routes.push({ method: one, url });
    });
    await app.register(deskPlugin(world.source()));
    await app.register(world.access.plugin);
    await app.ready();
    return world;
  }

  private source(): DeskSource {
    const nothing = (): never => {
      throw new DeskRefusal('NOTHING_FOUND', 'There is nothing here.');
    };
    const room = new Proxy({}, { get: () => nothing }) as never;
    return {
      visitor: (request) => this.access.visitor(request),
      sessions: () => this.access.sessions(),
      end: (which, how, actor) => this.access.end(which, how, actor),
      live: { join: nothing, position: null },
      mayApprove: () => [],
      zones: () => [],
      decide: nothing,
      decideLinks: nothing,
      decidePerson: nothing,
      inbox: nothing,
      requestPage: nothing,
      operations: nothing,
      correctable: nothing,
      requests: nothing,
      requestsSummary: nothing,
      decideBulk: nothing,
      stuck: nothing,
      retryStuck: nothing,
      conflicts: nothing,
      exceptions: nothing,
      suggestions: nothing,
      views: nothing,
      saveView: nothing,
      removeView: nothing,
      sayAbout: nothing,
      audit: room,
      records: room,
      rules: room,
      payroll: room,
      connections: room,
    };
  }

  /** Lets a person in; answers their cookie. */
  async login(person: string, grants: readonly Grant[] = [grantOf('viewer')]): Promise<string> {
    this.grants[person] ??= grants;
    this.counter += 1;
    const secret = `secret-${this.counter}`;
    const nobody = { name: null, issuer: null, subject: null, sid: null, idToken: null };
    const session = await openSession(
      this.doorkeeper,
      { ...nobody, person, way: 'passkey' },
      { id: `session-${this.counter}`, secret },
    );
    const cookie = `__Host-desk=${secret}`;
    this.secrets.set(cookie, session.id);
    return cookie;
  }

  /** The id of the session that a cookie opens. */
  idOf(cookie: string): string {
    return this.secrets.get(cookie) ?? '';
  }

  /** As a page of the Desk sends it. */
  ask(method: Method, url: string, cookie: string, payload?: object): Promise<LightMyRequestResponse> {
    const own = method === 'GET' ? {} : { origin: DESK, 'content-type': 'application/json' };
    const headers = { ...own, cookie };
    return this.app.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    } as InjectOptions);
  }

  /** So many minutes later. */
  later(minutes: number): void {
    this.now = new Date(Date.parse(this.now) + minutes * MINUTE).toISOString();
  }

  log(): Promise<readonly AuditEntry[]> {
    return this.store.read('test', async (t) => {
      const all: AuditEntry[] = [];
      for await (const link of t.audit.chain('acme')) all.push(...link.entries.map(({ entry }) => entry));
      return all;
    });
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.store.close();
  }
}

export const grantOf = (role: Grant['role'], connections: readonly string[] | null = null): Grant => ({
  role,
  connections,
  projects: null,
});

/** The cookie in an answer, as a browser would send it back; null: none was set, or it was taken away. */
export function cookieIn({ headers }: LightMyRequestResponse, name = '__Host-desk'): string | null {
  const set = [headers['set-cookie'] ?? []].flat().find((text) => text.startsWith(`${name}=`));
  const value = set?.split(';')[0] ?? '';
  return value.endsWith('=') || value === '' ? null : value;
}
