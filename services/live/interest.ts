/** Who watches which point: a frame of the bus is looked at once, not once per client. */
export class Interest<Client> {
  readonly #clients = new Map<number, Set<Client>>();
  readonly #points = new Map<Client, Set<number>>();

  /** The client watches exactly these points from now on. */
  set(client: Client, pointIds: Iterable<number>): void {
    const before = this.#points.get(client) ?? new Set();
    const after = new Set(pointIds);
    for (const pointId of before) if (!after.has(pointId)) this.#remove(client, pointId);
    for (const pointId of after) {
      if (before.has(pointId)) continue;
      const clients = this.#clients.get(pointId);
      if (clients === undefined) this.#clients.set(pointId, new Set([client]));
      else clients.add(client);
    }
    if (after.size === 0) this.#points.delete(client);
    else this.#points.set(client, after);
  }

  of(pointId: number): ReadonlySet<Client> | undefined {
    return this.#clients.get(pointId);
  }

  #remove(client: Client, pointId: number): void {
    const clients = this.#clients.get(pointId);
    clients?.delete(client);
    if (clients?.size === 0) this.#clients.delete(pointId);
  }
}
