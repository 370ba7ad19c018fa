import { counter, defineDeviceClass, dueIn, flag, gauge, happening, state } from './build.ts';
import { elevatorFaults } from './elevator-faults.ts';

/** A car moves a floor in a few seconds: slower reporting would miss what it does. */
const everyS = 5;

export const elevator = defineDeviceClass({
  id: 'elevator',
  name: { zh: '电梯', en: 'Elevator' },
  sources: ['GB/T 24476-2023', 'TSG T5002-2017'],
  metrics: {
    mode: state(['运行模式', 'Service mode'], {
      states: {
        normal: ['正常', 'Normal'],
        inspection: ['检修', 'Inspection'],
        fire: ['消防', 'Fire service'],
        fault: ['故障', 'Fault'],
        out_of_service: ['停用', 'Out of service'],
        independent: ['专用', 'Independent'],
        emergency_power: ['应急电源', 'Emergency power'],
      },
      abnormal: { inspection: 'low', fire: 'critical', fault: 'high', emergency_power: 'high' },
      everyS,
      required: true,
    }),
    // The tallest buildings have fewer than 200 floors, the deepest basements fewer than 20.
    floor: gauge(['楼层', 'Floor'], '1', { min: -20, max: 200, decimals: 0, everyS, required: true }),
    direction: state(['运行方向', 'Direction'], {
      states: { idle: ['静止', 'Idle'], up: ['上行', 'Up'], down: ['下行', 'Down'] },
      everyS,
      required: true,
    }),
    door: state(['轿门', 'Car door'], {
      states: {
        closed: ['关闭', 'Closed'],
        open: ['打开', 'Open'],
        opening: ['正在打开', 'Opening'],
        closing: ['正在关闭', 'Closing'],
        blocked: ['受阻', 'Blocked'],
      },
      abnormal: { blocked: 'medium' },
      everyS,
      required: true,
    }),
    // A stop outside a door zone with somebody in the car is an entrapment: lifts tell the three facts to their platform.
    running: flag(['运行', 'Running'], { off: ['静止', 'At rest'], on: ['运行', 'Running'], everyS }),
    door_zone: flag(['开锁区域', 'Door zone'], {
      off: ['区域外', 'Outside'],
      on: ['区域内', 'Inside'],
      everyS,
    }),
    passenger_present: flag(['轿厢内有人', 'Passenger present'], {
      off: ['无人', 'Nobody'],
      on: ['有人', 'Somebody'],
      everyS,
    }),
    // The fastest lifts run 21 m/s; down is negative where the maker signs it.
    speed: gauge(['速度', 'Speed'], 'm/s', { min: -25, max: 25, decimals: 2, everyS }),
    // Goods lifts end near 10 t; an overloaded car still reports.
    load: gauge(['载重', 'Load'], 'kg', { min: 0, max: 20_000, decimals: 0, everyS }),
    entrapment: flag(['困人', 'Entrapment'], {
      off: ['无困人', 'Nobody trapped'],
      on: ['困人', 'Person trapped'],
      abnormalOn: 'critical',
      everyS,
      required: true,
    }),
    // What is wrong, in the words of elevator-faults.ts; a mapping knows the maker's codes for it.
    fault: state(['故障类别', 'Fault'], { ...elevatorFaults, everyS }),
    // The maker's own code; 0 is no fault.
    fault_code: gauge(['故障代码', 'Fault code'], '1', { min: 0, max: 65_535, decimals: 0, everyS }),
    run_count: counter(['运行次数', 'Run count'], '1', {
      min: 0,
      max: 4_294_967_295,
      decimals: 0,
      resolution: 1,
      // Drives are rated for at most 240 starts an hour.
      maxRatePerHour: 240,
      everyS: 60,
    }),
    run_hours: counter(['运行时间', 'Run hours'], 'h', {
      min: 0,
      max: 1_000_000,
      decimals: 1,
      resolution: 0.1,
      maxRatePerHour: 1,
      everyS: 60,
    }),
    inspection_due: dueIn(['距检验到期', 'Inspection due in'], {
      attribute: 'inspectionDue',
      event: 'elevator.inspection',
    }),
    maintenance_due: dueIn(['距维保到期', 'Maintenance due in'], {
      attribute: 'maintenanceDue',
      event: 'elevator.maintenance',
    }),
  },
  headline: ['mode', 'floor', 'direction', 'door', 'entrapment', 'fault'],
  events: {
    'elevator.entrapment': happening(['困人', 'Person trapped'], 'critical'),
    'elevator.released': happening(['被困人员已救出', 'Trapped person released']),
    'elevator.fault': happening(['故障', 'Fault'], 'high'),
    'elevator.fault_cleared': happening(['故障解除', 'Fault cleared']),
    'elevator.door_blocked': happening(['轿门受阻', 'Car door blocked'], 'medium'),
    'elevator.call': happening(['轿厢呼叫', 'Call from the car'], 'medium'),
    // Both may carry `by`, `result` and `nextDue` (YYYY-MM-DD).
    'elevator.maintenance': happening(['维保完成', 'Maintenance done']),
    'elevator.inspection': happening(['检验完成', 'Inspection done']),
  },
  attributes: {
    ratedLoadKg: { zh: '额定载重（kg）', en: 'Rated load (kg)' },
    ratedSpeedMs: { zh: '额定速度（m/s）', en: 'Rated speed (m/s)' },
    floors: { zh: '层数', en: 'Floors' },
    equipmentCode: { zh: '特种设备代码', en: 'Special equipment code' },
    inspectionDue: { zh: '检验到期日', en: 'Inspection due' },
    maintenanceDue: { zh: '维保到期日', en: 'Maintenance due' },
  },
});
