import type { Readable } from 'node:stream';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { attachmentLimits, type Attachment } from '#schemas/api/attachments.ts';
import { ParkError } from '#schemas/errors.ts';
import { judgeFile, nameFault } from './file-type.ts';
import { TooLarge, type AttachmentFiles, type Received } from './files.ts';
import {
  attachedBytes,
  insertAttachment,
  lockAttachments,
  noteUpload,
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

/** A file on its way in, and who brings it. */
export interface Upload {
  readonly stream: Readable;
  readonly name: string;
  readonly actor: string;
  readonly address: string;
}

/**
 * Keeps a file by its content, judged by its bytes.
 * @throws ParkError `too-large`; `unsupported-media-type`; `invalid-request` when the name is none
 */
export async function keepUpload(deps: AttachmentDeps, upload: Upload): Promise<Attachment> {
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
    if (known !== undefined) {
      await noteUpload(client, row.sha256, row.uploadedAt);
      return known;
    }
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
