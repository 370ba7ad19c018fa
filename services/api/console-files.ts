import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyRequest } from 'fastify';
import { ParkError } from '#schemas/errors.ts';
import type { Api } from './plugin.ts';

const immutable = 'public, max-age=31536000, immutable';

/**
 * Serves the built console: files whose names carry their hash for ever, the page itself always fresh, and every
 * address that is none of ours with the page, since the console routes in the browser.
 * @param folder absolute; null, or without an index.html, when there is no console
 */
export async function serveConsole(api: Api, folder: string | null): Promise<void> {
  const built = folder !== null && existsSync(join(folder, 'index.html'));
  if (built) {
    await api.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      index: ['index.html'],
      setHeaders: (reply, path) => {
        void reply.header('cache-control', /[\\/]assets[\\/]/.test(path) ? immutable : 'no-cache');
      },
    });
  }
  api.setNotFoundHandler((request, reply) => {
    if (isPageRequest(request)) {
      if (built) return reply.sendFile('index.html');
      throw new ParkError('not-found', 'The console has not been built; run npm run build.');
    }
    throw new ParkError('not-found', `There is no ${request.method} ${pathOf(request)}.`);
  });
}

function isPageRequest(request: FastifyRequest): boolean {
  const path = pathOf(request);
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    !path.startsWith('/api/') &&
    !path.startsWith('/assets/') &&
    (request.headers.accept ?? '').includes('text/html')
  );
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}
