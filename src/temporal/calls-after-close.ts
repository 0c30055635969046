import type { ConnectionOptions } from '@temporalio/client';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Interceptor>;

/** gRPC's own code of a call that was given up. */
const CANCELLED = 1;

/**
 * The SDK tries a call again from a timer. Where the connection was closed meanwhile, gRPC throws there, out of everybody's reach, and that ends the
 * process. With these, the call is answered as cancelled instead.
 */
export class CallsAfterClose {
  private isClosed = false;

  /** In place of the SDK's own: it tries again as often as ever. */
  readonly interceptors: Interceptor[] = [
    makeGrpcRetryInterceptor(defaultGrpcRetryOptions()),
    (options, nextCall) => (this.isClosed ? cancelled() : (nextCall(options) as Call)),
  ];

  /** From now on every call is cancelled. */
  close(): void {
    this.isClosed = true;
  }
}

function cancelled(): Call {
  const nothing = (): void => undefined;
  const call: Pick<Call, 'start' | 'sendMessage' | 'sendMessageWithContext' | 'startRead' | 'halfClose'> & {
    readonly cancelWithStatus: () => void;
  } = {
    start(metadata, listener) {
      setImmediate(() => {
        listener?.onReceiveMessage?.(null);
        listener?.onReceiveStatus?.({ code: CANCELLED, details: 'The connection was closed.', metadata });
      });
    },
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    cancelWithStatus: nothing,
  };
  return call as unknown as Call;
}
