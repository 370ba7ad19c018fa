import type { GatewayStatus } from '#schemas/gateway.ts';

/** One of the two ways in: the embedded broker, or a client of an external one. */
export interface FieldSide extends AsyncDisposable {
  status(): Pick<GatewayStatus, 'connected' | 'detail' | 'canary'> & {
    /** Packets nobody waited for and for which there was no room. */
    readonly dropped: number;
  };
}
