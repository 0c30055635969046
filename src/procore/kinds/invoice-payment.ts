import { TiebackError } from '../../domain/base/errors';
import type { Call } from '../client/http';
import { fillPath } from '../client/http';
import { syncExternalData } from '../erp-tool/external-data';
import { readWith, syncReader, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import * as s from './toolbox/schemas';
import { syncWith } from './toolbox/sync-resource';

const resetSchema = s.object({ payment_id: s.id, origin_id: s.originId, origin_code: s.numberText });

export const invoicePayment = {
  events: {
    // Unlike other resets, the link stays until we find the payment gone from the ERP ("ERP Technical Guide").
    reset_payment: readWith(resetSchema, (payment, body) =>
      unlinkAsked(body, {
        words: 'Payment',
        name: payment.origin_code,
        target: 'invoice_payment',
        itemType: 'invoice_payment',
        procoreId: payment.payment_id,
        originId: payment.origin_id,
        projectId: null,
        lines: [],
      }),
    ),
    sync_contract_payments: syncReader('invoice_payment'),
  },
  port: (http) => ({
    write: syncWith(http, {
      operation: 'invoicePayments.sync',
      path: 'invoicePayments.sync',
      body: ({ companyId }) => ({ company_id: companyId }),
      key: 'invoice',
      // The fields that the guides do not name are those the configuration names.
      fields: { code: 'origin_code', ...http.settings.invoicePaymentFields },
      more: ({ invoiceId }) => ({ invoice_id: invoiceId, invoice_type: 'Billings::Requisition' }),
    }),
    // The path is a guess: where Procore does not know it (or not the payment), the external data is cleared instead, which is how the
    // guides unlink everything else.
    unlink: async (id) => {
      const call: Call = {
        operation: 'invoicePayments.unlink',
        method: 'PATCH',
        path: fillPath(http.settings.paths['invoicePayments.unlink'], { company_id: http.companyId, id }),
        repeatable: true,
        alsoAccept: [404],
      };
      if ((await http.send(call)).status !== 404) return;
      const nothing = { originId: null, originCode: null, originData: null };
      const [error] = await syncExternalData(http, [{ itemType: 'invoice_payment', itemId: id, ...nothing }]);
      if (error === undefined) return;
      const reason = error.messages.join('; ');
      throw new TiebackError('PROCORE_REFUSED', { operation: call.operation, reason });
    },
  }),
} as const satisfies KindRoom;
