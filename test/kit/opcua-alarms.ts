import {
  DataType,
  OPCUAClient,
  StatusCodes,
  Variant,
  type IAddressSpace,
  type Namespace,
  type UAObject,
  type UAVariable,
} from 'node-opcua';

/** Conditions and methods of the test server's plant. */

/** A limit condition on a variable: active above `highLimit` and below 0. */
export interface TestCondition {
  readonly variable: string;
  readonly highLimit: number;
  /** Of the condition's node; its name otherwise. */
  readonly nodeId?: string;
}

export function addConditions(
  addressSpace: IAddressSpace,
  namespace: Namespace,
  plant: {
    readonly folder: UAObject;
    readonly variables: ReadonlyMap<string, UAVariable>;
    readonly conditions: readonly TestCondition[];
  },
): void {
  if (plant.conditions.length === 0) return;
  addressSpace.installAlarmsAndConditionsService();
  for (const { variable, highLimit, nodeId } of plant.conditions) {
    const inputNode = plant.variables.get(variable);
    if (inputNode === undefined) throw new Error(`no variable ${variable}`);
    const options = {
      browseName: `${variable}High`,
      conditionName: `${variable} high`,
      conditionSource: plant.folder,
      conditionOf: plant.folder,
      componentOf: plant.folder,
      nodeId: nodeId ?? `s=${variable}High`,
      inputNode,
      highHighLimit: highLimit * 2,
      highLimit,
      lowLimit: 0,
      lowLowLimit: -highLimit,
    };
    const condition = namespace.instantiateExclusiveLimitAlarm('ExclusiveLimitAlarmType', options);
    condition.setEnabledState(true);
  }
}

/** `Reset(mode: UInt32) -> text`: refuses every mode but 1. */
export function addReset(namespace: Namespace, folder: UAObject, called: number[]): void {
  const method = namespace.addMethod(folder, {
    browseName: 'Reset',
    nodeId: 's=Reset',
    inputArguments: [{ name: 'mode', description: '', dataType: DataType.UInt32 }],
    outputArguments: [{ name: 'said', description: '', dataType: DataType.String }],
  });
  method.bindMethod((inputs, _context, answer) => {
    const value = Number(inputs[0]?.value);
    called.push(value);
    if (value !== 1) return answer(null, { statusCode: StatusCodes.BadInvalidState, outputArguments: [] });
    const said = new Variant({ dataType: DataType.String, value: 'reset done' });
    answer(null, { statusCode: StatusCodes.Good, outputArguments: [said] });
  });
}

/** Somebody at the server's own panel acknowledges every condition that stands. */
export async function acknowledgeAtServer(endpoint: string, comment: string): Promise<void> {
  const client = OPCUAClient.create({ endpointMustExist: false });
  await client.connect(endpoint);
  const session = await client.createSession();
  try {
    const condition = 'ns=2;s=levelHigh';
    const [eventId] =
      (
        await session.translateBrowsePath({
          startingNode: condition,
          relativePath: {
            elements: [
              {
                referenceTypeId: 'i=46',
                isInverse: false,
                includeSubtypes: true,
                targetName: { name: 'EventId' },
              },
            ],
          },
        })
      ).targets ?? [];
    const value = (await session.read({ nodeId: eventId?.targetId.toString() ?? '' })).value.value as Buffer;
    const status = await session.acknowledgeCondition(condition as never, value, comment);
    if (status.isNotGood()) throw new Error(status.name);
  } finally {
    await session.close();
    await client.disconnect();
  }
}
