import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { readConfig } from '#infra/config.ts';
import { silentLog } from '#infra/log.ts';
import { loadOpcua } from './library.ts';
import { ownCertificateFile } from './own-certificate.ts';
import { openCertificates } from './security.ts';
import { listCertificates, setTrust } from './trust.ts';

const help = `Usage: parkwatch opcua certificates
       parkwatch opcua trust FINGERPRINT
       parkwatch opcua distrust FINGERPRINT

Certificates of OPC UA servers in DATA_DIR: an unknown one is rejected until it is trusted. Compare the SHA-256 fingerprint with what
the server's administrator reads out. A gateway that waits connects at its next attempt; nothing has to be restarted.
管理 DATA_DIR 中 OPC UA 服务器的证书：未知证书一律拒绝，核对 SHA-256 指纹后再信任；网关会在下一次尝试时自动连接。
`;

const usageError = 2;

/** `parkwatch opcua certificates|trust|distrust`: exit code 1 when no server has shown such a certificate. */
export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const [verb, fingerprint, ...rest] = positionals;
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const { dataDir } = readConfig();
  if (verb === 'certificates' && fingerprint === undefined) return list(dataDir);
  if ((verb !== 'trust' && verb !== 'distrust') || fingerprint === undefined || rest.length > 0) {
    process.stderr.write(help);
    return usageError;
  }
  const done = await setTrust(dataDir, fingerprint, verb === 'trust');
  if (done === null) {
    process.stderr.write(`No server has shown a certificate ${fingerprint}. / 没有服务器出示过该证书。\n`);
    return 1;
  }
  process.stdout.write(`${done.trusted ? '已信任 trusted' : '已拒绝 rejected'}  ${done.subject}\n`);
  return 0;
}

async function list(dataDir: string): Promise<number> {
  const certificates = await openCertificates(await loadOpcua(silentLog()), {
    dataDir,
    clock: systemClock(),
  });
  await certificates.dispose();
  process.stdout.write(`本机证书 our own  ${ownCertificateFile(dataDir)}\n`);
  for (const { trusted, fingerprint, subject, validTo } of await listCertificates(dataDir)) {
    const verdict = trusted ? '已信任 trusted ' : '已拒绝 rejected';
    process.stdout.write(`${verdict}  ${fingerprint}\n  ${subject}\n  有效期至 valid to ${validTo}\n`);
  }
  return 0;
}
