import { shiftDay } from '#schemas/local-time.ts';
import type { ClaimContent } from '#schemas/claim.ts';
import type { DemoFileId } from './files.ts';

/** What the people of the demo claim: approved, refused, run out, and one that waits for whoever tries the product. Pure. */
export interface DemoClaim {
  readonly rubric: string;
  readonly item: string;
  readonly content: Partial<ClaimContent>;
  readonly statement: string;
  readonly from: string;
  readonly until: string;
  readonly documents: readonly DemoFileId[];
  /** What the second person says; null: nothing yet. */
  readonly decision: { readonly state: 'approved' | 'refused'; readonly reason: string | null } | null;
}

const rubric = 'chengdu-2021';
const approved = { state: 'approved', reason: null } as const;

/** @param today the park's local day. The last one is the one that waits. */
export function demoClaims(today: string): [...DemoClaim[], DemoClaim] {
  const days = (since: number, ends: number) => ({
    from: shiftDay(today, -since),
    until: shiftDay(today, ends),
  });
  return [
    {
      rubric,
      item: 'org.rules',
      content: { grade: 'full', functions: ['rules', 'processes', 'tasks'] },
      statement: '（示例）管理制度汇编 3.1 版齐全，流程与任务分工已发布。',
      ...days(300, 330),
      documents: ['rules'],
      decision: approved,
    },
    {
      rubric,
      item: 'org.body',
      content: { grade: 'partial', functions: ['body', 'structure'] },
      statement: '（示例）工作机构已成立，岗位职责仍在修订。',
      ...days(200, 120),
      documents: ['body'],
      decision: { state: 'approved', reason: '职责部分未完成，按较完善计。' },
    },
    {
      rubric,
      item: 'operation.emergency.plans',
      content: { grade: 'partial', functions: ['handling'] },
      statement: '（示例）火灾、防汛、电梯困人已有预案，疏散路线图未更新。',
      ...days(150, 40),
      documents: ['plan'],
      decision: approved,
    },
    {
      rubric,
      item: 'infra.network.mobile-coverage',
      content: { value: 97.4, unit: '%', functions: ['public-areas', 'workplaces'] },
      statement: '（示例）路测报告：室外与办公区域信号覆盖 97.4 %。',
      ...days(90, 275),
      documents: ['survey'],
      decision: approved,
    },
    {
      rubric,
      item: 'org.infosec',
      content: { grade: 'full', functions: ['rules', 'body', 'staff'] },
      statement: '（示例）信息安全制度、机构与人员齐全。',
      ...days(380, -20),
      documents: ['rules'],
      decision: approved,
    },
    {
      rubric,
      item: 'infra.network.5g-coverage',
      content: { value: 92, unit: '%', functions: ['signal'] },
      statement: '（示例）运营商告知 5G 覆盖约九成。',
      ...days(60, 300),
      documents: [],
      decision: { state: 'refused', reason: '没有测试报告，口头告知不作依据。' },
    },
    {
      rubric,
      item: 'org.funds',
      content: { grade: 'partial', functions: ['plan', 'budget'] },
      statement: '（示例）年度信息化预算送审稿已提交，等待第二人核准。',
      ...days(45, 320),
      documents: ['funds'],
      decision: null,
    },
  ];
}
