import type { Bus } from '#infra/bus.ts';
import type { Api } from '#services/api/plugin.ts';
import { ackRoutes } from './ack-routes.ts';
import { channelRoutes } from './channel-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { personRoutes } from './person-routes.ts';
import { pushRoutes } from './push-routes.ts';
import { reportRoutes } from './report-routes.ts';
import { settingRoutes } from './setting-routes.ts';
import type { SettingDeps } from './settings.ts';
import type { Letterhead } from './words.ts';

export interface NotifyDeps extends SettingDeps {
  readonly bus: Bus;
  readonly letterhead: Letterhead;
}

/** Who is told of alarms: reading for alarm handlers, changing for engineers, channels and addresses for administrators. */
export async function notifyRoutes(api: Api, deps: NotifyDeps): Promise<void> {
  channelRoutes(api, deps);
  settingRoutes(api, deps);
  reportRoutes(api, deps);
  pushRoutes(api, deps);
  deliveryRoutes(api, deps);
  personRoutes(api, deps);
  await ackRoutes(api, deps);
}
