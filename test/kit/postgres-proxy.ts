import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What a proxy does to a connection when it sees a certain text pass towards the server. */
export type Fault =
  /** Cuts before the server receives it. */
  | 'cut-before'
  /** Lets the server do it, and cuts when it answers: the answer is lost. */
  | 'lose-answer'
  /** Lets the server do it and never passes the answer on; nothing is cut. */
  | 'swallow-answer';

export interface PostgresProxy extends AsyncDisposable {
  /** The url of the target, through the proxy. */
  readonly url: string;
  /** Arms one fault for the next connection on which `text` passes towards the server. */
  arm(fault: Fault, text: string): void;
  /** How many armed faults have happened. */
  readonly faults: number;
}

/** A proxy on 127.0.0.1 in front of a PostgreSQL server, for connections that break at a chosen moment. */
export async function startPostgresProxy(targetUrl: string): Promise<PostgresProxy> {
  const target = new URL(targetUrl);
  const armed: { fault: Fault; text: Buffer }[] = [];
  const sockets = new Set<Socket>();
  let faults = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let answer: 'pass' | 'cut' | 'swallow' = 'pass';
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        // A server that is only unheard goes on; one that is cut off sees it.
        if (answer !== 'swallow' || socket === client) {
          client.destroy();
          upstream.destroy();
        }
      });
    }
    client.on('data', (chunk) => {
      const next = armed.findIndex(({ text }) => chunk.includes(text));
      const [hit] = next < 0 ? [] : armed.splice(next, 1);
      if (hit !== undefined) faults++;
      if (hit?.fault === 'cut-before') {
        client.destroy();
        return;
      }
      if (hit?.fault === 'lose-answer') answer = 'cut';
      if (hit?.fault === 'swallow-answer') answer = 'swallow';
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (answer === 'pass') client.write(chunk);
      if (answer === 'cut') client.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = new URL(targetUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    arm: (fault, text) => armed.push({ fault, text: Buffer.from(text) }),
    get faults() {
      return faults;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
