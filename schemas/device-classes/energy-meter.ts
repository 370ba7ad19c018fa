import { counter, defineDeviceClass, gauge } from './build.ts';

/** Power of one feeder: above any feeder of a park (110 kV incoming), negative when it feeds back. */
const power = { min: -100_000, max: 100_000, decimals: 2 };
/** Up to 110 kV phase-to-phase, as read behind the transformer ratio. */
const voltage = { min: 0, max: 150_000, decimals: 1 };
/** Above any busbar rating; negative only as direction of flow. */
const current = { min: -10_000, max: 10_000, decimals: 2 };
/**
 * Eight digits, two of them decimals: 999999.99 is followed by 0. A converter that multiplies by the transformer
 * ratio counts further, hence the wide range and the attribute.
 */
const register = {
  min: 0,
  max: 1e10,
  decimals: 2,
  resolution: 0.01,
  modulus: 1_000_000,
  modulusAttribute: 'registerModulusKwh',
  rateAttribute: 'ratedPowerKw',
};

export const energyMeter = defineDeviceClass({
  id: 'energy-meter',
  name: { zh: '电能表', en: 'Energy meter' },
  sources: ['DL/T 645-2007', 'GB/T 17215.321-2021', 'GB 17167-2025'],
  medium: ['electricity'],
  metrics: {
    active_power: gauge(['有功功率', 'Active power'], 'kW', { ...power, required: true }),
    active_power_l1: gauge(['A相有功功率', 'Active power L1'], 'kW', power),
    active_power_l2: gauge(['B相有功功率', 'Active power L2'], 'kW', power),
    active_power_l3: gauge(['C相有功功率', 'Active power L3'], 'kW', power),
    active_energy_import: counter(['正向有功电能', 'Active energy import'], 'kWh', {
      ...register,
      required: true,
    }),
    // Multi-rate meters (DL/T 645-2007) keep rates 1 to 4 beside the total; which hours a rate has is the tariff's matter.
    active_energy_import_t1: counter(['正向有功电能（尖）', 'Active energy import, rate 1'], 'kWh', register),
    active_energy_import_t2: counter(['正向有功电能（峰）', 'Active energy import, rate 2'], 'kWh', register),
    active_energy_import_t3: counter(['正向有功电能（平）', 'Active energy import, rate 3'], 'kWh', register),
    active_energy_import_t4: counter(['正向有功电能（谷）', 'Active energy import, rate 4'], 'kWh', register),
    active_energy_export: counter(['反向有功电能', 'Active energy export'], 'kWh', register),
    reactive_power: gauge(['无功功率', 'Reactive power'], 'kvar', power),
    apparent_power: gauge(['视在功率', 'Apparent power'], 'kVA', { ...power, min: 0 }),
    power_factor: gauge(['功率因数', 'Power factor'], '1', { min: -1, max: 1, decimals: 3 }),
    voltage_l1: gauge(['A相电压', 'Voltage L1'], 'V', voltage),
    voltage_l2: gauge(['B相电压', 'Voltage L2'], 'V', voltage),
    voltage_l3: gauge(['C相电压', 'Voltage L3'], 'V', voltage),
    current_l1: gauge(['A相电流', 'Current L1'], 'A', current),
    current_l2: gauge(['B相电流', 'Current L2'], 'A', current),
    current_l3: gauge(['C相电流', 'Current L3'], 'A', current),
    // A grid at rest reads 0 Hz; in service it stays within 50 ± 1 Hz, generators within ± 5 Hz.
    frequency: gauge(['频率', 'Frequency'], 'Hz', { min: 0, max: 65, decimals: 2 }),
    demand: gauge(['需量', 'Demand'], 'kW', power),
  },
  headline: ['active_power', 'active_energy_import', 'power_factor', 'voltage_l1', 'current_l1'],
  attributes: {
    ratedPowerKw: { zh: '额定功率（kW）', en: 'Rated power (kW)' },
    registerModulusKwh: { zh: '计度器翻转值（kWh）', en: 'Register wraps at (kWh)' },
    ctRatio: { zh: '电流互感器变比', en: 'Current transformer ratio' },
    ptRatio: { zh: '电压互感器变比', en: 'Voltage transformer ratio' },
    accuracyClass: { zh: '准确度等级', en: 'Accuracy class' },
    parentMeterId: { zh: '上级表计编号', en: 'Id of the meter above it' },
    calibrationDue: { zh: '检定到期日', en: 'Calibration due' },
  },
});
