import { Alert, Table } from 'antd';
import type { ApiProblem } from '../../app/client.ts';
import { useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';

/** Why a file was not brought in: every fault with its place. */
export function Faults({ name, problem }: { name: string; problem: ApiProblem }) {
  const t = useWords();
  return (
    <>
      <Alert type="error" showIcon title={t('import.faults', { name, count: problem.errors.length })} />
      <Panel flush>
        <Table
          size="small"
          rowKey={(row) => `${row.line} ${row.column} ${row.path} ${row.message}`}
          pagination={problem.errors.length > 100 ? { pageSize: 100 } : false}
          dataSource={[...problem.errors]}
          columns={[
            { title: t('import.line'), dataIndex: 'line', width: 80, align: 'right', className: 'num' },
            { title: t('import.column'), dataIndex: 'column', width: 80, align: 'right', className: 'num' },
            {
              title: t('import.place'),
              key: 'path',
              width: '30%',
              render: (_, row) => <span className="mono">{row.path}</span>,
            },
            { title: t('import.fault'), dataIndex: 'message' },
          ]}
        />
      </Panel>
    </>
  );
}
