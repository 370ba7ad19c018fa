import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

const tls = new URL('../../../fixtures/tls/', import.meta.url);

/** A mail as a server took it. */
export interface ReceivedMail {
  readonly to: readonly string[];
  /** Headers and text, as they came. */
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** The subject of a mail as it is read. */
export function subjectOf({ raw }: ReceivedMail): string {
  const folded = /^Subject: (.*(?:\r?\n[ \t].*)*)/m.exec(raw)?.[1] ?? '';
  return folded
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([QB])\?(.*?)\?=/gi, (_, how: string, text: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(text, 'base64').toString() : unquote(text.replaceAll('_', ' ')),
    );
}

/** The plain text of a mail, line by line. */
export function linesOf({ raw }: ReceivedMail): string[] {
  const part = raw.split(/^--.*$/m).find((each) => /^Content-Type: text\/plain/im.test(each)) ?? raw;
  const text = part.slice(part.search(/\r?\n\r?\n/)).trim();
  return (/base64/i.test(part) ? Buffer.from(text, 'base64').toString() : unquote(text)).split(/\r?\n/);
}

/** Quoted-printable. */
function unquote(text: string): string {
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/[^\x20-\x7e\r\n]/gu, (sign) => encodeURIComponent(sign).replaceAll('%', '='))
    .replaceAll('%', '%25')
    .replaceAll(/=([0-9A-F]{2})/gi, '%$1');
  return decodeURIComponent(bytes);
}

export interface SmtpRecorder extends AsyncDisposable {
  readonly port: number;
  readonly mails: ReceivedMail[];
}

/** A real SMTP server on loopback that keeps what it takes; `refuse` answers recipients with a code. */
export async function recordMail(options: {
  readonly secure?: boolean;
  readonly startTls?: boolean;
  readonly login?: { readonly user: string; readonly pass: string };
  readonly refuse?: { readonly code: number; readonly text: string };
}): Promise<SmtpRecorder> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    secure: options.secure ?? false,
    key: readFileSync(new URL('localhost.key', tls)),
    cert: readFileSync(new URL('localhost.crt', tls)),
    authOptional: options.login === undefined,
    disabledCommands: options.startTls === true || options.secure === true ? [] : ['STARTTLS'],
    logger: false,
    onAuth(auth, _session, done) {
      const isRight = auth.username === options.login?.user && auth.password === options.login?.pass;
      done(isRight ? null : new Error('wrong password'), isRight ? { user: auth.username ?? '' } : undefined);
    },
    onRcptTo(_address, _session, done) {
      const { refuse } = options;
      done(
        refuse === undefined ? null : Object.assign(new Error(refuse.text), { responseCode: refuse.code }),
      );
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
          secure: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
        });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
