import { alarmDryRunBody, alarmDryRunSchema } from '#schemas/api/alarms.ts';
import { ParkError } from '#schemas/errors.ts';
import { engineers } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { dryRun, type DryRunDeps } from './dry-run.ts';

/** Trying a rule on history: one at a time in a process, since it computes for seconds. */
export function dryRunRoutes(api: Api, deps: DryRunDeps): void {
  let isBusy = false;
  api.post(
    '/alarm-rules/dry-run',
    {
      config: { access: engineers },
      schema: {
        summary: 'What a rule would have raised in the last days, judged on raw readings; nothing is written',
        tags: ['alarms'],
        body: alarmDryRunBody,
        response: { 200: alarmDryRunSchema },
      },
    },
    async ({ body }) => {
      if (isBusy) throw new ParkError('overloaded', 'Another rule is being tried on history just now');
      isBusy = true;
      try {
        return await dryRun(deps, body);
      } finally {
        isBusy = false;
      }
    },
  );
}
