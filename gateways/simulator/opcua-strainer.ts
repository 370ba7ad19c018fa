import type { IAddressSpace, Namespace, UAObject } from 'node-opcua';
import { digits, mix, noise, textKey } from './random.ts';

/** The strainer before a pump: what the plant's own controller watches, raises a condition for, and lets people order. */
type Opcua = typeof import('node-opcua');

const minuteMs = 60_000;
const highKpa = 35;
const [cleanKpa, cloggedKpa] = [12, 42];
/** How long a cleaned one stays clean. */
const cleanForMs = 240 * minuteMs;

/** When the strainer of a pump clogs for the first time, after the start; and whether somebody at the plant sees to it. */
const strainers: Readonly<Record<string, { readonly firstMs: number; readonly isAttended: boolean }>> = {
  // This one waits for people at the console.
  'pump-1': { firstMs: minuteMs, isAttended: false },
  'pump-2': { firstMs: 15 * minuteMs, isAttended: true },
};
/** What somebody at the plant does after it clogged: acknowledges at the panel, then cleans. */
const acknowledgedAfterMs = 2 * minuteMs;
const cleanedAfterMs = 20 * minuteMs;

export interface Strainer {
  readonly deviceId: string;
  clogsAtMs: number;
  readonly isAttended: boolean;
}

/** Null for devices that have none. */
export function strainerOf(deviceId: string, startedMs: number): Strainer | null {
  const spec = strainers[deviceId];
  if (spec === undefined) return null;
  return { deviceId, clogsAtMs: startedMs + spec.firstMs, isAttended: spec.isAttended };
}

/** What the strainer is like, and what somebody at the plant does about it now. Pure. */
export function strainerAt(
  { deviceId, clogsAtMs, isAttended }: Strainer,
  nowMs: number,
): {
  readonly pressureKpa: number;
  readonly isClogged: boolean;
  readonly seen: 'acknowledged' | 'cleaned' | null;
} {
  const isClogged = nowMs >= clogsAtMs;
  const wobble = 0.6 * noise(mix(textKey(deviceId), 17), nowMs, minuteMs);
  const attendedMs = isAttended && isClogged ? nowMs - clogsAtMs : 0;
  return {
    pressureKpa: digits((isClogged ? cloggedKpa : cleanKpa) + wobble, 1),
    isClogged,
    seen:
      attendedMs >= cleanedAfterMs ? 'cleaned' : attendedMs >= acknowledgedAfterMs ? 'acknowledged' : null,
  };
}

export function clean(strainer: Strainer, nowMs: number): void {
  strainer.clogsAtMs = nowMs + cleanForMs;
}

/** The names of a strainer's nodes, by which a gateway is configured. */
export function strainerNodes(deviceId: string) {
  return { source: deviceId, condition: `${deviceId}.StrainerClogged`, method: `${deviceId}.CleanStrainer` };
}

/**
 * Adds a strainer to a pump's object: a variable with its unit, a limit condition on it, and a method.
 * @returns brings all of it up to an instant
 */
export function addStrainer(
  opcua: Opcua,
  at: { readonly addressSpace: IAddressSpace; readonly namespace: Namespace; readonly pump: UAObject },
  { strainer, nowMs }: { readonly strainer: Strainer; readonly nowMs: () => number },
): (timeMs: number) => void {
  const { addressSpace, namespace, pump } = at;
  const names = strainerNodes(strainer.deviceId);
  const pressure = namespace.addAnalogDataItem({
    componentOf: pump,
    browseName: 'strainer_pressure_drop',
    nodeId: `s=${strainer.deviceId}.strainer_pressure_drop`,
    dataType: 'Double',
    minimumSamplingInterval: 0,
    engineeringUnits: opcua.makeEUInformation('KPA', 'kPa', 'kilopascal'),
    engineeringUnitsRange: { low: 0, high: 100 },
    value: { dataType: 'Double', value: cleanKpa },
  });
  const condition = namespace.instantiateExclusiveLimitAlarm('ExclusiveLimitAlarmType', {
    browseName: 'StrainerClogged',
    conditionName: '过滤器堵塞 Strainer clogged',
    conditionSource: pump,
    conditionOf: pump,
    componentOf: pump,
    nodeId: `s=${names.condition}`,
    inputNode: pressure,
    highHighLimit: 90,
    highLimit: highKpa,
    lowLimit: -10,
    lowLowLimit: -20,
  });
  condition.calculateConditionInfo = (_state, isActive, value) =>
    new opcua.ConditionInfo({
      message: isActive
        ? `过滤器压差 strainer pressure drop ${value} kPa > ${highKpa}`
        : '恢复正常 back to normal',
      quality: opcua.StatusCodes.Good,
      severity: 500,
      retain: true,
    });
  condition.setEnabledState(true);
  const method = namespace.addMethod(pump, {
    browseName: 'CleanStrainer',
    nodeId: `s=${names.method}`,
    inputArguments: [],
    outputArguments: [{ name: 'said', description: '', dataType: opcua.DataType.String }],
  });
  const update = (timeMs: number): void => {
    const { pressureKpa, seen } = strainerAt(strainer, timeMs);
    const value = { dataType: opcua.DataType.Double, value: pressureKpa };
    pressure.setValueFromSource(value, opcua.StatusCodes.Good, new Date(timeMs));
    if (seen === 'acknowledged') acknowledgeAtPanel(opcua, addressSpace, condition);
    if (seen === 'cleaned') clean(strainer, timeMs);
  };
  method.bindMethod((_inputs, _context, answer) => {
    const { isClogged, pressureKpa } = strainerAt(strainer, nowMs());
    if (!isClogged)
      return answer(null, { statusCode: opcua.StatusCodes.BadInvalidState, outputArguments: [] });
    clean(strainer, nowMs());
    update(nowMs());
    const said = new opcua.Variant({
      dataType: opcua.DataType.String,
      value: `已清洗 cleaned, ${pressureKpa} kPa before`,
    });
    answer(null, { statusCode: opcua.StatusCodes.Good, outputArguments: [said] });
  });
  return update;
}

/** As somebody at the plant's own panel does; who has done so already is left alone. */
function acknowledgeAtPanel(
  opcua: Opcua,
  addressSpace: IAddressSpace,
  condition: ReturnType<Namespace['instantiateExclusiveLimitAlarm']>,
): void {
  const branch = condition.currentBranch();
  if (!branch.getActiveState() || branch.getAckedState()) return;
  void new opcua.PseudoSession(addressSpace).call({
    objectId: condition.nodeId,
    methodId: condition.acknowledge.nodeId,
    inputArguments: [
      { dataType: opcua.DataType.ByteString, value: branch.getEventId() },
      {
        dataType: opcua.DataType.LocalizedText,
        value: new opcua.LocalizedText({ text: '现场已知悉 seen at the panel' }),
      },
    ],
  });
}
