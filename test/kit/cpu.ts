/**
 * Time that this thread has spent computing, ms. Unlike a clock it stands while the machine does something else, so that
 * "this needs no longer" can be asserted anywhere.
 */
export function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
