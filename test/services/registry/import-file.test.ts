import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { KnownPark } from '#services/registry/import.ts';
import { readImportFile, type ImportFile, type ImportFormat } from '#services/registry/import-file.ts';
import { writeXlsx, xlsxLimits } from '#services/registry/xlsx.ts';

const park: KnownPark = {
  spaceParents: new Map([['tower', null]]),
  devices: new Map(),
  nowMs: Date.UTC(2026, 0, 5),
};

const file = (format: ImportFormat, content: string | Uint8Array): ImportFile => ({
  format,
  bytes: typeof content === 'string' ? Buffer.from(content) : content,
});

async function devicesOf(given: ImportFile) {
  const reading = await readImportFile(given, park);
  if (!reading.ok) throw new Error(JSON.stringify(reading.errors));
  return reading.content.devices;
}

async function faults(given: ImportFile): Promise<string[]> {
  const reading = await readImportFile(given, park);
  return reading.ok
    ? []
    : reading.errors.map((error) => `${error.line}:${error.column} ${error.path}: ${error.message}`);
}

describe('readImportFile() of CSV', () => {
  it('reads rows like entries of YAML: an empty cell is a field that was not given', async () => {
    const [first, second] = await devicesOf(
      file(
        'csv',
        'id,name,class,spaceId,attributes.ratedPowerKw,attributes.serial\r\n' +
          'em-1,"Meter, main",energy-meter,tower,40.5,007\r\n' +
          "em-2,'=1+1,energy-meter,null,,\r\n",
      ),
    );
    expect(first?.value).toMatchObject({
      name: 'Meter, main',
      spaceId: 'tower',
      attributes: { ratedPowerKw: 40.5, serial: '007' },
    });
    expect([...(first?.given ?? [])]).not.toContain('lifecycle');
    expect(second?.value).toMatchObject({ name: '=1+1', spaceId: null });
    expect(second?.given.has('attributes')).toBe(false);
  });

  it('tells faults with the line of the file, also below a cell of several lines, and the column of the table', async () => {
    const text = 'id,name,class,spaceId\nem-1,"two\nlines",energy-meter,tower\n\nem-1,B,toaster,nowhere\n';
    expect(await faults(file('csv', text))).toEqual([
      '5:1 /devices/1/id: "em-1" stands here twice, first as entry 1',
      '5:3 /devices/1/class: there is no device class "toaster"',
      '5:4 /devices/1/spaceId: there is no space "nowhere", neither in the file nor in the park',
    ]);
    expect(await faults(file('csv', 'id,name,class,colour\nem-1,A,energy-meter,red\n'))).toEqual([
      '2:4 /devices/0/colour: "colour" is not a field here',
    ]);
    expect(await faults(file('csv', 'a,b\n1,2\n'))).toEqual([
      '1:1 : the file is none of spaces, devices and points',
    ]);
    expect(await faults(file('csv', 'id,class\n"x,camera\n'))).toEqual([
      expect.stringContaining('is no CSV') as string,
    ]);
  });

  it('reads what spreadsheets in China write: Chinese headings, semicolons, a mark, GB 18030', async () => {
    const text = '\uFEFF编号;名称;类别\nem-1;一号电表;energy-meter\n';
    expect((await devicesOf(file('csv', text)))[0]?.value).toMatchObject({ id: 'em-1', name: '一号电表' });
    // id,name,class / em-1,电表,energy-meter in GB 18030.
    const gb = Buffer.concat([
      Buffer.from('id,name,class\nem-1,'),
      Buffer.from('b5e7b1ed', 'hex'),
      Buffer.from(',energy-meter\n'),
    ]);
    expect((await devicesOf(file('csv', gb)))[0]?.value.name).toBe('电表');
  });
});

describe('readImportFile() of a workbook', () => {
  it('reads a sheet of each kind, whatever the cells hold', async () => {
    const bytes = await writeXlsx([
      {
        name: '空间',
        rows: [
          ['id', 'name', 'kind', 'areaM2'],
          ['hall', 2026, 'building', 120.5],
        ],
      },
      {
        name: 'devices',
        rows: [
          ['id', 'name', 'class', 'spaceId'],
          [null, null, null, null],
          ['c-1', 'Cam', 'camera', 'hall'],
        ],
      },
      {
        name: 'points',
        rows: [
          ['deviceId', 'metric', 'ignored'],
          ['c-1', 'jitter', true],
        ],
      },
    ]);
    const reading = await readImportFile(file('xlsx', bytes), park);
    if (!reading.ok) throw new Error(JSON.stringify(reading.errors));
    expect(reading.content.spaces[0]?.value).toMatchObject({ id: 'hall', name: '2026', areaM2: 120.5 });
    expect(reading.content.devices[0]?.value).toMatchObject({ id: 'c-1', spaceId: 'hall' });
    expect(reading.content.points[0]?.value).toMatchObject({ metric: 'jitter', ignored: true });
  });

  it('tells faults with row and column of the sheet', async () => {
    const rows = [
      ['id', 'name', 'class'],
      [null, null, null],
      ['c-1', 'Cam', 'toaster'],
    ];
    const bytes = await writeXlsx([{ name: 'devices', rows }]);
    expect(await faults(file('xlsx', bytes))).toEqual([
      '3:3 /devices/0/class: there is no device class "toaster"',
    ]);
  });

  it('refuses a file that unpacks to too much, whatever its directory says, and one that is none', async () => {
    const bomb = zipSync({ 'xl/worksheets/sheet1.xml': new Uint8Array(8 * 1024 * 1024) }, { level: 9 });
    expect(await faults(file('xlsx', bomb))).toEqual(['1:1 : unpacks to more than a table needs']);
    const many = Object.fromEntries(
      Array.from({ length: xlsxLimits.files + 1 }, (_, index) => [`f${index}`, new Uint8Array(1)]),
    );
    expect(await faults(file('xlsx', zipSync(many)))).toEqual(['1:1 : unpacks to more than a table needs']);
    // The same bomb, announced as one KiB: what does not fit is not unpacked.
    const lying = Buffer.from(bomb);
    for (let at = lying.indexOf('PK\u0001\u0002'); at >= 0; at = lying.indexOf('PK\u0001\u0002', at + 4)) {
      lying.writeUInt32LE(1_024, at + 24);
    }
    expect(await faults(file('xlsx', lying))).toEqual(['1:1 : is no workbook (.xlsx) that can be read']);
    expect(await faults(file('xlsx', 'id,name\n'))).toEqual(['1:1 : is no workbook (.xlsx)']);
  });
});
