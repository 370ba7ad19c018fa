import { z } from 'zod';
import type { SecretBox } from '#infra/secret-box.ts';
import type { CctvSecrets } from '#schemas/cctv-secrets.ts';

const secretsSchema = z.record(z.string(), z.string());
const about = (id: string) => `cctv group ${id}`;

/** @throws SecretError when they were written under another key, or changed */
export function openSecrets(
  box: SecretBox,
  { id, secret }: { readonly id: string; readonly secret: Buffer | null },
): CctvSecrets {
  return secret === null ? {} : secretsSchema.parse(JSON.parse(box.open(secret, about(id))));
}

/** Null where there are none. */
export function sealSecrets(box: SecretBox, id: string, secrets: CctvSecrets): Buffer | null {
  return Object.keys(secrets).length === 0 ? null : box.seal(JSON.stringify(secrets), about(id));
}
