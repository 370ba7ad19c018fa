import { z } from 'zod';
import {
  notRaisedQuery,
  notRaisedSchema,
  ruleResetBody,
  ruleVersionSchema,
} from '#schemas/api/alarm-rules.ts';
import { alarmRuleCreateBody, alarmRulePatchBody, alarmRuleSchema } from '#schemas/api/alarms.ts';
import { asOfQuery, pageOf, pageQuery } from '#schemas/api/common.ts';
import { idSchema } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { listNotRaised } from './not-raised-store.ts';
import { changeRule, createRule, resetRule, toRule, type AlarmDeps } from './service.ts';
import { loadRules, loadRulesAsOf, loadVersions } from './state-store.ts';

export const ruleParams = z.strictObject({ id: idSchema });
const tags = ['alarms'];

/** Rules, their versions, and what data that came late did not raise. */
export function ruleRoutes(api: Api, deps: AlarmDeps): void {
  readRoutes(api, deps);
  writeRoutes(api, deps);
}

function readRoutes(api: Api, deps: AlarmDeps): void {
  api.get(
    '/alarm-rules',
    {
      config: { access: everyone },
      schema: {
        summary: 'Alarm rules in force now, or at an instant; disabled ones too',
        tags,
        // All are answered at once; `limit` is taken as every list takes it.
        querystring: z.strictObject({ ...pageQuery, ...asOfQuery }),
        response: { 200: pageOf(alarmRuleSchema) },
      },
    },
    async ({ query: { asOf } }) => {
      const rules = await (asOf === undefined ? loadRules(deps.db) : loadRulesAsOf(deps.db, asOf));
      return { items: rules.map(toRule), nextCursor: null };
    },
  );
  api.get(
    '/alarm-rules/:id/versions',
    {
      config: { access: everyone },
      schema: {
        summary: 'Every version of a rule, newest first, with author and reason',
        tags,
        params: ruleParams,
        response: { 200: pageOf(ruleVersionSchema) },
      },
    },
    async ({ params }) => {
      const versions = await loadVersions(deps.db, params.id);
      const items = versions.map(({ validToMs, ...rule }) => ({
        ...toRule(rule),
        reason: rule.reason,
        validTo: validToMs === null ? null : new Date(validToMs).toISOString(),
      }));
      return { items, nextCursor: null };
    },
  );
  api.get(
    '/alarm-rules/not-raised',
    {
      config: { access: everyone },
      schema: {
        summary: 'What late or old data would have raised, newest first',
        tags,
        querystring: notRaisedQuery,
        response: { 200: pageOf(notRaisedSchema) },
      },
    },
    async ({ query }) => {
      const rows = await listNotRaised(deps.db, { ruleId: query.rule ?? null, limit: limits.listLimit });
      const items = rows.map((row) => ({
        ...row,
        time: row.time.toISOString(),
        notedAt: row.notedAt.toISOString(),
      }));
      return { items, nextCursor: null };
    },
  );
}

function writeRoutes(api: Api, deps: AlarmDeps): void {
  api.post(
    '/alarm-rules',
    {
      config: { access: engineers },
      schema: {
        summary: 'Add an alarm rule',
        tags,
        body: alarmRuleCreateBody,
        response: { 201: alarmRuleSchema },
      },
    },
    async (request, reply) => {
      const { reason, ...body } = request.body;
      const rule = await createRule(deps, body, { actor: principalOf(request).actor, reason });
      return reply.code(201).send(rule);
    },
  );
  api.patch(
    '/alarm-rules/:id',
    {
      config: { access: engineers },
      schema: {
        summary: 'Change an alarm rule: a new version from now on',
        tags,
        params: ruleParams,
        body: alarmRulePatchBody,
        response: { 200: alarmRuleSchema },
      },
    },
    (request) => {
      const { reason, ...patch } = request.body;
      const by = { actor: principalOf(request).actor, reason };
      return changeRule(deps, { id: request.params.id, patch }, by);
    },
  );
  api.post(
    '/alarm-rules/:id/reset',
    {
      config: { access: engineers },
      schema: {
        summary: 'Take a rule back to what the program ships',
        tags,
        params: ruleParams,
        body: ruleResetBody,
        response: { 200: alarmRuleSchema },
      },
    },
    (request) =>
      resetRule(deps, request.params.id, {
        actor: principalOf(request).actor,
        reason: request.body.reason,
      }),
  );
}
