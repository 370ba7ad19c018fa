import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createGate } from '#infra/gate.ts';
import {
  attachmentLimits,
  attachmentQuery,
  attachmentSchema,
  attachmentUsage,
} from '#schemas/api/attachments.ts';
import { sha256Schema } from '#schemas/api/registers.ts';
import { ParkError } from '#schemas/errors.ts';
import { assessors, engineers, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { keepUpload, type AttachmentDeps } from './keep.ts';
import { attachedBytes, readAttachment } from './store.ts';

const tags = ['attachments'];
/** A file is looked at whole: so many at a time fit into memory. */
const receiving = { running: 2, waiting: 8 } as const;
const uploadType = 'application/octet-stream';

/** POST /attachments, GET /attachments/{sha256} and GET /attachments/usage. */
export async function attachmentRoutes(api: Api, deps: AttachmentDeps): Promise<void> {
  usageRoute(api, deps);
  downloadRoute(api, deps);
  await uploadRoute(api, deps);
}

async function uploadRoute(api: Api, deps: AttachmentDeps): Promise<void> {
  const gate = createGate(receiving);
  await api.register(async (bare) => {
    const scope = bare.withTypeProvider<ZodTypeProvider>();
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(uploadType, (_request, payload, done) => done(null, payload));
    scope.post(
      '/attachments',
      {
        config: { access: engineers },
        bodyLimit: attachmentLimits.bytes,
        schema: {
          summary:
            'Keeps a file by its SHA-256: PDF, PNG, JPEG, DOCX, XLSX, PPTX or OFD, whatever it calls itself',
          tags,
          querystring: attachmentQuery,
          response: { 201: attachmentSchema },
          consumes: [uploadType],
        },
      },
      async (request, reply) => {
        const upload = {
          stream: request.body as Readable,
          name: request.query.name,
          actor: principalOf(request).actor,
          address: request.ip,
        };
        const kept = await gate(() => keepUpload(deps, upload));
        return reply.code(201).send(kept);
      },
    );
  });
}

function downloadRoute(api: Api, { db, files }: AttachmentDeps): void {
  api.get(
    '/attachments/:sha256',
    {
      config: { access: assessors },
      schema: {
        summary: 'The file with this SHA-256, to be saved, never to be shown by the browser',
        tags,
        params: z.object({ sha256: sha256Schema }),
      },
    },
    async ({ params: { sha256 } }, reply) => {
      const row = await readAttachment(db, sha256);
      if (row === undefined) throw new ParkError('not-found', `There is no file ${sha256}`);
      const name = encodeURIComponent(row.name).replaceAll("'", '%27');
      return reply
        .type(row.mediaType)
        .header('content-length', row.bytes)
        .header(
          'content-disposition',
          `attachment; filename="${sha256.slice(0, 12)}"; filename*=UTF-8''${name}`,
        )
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "sandbox; default-src 'none'")
        .send(files.stream(sha256));
    },
  );
}

function usageRoute(api: Api, { db, quotaBytes = attachmentLimits.quotaBytes }: AttachmentDeps): void {
  api.get(
    '/attachments/usage',
    {
      config: { access: everyone },
      schema: {
        summary: 'What all files together take, and may take',
        tags,
        response: { 200: attachmentUsage },
      },
    },
    async () => ({ bytes: await attachedBytes(db), quotaBytes }),
  );
}
