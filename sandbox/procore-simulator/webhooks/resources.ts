export interface WebhookResource {
  category: string;
  tool: string;
  level: 'company' | 'project';
  name: string;
  actions: string[];
}

const C = 'create';
const U = 'update';
const D = 'delete';

function resource(
  level: 'company' | 'project',
  category: string,
  name: string,
  ...actions: string[]
): WebhookResource {
  return { category, tool: name, level, name, actions };
}

/** Names are case-sensitive data of the API (Procore guide "Webhooks"; one live listing). */
export const WEBHOOK_RESOURCES: WebhookResource[] = [
  resource('company', 'Core', 'ERP Requests', C, U, D),
  resource('company', 'Core', 'Company Vendors', C, U),
  resource('company', 'Core', 'Company Users', C, U),
  resource('company', 'Core', 'Projects', C, U),
  resource('company', 'Core', 'Departments', C, U, D),
  resource('company', 'Core', 'Company Insurances', C, U, D),
  resource('company', 'Construction Financials', 'Line Item Types', C, U, D),
  resource('company', 'Construction Financials', 'Standard Cost Codes', C, U, D),
  resource('company', 'Construction Financials', 'Standard Cost Code Lists', C),
  resource('company', 'Workforce Management', 'Timecard Time Types', C, D),
  resource('project', 'Workforce Management', 'Timecard Entries', C, U, D),
  resource('project', 'Construction Financials', 'Cost Codes', C, U, D),
  resource('project', 'Construction Financials', 'Sub Jobs', C, U, D),
  resource('project', 'Construction Financials', 'Purchase Order Contracts', C, U, D),
  resource('project', 'Construction Financials', 'Purchase Order Contract Line Items', C, U, D),
  resource('project', 'Construction Financials', 'Work Order Contracts', C, U, D),
  resource('project', 'Construction Financials', 'Work Order Contract Line Items', C, U, D),
  resource('project', 'Construction Financials', 'Change Order Packages', C, U, D),
  resource('project', 'Construction Financials', 'Potential Change Orders', C, U, D),
  resource('project', 'Construction Financials', 'Prime Contracts', C, U, D),
  resource('project', 'Construction Financials', 'Payment Applications', C, U, D),
  resource('project', 'Construction Financials', 'Contract Payments', C, U, D),
  resource('project', 'Construction Financials', 'Direct Costs', C, U, D),
  resource('project', 'Construction Financials', 'Budget Line Items', C, U, D),
  resource('project', 'Project Management', 'RFIs', C, U, D),
  resource('project', 'Project Management', 'Submittals', C, U, D),
  resource('project', 'Project Management', 'Project Users', C, D),
  resource('project', 'Project Management', 'Project Vendors', C, D),
];

export const EVENT_TYPES = [C, U, D];

/** One row of `GET /rest/v1.0/webhooks/resources`. */
export function resourceV1(item: WebhookResource): object {
  const name = (action: string): string | null => (item.actions.includes(action) ? item.name : null);
  return {
    api_version: 'v2',
    product_category: item.category,
    tools: item.tool,
    except: EVENT_TYPES.filter((type) => !item.actions.includes(type)),
    create: name(C),
    update: name(U),
    delete: name(D),
  };
}
