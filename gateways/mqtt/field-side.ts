import type { GatewayStatus } from '#schemas/gateway.ts';
import type { Phrase } from '#schemas/phrases.ts';

/** One of the two ways in: the embedded broker, or a client of an external one. */
export interface FieldSide extends AsyncDisposable {
  status(): Pick<GatewayStatus, 'connected' | 'canary'> & {
    readonly said: readonly Phrase[];
    /** Packets nobody waited for and for which there was no room. */
    readonly dropped: number;
  };
}
