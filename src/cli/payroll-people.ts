import type { Command } from 'commander';
import type { UnmatchedPerson, WhoIsWho } from '../activities/payroll/people';
import { readSigningKeys } from '../config/load';
import { assertPayrollClerk } from '../desk/payroll/clerks';
import type { DecidingPeople, PersonAnswer } from '../desk/payroll/people';
import { decidePerson } from '../desk/payroll/people';
import type { AcceptedPerson } from '../domain/payroll/accepted-person';
import { isPending, isTakenBack, peopleRevision } from '../domain/payroll/accepted-person';
import type { Employee } from '../domain/payroll/employee';
import { numberOf, personName } from '../domain/payroll/employee';
import type { Person } from '../domain/payroll/person';
import { fullName } from '../domain/payroll/person';
import type { SuggestedPerson } from '../domain/payroll/suggest-people';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { onlyConnection } from './connections';
import { assertBreakGlass } from './decision-options';
import { CliError } from './errors';
import { plural } from './format';
import { isSure } from './inbox';
import { lazy } from './lazy';
import { procoreIdOf } from './link-decisions';
import { daemonApi, ownToken } from './login';
import { fold, table } from './print-table';
import { withStore } from './store';
import { withPayroll } from './with-payroll';

interface Options {
  readonly connection?: string;
  readonly comment?: string;
  readonly as?: string;
  readonly all?: true;
  readonly yes?: true;
}

/** Rows of each list that are shown without `--all`. */
const SHOWN = 20;

/** Who of Procore is which employee of the ERP, below `tieback payroll`. */
export function registerPayrollPeople(payroll: Command, cli: Cli): void {
  const people = payroll
    .command('people')
    .description('which person of Procore is which employee of the ERP, and what people decide about that');
  people
    .command('list', { isDefault: true })
    .description('who is matched, who may be whom, and whose hours belong to nobody yet')
    .option('--connection <name>', 'which connection, where there are several')
    .option('--all', 'every row')
    .addHelpText(
      'after',
      '\nPeople are matched by origin_id and employee number alone; everything else is only suggested. ✓: `accept` takes it without a number.\n\n' +
        'Example:\n  tieback payroll people',
    )
    .action((options: Options) => list(cli, options));
  withOptions(people.command('accept <person> [employee]'))
    .description('say that a person of Procore (by id) is an employee of the ERP (by number)')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nWithout a number: the employee that is suggested with ✓. It counts at once; employee_id, origin_id and work classification of the person go to\n' +
        'Procore by themselves.\n\nExamples:\n  tieback payroll people accept 71\n  tieback payroll people accept 71 2207 --comment "married, new name"',
    )
    .action((person: string, employee: string | undefined, options: Options) =>
      accept(cli, procoreIdOf(person), employee, options),
    );
  withOptions(people.command('undo <person>'))
    .description('take back that a person is an employee; what Tieback wrote to Procore is put back')
    .addHelpText('after', '\nExample:\n  tieback payroll people undo 71 --comment "the other Reyes"')
    .action((person: string, options: Options) => undo(cli, procoreIdOf(person), options));
}

const withOptions = (command: Command): Command =>
  command
    .option('--connection <name>', 'which connection, where there are several')
    .option('--comment <text>', 'goes into the audit log')
    .option(
      '--as <person>',
      'break-glass: decide in the name of somebody; off unless people.breakGlass is set',
    );

async function list(cli: Cli, options: Options): Promise<void> {
  await withPayroll(cli, options, async (store, parts) => {
    const now = cli.now().toISOString();
    cli.progress('Reading people ...');
    const { whoIsWho, unmatchedPeople } = lazy.activities();
    const read = async (): Promise<readonly [WhoIsWho, Awaited<ReturnType<typeof unmatchedPeople>>]> => {
      const who = await whoIsWho({ store }, parts, now);
      return [who, await unmatchedPeople(parts, who.free, now)];
    };
    const [who, alone] = await read().finally(() => cli.progress(null));
    const named = namesIn(who);
    const refused = who.accepted.filter(({ reason }) => reason !== null);
    const result = {
      connection: who.connectionId,
      matched: who.matched.size,
      pending: who.accepted.filter(isPending).length,
      suggestions: who.suggestions.map((one) => ({ ...one, ...named(one) })),
      ...alone,
      refused,
      problems: who.problems,
    };
    cli.result(result, () => render(cli, { who, ...alone, refused }, options.all === true));
  });
}

/** Both of a suggestion, by what they are recognised by. */
function namesIn({ people, employees }: Pick<WhoIsWho, 'people' | 'employees'>) {
  const persons = new Map(people.map((one) => [one.id, one]));
  const staff = new Map(employees.map((one) => [one.key, one]));
  return ({
    personId,
    employeeKey,
  }: Pick<SuggestedPerson, 'personId' | 'employeeKey'>): {
    readonly person: Person | undefined;
    readonly employee: Employee | undefined;
  } => ({ person: persons.get(personId), employee: staff.get(employeeKey) });
}

interface Shown {
  readonly who: WhoIsWho;
  readonly unmatched: readonly UnmatchedPerson[];
  readonly others: number;
  readonly refused: readonly AcceptedPerson[];
}

function render(cli: Cli, { who, unmatched, others, refused }: Shown, isAll: boolean): string {
  const named = namesIn(who);
  const nameIn = (one: { readonly personId: number; readonly employeeKey: string }): string => {
    const { person } = named(one);
    return person === undefined ? '' : fullName(person);
  };
  const pending = who.accepted.filter(isPending).length;
  const suggestions = who.suggestions.map(({ verdict, reasons, ...one }) => {
    const { employee } = named(one);
    return [
      verdict === 'match' ? cli.paint.green('✓') : '?',
      String(one.personId),
      nameIn(one),
      employee?.number ?? one.employeeKey,
      employee === undefined ? '' : `${employee.firstName} ${employee.lastName}`,
      reasons.join(', '),
    ];
  });
  const alone = unmatched.map(({ person, hours }) => [
    String(person.id),
    fullName(person),
    person.employeeId ?? '',
    hours ?? '',
  ]);
  const told = refused.map((one) => [
    String(one.personId),
    nameIn(one),
    one.employeeNumber,
    `${isTakenBack(one) ? 'not put back: ' : ''}${one.reason ?? ''}`,
  ]);
  const tooMany = unmatched.some(({ hours }) => hours === null)
    ? ' Hours are shown where fewer are left.'
    : '';
  return [
    `${plural(who.matched.size, 'person', 'people')} of Procore ${who.matched.size === 1 ? 'is an employee' : 'are employees'} of the ERP.` +
      (pending === 0 ? '' : ` ${plural(pending, 'decision')} not told to Procore yet.`),
    ...section(
      cli,
      'Suggested',
      ['', 'Procore', 'name there', 'ERP', 'name there', 'why'],
      suggestions,
      isAll,
    ),
    ...section(cli, 'Not matched', ['Procore', 'name', 'number there', 'hours, 45 days'], alone, isAll),
    ...section(cli, 'Not taken by Procore', ['Procore', 'name', 'ERP', 'why'], told, isAll),
    ...section(
      cli,
      'To be put right',
      null,
      who.problems.map((text) => [fold(text, cli.width - 2)]),
      isAll,
    ),
    ...(others === 0 && tooMany === ''
      ? []
      : [
          '',
          cli.paint.dim(
            fold(
              `${others === 0 ? '' : `${plural(others, 'other')} of the directory are no employees there and have no hours.`}${tooMany}`.trim(),
              cli.width,
            ),
          ),
        ]),
  ].join('\n');
}

function section(
  cli: Cli,
  title: string,
  head: readonly string[] | null,
  rows: readonly (readonly string[])[],
  isAll: boolean,
): readonly string[] {
  if (rows.length === 0) return [];
  const some = isAll ? rows : rows.slice(0, SHOWN);
  const more = rows.length - some.length;
  return [
    '',
    cli.paint.bold(`${title} (${rows.length})`),
    table(head, some, { ...cli.tableOptions, indent: 2, wrap: true }),
    ...(more > 0 ? [cli.paint.dim(`  and ${more} more: --all`)] : []),
  ];
}

async function accept(cli: Cli, id: number, typed: string | undefined, options: Options): Promise<void> {
  const send = sending(cli, options);
  await withPayroll(cli, options, async (store, parts) => {
    const who = await lazy.activities().whoIsWho({ store }, parts, cli.now().toISOString());
    const person = who.people.find((one) => one.id === id);
    if (person === undefined)
      throw new CliError(`Procore shows no person ${id}.`, {
        hint: '`tieback payroll people` lists them.',
        code: 'RECORD_UNKNOWN',
      });
    const employee = typed === undefined ? suggestedFor(person, who) : employeeNamed(typed, who.employees);
    const group = `pay group ${employee.payGroup}${employee.isActive ? '' : ', inactive'}`;
    const why = who.suggestions.find((one) => one.personId === id && one.employeeKey === employee.key);
    const question = `${fullName(person)} (${id} of Procore) is employee ${personName(employee)}, ${group} (${why?.reasons.join(', ') ?? 'not suggested'})?`;
    if (!(await isSure(cli, options, question))) return;
    const decided = await send(
      { store, sides: () => lazy.activities().payrollSides(parts.connection) },
      {
        ...{ how: 'accept', personId: id, employeeKey: employee.key },
        personRevision: peopleRevision(person),
        employeeRevision: peopleRevision(employee),
      },
    );
    cli.result({ connection: parts.connection.id, decided }, () =>
      fold(
        `${cli.paint.green('✓')} ${fullName(person)} (${id}) is employee ${personName(employee)}. It counts now; Procore is told with the next round.`,
        cli.width,
      ),
    );
  });
}

function suggestedFor({ id, ...person }: Person, { employees, suggestions, matched }: WhoIsWho): Employee {
  const own = suggestions.filter(({ personId }) => personId === id);
  const sure = own.find(({ verdict }) => verdict === 'match');
  const employee = employees.find(({ key }) => key === sure?.employeeKey);
  if (employee !== undefined) return employee;
  const known = employees.find(({ key }) => key === matched.get(id));
  if (known !== undefined)
    throw new CliError(`${fullName(person)} (${id}) is employee ${personName(known)} already.`, {
      hint: `Procore is told the key of the ERP as well by \`tieback payroll people accept ${id} ${known.number}\`.`,
      code: 'PERSON_MATCHED',
    });
  const asked = own.flatMap(({ employeeKey }) => employees.find(({ key }) => key === employeeKey) ?? []);
  throw new CliError(
    asked.length === 0
      ? `Nobody of the ERP is suggested for ${fullName(person)} (${id}).`
      : `Who ${fullName(person)} (${id}) is, is a question: ${asked.map(personName).join(' or ')}.`,
    {
      hint: `Name the employee: \`tieback payroll people accept ${id} ${asked[0]?.number ?? '<number>'}\`.`,
      code: 'NO_MATCHES',
    },
  );
}

function employeeNamed(typed: string, employees: readonly Employee[]): Employee {
  const found = employees.filter(({ key, number }) => key === typed || numberOf(number) === numberOf(typed));
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  throw new CliError(
    only === undefined
      ? `The ERP has no employee ${typed}.`
      : `Several employees of the ERP have the number ${typed}: ${found.map(({ key }) => key).join(', ')}.`,
    {
      hint:
        only === undefined
          ? 'It is the employee number of the ERP, such as 2207.'
          : 'Name one by its key, in quotes.',
      code: 'EMPLOYEE_UNKNOWN',
    },
  );
}

async function undo(cli: Cli, id: number, options: Options): Promise<void> {
  const send = sending(cli, options);
  await withStore(cli, async (store, config) => {
    const { id: connectionId } = onlyConnection(config, options.connection);
    const accepted = await store.read('payroll.people', (t) => t.payrollPeople.accepted(connectionId));
    const own = accepted.find((one) => one.personId === id && !isTakenBack(one));
    if (own === undefined)
      throw new CliError(`Nobody accepted person ${id} as an employee.`, {
        hint: 'What Procore itself says, by origin_id or employee number, is changed there.',
        code: 'PERSON_NOT_MATCHED',
      });
    const { employeeKey, employeeNumber } = own;
    const decided = await send(
      { store, sides: () => Promise.resolve(null) },
      { how: 'undo', personId: id, employeeKey },
    );
    const isNumbered = decided.toWrite.employeeId === undefined;
    cli.result({ connection: connectionId, decided }, () =>
      fold(
        `${cli.paint.green('✓')} Person ${id} is employee ${employeeNumber} no more; what Tieback wrote to Procore is put back with the next round.` +
          (isNumbered
            ? ' Procore had the employee number before: as long as it is there, it still counts.'
            : ''),
        cli.width,
      ),
    );
  });
}

type Send = (
  parts: Omit<DecidingPeople, 'now'> & { readonly store: Store },
  answer: PersonAnswer,
) => Promise<AcceptedPerson>;

/**
 * Through the daemon, as the person whose token is here; or past it, by break-glass. Throws `CliError` `NOT_LOGGED_IN`, `BREAK_GLASS_OFF` before
 * anything is read.
 */
function sending(cli: Cli, { as, comment = '', connection: name }: Options): Send {
  const config = cli.config();
  const { id: connectionId } = onlyConnection(config, name);
  if (as === undefined) {
    const { url, token } = ownToken(cli, config);
    const api = daemonApi(cli, url, token);
    return (_parts, answer) => api.decidePerson({ connectionId, answer, comment });
  }
  assertBreakGlass(config);
  // Whoever cannot read them decides in nobody's name.
  readSigningKeys(config, cli.io.env);
  assertPayrollClerk(
    config.connections.find(({ id }) => id === connectionId),
    connectionId,
    as,
  );
  const decider = { by: as, account: cli.account(), channel: 'break-glass' };
  return (parts, answer) =>
    decidePerson(
      { ...parts, now: () => cli.now().toISOString() },
      { connectionId, answer, comment },
      decider,
    );
}
