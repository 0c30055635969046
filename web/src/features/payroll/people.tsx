import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm } from '../../kit/confirm';
import { Failed } from '../../kit/failed';
import { Notice } from '../../kit/notice';
import styles from '../../kit/sections.module.css';
import { Skeleton } from '../../kit/skeleton';
import { Table } from '../../kit/table';
import { answerOf, POST } from '../../lib/api';
import { moment } from '../../lib/time';
import { texts } from '../../texts/en';
import type { People } from './queries';
import { payroll } from './queries';

const words = texts.payroll.people;

/** Who of Procore is which employee of the ERP: read from both sides when somebody asks. */
export function PeopleOf({ connection }: { readonly connection: string }) {
  const [asked, ask] = useState(false);
  return (
    <section className={styles['part']} aria-label={words.title}>
      <h3>{words.title}</h3>
      {asked ? (
        <Read connection={connection} />
      ) : (
        <>
          <p className="muted">{words.text}</p>
          <Button variant="default" onClick={() => ask(true)}>
            {words.look}
          </Button>
        </>
      )}
    </section>
  );
}

/** A person of Procore as they were when somebody looked; with an employee, where one is suggested. */
type Chosen =
  | ({ readonly how: 'accept'; readonly asked: boolean } & Pick<
      People['unmatched'][number],
      'personId' | 'personRevision' | 'person'
    > &
      Partial<Pick<People['employees'][number], 'employeeKey' | 'employeeRevision' | 'employee'>>)
  | ({ readonly how: 'undo' } & Pick<
      People['accepted'][number],
      'personId' | 'person' | 'employeeKey' | 'employee'
    >);

function Read({ connection }: { readonly connection: string }) {
  const { data, error, refetch } = useQuery(payroll.people(connection));
  const [chosen, choose] = useState<Chosen | null>(null);
  if (error !== null && data === undefined) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined)
    return (
      <div role="status">
        <p className="muted">{words.reading}</p>
        <Skeleton />
      </div>
    );
  return (
    <>
      <p className="muted">{words.counts(data.matched, data.others)}</p>
      {data.problems.map((problem) => (
        <Notice key={problem} look="needs" title={problem} />
      ))}
      {data.suggestions.length === 0 ? null : (
        <Table
          label={words.suggested(data.suggestions.length)}
          rows={data.suggestions}
          keyOf={({ personId, employeeKey }) => `${personId} ${employeeKey}`}
          columns={[
            { label: words.person, cell: ({ person, personId }) => words.withId(person, personId) },
            { label: words.employee, cell: ({ employee }) => employee },
            {
              label: words.evidence,
              cell: ({ verdict, reasons }) => `${words.verdict[verdict]}: ${reasons.join(', ')}`,
            },
            {
              label: words.act,
              cell: (pair) => (
                <Button
                  size="compact-sm"
                  aria-label={words.isOne(pair.person, pair.employee)}
                  onClick={() => choose({ ...pair, how: 'accept', asked: false })}
                >
                  {words.accept}
                </Button>
              ),
            },
          ]}
        />
      )}
      {data.unmatched.length === 0 ? null : (
        <Table
          label={words.unmatched(data.unmatched.length)}
          rows={data.unmatched}
          keyOf={({ personId }) => String(personId)}
          columns={[
            { label: words.nobody, cell: ({ person, personId }) => words.withId(person, personId) },
            { label: words.number, cell: ({ number }) => number ?? texts.empty },
            { label: words.hours, cell: ({ hours }) => hours ?? texts.empty, number: true },
            {
              label: words.act,
              cell: (one) => (
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={words.whoIs(one.person)}
                  onClick={() => choose({ ...one, how: 'accept', asked: true })}
                >
                  {words.choose}
                </Button>
              ),
            },
          ]}
        />
      )}
      {data.accepted.length === 0 ? null : (
        <Table
          label={words.accepted(data.accepted.length)}
          rows={data.accepted}
          keyOf={({ personId, employeeKey }) => `${personId} ${employeeKey}`}
          columns={[
            { label: words.person, cell: ({ person, personId }) => words.withId(person, personId) },
            { label: words.employee, cell: ({ employee }) => employee },
            {
              label: texts.records.status,
              cell: ({ state, reason }) => [words.state[state], reason].filter(Boolean).join(': '),
            },
            { label: words.by, cell: ({ decidedBy, decidedAt }) => `${decidedBy}, ${moment(decidedAt)}` },
            {
              label: words.act,
              cell: (one) =>
                one.state === 'undone' || one.state === 'to_undo' || one.state === 'undo_refused' ? null : (
                  <Button
                    variant="default"
                    size="compact-sm"
                    aria-label={words.isNot(one.person, one.employee)}
                    onClick={() => choose({ ...one, how: 'undo' })}
                  >
                    {words.undo}
                  </Button>
                ),
            },
          ]}
        />
      )}
      {chosen === null ? null : (
        <Decide
          connection={connection}
          chosen={chosen}
          employees={data.employees}
          onClose={() => choose(null)}
        />
      )}
    </>
  );
}

function Decide({
  connection,
  chosen,
  employees,
  onClose,
}: {
  readonly connection: string;
  readonly chosen: Chosen;
  readonly employees: People['employees'];
  readonly onClose: () => void;
}) {
  const [key, setKey] = useState<string | null>(chosen.employeeKey ?? null);
  // As it was when it was chosen: a decision is about what was seen.
  const [listed] = useState(employees);
  const isAsked = chosen.how === 'accept' && chosen.asked;
  const employee = isAsked ? listed.find(({ employeeKey }) => employeeKey === key) : chosen;
  const { personId, person } = chosen;
  const answer = () =>
    chosen.how === 'undo'
      ? { how: 'undo' as const, personId, employeeKey: chosen.employeeKey }
      : {
          how: 'accept' as const,
          personId,
          personRevision: chosen.personRevision,
          employeeKey: employee?.employeeKey ?? '',
          employeeRevision:
            employee !== undefined && 'employeeRevision' in employee ? (employee.employeeRevision ?? '') : '',
        };
  return (
    <Confirm
      title={chosen.how === 'undo' ? words.undoTitle(person) : words.acceptTitle(person)}
      label={chosen.how === 'undo' ? words.undo : words.accept}
      ready={employee !== undefined}
      comment={{ label: texts.decide.comment, required: false }}
      old={[['payroll'], ['stuck'], ['requests']]}
      run={(comment) =>
        answerOf(
          POST('/api/payroll/people', { body: { connection, answer: answer(), comment, channel: 'desk' } }),
        )
      }
      onClose={onClose}
      onDone={onClose}
    >
      {isAsked ? (
        <Select
          label={words.employee}
          data={listed.map((one) => ({
            value: one.employeeKey,
            label: words.option(one.employee, one.payGroup, one.isActive),
          }))}
          value={key}
          searchable
          limit={50}
          data-first
          comboboxProps={{ withinPortal: false }}
          onChange={setKey}
        />
      ) : (
        <p>{chosen.how === 'undo' ? words.undoText : words.isOne(person, chosen.employee ?? '')}</p>
      )}
      {chosen.how === 'undo' ? null : <p className="muted">{words.acceptText}</p>}
    </Confirm>
  );
}
