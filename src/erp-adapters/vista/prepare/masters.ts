import type { Moment, Work } from '../../sql/model';
import { askAll, change, query } from '../../sql/session';
import { firstOpenMonth } from '../batches';
import { freeSortName } from '../masters';
import type { VistaOptions } from '../settings';
import type { Prepare, Prepared } from './work';
import { companyOf, idsHeld, isNew, textIn, turnedAway, withHeader } from './work';

/** The form fills a sort name in; a row without one is refused. */
export const vendors: Prepare = async ({ session, scope }, _spec, work) => {
  const isNameless = (each: Work): boolean =>
    isNew(each) && (each.header.values['SortName'] ?? null) === null;
  if (!work.some(isNameless)) return work;
  const owner = scope.owners['VendorGroup'] ?? null;
  const rows = await askAll(
    session,
    'sortNames',
    query('SELECT SortName FROM APVM WHERE VendorGroup = @owner', { owner }),
  );
  const taken = new Set(rows.map(({ SortName }) => String(SortName)));
  return work.map((each): Prepared => {
    if (!isNameless(each)) return each;
    const SortName = freeSortName(textIn(each.operation.record.fields, 'name'), (name) => taken.has(name));
    if (SortName === null) return turnedAway('no sort name is free: enter one');
    taken.add(SortName);
    return withHeader(each, { SortName });
  });
};

/** A job hangs on a contract with an item: its own, of the same number. Phases are not added to a job that locks them. */
export const jobs =
  ({ newJobs, lockedPhases }: VistaOptions): Prepare =>
  async (moment, _spec, work) => {
    const locked = lockedPhases === 'allow' ? new Set<string>() : await lockedJobs(moment, work);
    const addsPhases = ({ lines }: Work): boolean =>
      lines.some(({ held, part }) => held === null && part.kind === 'cost_code');
    const added = work.filter(isNew);
    if (newJobs !== undefined && added.length > 0) await addContracts(moment, added, newJobs);
    return work.map((each): Prepared => {
      if (each.held !== null && addsPhases(each) && locked.has(each.held.id))
        return turnedAway('the phases of the job are locked (LockPhases): add them in JC Job Phases');
      if (!isNew(each)) return each;
      return newJobs === undefined
        ? turnedAway('`settings.newJobs.department` is not set, and a contract needs a department')
        : withHeader(each, { Contract: each.header.values['Job'] ?? null });
    });
  };

async function lockedJobs({ session }: Moment, work: readonly Work[]): Promise<ReadonlySet<string>> {
  const ids = idsHeld(work);
  if (ids.length === 0) return new Set();
  const { dialect } = session;
  const rows = await askAll(
    session,
    'locked',
    query(
      `SELECT ${dialect.read('KeyID', 'text')} AS id FROM JCJM WHERE LockPhases = 'Y' AND KeyID ${dialect.inList('ids')}`,
      { ids: JSON.stringify(ids) },
    ),
  );
  return new Set(rows.map(({ id }) => String(id)));
}

/** Contracts and their item, where there are none of that number. */
async function addContracts(
  moment: Moment,
  work: readonly Work[],
  { department, contractItem }: NonNullable<VistaOptions['newJobs']>,
): Promise<void> {
  const start = firstOpenMonth('JC', moment.scope);
  await moment.session.ask(
    'contracts',
    work.flatMap(({ header: { values } }) => {
      const bound = {
        company: companyOf(moment),
        contract: values['Job'] ?? null,
        description: values['Description'] ?? null,
        department,
      };
      return [
        change(
          `INSERT INTO JCCM (JCCo, Contract, Description, Department, ContractStatus, StartMonth)
           SELECT @company, @contract, @description, @department, 1, @start WHERE NOT EXISTS (SELECT 1 FROM JCCM WHERE JCCo = @company AND Contract = @contract)`,
          { ...bound, start },
        ),
        change(
          `INSERT INTO JCCI (JCCo, Contract, Item, Description, Department, UM)
           SELECT @company, @contract, @item, @description, @department, 'LS' WHERE NOT EXISTS (SELECT 1 FROM JCCI WHERE JCCo = @company AND Contract = @contract)`,
          { ...bound, item: contractItem },
        ),
      ];
    }),
  );
}
