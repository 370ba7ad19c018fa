import { join } from 'node:path';
import type { OPCUACertificateManager, OPCUAServer } from 'node-opcua';
import type { Clock } from '#infra/clock.ts';
import { ConfigError } from '#infra/config.ts';
import type { Log } from '#infra/log.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { OpcuaNode, OpcuaServerConfig } from '#schemas/opcua.ts';
import { unitDisplay } from '#schemas/units.ts';
import { addStrainer, strainerNodes, strainerOf } from './opcua-strainer.ts';
import type { FieldValue, ReadingGroup, Sampler } from './world.ts';

/** node-opcua behind the few things that a simulated field needs: variables, and a way to set them. */
export const simulatedNamespace = 'urn:parkwatch:simulated-park';

type Opcua = typeof import('node-opcua');

export type OpcuaStatus = 'Good' | 'UncertainLastUsableValue' | 'BadSensorFailure' | 'BadNoCommunication';

export interface SimulatedServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly nodes: readonly OpcuaNode[];
  /** What else a gateway is configured with. */
  readonly plant: SimulatedPlant;
  /** Brings up to an instant what the plant does by itself. */
  live(timeMs: number): void;
  /** @param name `deviceId.metric` */
  set(name: string, value: FieldValue, at: { readonly status: OpcuaStatus; readonly timeMs: number }): void;
  /** Opens the port. @throws ConfigError when it is in use */
  listen(): Promise<void>;
}

/** Prepares the server; node-opcua is loaded here and nowhere else in the simulator. */
export async function createSimulatedServer(options: {
  readonly samplers: readonly Sampler[];
  /** 0: any free port. */
  readonly port: number;
  readonly stateDir: string;
  /** When the variables are made; their first values are set by the caller. */
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
}): Promise<SimulatedServer> {
  const { samplers, port, clock, log } = options;
  const opcua = await import('node-opcua');
  // Its console output would stand among the lines that our parent reads.
  const quiet = (...parts: unknown[]) => log.debug({ library: 'node-opcua' }, parts.map(String).join(' '));
  for (const redirect of [opcua.setErrorLogger, opcua.setWarningLogger, opcua.setDebugLogger])
    redirect(quiet);
  const pki = join(options.stateDir, 'simulator-opcua');
  const certificates = new opcua.OPCUACertificateManager({
    rootFolder: pki,
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  const server = createServer(opcua, { port, pki, certificates });
  await server.initialize();
  const variables = addVariables(opcua, server, { samplers, clock });
  return {
    get endpoint() {
      return server.getEndpointUrl();
    },
    nodes: variables.nodes,
    plant: variables.plant,
    live: (timeMs) => {
      for (const update of variables.updates) update(timeMs);
    },
    set: (name, value, at) => variables.setters.get(name)?.(value, at),
    listen: async () => {
      await server.start().catch((error: Error) => {
        if (!error.message.includes('EADDRINUSE')) throw error;
        throw new ConfigError(`--opcua-port ${port} is in use by another program; 0 takes a free one.`);
      });
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown(0);
      await certificates.dispose();
    },
  };
}

function createServer(
  opcua: Opcua,
  options: { readonly port: number; readonly pki: string; readonly certificates: OPCUACertificateManager },
): OPCUAServer {
  return new opcua.OPCUAServer({
    port: options.port,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    resourcePath: '/simulated-park',
    serverInfo: {
      applicationUri: `${simulatedNamespace}:server`,
      applicationName: { text: 'Simulated park' },
    },
    serverCertificateManager: options.certificates,
    userCertificateManager: options.certificates,
    certificateFile: join(options.pki, 'own', 'certs', 'simulated-park.pem'),
    allowAnonymous: true,
    nodeset_filename: [opcua.nodesets.standard],
  });
}

type Setter = (value: FieldValue, at: { readonly status: OpcuaStatus; readonly timeMs: number }) => void;

/** One folder a device, one variable a metric. */
function addVariables(
  opcua: Opcua,
  server: OPCUAServer,
  { samplers, clock }: { readonly samplers: readonly Sampler[]; readonly clock: Pick<Clock, 'nowMs'> },
): {
  readonly nodes: readonly OpcuaNode[];
  readonly setters: ReadonlyMap<string, Setter>;
  readonly plant: SimulatedPlant;
  readonly updates: readonly ((timeMs: number) => void)[];
} {
  const nowMs = clock.nowMs();
  const { addressSpace } = server.engine;
  if (addressSpace === null) throw new Error('The simulated OPC UA server has no address space.');
  const namespace = addressSpace.registerNamespace(simulatedNamespace);
  const setters = new Map<string, Setter>();
  const nodes: OpcuaNode[] = [];
  const pumps: string[] = [];
  const updates: ((timeMs: number) => void)[] = [];
  addressSpace.installAlarmsAndConditionsService();
  for (const { device, groups } of samplers) {
    const folder = namespace.addObject({
      organizedBy: addressSpace.rootFolder.objects,
      eventSourceOf: addressSpace.rootFolder.objects.server,
      nodeId: `s=${device.id}`,
      browseName: device.id,
      displayName: device.name,
    });
    for (const { node, dataType } of variablesOf(device.id, { className: device.class, groups, nowMs })) {
      const name = `${device.id}.${node.metric}`;
      const options = {
        componentOf: folder,
        browseName: node.metric,
        nodeId: `s=${name}`,
        dataType,
        minimumSamplingInterval: 0,
      };
      const unit = unitOf(node, device.class);
      const variable =
        unit === null
          ? namespace.addVariable(options)
          : namespace.addAnalogDataItem({
              ...options,
              engineeringUnits: opcua.makeEUInformation('', unit, unit),
              // Obligatory in the type; nobody asks for it.
              engineeringUnitsRange: { low: -1e6, high: 1e6 },
            });
      nodes.push(node);
      setters.set(name, (value, { status, timeMs }) => {
        const coded = { dataType: opcua.DataType[dataType], value: codedValue(node, value) };
        variable.setValueFromSource(coded, opcua.StatusCodes[status], new Date(timeMs));
      });
    }
    const strainer = strainerOf(device.id, nowMs);
    if (strainer === null) continue;
    const of = { strainer, nowMs: () => clock.nowMs() };
    updates.push(addStrainer(opcua, { addressSpace, namespace, pump: folder }, of));
    pumps.push(device.id);
  }
  return { nodes, setters, updates, plant: plantOf(pumps) };
}

/** Conditions and methods of the server, as a gateway is configured to hear and call them. */
export type SimulatedPlant = Pick<OpcuaServerConfig, 'alarms' | 'methods'>;

function plantOf(pumps: readonly string[]): SimulatedPlant {
  const nodeId = (name: string) => `nsu=${simulatedNamespace};s=${name}`;
  return {
    alarms: {
      notifier: 'i=2253',
      sources: pumps.map((deviceId) => ({ nodeId: nodeId(strainerNodes(deviceId).source), deviceId })),
    },
    methods: pumps.map((deviceId) => ({
      deviceId,
      command: 'clean_strainer',
      objectId: nodeId(strainerNodes(deviceId).source),
      methodId: nodeId(strainerNodes(deviceId).method),
      arguments: [],
    })),
  };
}

/** As an instrument writes it; null for pure numbers and states. */
function unitOf({ metric, unit }: OpcuaNode, className: string): string | null {
  const own = deviceClasses.get(className)?.metrics[metric]?.unit;
  const shown = unit ?? (own === undefined ? '' : unitDisplay(own, 'en'));
  return shown === '' ? null : shown;
}

/** One variable of the server: where it stands in the park and how it is coded there. */
interface FieldVariable {
  readonly node: OpcuaNode;
  readonly dataType: 'Boolean' | 'Int32' | 'UInt32' | 'Double';
}

/** The variables of a device, from what it measures and its class. */
function variablesOf(
  deviceId: string,
  options: {
    readonly className: string;
    readonly groups: readonly ReadingGroup[];
    readonly nowMs: number;
  },
): FieldVariable[] {
  const metrics = deviceClasses.get(options.className)?.metrics ?? {};
  const values = Object.assign({}, ...options.groups.map((group) => group.read(options.nowMs))) as Record<
    string,
    FieldValue
  >;
  return Object.entries(values).map(([metric, value]) => {
    const node = { nodeId: `nsu=${simulatedNamespace};s=${deviceId}.${metric}`, deviceId, metric };
    if (typeof value === 'boolean') return { node, dataType: 'Boolean' };
    if (typeof value === 'string') {
      // The controller counts its states from 1, as many do.
      const codes = (metrics[metric]?.states ?? []).map(
        ({ key }, index) => [String(index + 1), key] as const,
      );
      return { node: { ...node, states: Object.fromEntries(codes) }, dataType: 'Int32' };
    }
    if (metric === 'run_count') return { node, dataType: 'UInt32' };
    if (metric === 'floor' || metric === 'fault_code') return { node, dataType: 'Int32' };
    // The plant's sensors show pressure in bar.
    if (metric === 'pressure') return { node: { ...node, unit: 'bar' }, dataType: 'Double' };
    return { node, dataType: 'Double' };
  });
}

function codedValue(node: OpcuaNode, value: FieldValue): number | boolean {
  if (typeof value === 'string') {
    const code = Object.entries(node.states ?? {}).find(([, key]) => key === value)?.[0];
    return Number(code ?? 0);
  }
  return typeof value === 'number' && node.unit === 'bar' ? Math.round(value * 1e4) / 1e3 : value;
}
