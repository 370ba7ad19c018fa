import type * as Arrow from 'apache-arrow';
import { pointKey } from '#schemas/ids.ts';
import type { PointInfo } from '#schemas/registry.ts';
import type { Block } from './export-blocks.ts';

/**
 * Blocks as an Arrow IPC stream (https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format), one record batch a block.
 * Columns `point` (dictionary of the keys), `time` (timestamp, µs, UTC), then `value` or `avg`, `min`, `max`, `count`, and `quality`
 * (0 good, 1 uncertain, 2 bad). The schema's metadata holds the units and states of the points.
 */
export async function* arrowStream(
  blocks: AsyncIterable<Block>,
  plan: { readonly points: readonly PointInfo[]; readonly kind: Block['kind']; readonly timeZone: string },
): AsyncGenerator<Uint8Array> {
  // Fetched when it is first needed: most processes never write a stream.
  const arrow = await import('apache-arrow');
  const writer = newWriter(arrow);
  const types = columnTypes(arrow, plan.kind);
  const schema = new arrow.Schema(
    types.map(([name, type]) => new arrow.Field(name, type, ['avg', 'min', 'max'].includes(name))),
    metadataOf(plan),
  );
  const keys = plan.points.map(({ deviceId, metric }) => pointKey(deviceId, metric));
  const places = new Map(plan.points.map(({ pointId }, place) => [pointId, place]));
  const dictionary = arrow.vectorFromArray(keys, new arrow.Utf8());
  writer.reset(undefined, schema);
  yield* writer.taken();
  for await (const block of blocks) {
    const length = block.timesUs.length;
    const point = new Int32Array(length).fill(places.get(block.point.pointId) ?? 0);
    const children = types.map(([name, type]) =>
      arrow.DataType.isDictionary(type)
        ? arrow.makeData({ type, length, data: point, dictionary })
        : columnOf(arrow, block, { name, type }),
    );
    const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
    writer.write(new arrow.RecordBatch(schema, data));
    yield* writer.taken();
  }
  writer.close();
  yield* writer.taken();
}

function columnTypes(arrow: typeof Arrow, kind: Block['kind']): [name: string, type: Arrow.DataType][] {
  const numbers = kind === 'raw' ? ['value'] : ['avg', 'min', 'max'];
  return [
    ['point', new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 0)],
    ['time', new arrow.TimestampMicrosecond('UTC')],
    ...numbers.map((name): [string, Arrow.DataType] => [name, new arrow.Float64()]),
    ...(kind === 'raw' ? [] : [['count', new arrow.Int32()] as [string, Arrow.DataType]]),
    ['quality', new arrow.Uint8()],
  ];
}

function metadataOf({
  points,
  timeZone,
}: {
  points: readonly PointInfo[];
  timeZone: string;
}): Map<string, string> {
  const told = points.map(({ deviceId, metric, unit, states }) => [
    pointKey(deviceId, metric),
    { unit, ...(states.length === 0 ? {} : { states }) },
  ]);
  return new Map([
    ['parkwatch.points', JSON.stringify(Object.fromEntries(told))],
    ['parkwatch.timeZone', timeZone],
  ]);
}

function columnOf(
  arrow: typeof Arrow,
  block: Block,
  { name, type }: { name: string; type: Arrow.DataType },
): Arrow.Data {
  const length = block.timesUs.length;
  if (name === 'time') {
    const data = BigInt64Array.from(block.timesUs, (timeUs) => BigInt(timeUs));
    return arrow.makeData({ type: type as Arrow.TimestampMicrosecond, length, data });
  }
  if (name === 'quality') {
    return arrow.makeData({ type: type as Arrow.Uint8, length, data: Uint8Array.from(block.qualities) });
  }
  if (block.kind === 'raw') {
    return arrow.makeData({ type: type as Arrow.Float64, length, data: Float64Array.from(block.values) });
  }
  if (name === 'count')
    return arrow.makeData({ type: type as Arrow.Int32, length, data: Int32Array.from(block.count) });
  const values = name === 'min' ? block.min : name === 'max' ? block.max : block.avg;
  return arrow.makeData({
    type: type as Arrow.Float64,
    length,
    nullCount: values.filter((value) => value === null).length,
    nullBitmap: bitmapOf(values),
    data: Float64Array.from(values, (value) => value ?? 0),
  });
}

/** One bit a row, least significant first; set where there is a value. */
function bitmapOf(values: readonly (number | null)[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [row, value] of values.entries()) {
    if (value !== null) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bits;
}

/**
 * The library's writer puts what it writes into a queue that nothing holds back. Ours hands every piece over before the next batch is
 * read, so a slow reader holds back the store and not our memory.
 */
function newWriter(arrow: typeof Arrow) {
  return new (class extends arrow.RecordBatchStreamWriter {
    #pieces: Uint8Array[] = [];

    /** What was written since it was asked last. */
    *taken(): Generator<Uint8Array> {
      const pieces = this.#pieces;
      this.#pieces = [];
      for (const piece of pieces) yield piece;
    }

    protected override _write(chunk: Parameters<Arrow.RecordBatchStreamWriter['_write']>[0]): this {
      if (!this._started || !ArrayBuffer.isView(chunk) || chunk.byteLength === 0) return this;
      this.#pieces.push(new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength));
      this._position += chunk.byteLength;
      return this;
    }
  })();
}
