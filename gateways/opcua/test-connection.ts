import { X509Certificate } from 'node:crypto';
import type { EndpointDescription, OPCUAClient, UserIdentityInfo } from 'node-opcua';
import type { Clock } from '#infra/clock.ts';
import { ConfigError } from '#infra/config.ts';
import type { Log } from '#infra/log.ts';
import { toSaid } from '#schemas/api/common.ts';
import type { OpcuaTestAnswer } from '#schemas/api/opcua.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import { inEnglish, sayText } from '#schemas/phrases.ts';
import { connectClient, createClient } from './connection.ts';
import { loadOpcua, type Opcua } from './library.ts';
import { ownApplicationUri } from './own-certificate.ts';
import { explain, openCertificates, readIdentity } from './security.ts';
import { describeCertificate, isTrusted } from './trust.ts';

/** Ids of the standard namespace. */
const productName = 'i=2262';
const shownNamespaces = 100;

type Found = Omit<OpcuaTestAnswer, 'durationMs'>;

/**
 * Tries a server as it is, or would be, configured: what it offers, what it shows, and whether our login gets in. Nothing
 * is subscribed; an unknown certificate lies among the rejected ones afterwards.
 */
export async function testConnection(
  server: OpcuaServer,
  { dataDir, clock, log }: { readonly dataDir: string; readonly clock: Clock; readonly log: Log },
): Promise<OpcuaTestAnswer> {
  const startedMs = clock.monotonicMs();
  const opcua = await loadOpcua(log);
  const certificates = await openCertificates(opcua, { dataDir, clock });
  const own = { certificates, applicationUri: await ownApplicationUri(dataDir) };
  const found: Found = {
    reached: false,
    loggedIn: false,
    trouble: null,
    troubleSaid: null,
    offers: [],
    certificate: null,
    product: null,
    namespaces: [],
  };
  try {
    const asking = createClient(opcua, { ...server, securityMode: 'None' }, own);
    const offers = await askOffers(asking, server.endpoint);
    Object.assign(found, { reached: true, offers: offers.map((offer) => describeOffer(opcua, offer)) });
    found.certificate = await shownCertificate(dataDir, offers);
    const identity = await readIdentity(opcua, server);
    const client = createClient(opcua, server, own);
    Object.assign(found, await logIn(client, { endpoint: server.endpoint, identity }), { loggedIn: true });
  } catch (error) {
    const said = error instanceof ConfigError ? sayText(error.message) : explain(error);
    found.trouble = inEnglish(said);
    found.troubleSaid = toSaid(said);
  } finally {
    await certificates.dispose();
  }
  return { ...found, durationMs: Math.round(clock.monotonicMs() - startedMs) };
}

async function askOffers(client: OPCUAClient, endpoint: string): Promise<EndpointDescription[]> {
  try {
    await connectClient(client, endpoint);
    return await client.getEndpoints();
  } finally {
    await client.disconnect().catch(() => undefined);
  }
}

async function logIn(
  client: OPCUAClient,
  { endpoint, identity }: { readonly endpoint: string; readonly identity: UserIdentityInfo },
): Promise<Pick<Found, 'product' | 'namespaces'>> {
  try {
    await connectClient(client, endpoint);
    const session = await client.createSession(identity);
    const namespaces = (await session.readNamespaceArray()).slice(0, shownNamespaces);
    const name = (await session.read({ nodeId: productName })).value.value as unknown;
    return { namespaces, product: typeof name === 'string' ? name : null };
  } finally {
    await client.disconnect().catch(() => undefined);
  }
}

function describeOffer(opcua: Opcua, offer: EndpointDescription): Found['offers'][number] {
  return {
    securityMode: opcua.MessageSecurityMode[offer.securityMode],
    securityPolicy: (offer.securityPolicyUri ?? '').split('#').at(-1) ?? '',
    logins: (offer.userIdentityTokens ?? []).map(({ tokenType }) => opcua.UserTokenType[tokenType]),
  };
}

async function shownCertificate(
  dataDir: string,
  offers: readonly EndpointDescription[],
): Promise<Found['certificate']> {
  const bytes = offers.find(
    ({ serverCertificate }) => (serverCertificate?.length ?? 0) > 0,
  )?.serverCertificate;
  if (bytes === undefined || bytes === null) return null;
  try {
    const certificate = describeCertificate(new X509Certificate(bytes));
    return { ...certificate, trusted: await isTrusted(dataDir, certificate.fingerprint) };
  } catch {
    return null;
  }
}
