/** At most one run at a time and one waiting; a call resolves with a run that began after it. */
export function coalesce(task: () => Promise<void>): (() => Promise<void>) & { settled(): Promise<void> } {
  let running: Promise<void> | null = null;
  let waiting: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    const run = task().finally(() => {
      if (running === run) running = null;
    });
    running = run;
    return run;
  };
  const settled = async () => {
    await Promise.allSettled([running, waiting]);
  };
  const request = (): Promise<void> => {
    // Whoever resumes with the run that just ended comes before the waiting one begins: two at once could end in the
    // wrong order.
    if (waiting !== null) return waiting;
    if (running === null) return begin();
    waiting = running
      .catch(() => undefined)
      .then(() => {
        waiting = null;
        return begin();
      });
    return waiting;
  };
  return Object.assign(request, { settled });
}
