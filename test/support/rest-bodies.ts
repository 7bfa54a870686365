/** What the REST tests send to a route that mirrors the topic `orders`. */

/** By operation: a body that is taken, or would be if the rest were right. */
const bodies: Readonly<Record<string, object>> = {
  createConnector: { name: 'other', config: { 'connector.class': 'MirrorHeartbeatConnector' } },
  putConnectorConfig: { 'connector.class': 'MirrorHeartbeatConnector' },
  patchConnectorConfig: { 'tasks.max': '2' },
  alterConnectorOffsets: { offsets: [position(0, 4)] },
  validatePluginConfig: { 'connector.class': 'MirrorHeartbeatConnector' },
  setLogger: { level: 'INFO' }
}

export function position(partition: number, offset: number): object {
  return { partition: { cluster: 'A', partition, topic: 'orders' }, offset: { offset } }
}

export function bodyOf(operation: string): { body?: object } {
  const body = bodies[operation]
  return body === undefined ? {} : { body }
}
