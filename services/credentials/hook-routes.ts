import { brokerAnswer, brokerLoginBody, brokerPermissionBody } from '#schemas/api/field-access.ts';
import type { Api } from '#services/api/plugin.ts';
import { answerLogin, answerPermission, type HookDeps } from './hook.ts';

/** A whole park that comes back at once asks some times for each device. */
const rateLimit = { max: 200_000, timeWindow: 60_000 } as const;
const tags = ['field access'];

/** Where an external broker asks: mosquitto with an HTTP plug-in, EMQX, and others of that kind. */
export function brokerHookRoutes(api: Api, deps: HookDeps): void {
  api.post(
    '/broker/login',
    {
      config: { access: 'broker', rateLimit },
      schema: {
        summary: 'An external broker asks whether a client may log in',
        tags,
        body: brokerLoginBody,
        response: { 200: brokerAnswer },
      },
    },
    ({ body }) => Promise.resolve(answerLogin(deps, body)),
  );
  api.post(
    '/broker/permission',
    {
      config: { access: 'broker', rateLimit },
      schema: {
        summary: 'An external broker asks whether a client may publish or subscribe',
        tags,
        body: brokerPermissionBody,
        response: { 200: brokerAnswer },
      },
    },
    ({ body }) => Promise.resolve(answerPermission(deps, body)),
  );
}
