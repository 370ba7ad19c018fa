import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire between two parties that the test can cut. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** How many connections have been made through it. */
  readonly connections: number;
  /** Ends every connection at once, as a pulled plug would: what was on its way may or may not have arrived. */
  cut(): void;
  /**
   * Ends every connection from the target's side, but hands the target first everything that the near side had sent:
   * what left the near side before has arrived when this resolves and the target has seen the end.
   */
  endAfterDelivery(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const pairs = new Map<Socket, Socket>();
  let connections = 0;
  const server = createServer((near) => {
    connections++;
    const far = connect({ host: '127.0.0.1', port: targetPort });
    near.pipe(far).pipe(near);
    pairs.set(near, far);
    near.on('close', () => pairs.delete(near));
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        // A near side that said goodbye has its last words delivered first.
        if (!other.writableEnded || one === far) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const endAfterDelivery = async () => {
    const ended = [...pairs].map(async ([near, far]) => {
      far.unpipe(near);
      far.resume();
      const gone = new Promise((resolve) => far.once('close', resolve));
      // The near side answers our FIN with its own, behind all that it had written; the pipe then ends the far side.
      near.end();
      await gone;
    });
    await Promise.all(ended);
  };
  return {
    endAfterDelivery,
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
