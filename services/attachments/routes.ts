import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '#infra/clock.ts';
import { createGate } from '#infra/gate.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import {
  attachmentLimits,
  attachmentQuery,
  attachmentSchema,
  attachmentUsage,
  type Attachment,
} from '#schemas/api/attachments.ts';
import { sha256Schema } from '#schemas/api/registers.ts';
import { ParkError } from '#schemas/errors.ts';
import { assessors, engineers, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { judgeFile, nameFault } from './file-type.ts';
import { TooLarge, type AttachmentFiles, type Received } from './files.ts';
import {
  attachedBytes,
  insertAttachment,
  lockAttachments,
  readAttachment,
  type AttachmentRow,
} from './store.ts';

export interface AttachmentDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly files: AttachmentFiles;
  /** All files together; absent: {@link attachmentLimits}. */
  readonly quotaBytes?: number;
}

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

interface Upload {
  readonly stream: Readable;
  readonly name: string;
  readonly actor: string;
  readonly address: string;
}

/** @throws ParkError `too-large`; `unsupported-media-type`; `invalid-request` when the name is none */
async function keepUpload(deps: AttachmentDeps, upload: Upload): Promise<Attachment> {
  await using received = await receive(deps.files, upload.stream);
  const judged = judgeFile(await received.content());
  if (!judged.ok) throw new ParkError('unsupported-media-type', `The file is not kept: ${judged.reason}`);
  const fault = nameFault(upload.name, judged.mediaType);
  if (fault !== null) {
    throw new ParkError('invalid-request', `name ${fault}`, [{ path: 'querystring/name', message: fault }]);
  }
  const row: AttachmentRow = {
    sha256: received.sha256,
    mediaType: judged.mediaType,
    bytes: received.bytes,
    name: upload.name,
    uploadedAt: new Date(deps.clock.nowMs()),
    uploadedBy: upload.actor,
  };
  return toAttachment(await write(deps, { row, received, address: upload.address }));
}

async function receive(files: AttachmentFiles, stream: Readable): Promise<Received> {
  try {
    return await files.receive(stream, attachmentLimits.bytes);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    throw new ParkError('too-large', `A file has at most ${attachmentLimits.bytes} bytes`);
  }
}

/** The bytes are there before the row says so. */
function write(
  { db, quotaBytes = attachmentLimits.quotaBytes }: AttachmentDeps,
  {
    row,
    received,
    address,
  }: { readonly row: AttachmentRow; readonly received: Received; readonly address: string },
): Promise<AttachmentRow> {
  return transaction(db, async (client) => {
    await lockAttachments(client);
    const known = await readAttachment(client, row.sha256);
    if (known === undefined && (await attachedBytes(client)) + row.bytes > quotaBytes) {
      throw new ParkError(
        'too-large',
        `All files together may have ${quotaBytes} bytes; this one is too much`,
      );
    }
    await received.keep();
    if (known !== undefined) return known;
    await insertAttachment(client, row);
    const { sha256, name, bytes, mediaType, uploadedBy } = row;
    await appendAudit(client, {
      actor: uploadedBy,
      action: 'attachment.upload',
      object: sha256,
      after: { name, bytes, mediaType },
      address,
    });
    return row;
  });
}

const toAttachment = ({ uploadedAt, ...row }: AttachmentRow): Attachment => ({
  ...row,
  uploadedAt: uploadedAt.toISOString(),
});

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
