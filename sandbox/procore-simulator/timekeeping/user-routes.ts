import { isoSeconds } from '../clock';
import { ApiError, notFound, refused } from '../errors';
import { created, ok, pathId, wrapped, type Call, type Handler, type Reply } from '../http-kit';
import { asInt, asString, type JsonObject } from '../json';
import { paginate } from '../pagination';
import { writable } from '../records/writable';
import type { Company, State } from '../state';
import { ItemError, syncAction } from '../sync-action';
import { asRequest, inRange, refuseUnplayed } from './lists';
import type { People } from './people';

const USERS = '/rest/v1.0/companies/{company_id}/users';
const V13 = 'RestV13CompaniesCompanyIdUsers';

/** What a user and the person of the directory have in common. */
const SHARED = [
  'first_name',
  'last_name',
  'is_employee',
  'employee_id',
  'job_title',
  'work_classification_id',
];

/** Users of the company (OpenAPI, "company users" v1.3; earlier versions of the list show the same). A user is a person of the directory too. */
export class UserRoutes {
  constructor(
    private readonly state: State,
    private readonly people: People,
    private readonly duplicateOriginIdStatus: 409 | 422,
  ) {}

  handlers(): Record<string, Handler> {
    const list = (call: Call): Reply => this.list(call);
    return {
      [`${V13}Get`]: list,
      RestV11CompaniesCompanyIdUsersGet: list,
      [`${V13}IdGet`]: (call) => ok(this.find(call.company, pathId(call))),
      [`${V13}Post`]: (call) => this.create(call),
      [`${V13}IdPatch`]: (call) =>
        asRequest(() => {
          const given = writable(call.operation, 'user', wrapped(call, 'user'));
          return ok(this.change(call.company, this.find(call.company, pathId(call)), given));
        }, this.duplicateOriginIdStatus),
      [`${V13}SyncPatch`]: (call) => syncAction(call.body, (item) => this.sync(call, item)),
      [`${V13}IdInvitePatch`]: (call) => {
        this.find(call.company, pathId(call));
        return { status: 202, body: {} };
      },
    };
  }

  private list(call: Call): Reply {
    refuseUnplayed(call, 'filters[trade_id]', 'sort');
    const { query } = call;
    const ranges = ['created_at', 'updated_at'] as const;
    const origins = query.list('filters[origin_id]');
    const vendors = query.list('filters[vendor_id]');
    const search = query.get('filters[search]')?.toLowerCase();
    const found = [...rowsIn(call.company).values()].filter((user) => {
      const inRanges = ranges.every((field) => {
        const range = query.get(`filters[${field}]`);
        return range === undefined || inRange(Date.parse(asString(user[field]) ?? ''), range);
      });
      if (!inRanges || (origins && !origins.includes(asString(user['origin_id']) ?? ''))) return false;
      if (vendors && !vendors.includes(String(asInt(user['vendor_id'])))) return false;
      return search === undefined || String(user['name']).toLowerCase().includes(search);
    });
    return paginate(found, call, (user) => user);
  }

  /** OpenAPI: 409 for an e-mail address that somebody has. Creating does not invite. */
  private create(call: Call): Reply {
    const given = writable(call.operation, 'user', wrapped(call, 'user'));
    for (const name of ['last_name', 'email_address']) {
      if (asString(given[name]) === undefined)
        throw refused(400, `param is missing or the value is empty: ${name}`);
    }
    const email = given['email_address'];
    if ([...rowsIn(call.company).values()].some((user) => user['email_address'] === email)) {
      throw new ApiError(409, { errors: { email_address: ['has already been taken'] } });
    }
    return asRequest(() => created(this.insert(call.company, given)), this.duplicateOriginIdStatus);
  }

  /** "Using Sync Actions": by id, else by origin_id, else new. */
  private sync(call: Call, item: JsonObject): JsonObject {
    const given = writable(call.operation, undefined, item);
    const users = rowsIn(call.company);
    if (item['id'] !== undefined && item['id'] !== null) {
      const user = users.get(asInt(item['id']) ?? -1);
      if (!user) throw new ItemError({ id: ['Entity with this ID not found'] });
      return this.change(call.company, user, given);
    }
    const origin = asString(item['origin_id']);
    const known =
      origin === undefined ? undefined : [...users.values()].find((u) => u['origin_id'] === origin);
    return known ? this.change(call.company, known, given) : this.insert(call.company, given);
  }

  private insert(company: Company, given: JsonObject): JsonObject {
    this.check(company, given, null);
    const id = this.state.nextId('record');
    const now = isoSeconds(this.state.now());
    const user = { is_active: true, is_employee: false, ...given, id, created_at: now, updated_at: now };
    const named = { ...user, name: nameOf(user) };
    rowsIn(company).set(id, named);
    this.people.add(company, { ...shared(named), user_id: id, email: given['email_address'] ?? null });
    return named;
  }

  private change(company: Company, user: JsonObject, given: JsonObject): JsonObject {
    this.check(company, given, asInt(user['id']) ?? null);
    const before = JSON.stringify(user);
    Object.assign(user, given);
    if (typeof user['last_name'] === 'string') user['name'] = nameOf(user);
    if (JSON.stringify(user) === before) return user;
    user['updated_at'] = isoSeconds(this.state.now());
    const person = [...company.time.people.values()].find(({ fields }) => fields['user_id'] === user['id']);
    if (person) this.people.edit(company, person, shared(given));
    return user;
  }

  private check(company: Company, given: JsonObject, id: number | null): void {
    const originId = given['origin_id'];
    if (originId === undefined || originId === null) return;
    const taken = [...rowsIn(company).values()].some(
      (user) => user['origin_id'] === originId && user['id'] !== id,
    );
    if (taken) throw new ItemError({ origin_id: ['has already been taken'] });
  }

  private find(company: Company, id: number): JsonObject {
    const user = rowsIn(company).get(id);
    if (!user) throw notFound(`Couldn't find User with 'id'=${id}`);
    return user;
  }
}

/** With the records of collections without rules of their own, so that tests may seed any. */
function rowsIn({ collections }: Company): Map<number, JsonObject> {
  const known = collections.get(USERS) ?? new Map<number, JsonObject>();
  collections.set(USERS, known);
  return known;
}

const nameOf = ({ first_name: first, last_name: last }: JsonObject): string =>
  [first, last].filter((name) => typeof name === 'string').join(' ');

function shared(user: JsonObject): JsonObject {
  const own = Object.fromEntries(
    SHARED.filter((name) => name in user).map((name) => [name, user[name] ?? null]),
  );
  return 'is_active' in user ? { ...own, active: user['is_active'] } : own;
}
