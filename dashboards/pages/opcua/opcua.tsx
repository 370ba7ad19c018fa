import { useFilters } from '../../app/filters.ts';
import { Certificates } from './certificates.tsx';
import { ServerView } from './server-view.tsx';
import { Servers } from './servers.tsx';

/** OPC UA servers and their certificates; or one server with its nodes. */
export function OpcUa() {
  const { values, set } = useFilters(['server'] as const);
  if (values.server !== '') return <ServerView id={values.server} onBack={() => set({ server: null })} />;
  return (
    <div className="stack">
      <Servers onOpen={(server) => set({ server })} />
      <Certificates />
    </div>
  );
}
