/** Every limit of the contracts, by name (DESIGN §4). A limit of one file's inside stands in that file. */
export const limits = {
  packetBytes: 256 * 1024,
  valuesPerPacket: 5_000,
  bookedPayloadBytes: 4 * 1024,
  futureMs: 15 * 60_000,
  /** 2000-01-01T00:00:00Z; anything older is a clock that was never set. */
  earliestMs: 946_684_800_000,
  rawHorizonDaysPlain: 7,
  rawHorizonDaysTimescale: 30,
  discoveryKeepMs: 24 * 3_600_000,
  discoveryPacketsPerDevice: 1_000,
  discoveryBytes: 64 * 1024 * 1024,
  sequenceGapAfterMs: 60_000,
  listLimit: 1_000,
  latestPoints: 5_000,
  readingsPoints: 50,
  readingsValues: 200_000,
  /** Readings that LTTB keeps of one series, and how many it may be drawn from in one answer: a week of one a second. */
  lttbMost: 20_000,
  lttbReadings: 700_000,
  /** Bands of states: points and days (of all points together) of one answer, and bands of one point. */
  timelinePoints: 20,
  timelineDays: 8_000,
  timelineSpans: 20_000,
  /** One export: points, those named in an address, and how many run at the same time, of one person and of all. */
  exportPoints: 50_000,
  exportNamedPoints: 200,
  exportsOfOne: 2,
  exportsAtOnce: 4,
  consumptionPoints: 500,
  consumptionValues: 200_000,
  /** Raw samples of one counter that one answer may be computed from: a week of one a second. */
  consumptionSamples: 700_000,
  /** Trying an alarm rule on history: about 2 s of one core. */
  dryRunPoints: 1_000,
  dryRunReadings: 1_000_000,
  /** Alarms of one act in bulk. */
  bulkAlarms: 500,
  /** What one gateway may be named to speak for. */
  grantChildren: 5_000,
  grantPrefixes: 50,
  grantTopics: 50,
  /** Credentials made by one request. */
  credentialsAtOnce: 1_000,
  /** Of one device, expired ones not counted. */
  credentialsPerDevice: 10,
  credentialOverlapS: 30 * 86_400,
  /** Unknown devices adopted by one request. */
  adoptAtOnce: 500,
  /** Meters of one tree. */
  meterTreeDevices: 1_000,
  /** Boards of a class: devices that are ranked, points folded into one trend, and points judged day by day. */
  boardDevices: 10_000,
  boardTrendPoints: 1_000,
  boardCalendarPoints: 500,
} as const;
