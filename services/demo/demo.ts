import { seedDemo, type DemoDeps } from './seed.ts';

/** Seeds the demo beside everything else; stopping waits until the record under way is written. */
export function startDemo(deps: Omit<DemoDeps, 'signal'>): AsyncDisposable {
  const abort = new AbortController();
  const { signal } = abort;
  const seeding = seedDemo({ ...deps, signal }).then(
    ({ records, claims }) => {
      if (records + claims > 0) deps.log.info({ records, claims }, 'the demo has records and claims');
    },
    (error: unknown) => {
      if (!signal.aborted) deps.log.error({ err: error }, 'the demo is without some of its records');
    },
  );
  return {
    async [Symbol.asyncDispose]() {
      abort.abort(new Error('the park stops'));
      await seeding;
    },
  };
}
