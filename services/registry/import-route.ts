import { z } from 'zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createGate } from '#infra/gate.ts';
import { importAnswer, importQuery } from '#schemas/api/registry.ts';
import { ParkError } from '#schemas/errors.ts';
import { engineers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { importLimits } from './import.ts';
import type { RegistryDeps } from './deps.ts';
import { runImport } from './run-import.ts';

const yamlTypes = ['application/json', 'text/yaml', 'application/yaml', 'application/x-yaml', 'text/x-yaml'];

/** A large file takes a thread with a heap of its own. */
const importing = { running: 1, waiting: 4 } as const;

/** POST /imports. In a scope of its own, since it reads JSON as text too: errors name lines. */
export async function importRoute(api: Api, deps: RegistryDeps): Promise<void> {
  const gate = createGate(importing);
  await api.register(async (bare) => {
    const scope = bare.withTypeProvider<ZodTypeProvider>();
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      yamlTypes,
      { parseAs: 'buffer', bodyLimit: importLimits.bytes },
      (_request, body, done) => {
        try {
          done(null, new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer));
        } catch {
          done(new ParkError('invalid-request', 'The file is not UTF-8 text.'));
        }
      },
    );
    scope.post(
      '/imports',
      {
        config: { access: engineers },
        bodyLimit: importLimits.bytes,
        schema: {
          querystring: importQuery,
          body: z.string().describe('A park as YAML or JSON: spaces and devices'),
          response: { 200: importAnswer },
          consumes: yamlTypes,
        },
      },
      async (request) => {
        const { actor, role } = principalOf(request);
        const dryRun = request.query.dryRun === 'true';
        const editor = { actor, address: request.ip };
        const answer = await gate(() => runImport(deps, { text: request.body, dryRun, role, editor }));
        if (!dryRun) {
          deps.bus.publish('registry', { changed: 'points' });
          await deps.directory.reload();
        }
        return answer;
      },
    );
  });
}
