import type { Accounting } from '../../sandbox/sample-erp/company';

let counter = 0;

/** Adds vendors to an ERP, each with a number, a name and a sort name of its own. */
export function createVendors(erp: Accounting, count: number): void {
  erp.db.transaction(() => {
    for (let n = 0; n < count; n += 1) {
      counter += 1;
      const number = 20_000 + counter;
      erp.addVendor({
        Vendor: number,
        SortName: `MANY${number}`,
        Name: `Many Builders ${number}`,
      });
    }
  })();
}
