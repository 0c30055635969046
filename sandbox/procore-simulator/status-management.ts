import type { Item } from './event-payload';
import type { ExternalData } from './external-data';
import type { StagedRecords } from './staged-records';
import type { Company } from './state';

/**
 * Status Management of the ERP tool (Procore "ERP Technical Guide"): clears the link and puts the staged record back to be imported
 * again. External data with nulls does only the first.
 */
export class StatusManagement {
  constructor(
    private readonly external: ExternalData,
    private readonly staged: StagedRecords,
  ) {}

  unlink(company: Company, item: Item, userId: number | null): void {
    const originId = this.external
      .rows(company)
      .find((row) => row.item_type === item.type && String(row.item_id) === String(item.id))?.origin_id;
    this.external.clearWithLines(company, item, userId);
    const stagedType = item.type === 'change_order' ? 'commitment_change_order' : item.type;
    const record = originId ? this.staged.find(company, stagedType, originId) : undefined;
    if (record) this.staged.setStatus(company, record, 'staged');
  }
}
