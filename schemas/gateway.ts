/** What a gateway tells of itself; the ledger's persistent figures come from the store. */
export interface GatewayStatus {
  /** The ledger's key, e.g. `mqtt`. */
  readonly source: string;
  readonly protocol: 'mqtt' | 'opcua';
  readonly connected: boolean;
  /** One line for the console, without credentials. */
  readonly detail: string;
  readonly packetsAcknowledged: number;
  /** Packets that were received and not yet committed or refused. */
  readonly packetsWaiting: number;
  /** The numbered canary through an external broker; null where there is none. */
  readonly canary: { readonly lagMs: number | null; readonly holes: number } | null;
}

export interface Gateway extends AsyncDisposable {
  status(): GatewayStatus;
}
