/**
 * The editions of standards that classes, boards and default rules cite, in one place. Whoever cites a standard cites an
 * edition that stands here and is in force; old evidence stays valid under the old one.
 */
export interface Standard {
  /** As cited, with its year. */
  readonly id: string;
  readonly title: string;
  /** Since when it is in force, where a public text that was read says so. */
  readonly from?: string;
  /** The edition before, which nothing cites any more. */
  readonly replaces?: string;
  /** Where that was read. */
  readonly source?: string;
  /** `read`: a public text names this edition as the one in force; `memory`: to be compared with a copy. */
  readonly known: 'read' | 'memory';
}

const read = (
  id: string,
  title: string,
  rest: Pick<Standard, 'from' | 'replaces' | 'source'> = {},
): Standard => ({
  id,
  title,
  ...rest,
  known: 'read',
});
const memory = (id: string, title: string, replaces?: string): Standard => ({
  id,
  title,
  ...(replaces === undefined ? {} : { replaces }),
  known: 'memory',
});

export const standards: readonly Standard[] = [
  read('HJ 212-2025', '污染物自动监测监控系统数据传输', { from: '2026-01-01', replaces: 'HJ 212-2017' }),
  read('GB/T 24476-2023', '电梯物联网 监测终端、企业平台', {
    from: '2023-12-01',
    replaces: 'GB/T 24476-2017',
  }),
  read('GB/T 24475-2023', '电梯远程报警系统', { from: '2023-12-01' }),
  read('GB 17167-2025', '用能单位能源计量器具配备和管理', { from: '2026-02-01', replaces: 'GB 17167-2006' }),
  read('GB/T 28181-2022', '公共安全视频监控联网系统', { replaces: 'GB/T 28181-2016' }),
  read('GB/T 22239-2019', '网络安全等级保护基本要求'),
  read('GB 4717-2024', '火灾报警控制器', { from: '2025-05-01', replaces: 'GB 4717-2005' }),
  // With its amendment of 2018: gases at 298.15 K, dust as it is measured.
  read('GB 3095-2012', '环境空气质量标准', { from: '2016-01-01', replaces: 'GB 3095-1996' }),
  read('DL/T 645-2007', '多功能电能表通信协议', { replaces: 'DL/T 645-1997', source: 'wenku.csdn.net' }),
  read('GB/T 17215.321-2021', '静止式有功电能表', {
    from: '2021-11-01',
    replaces: 'GB/T 17215.321-2008',
    source: 'biaozhun.org',
  }),
  read('GB/T 778.1-2018', '饮用冷水水表和热水水表', {
    from: '2019-01-01',
    replaces: 'GB/T 778.1-2007',
    source: 'chinesestandard.us',
  }),
  read('CJ/T 188-2018', '户用计量仪表数据传输', {
    from: '2018-10-01',
    replaces: 'CJ/T 188-2004',
    source: 'gbstd.com',
  }),
  read('GB/T 6968-2019', '膜式燃气表', {
    from: '2019-12-01',
    replaces: 'GB/T 6968-2011',
    source: 'chinesestandards.org',
  }),
  memory('GB/T 32224-2020', '热量表', 'GB/T 32224-2015'),
  read('HJ 653-2021', '颗粒物连续自动监测系统', {
    from: '2022-06-01',
    replaces: 'HJ 653-2013',
    source: 'mingqintech.com',
  }),
  memory('HJ 654-2013', '气态污染物连续自动监测系统'),
  read('GB 3096-2008', '声环境质量标准', {
    from: '2008-10-01',
    replaces: 'GB 3096-1993',
    source: 'mee.gov.cn',
  }),
  read('GB 12348-2008', '工业企业厂界环境噪声排放标准', {
    from: '2008-10-01',
    replaces: 'GB 12348-1990',
    source: 'mtcjc.com',
  }),
  memory('GB 3838-2002', '地表水环境质量标准'),
  memory('GB 8978-1996', '污水综合排放标准', 'GB 8978-1988'),
  memory('GB/T 12325-2008', '电能质量 供电电压偏差', 'GB/T 12325-2003'),
  memory('TSG T5002-2017', '电梯维护保养规则', 'TSG T5001-2009'),
  memory('GB 50395-2007', '视频安防监控系统工程设计规范'),
  memory('GB 50394-2007', '入侵报警系统工程设计规范'),
  memory('GB 20815-2006', '视频安防监控数字录像设备'),
  memory('GB/T 37078-2018', '出入口控制系统技术要求'),
  memory('GA/T 761-2008', '停车库（场）安全管理系统技术要求'),
  memory('GB 50116-2013', '火灾自动报警系统设计规范', 'GB 50116-1998'),
  memory('GB/T 26875.3-2011', '城市消防远程监控系统 报警传输网络通信协议'),
  memory('GB/T 18487.1-2023', '电动汽车传导充电系统', 'GB/T 18487.1-2015'),
  memory('SJ/T 11141-2017', '发光二极管（LED）显示屏通用规范', 'SJ/T 11141-2012'),
  read('GB/T 36276-2023', '电力储能用锂离子电池', {
    from: '2024-07-01',
    replaces: 'GB/T 36276-2018',
    source: 'gbstd.com',
  }),
  read('GB/T 34131-2023', '电力储能用电池管理系统', {
    from: '2023-10-01',
    replaces: 'GB/T 34131-2017',
    source: 'chinesestandard.net',
  }),
  memory('NB/T 32004-2018', '光伏并网逆变器技术规范', 'NB/T 32004-2013'),
  memory('GB/T 40994-2021', '智慧城市 智慧多功能杆'),
  memory('JGJ/T 334-2014', '建筑设备监控系统工程技术规范'),
  memory('CJJ 45-2015', '城市道路照明设计标准', 'CJJ 45-2006'),
];

const known = new Set(standards.map(({ id }) => id));
const national = /^(GB|HJ|DL|CJ|CJJ|TSG|GA|JGJ|NB|SJ|YD)\b/;

/** What is wrong with citing this; null for an edition in force, and for what is no Chinese standard (a protocol). */
export function citationFault(cited: string): string | null {
  if (!national.test(cited) || known.has(cited)) return null;
  const newer = standards.find(({ replaces }) => replaces === cited);
  return newer === undefined
    ? `${cited} is no edition of schemas/standards.ts`
    : `${cited} was replaced by ${newer.id}`;
}
