import type { SecretBox } from '#infra/secret-box.ts';
import type { OpcuaSecretField, OpcuaSecretsWrite } from '#schemas/api/opcua.ts';
import { opcuaSecretsSchema, type OpcuaSecrets } from '#schemas/opcua.ts';

/** The secrets of a saved server's login, as they are kept. */

function about(serverId: string): string {
  return `OPC UA server ${serverId}`;
}

export function sealSecrets(box: SecretBox, serverId: string, secrets: OpcuaSecrets): Buffer | null {
  if (Object.keys(secrets).length === 0) return null;
  return box.seal(JSON.stringify(secrets), about(serverId));
}

/** @throws SecretError when it was written under another key */
export function openSecrets(box: SecretBox, serverId: string, sealed: Buffer | null): OpcuaSecrets {
  if (sealed === null) return {};
  return opcuaSecretsSchema.parse(JSON.parse(box.open(sealed, about(serverId))));
}

/** What cannot be opened any more counts as not there: it has to be written anew. */
export function knownSecrets(box: SecretBox, serverId: string, sealed: Buffer | null): OpcuaSecrets {
  try {
    return openSecrets(box, serverId, sealed);
  } catch {
    return {};
  }
}

/** Those that were given in place of those that were there; null takes one away. */
export function mergeSecrets(known: OpcuaSecrets, given: OpcuaSecretsWrite): OpcuaSecrets {
  const merged = Object.entries({ ...known, ...given }).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(merged);
}

export function fieldsOf(secrets: OpcuaSecrets): OpcuaSecretField[] {
  return (Object.keys(secrets) as OpcuaSecretField[]).filter((field) => secrets[field] !== undefined);
}
