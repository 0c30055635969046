import type { Catalogue } from '../catalogue';
import { refused } from '../errors';
import { created, ok, pathId, wrapped, type Call, type Handler } from '../http-kit';
import { asString, type JsonObject } from '../json';
import { paginate } from '../pagination';
import type { State } from '../state';
import { ItemError, syncAction } from '../sync-action';
import { requisitionItemAmounts } from './amounts';
import { likeResponse } from './documented-shape';
import { isLinked, type SimRecord } from './record';
import type { Records } from './store';
import { vendorView } from './vendor-view';
import { erpListId, own } from './views';

/** Documented operations on records that are not a plain collection. */
export class CompanyRoutes {
  constructor(
    private readonly state: State,
    private readonly records: Records,
    private readonly catalogue: Catalogue,
  ) {}

  handlers(): Record<string, Handler> {
    return {
      'invoicePayments.sync': (call) => syncAction(call.body, (item) => this.payInvoice(call, item)),
      'invoicePayments.unlink': (call) => {
        const payment = this.records.get(call.company, ['invoice_payment', 'contract_payment'], pathId(call));
        this.records.unlink(call.company, payment);
        return ok(own(payment));
      },
      RestV10ProjectsProjectIdVendorsIdActionsAddPost: (call) =>
        created(vendorView(this.records.get(call.company, 'vendor', pathId(call)), 'extended')),
      'projectConfiguration.update': (call) => {
        const project = this.records.get(call.company, 'project', pathId(call, 'project_id'));
        const wanted = wrapped(call, 'configuration');
        Object.assign(project.fields, wanted);
        return ok(wanted);
      },
      RestV10ProjectsProjectIdBudgetGet: (call) =>
        ok({ locked: this.budget(call).fields['locked'] === true }),
      RestV10ProjectsProjectIdBudgetLockPost: (call) => this.lock(call, true),
      RestV10ProjectsProjectIdBudgetLockDelete: (call) => this.lock(call, false),
      RestV10RequisitionsRequisitionIdDetailGet: (call) => {
        if (!call.query.has('project_id')) {
          throw refused(400, 'param is missing or the value is empty: project_id');
        }
        const requisition = this.records.get(call.company, 'requisition', pathId(call, 'requisition_id'));
        return paginate(this.records.lines(call.company, requisition), call, (r) =>
          this.shown(call, r, requisitionItemAmounts(r)),
        );
      },
      RestV10StandardCostCodeListsGet: (call) =>
        paginate([erpListId(call.company, () => this.state.nextId('list'))], call, (id) => ({
          id,
          name: 'ERP',
          is_erp_list: true,
        })),
    };
  }

  /** ERP guide: payments are written straight into Procore, and only on invoices that were exported. */
  private payInvoice(call: Call, item: Record<string, unknown>): unknown {
    const { company } = call;
    if (item['invoice_type'] !== 'Billings::Requisition') {
      throw new ItemError({ invoice_type: ['is not included in the list'] });
    }
    const invoice = this.records.find(company, 'requisition', item['invoice_id']);
    if (!invoice) throw new ItemError({ invoice_id: ['Entity with this ID not found'] });
    if (!isLinked(invoice)) throw new ItemError({ invoice_id: ['has not been exported to ERP'] });
    const origin = asString(item['origin_id']);
    if (origin === undefined || origin === '') throw new ItemError({ origin_id: ["can't be blank"] });
    const known = this.records.byOrigin(company, 'invoice_payment', origin);
    const fields = { ...item, project_id: invoice.fields['project_id'] };
    const payment = known
      ? this.records.update(company, known, fields)
      : this.records.create(company, 'invoice_payment', fields);
    return this.shown(call, payment);
  }

  private shown(call: Call, record: SimRecord, more: JsonObject = {}): unknown {
    return likeResponse(call.operation, { ...own(record), ...more }, (id) => this.catalogue.get(id));
  }

  private budget(call: Call): SimRecord {
    const project = this.records.get(call.company, 'project', pathId(call, 'project_id'));
    const known = this.records.of(call.company, 'budget').find((r) => r.fields['project_id'] === project.id);
    return known ?? this.records.insert(call.company, 'budget', { project_id: project.id, locked: false });
  }

  private lock(call: Call, locked: boolean): ReturnType<Handler> {
    const budget = this.budget(call);
    budget.fields['locked'] = locked;
    return ok({ locked });
  }
}
