import type { FieldGrant } from '#schemas/api/field-access.ts';
import { commandTopic, fieldTopic, topicKinds } from '#schemas/topics.ts';
import { coversDevice, toLookup } from './permit.ts';
import type { MosquittoRow } from './store.ts';

/** What mosquitto's `password_file` and `acl_file` hold. */
export interface MosquittoFiles {
  readonly passwords: string;
  readonly acl: string;
}

/**
 * Writes the rules of the park in the form that mosquitto reads without a plug-in. It knows no prefixes, so those are
 * written out for the devices of today, and one password a name, so a rotation has no overlap there. Pure.
 * @param facts.own our own account at that broker, password hashed; it may everything that the gateway needs
 */
export function mosquittoFiles(facts: {
  readonly parkId: string;
  readonly own: { readonly username: string; readonly password: string };
  readonly passwords: readonly MosquittoRow[];
  readonly grants: ReadonlyMap<string, FieldGrant>;
  readonly deviceIds: readonly string[];
}): MosquittoFiles {
  const { parkId, own, passwords, grants, deviceIds } = facts;
  const lines = [`${own.username}:${own.password}`];
  const acl = [`user ${own.username}`, 'topic readwrite #', ''];
  for (const { deviceId, password } of passwords) {
    // A device of that name would be our own account.
    if (deviceId === own.username) continue;
    lines.push(`${deviceId}:${password}`);
    const grant = grants.get(deviceId);
    acl.push(`user ${deviceId}`, ...topicsOf(deviceId, grant), '');
  }
  return { passwords: `${lines.join('\n')}\n`, acl: acl.join('\n') };

  function topicsOf(owner: string, grant: FieldGrant | undefined): string[] {
    const ids = grant === undefined ? [owner] : [owner, ...coveredBy(owner, grant)];
    const vendor = (grant?.topics ?? []).map((filter) => `topic write ${filter}`);
    return [
      ...ids.flatMap((id) => topicKinds.map((kind) => `topic write ${fieldTopic(parkId, id, kind)}`)),
      ...ids.map((id) => `topic read ${commandTopic(parkId, id)}`),
      ...vendor,
    ];
  }

  function coveredBy(owner: string, grant: FieldGrant): string[] {
    const lookup = toLookup(grant);
    const named = new Set(grant.children);
    const begun = deviceIds.filter((id) => !named.has(id) && coversDevice(owner, lookup, id));
    return [...grant.children, ...begun].filter((id) => id !== owner);
  }
}
