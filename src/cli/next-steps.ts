import type { ErpRequestRow } from '../store/rows';

/** What a person can type next; nothing for a request that is closed or goes on by itself. */
export function nextSteps(
  { status, requestId, connectionId }: ErpRequestRow,
  ambiguous: boolean,
): readonly string[] {
  const which = ambiguous ? ` --connection ${connectionId}` : '';
  switch (status) {
    case 'waiting_for_finance':
      return [
        `tieback approve ${requestId}${which}`,
        `tieback reject ${requestId}${which} --comment "why"`,
        `tieback correct ${requestId}${which} field=value`,
      ];
    case 'parked':
      return [
        `tieback correct ${requestId}${which} field=value`,
        `tieback retry ${requestId}${which}`,
        `tieback reject ${requestId}${which} --comment "why"`,
      ];
    case 'received':
    case 'planning':
    case 'applying':
    case 'held':
    case 'busy':
    case 'applied':
    case 'rejected':
    case 'failed':
      return [];
  }
}
