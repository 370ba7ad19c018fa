import type { Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import { channelSecretsSchema, type ChannelBody } from '#schemas/notify.ts';
import type { OpenChannel } from './channels/channel.ts';
import { readSecret } from './setting-store.ts';

/** A channel with its secrets opened. @throws SecretError when the key of the park does not open them */
export async function openChannel(
  { db, box }: { readonly db: Database; readonly box: SecretBox },
  body: ChannelBody,
): Promise<OpenChannel> {
  const sealed = await readSecret(db, body.id);
  if (sealed === undefined) return { body, secrets: {} };
  const given = channelSecretsSchema.parse(JSON.parse(box.open(sealed, secretOf(body.id))));
  const secrets = Object.entries(given).filter(([, value]) => typeof value === 'string');
  return { body, secrets: Object.fromEntries(secrets) };
}

/** What the secrets of a channel are sealed for. */
export function secretOf(channelId: string): string {
  return `channel ${channelId}`;
}
