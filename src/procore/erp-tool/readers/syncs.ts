import type { Entity } from '../../../domain/kinds/entity';
import { definitionOf } from '../../../domain/kinds/entity';
import { objectSchema, optionalIdSchema } from '../../read-problems';
import type { EventReader } from '../reader';
import { readWith } from '../reader';

const syncSchema = objectSchema({ standard_cost_code_list_id: optionalIdSchema });

/** Reads "bring what changed in the ERP": the event names the kind of record, and standard cost codes their list. */
export const syncReader = (entity: Entity): EventReader =>
  readWith(syncSchema, ({ standard_cost_code_list_id: listId }, { detailIds }) => ({
    subject: `all ${definitionOf(entity).plural}`,
    intent: { kind: 'sync', entity, detailIds, listId },
  }));
