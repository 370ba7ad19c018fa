import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configNames, parkRoles } from '#infra/config.ts';
import { readText, root } from '#test/kit/tree.ts';

interface Service {
  readonly environment?: Record<string, string>;
  readonly healthcheck?: unknown;
  readonly build?: { dockerfile: string };
  readonly volumes?: string[];
}

const text = readText('docker-compose.yml');
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined);

test('docker-compose.yml sets only settings that exist, and values that the configuration takes', () => {
  for (const [name, { environment = {} }] of ours) {
    expect(
      Object.keys(environment).filter((key) => !configNames.includes(key)),
      name,
    ).toEqual([]);
  }
});

test('docker-compose.yml runs every role but the embedded broker, once', () => {
  const roles = ours.flatMap(([, { environment }]) => environment?.['PARK_ROLES']?.split(',') ?? []);
  expect(roles.toSorted()).toEqual(parkRoles.filter((role) => role !== 'broker').toSorted());
});

test('docker-compose.yml has no default for any secret', () => {
  const secrets = [...text.matchAll(/\$\{(\w*(?:PASSWORD|SECRET)\w*)([^}]*)\}/g)];
  expect(secrets.length).toBeGreaterThan(0);
  expect(secrets.filter(([, , rest]) => !rest?.startsWith(':?'))).toEqual([]);
});

test('every service tells its health, and every file that compose mounts or builds from exists', () => {
  const imageHealth = readText('infra/image/Dockerfile').includes('HEALTHCHECK');
  for (const [name, service] of Object.entries(services)) {
    expect(service.healthcheck !== undefined || (service.build !== undefined && imageHealth), name).toBe(
      true,
    );
    const mounted = (service.volumes ?? [])
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((path) => path.startsWith('./'));
    for (const path of [...mounted, ...(service.build ? [service.build.dockerfile] : [])]) {
      expect(existsSync(`${root}${path}`), path).toBe(true);
    }
  }
});

test('docker-compose.yml gives every container of ours the same secret key', () => {
  for (const [name, { environment }] of ours)
    expect(environment?.['SECRET_KEY_FILE'], name).toBe('/run/secrets/secret_key');
});
