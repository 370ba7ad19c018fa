import { useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select, TreeSelect } from 'antd';
import { useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { registerApi } from '../../app/register-api.ts';
import { spaceTree } from '../../app/space-tree.ts';

/** What the form around it gives to its field. */
interface FieldProps {
  readonly id?: string;
  readonly value?: string;
  readonly onChange?: (value: string | undefined) => void;
}

/** Rows of one question; more are found by typing. */
const offered = 50;

/** Chooses a record of a kind by its name or code; the server searches. */
export function RecordSelect({
  kind,
  clearable,
  ...field
}: FieldProps & { kind: string; clearable: boolean }) {
  const [q, setQ] = useState('');
  const found = useQuery({
    queryKey: [...keys.registers, kind, 'choose', q],
    queryFn: () => registerApi.records({ kind, q: q.trim(), limit: offered }),
    placeholderData: keepPreviousData,
  });
  return (
    <Select
      {...field}
      allowClear={clearable}
      showSearch={{ filterOption: false, onSearch: setQ }}
      loading={found.isFetching}
      options={(found.data?.items ?? []).map(({ code, title }) => ({
        value: code,
        label: `${title} · ${code}`,
      }))}
    />
  );
}

/** Chooses a space in its tree. */
export function SpaceSelect(field: FieldProps) {
  const spaces = useSpaces().data?.items ?? [];
  return (
    <TreeSelect
      {...field}
      allowClear
      showSearch
      treeDefaultExpandAll
      treeNodeFilterProp="title"
      treeData={spaceTree(spaces)}
    />
  );
}
