import { getContainerRuntimeClient } from 'testcontainers';

/** Whether a Docker engine answers; else prints why the tests of this file are skipped. */
export async function hasDocker(what: string): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch (error) {
    console.info(
      `skipped: ${what} needs a Docker engine (${error instanceof Error ? error.message : String(error)})`,
    );
    return false;
  }
}
