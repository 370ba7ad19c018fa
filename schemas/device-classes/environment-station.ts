import { defineDeviceClass, gauge, onlineFlag } from './build.ts';

export const environmentStation = defineDeviceClass({
  id: 'environment-station',
  name: { zh: '环境监测站', en: 'Environment station' },
  sources: ['HJ 653-2021', 'HJ 654-2013', 'GB 3095-2012', 'GB 3096-2008', 'GB 12348-2008', 'GB 3838-2002'],
  medium: ['air', 'noise', 'water-quality'],
  metrics: {
    // Dust storms pass 2,000 ug/m3 of fine and 10,000 ug/m3 of coarse dust only at the source.
    pm25: gauge(['PM2.5', 'PM2.5'], 'ug/m3', { min: 0, max: 2_000, decimals: 0 }),
    pm10: gauge(['PM10', 'PM10'], 'ug/m3', { min: 0, max: 10_000, decimals: 0 }),
    // Gas analysers: end of range of ambient instruments.
    o3: gauge(['臭氧', 'Ozone'], 'ug/m3', { min: 0, max: 2_000, decimals: 0 }),
    no2: gauge(['二氧化氮', 'Nitrogen dioxide'], 'ug/m3', { min: 0, max: 4_000, decimals: 0 }),
    so2: gauge(['二氧化硫', 'Sulphur dioxide'], 'ug/m3', { min: 0, max: 6_000, decimals: 0 }),
    co: gauge(['一氧化碳', 'Carbon monoxide'], 'mg/m3', { min: 0, max: 200, decimals: 2 }),
    // The open air holds above 400 ppm; sensors drift below, crowded rooms stay under 10,000.
    co2: gauge(['二氧化碳', 'Carbon dioxide'], 'ppm', { min: 200, max: 20_000, decimals: 0 }),
    // Air at the ground of an inhabited place.
    temperature: gauge(['气温', 'Temperature'], 'degC', { min: -60, max: 70, decimals: 1 }),
    humidity: gauge(['湿度', 'Humidity'], '%', { min: 0, max: 100, decimals: 0 }),
    // Sound level meters of class 1 and 2 measure within 20 to 140 dB(A).
    noise_leq: gauge(['等效声级', 'Noise level Leq'], 'dB(A)', {
      min: 20,
      max: 140,
      decimals: 1,
      mean: 'energy',
    }),
    // Typhoon gusts on land stay under 100 m/s.
    wind_speed: gauge(['风速', 'Wind speed'], 'm/s', { min: 0, max: 100, decimals: 1 }),
    wind_direction: gauge(['风向', 'Wind direction'], 'deg', {
      min: 0,
      max: 360,
      decimals: 0,
      mean: 'circular',
    }),
    // Fallen since the last report; the strongest hour ever measured is 305 mm.
    rain: gauge(['降水量', 'Rain'], 'mm', { min: 0, max: 350, decimals: 1 }),
    ph: gauge(['pH值', 'pH'], 'pH', { min: 0, max: 14, decimals: 2 }),
    // Raw waste water; surface water is two orders below.
    cod: gauge(['化学需氧量', 'COD'], 'mg/L', { min: 0, max: 20_000, decimals: 1 }),
    ammonia_nitrogen: gauge(['氨氮', 'Ammonia nitrogen'], 'mg/L', { min: 0, max: 2_000, decimals: 2 }),
    total_phosphorus: gauge(['总磷', 'Total phosphorus'], 'mg/L', { min: 0, max: 500, decimals: 3 }),
    turbidity: gauge(['浊度', 'Turbidity'], 'NTU', { min: 0, max: 10_000, decimals: 1 }),
    // Supersaturated by algae; pure oxygen at 0 degC would be 70.
    dissolved_oxygen: gauge(['溶解氧', 'Dissolved oxygen'], 'mg/L', { min: 0, max: 50, decimals: 2 }),
    // Sea water has 50,000 uS/cm, brine up to 250,000.
    conductivity: gauge(['电导率', 'Conductivity'], 'uS/cm', { min: 0, max: 300_000, decimals: 0 }),
    water_temperature: gauge(['水温', 'Water temperature'], 'degC', { min: -5, max: 100, decimals: 1 }),
    online: onlineFlag(),
  },
  headline: ['pm25', 'pm10', 'noise_leq', 'temperature', 'humidity', 'ph'],
  attributes: {
    stationCode: { zh: '站点编码（MN）', en: 'Station code (MN)' },
    calibrationDue: { zh: '校准到期日', en: 'Calibration due' },
  },
});
