import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { faultLines, readConfigFile, readSection } from '#infra/config-file.ts';
import { ConfigError } from '#infra/config.ts';
import { cctvLimits, cctvSchema, type CctvConfig, type CctvPlatform } from '#schemas/cctv.ts';
import type { Login } from './digest.ts';

/** `cctv:` of PARK_CONFIG_FILE is a list of groups of cameras. */
const groupsSchema = z
  .array(cctvSchema)
  .max(cctvLimits.groups)
  .default([])
  .superRefine((groups, context) => {
    groups.forEach((group, index) => {
      const report = (path: readonly (string | number)[], message: string) =>
        context.addIssue({ code: 'custom', path: [index, ...path], message });
      if (groups.findIndex((other) => other.id === group.id) < index)
        report(['id'], `${group.id} is used twice`);
      const inFile = 'stands in a file of its own: use passwordFile';
      if (group.password !== undefined) report(['password'], inFile);
      if (group.platform?.token !== undefined) report(['platform', 'token'], 'use tokenFile');
      group.cameras.forEach(({ password }, camera) => {
        if (password !== undefined) report(['cameras', camera, 'password'], inFile);
      });
    });
  });

/**
 * Reads the configured groups with their passwords and tokens; a relative file of one is taken from the file's own folder.
 * @throws ConfigError with one line per fault: file, line, path, reason
 */
export function readCctvConfig(file: string): CctvConfig[] {
  return resolveCctvConfig(readConfigFile(file), file);
}

/** The same of a text. @param file names the text in faults; files of secrets are looked for beside it */
export function resolveCctvConfig(text: string, file: string): CctvConfig[] {
  const secrets = secretReader(dirname(file));
  return parseCctvConfig(text, file).map((group) => ({
    ...withPassword(group, secrets),
    cameras: group.cameras.map((camera) => withPassword(camera, secrets)),
    ...(group.platform === undefined ? {} : { platform: withToken(group.platform, secrets) }),
  }));
}

/** @param file only names the text in faults */
export function parseCctvConfig(text: string, file: string): CctvConfig[] {
  const read = readSection(text, 'cctv', groupsSchema);
  if (read.ok) return read.value;
  throw new ConfigError(faultLines(read.faults, file));
}

interface LoginFields {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
}

/** The login of a camera: its own, or its group's. */
export function loginOf(group: LoginFields, camera?: LoginFields): Login | undefined {
  const { username, password } = camera?.username === undefined ? group : camera;
  return username === undefined || password === undefined ? undefined : { username, password };
}

type SecretReader = (field: string, file: string) => string;

/** Reads each file once. */
function secretReader(folder: string): SecretReader {
  const known = new Map<string, string>();
  return (field, name) => {
    const file = resolve(folder, name);
    const secret = known.get(file) ?? readSecret(field, file);
    known.set(file, secret);
    return secret;
  };
}

function withPassword<T extends LoginFields>(one: T, secrets: SecretReader): T {
  const { passwordFile, ...rest } = one;
  return passwordFile === undefined
    ? one
    : ({ ...rest, password: secrets('passwordFile', passwordFile) } as unknown as T);
}

function withToken(platform: CctvPlatform, secrets: SecretReader): CctvPlatform {
  const { tokenFile, ...rest } = platform;
  return tokenFile === undefined ? platform : { ...rest, token: secrets('tokenFile', tokenFile) };
}

function readSecret(field: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${field} names ${file}, which cannot be read (${code}).`);
  }
}
