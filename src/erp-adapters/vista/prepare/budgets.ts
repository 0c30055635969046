import { OUR_NOTE } from '../orders';
import type { Prepare, Prepared } from './work';
import { isNew, JOB_OF_PHASE, newLink, placesOf, sequences, turnedAway, withLines } from './work';

/** All estimates of one budget carry the same link. */
export const budgets: Prepare = async (moment, spec, work) => {
  const placeOf = await placesOf(moment, spec, work);
  const nextIn = await sequences(moment, spec, work.map(placeOf));
  return work.map((each): Prepared => {
    if (!isNew(each)) return turnedAway('a budget does not change: another one follows it');
    if (each.lines.length === 0) return turnedAway('a budget without lines says nothing');
    const link = newLink();
    const lines = withLines(each, ({ row }) => ({
      values: {
        ...placeOf(each),
        BatchSeq: nextIn(placeOf(each)),
        ActualDate: placeOf(each)['Mth'] ?? null,
        Description: `${OUR_NOTE}${String(row.values['LineNumber'])}`,
        UniqueAttchID: link,
      },
      made: JOB_OF_PHASE,
    }));
    return { ...lines, newId: link };
  });
};
