/** A port of 127.0.0.1 that nobody listens on now; prefer port 0 where the server can tell what it got. */
export { freePort } from '#infra/embedded-postgres/process.ts';
