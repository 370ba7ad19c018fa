import { z } from 'zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ruleExportQuery, ruleImportQuery, ruleImportSchema } from '#schemas/api/alarm-rules.ts';
import { ParkError } from '#schemas/errors.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { importRules, ruleFileLimits, writeRuleFile } from './rule-file.ts';
import type { AlarmDeps } from './service.ts';
import { loadRules } from './state-store.ts';

const yamlTypes = ['application/json', 'text/yaml', 'application/yaml', 'application/x-yaml', 'text/x-yaml'];

/** Rules as a file, out and in. */
export function ruleFileRoutes(api: Api, deps: AlarmDeps): void {
  api.get(
    '/alarm-rules/export',
    {
      config: { access: everyone },
      schema: {
        summary: 'The rules in force as a file that can be imported again',
        tags: ['alarms'],
        querystring: ruleExportQuery,
        response: { 200: z.string() },
      },
    },
    async ({ query: { format } }, reply) => {
      const rules = (await loadRules(deps.db)).map(({ body }) => body);
      return reply
        .type(format === 'json' ? 'application/json' : 'application/yaml')
        .header('content-disposition', `attachment; filename="alarm-rules.${format}"`)
        .serializer((text: string) => text)
        .send(writeRuleFile(rules, format));
    },
  );
  // In a scope of its own, since it reads JSON as text too: errors name lines.
  void api.register(async (bare) => {
    const scope = bare.withTypeProvider<ZodTypeProvider>();
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      yamlTypes,
      { parseAs: 'buffer', bodyLimit: ruleFileLimits.bytes },
      (_request, body, done) => {
        try {
          done(null, new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer));
        } catch {
          done(new ParkError('invalid-request', 'The file is not UTF-8 text.'));
        }
      },
    );
    scope.post(
      '/alarm-rules/imports',
      {
        config: { access: engineers },
        bodyLimit: ruleFileLimits.bytes,
        schema: {
          summary: 'Take rules from a file, or with dryRun tell what would change',
          tags: ['alarms'],
          querystring: ruleImportQuery,
          body: z.string().describe('Rules as YAML or JSON, as the export writes them'),
          response: { 200: ruleImportSchema },
          consumes: yamlTypes,
        },
      },
      (request) => {
        const { dryRun, reason } = request.query;
        const by = { actor: principalOf(request).actor, reason };
        return importRules(deps, { text: request.body, dryRun: dryRun === 'true' }, by);
      },
    );
  });
}
