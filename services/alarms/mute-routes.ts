import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import { muteMostMinutes } from '#schemas/alarm-figures.ts';
import { muteAnswerSchema, muteBody } from '#schemas/api/alarms.ts';
import { ParkError } from '#schemas/errors.ts';
import { alarmHandlers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { AlarmDeps } from './service.ts';

/** Muting a console: it ends by itself, and who did it for how long stands in the audit. */
export function muteRoutes(api: Api, { db, clock }: AlarmDeps): void {
  api.post(
    '/alarm-mutes',
    {
      config: { access: alarmHandlers },
      schema: {
        summary:
          'Note that a console is mute for a time: 5 minutes at most where it mutes critical alarms too',
        tags: ['alarms'],
        body: muteBody,
        response: { 200: muteAnswerSchema },
      },
    },
    async (request) => {
      const { upTo, minutes, reason } = request.body;
      const most = muteMostMinutes[upTo];
      if (minutes > most) {
        const message = `is at most ${most} where ${upTo} alarms are muted`;
        throw new ParkError('invalid-request', `minutes ${message}`, [{ path: '/minutes', message }]);
      }
      const until = new Date(clock.nowMs() + minutes * 60_000).toISOString();
      const { actor } = principalOf(request);
      await transaction(db, (client) =>
        appendAudit(client, {
          actor,
          action: 'alarm.mute',
          object: 'console',
          reason,
          after: { upTo, until },
          address: request.ip,
        }),
      );
      return { until };
    },
  );
}
