import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { faultLines, readConfigFile, readSection } from '#infra/config-file.ts';
import { ConfigError } from '#infra/config.ts';
import { cctvSchema, type CctvConfig } from '#schemas/cctv.ts';
import type { Login } from './digest.ts';

/** `cctv:` of PARK_CONFIG_FILE is a list of groups of cameras. */
const groupsSchema = z
  .array(cctvSchema)
  .default([])
  .superRefine((groups, context) => {
    groups.forEach(({ id }, index) => {
      if (groups.findIndex((other) => other.id === id) < index) {
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is used twice` });
      }
    });
  });

/**
 * Reads the configured cameras; a relative `passwordFile` is taken from the file's own folder.
 * @throws ConfigError with one line per fault: file, line, path, reason
 */
export function readCctvConfig(file: string): CctvConfig[] {
  const absolute = <T extends { passwordFile?: string | undefined }>(one: T): T =>
    one.passwordFile === undefined ? one : { ...one, passwordFile: resolve(dirname(file), one.passwordFile) };
  return parseCctvConfig(readConfigFile(file), file).map((group) =>
    absolute({ ...group, cameras: group.cameras.map(absolute) }),
  );
}

/** @param file only names the text in faults */
export function parseCctvConfig(text: string, file: string): CctvConfig[] {
  const read = readSection(text, 'cctv', groupsSchema);
  if (read.ok) return read.value;
  throw new ConfigError(faultLines(read.faults, file));
}

/**
 * The login of each camera, its own or its group's; each file is read once.
 * @throws ConfigError when a file cannot be read
 */
export function readLogins(group: CctvConfig): ReadonlyMap<string, Login | undefined> {
  const passwords = new Map<string, string>();
  const passwordOf = (file: string): string => {
    const known = passwords.get(file) ?? readPassword(file);
    passwords.set(file, known);
    return known;
  };
  return new Map(
    group.cameras.map((camera) => {
      const { username, passwordFile } = camera.username === undefined ? group : camera;
      const login =
        username === undefined || passwordFile === undefined
          ? undefined
          : { username, password: passwordOf(passwordFile) };
      return [camera.deviceId, login];
    }),
  );
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`passwordFile names ${file}, which cannot be read (${code}).`);
  }
}
