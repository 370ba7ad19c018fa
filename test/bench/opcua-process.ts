import { mkdtempSync } from 'node:fs';
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
import { opcuaBenchNamespace, type OpcuaServerAnswer, type OpcuaServerQuestion } from './opcua.ts';

/** An OPC UA server of node-opcua, a process of its own, whose variables all change at a rate. */
const variables: UAVariable[] = [];
let changes = 0;
let timer: NodeJS.Timeout | undefined;
const tickMs = 10;

async function start(nodes: number): Promise<string> {
  const certificates = new OPCUACertificateManager({
    rootFolder: mkdtempSync(join(tmpdir(), 'parkwatch-bench-opcua-')),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  const server = new OPCUAServer({
    port: 0,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
    securityModes: [MessageSecurityMode.None],
    securityPolicies: [SecurityPolicy.None],
    allowAnonymous: true,
    nodeset_filename: [nodesets.standard],
    // Each change goes out: there is no sampling in between.
    serverCapabilities: {
      minSupportedSampleRate: 0,
      maxMonitoredItems: nodes,
      maxMonitoredItemsPerSubscription: nodes,
    },
  });
  await server.initialize();
  const { addressSpace } = server.engine;
  if (addressSpace === null) throw new Error('no address space');
  const namespace = addressSpace.registerNamespace(opcuaBenchNamespace);
  const folder = namespace.addObject({ organizedBy: addressSpace.rootFolder.objects, browseName: 'Bench' });
  for (let node = 0; node < nodes; node++) {
    variables.push(
      namespace.addVariable({
        componentOf: folder,
        browseName: `v${node}`,
        nodeId: `s=v${node}`,
        dataType: 'Double',
        value: { dataType: DataType.Double, value: node },
        minimumSamplingInterval: 0,
      }),
    );
  }
  await server.start();
  return server.getEndpointUrl();
}

/**
 * Changes the variables in turn, as many as are due by the clock; each change is dated when it was due. A server that
 * cannot keep up leaves out what it is more than a second behind with: that is not offered.
 */
function change(changesPerS: number): void {
  clearInterval(timer);
  if (changesPerS === 0) return;
  const perMs = changesPerS / 1_000;
  let fromMs = Date.now();
  let made = 0;
  timer = setInterval(() => {
    const due = Math.floor((Date.now() - fromMs) * perMs);
    if (due - made > changesPerS) [fromMs, made] = [Date.now(), 0];
    const until = Math.max(made, due);
    // A round of all variables has one time.
    for (; made < until; made++) {
      const node = made % variables.length;
      const round = Math.floor(made / variables.length);
      const time = new Date(fromMs + Math.floor((round * variables.length) / perMs));
      const value = { dataType: DataType.Double, value: (node % 1_000) + (round % 1_000) / 1_000 };
      variables[node]?.setValueFromSource(value, StatusCodes.Good, time);
      changes++;
    }
  }, tickMs);
}

async function answer(question: OpcuaServerQuestion): Promise<OpcuaServerAnswer> {
  if (question.kind === 'start') return { endpoint: await start(question.nodes), changes };
  if (question.kind === 'change') change(question.changesPerS);
  return { endpoint: '', changes };
}

process.on('message', (question: OpcuaServerQuestion) => {
  void answer(question).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit());
