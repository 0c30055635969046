import type { Command } from 'commander';
import type { UnmatchedPerson, WhoIsWho } from '../activities/payroll/people';
import type { AcceptedPerson } from '../domain/payroll/accepted-person';
import { isPending, isTakenBack } from '../domain/payroll/accepted-person';
import type { Employee } from '../domain/payroll/employee';
import type { Person } from '../domain/payroll/person';
import { fullName } from '../domain/payroll/person';
import type { SuggestedPerson } from '../domain/payroll/suggest-people';
import type { Cli } from './cli';
import { plural } from './format';
import { lazy } from './lazy';
import { registerPeopleDecisions } from './payroll-people-decisions';
import { fold, table } from './print-table';
import { withPayroll } from './with-payroll';

interface Options {
  readonly connection?: string;
  readonly all?: true;
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
  registerPeopleDecisions(people, cli);
}

async function list(cli: Cli, options: Options): Promise<void> {
  await withPayroll(cli, options, async (store, parts) => {
    const now = cli.now().toISOString();
    cli.progress('Reading people ...');
    const { whoIsWho, unmatchedPeople } = lazy.activities();
    const who = await whoIsWho({ store }, parts, now).finally(() => cli.progress(null));
    cli.progress('Reading timecards ...');
    const alone = await unmatchedPeople(parts, who.free, now).finally(() => cli.progress(null));
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
  const notes = [
    ...(unmatched.some(({ hours }) => hours === null) ? ['Hours are shown where fewer are left.'] : []),
    ...(others === 0 ? [] : [`${others} more in the directory: not marked as employees, and without hours.`]),
    ...(unmatched.length === 0
      ? []
      : ['`tieback payroll people accept <id> [employee]` says who somebody is.']),
  ];
  const { size } = who.matched;
  return [
    `${plural(size, 'person', 'people')} of Procore ${size === 1 ? 'is an employee' : 'are employees'} of the ERP.` +
      (pending === 0 ? '' : ` ${plural(pending, 'decision')} not told to Procore yet.`),
    ...section(cli, 'Suggested', isAll, {
      head: ['', 'Procore', 'name there', 'ERP', 'name there', 'why'],
      rows: suggestions,
    }),
    ...section(cli, 'Not matched', isAll, {
      head: ['Procore', 'name', 'number there', 'hours, 45 days'],
      rows: alone,
      right: [3],
    }),
    ...section(cli, 'Not taken by Procore', isAll, {
      head: ['Procore', 'name', 'ERP', 'why'],
      rows: told,
    }),
    ...section(cli, 'To be put right', isAll, { head: null, rows: who.problems.map((text) => [text]) }),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => cli.paint.dim(fold(note, cli.width)))]),
  ].join('\n');
}

function section(
  cli: Cli,
  title: string,
  isAll: boolean,
  {
    head,
    rows,
    right = [],
  }: {
    readonly head: readonly string[] | null;
    readonly rows: readonly (readonly string[])[];
    readonly right?: readonly number[];
  },
): readonly string[] {
  if (rows.length === 0) return [];
  const some = isAll ? rows : rows.slice(0, SHOWN);
  const more = rows.length - some.length;
  return [
    '',
    cli.paint.bold(`${title} (${rows.length})`),
    table(head, some, { ...cli.tableOptions, indent: 2, wrap: true, right }),
    ...(more > 0 ? [cli.paint.dim(`  and ${more} more: --all`)] : []),
  ];
}
