import { isFree } from '#infra/embedded-postgres/process.ts';

/**
 * The system gives these to nobody by itself, neither as port 0 nor to a connection that goes out (Linux begins at 32,768,
 * others higher), so that a port is still free when a process that was just started comes to listen there.
 */
const firstPort = 20_000;
/** Of one vitest worker. */
const portsEach = 4_000;
const workers = 3;

const own = firstPort + (Number(process.env['VITEST_POOL_ID'] ?? 0) % workers) * portsEach;
let given = Math.floor(Math.random() * portsEach);

/** A port of 127.0.0.1 that nobody listens on, and that no other test gets; prefer port 0 where the server can tell what it got. */
export async function freePort(): Promise<number> {
  for (;;) {
    given = (given + 1) % portsEach;
    const port = own + given;
    // oxlint-disable-next-line no-await-in-loop
    if (await isFree(port)) return port;
  }
}
