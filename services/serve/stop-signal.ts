/** Resolves at the first SIGINT or SIGTERM; a second one while stopping is ignored: the drain is what protects the data. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(signal));
  });
}
