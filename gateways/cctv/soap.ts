import { createHash } from 'node:crypto';
import type { Login } from './digest.ts';
import { escapeXml, find, parseXml, textAt, type XmlElement } from './xml.ts';

/** SOAP 1.2 as ONVIF uses it; the login is a WS-Security UsernameToken with a digest (never the password itself). */
const namespaces = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  security: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  utility: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  addressing: 'http://www.w3.org/2005/08/addressing',
} as const;
const tokenProfile = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';
const messageSecurity = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0';

export interface TokenMoment {
  readonly nonce: Uint8Array;
  /** The camera's own time, epoch milliseconds: it refuses what looks old. */
  readonly cameraTimeMs: number;
}

/** `Base64(SHA-1(nonce + created + password))`, Username Token Profile 1.0 §3.1. */
export function passwordDigest(nonce: Uint8Array, created: string, password: string): string {
  return createHash('sha1').update(nonce).update(created).update(password).digest('base64');
}

/** The security header of one request. */
export function usernameToken(login: Login, { nonce, cameraTimeMs }: TokenMoment): string {
  const created = new Date(cameraTimeMs).toISOString();
  return (
    `<Security xmlns="${namespaces.security}"><UsernameToken>` +
    `<Username>${escapeXml(login.username)}</Username>` +
    `<Password Type="${tokenProfile}#PasswordDigest">${passwordDigest(nonce, created, login.password)}</Password>` +
    `<Nonce EncodingType="${messageSecurity}#Base64Binary">${Buffer.from(nonce).toString('base64')}</Nonce>` +
    `<Created xmlns="${namespaces.utility}">${created}</Created>` +
    '</UsernameToken></Security>'
  );
}

/** @param body XML of ours */
export function envelope(body: string, header = ''): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    `<s:Envelope xmlns:s="${namespaces.soap}"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  );
}

export type SoapAnswer =
  | { readonly kind: 'body'; readonly body: XmlElement }
  | { readonly kind: 'refused'; readonly detail: string }
  /** The camera does not do what was asked. */
  | { readonly kind: 'not-supported'; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** Reads an answer of any status. Pure; never throws. */
export function readAnswer(text: string): SoapAnswer {
  const parsed = parseXml(text);
  if (!parsed.ok) return { kind: 'unreadable', detail: parsed.detail };
  const body = parsed.root.children.find(({ name }) => name === 'Body');
  if (parsed.root.name !== 'Envelope' || body === undefined) {
    return { kind: 'unreadable', detail: 'the answer is no SOAP message' };
  }
  const fault = body.children.find(({ name }) => name === 'Fault');
  if (fault === undefined) return { kind: 'body', body };
  const codes = codesOf(fault);
  const detail = (textAt(fault, 'Reason', 'Text') ?? textAt(fault, 'faultstring') ?? codes.join(' ')).slice(
    0,
    120,
  );
  if (codes.some((code) => /NotAuthorized|FailedAuthentication|InvalidSecurity/i.test(code))) {
    return { kind: 'refused', detail };
  }
  return { kind: 'not-supported', detail };
}

function codesOf(fault: XmlElement): string[] {
  const codes: string[] = [];
  let code = find(fault, 'Code') ?? find(fault, 'Subcode');
  while (code !== undefined) {
    const value = code.children.find(({ name }) => name === 'Value')?.text;
    if (value !== undefined) codes.push(value);
    code = code.children.find(({ name }) => name === 'Subcode');
  }
  return [...codes, textAt(fault, 'faultcode') ?? ''].filter((one) => one !== '');
}
