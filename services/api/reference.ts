import { randomBytes } from 'node:crypto';
import fastifySwagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problemSchema } from '#schemas/api/common.ts';
import type { Access } from '#schemas/roles.ts';
import type { Api } from './plugin.ts';

const description =
  'Readings, alarms and evidence of one park. Times are RFC 3339 in UTC; errors are RFC 9457 problem+json with a ' +
  'stable `code`. Send an API token as `Authorization: Bearer`.';

/** The OpenAPI 3.1 document at /openapi.json and a readable reference at /docs, both from what the routes declare. */
export async function serveReference(api: Api, version: string): Promise<void> {
  await api.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Parkwatch', description, version },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'parkwatch_session' },
        },
      },
    },
    transform: (document) => {
      const transformed = jsonSchemaTransform(document);
      const access = document.route.config?.access;
      const { schema } = transformed as { schema?: { response?: object } };
      return {
        url: transformed.url,
        schema: {
          tags: [groupOf(transformed.url)],
          ...describeAccess(access),
          ...schema,
          response: { ...schema?.response, default: problemResponse },
        },
      };
    },
  });
  // The page is the same for everybody and shows nothing that a visitor wrote, so one nonce a process is enough.
  const nonce = randomBytes(16).toString('base64');
  await api.register(scalar, {
    routePrefix: '/docs',
    logLevel: 'silent',
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Parkwatch API',
      nonce,
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
      // Its bar offers to publish the document at somebody else's.
      showDeveloperTools: 'never',
      favicon: '/icon.svg',
    },
  });
  api.addHook('onSend', async (request, reply) => {
    if (request.routeOptions.url === '/docs/') {
      reply.header('content-security-policy', referencePolicy(nonce));
    }
  });
  api.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, () => api.swagger());
}

const problemResponse = {
  description: 'What went wrong, with a stable code',
  content: { 'application/problem+json': { schema: z.toJSONSchema(problemSchema) } },
};

/** The first word of the address after /api/v1. */
function groupOf(url: string): string {
  const [first = 'process'] = url
    .replace(/^\/api\/v1\//, '')
    .split('/')
    .filter((part) => part !== '');
  return first;
}

function describeAccess(access: Access | undefined): object {
  if (access === undefined || access === 'public') return {};
  const whom = typeof access === 'string' ? access : access.join(', ');
  return { description: `Serves: ${whom}.`, security: [{ token: [] }, { session: [] }] };
}

function referencePolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
