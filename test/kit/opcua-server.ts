import { mkdtempSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DataType,
  MessageSecurityMode,
  nodesets,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  type UAVariable,
} from 'node-opcua';
import { addConditions, addReset, type TestCondition } from './opcua-alarms.ts';

export const testNamespace = 'urn:test:plant';

export type TestStatus = 'Good' | 'UncertainLastUsableValue' | 'BadSensorFailure' | 'BadNoCommunication';

export interface OpcuaTestServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly port: number;
  /** The modes that the method `s=Reset` of `s=Plant` was called with. */
  readonly resets: readonly number[];
  /** The node id of a variable as a configuration writes it. */
  nodeId(name: string): string;
  /** Sets a Double (number), Boolean or String variable. */
  set(name: string, value: number | boolean | string, more?: { status?: TestStatus; timeMs?: number }): void;
}

export interface OpcuaTestServerOptions {
  readonly variables: Readonly<Record<string, number | boolean | string>>;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly security?: 'None' | 'SignAndEncrypt';
  /** Other namespaces registered before ours: they move its index. */
  readonly namespacesBefore?: readonly string[];
  readonly user?: { readonly name: string; readonly password: string };
  /** Reports each change to who asks for it, without a sampling interval of its own. */
  readonly everyChange?: boolean;
  /** Keeps the values of all variables and answers HistoryRead. */
  readonly history?: boolean;
  /** Limit conditions on variables, whose source is the object `s=Plant`. */
  readonly conditions?: readonly TestCondition[];
  /** Keep it to keep the server's certificate over a restart. */
  readonly pkiDir?: string;
}

const types = { number: 'Double', boolean: 'Boolean', string: 'String' } as const;

/** A real OPC UA server on loopback with the given variables. */
export async function startOpcuaTestServer(options: OpcuaTestServerOptions): Promise<OpcuaTestServer> {
  const { security = 'None', user } = options;
  const rootFolder = options.pkiDir ?? mkdtempSync(join(tmpdir(), 'parkwatch-opcua-'));
  const certificates = new OPCUACertificateManager({
    rootFolder,
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  const server = new OPCUAServer({
    port: options.port ?? 0,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
    securityModes: [MessageSecurityMode[security]],
    securityPolicies: [security === 'None' ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256],
    allowAnonymous: user === undefined,
    ...(user === undefined
      ? {}
      : {
          userManager: {
            isValidUser: (name: string, password: string) => name === user.name && password === user.password,
          },
        }),
    nodeset_filename: [nodesets.standard],
    ...(options.everyChange === true ? { serverCapabilities: { minSupportedSampleRate: 0 } } : {}),
  });
  await server.initialize();
  const addressSpace = server.engine.addressSpace;
  if (addressSpace === null) throw new Error('no address space');
  for (const uri of options.namespacesBefore ?? []) addressSpace.registerNamespace(uri);
  const namespace = addressSpace.registerNamespace(testNamespace);
  const folder = namespace.addObject({
    organizedBy: addressSpace.rootFolder.objects,
    browseName: 'Plant',
    nodeId: 's=Plant',
    eventSourceOf: addressSpace.rootFolder.objects.server,
  });
  const variables = new Map<string, UAVariable>();
  const typeOf = (value: number | boolean | string) => types[typeof value as keyof typeof types];
  for (const [name, value] of Object.entries(options.variables)) {
    variables.set(
      name,
      namespace.addVariable({
        componentOf: folder,
        browseName: name,
        nodeId: `s=${name}`,
        dataType: typeOf(value),
        value: { dataType: DataType[typeOf(value)], value },
        minimumSamplingInterval: 0,
      }),
    );
  }
  if (options.history === true)
    for (const variable of variables.values()) addressSpace.installHistoricalDataNode(variable);
  const resets: number[] = [];
  addReset(namespace, folder, resets);
  addConditions(addressSpace, namespace, { folder, variables, conditions: options.conditions ?? [] });
  await server.start();
  const endpoint = server.getEndpointUrl();
  return {
    endpoint,
    port: Number(new URL(endpoint.replace('opc.tcp', 'http')).port),
    resets,
    nodeId: (name) => `nsu=${testNamespace};s=${name}`,
    set: (name, value, more = {}) => {
      const status = StatusCodes[more.status ?? 'Good'];
      const time = new Date(more.timeMs ?? Date.now());
      variables.get(name)?.setValueFromSource({ dataType: DataType[typeOf(value)], value }, status, time);
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown(0);
      await certificates.dispose();
    },
  };
}

/** A line to a server that a test can cut. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection and refuses new ones until {@link mend}. */
  cut(): void;
  mend(): void;
}

export async function startWire(targetPort: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let cut = false;
  const server = createServer((near) => {
    if (cut) return near.destroy();
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      cut = true;
      drop();
    },
    mend: () => {
      cut = false;
    },
    async [Symbol.asyncDispose]() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
