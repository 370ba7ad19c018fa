import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { faultLines, readConfigFile, readSection } from '#infra/config-file.ts';
import { ConfigError } from '#infra/config.ts';
import { opcuaServerSchema } from '#schemas/opcua.ts';
import type { OpcuaServerConfig } from '#schemas/opcua.ts';

/** `opcua:` of PARK_CONFIG_FILE is a list of servers. */
const serversSchema = z
  .array(opcuaServerSchema)
  .default([])
  .superRefine((servers, context) => {
    servers.forEach(({ id }, index) => {
      if (servers.findIndex((other) => other.id === id) < index) {
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is used twice` });
      }
    });
  });

/**
 * Reads the configured servers; relative files of a login are taken from the file's own folder.
 * @throws ConfigError with one line per fault: file, line, path, reason
 */
export function readOpcuaConfig(file: string, text = readConfigFile(file)): OpcuaServerConfig[] {
  const folder = dirname(file);
  const located = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  return parseOpcuaConfig(text, file).map((server) => ({
    ...server,
    passwordFile: located(server.passwordFile),
    userCertificateFile: located(server.userCertificateFile),
    userKeyFile: located(server.userKeyFile),
  }));
}

/** @param file only names the text in faults */
export function parseOpcuaConfig(text: string, file: string): OpcuaServerConfig[] {
  const read = readSection(text, 'opcua', serversSchema);
  if (read.ok) return read.value;
  throw new ConfigError(faultLines(read.faults, file));
}
