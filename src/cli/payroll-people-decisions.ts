import type { Command } from 'commander';
import type { WhoIsWho } from '../activities/payroll/people';
import { readSigningKeys } from '../config/load';
import { assertPayrollClerk } from '../desk/payroll/clerks';
import type { DecidingPeople, PersonAnswer } from '../desk/payroll/people';
import { decidePerson } from '../desk/payroll/people';
import type { AcceptedPerson } from '../domain/payroll/accepted-person';
import { isTakenBack, peopleRevision } from '../domain/payroll/accepted-person';
import type { Employee } from '../domain/payroll/employee';
import { numberOf, personName } from '../domain/payroll/employee';
import type { Person } from '../domain/payroll/person';
import { fullName } from '../domain/payroll/person';
import type { Cli } from './cli';
import { onlyConnection } from './connections';
import { assertBreakGlass } from './decision-options';
import { CliError } from './errors';
import { isSure } from './inbox';
import { lazy } from './lazy';
import { procoreIdOf } from './link-decisions';
import { daemonApi, ownToken } from './login';
import { fold } from './print-table';
import { withStore } from './store';
import { withPayroll } from './with-payroll';

interface Options {
  readonly connection?: string;
  readonly comment?: string;
  readonly as?: string;
  readonly yes?: true;
}

/** What people decide about who is who, below `tieback payroll people`. */
export function registerPeopleDecisions(people: Command, cli: Cli): void {
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

type Send = (parts: Omit<DecidingPeople, 'now'>, answer: PersonAnswer) => Promise<AcceptedPerson>;

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
