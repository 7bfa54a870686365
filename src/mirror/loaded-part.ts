import { connectorMadeAtStart, taskMadeAtStart } from '../connect/plugins/made-at-start.ts'
import { type SourceConnector } from '../connect/source-connector.ts'
import { type SourceTask } from '../connect/source-task.ts'
import { type MirrorPlugins } from './mirror-plugins.ts'

/** @param make called by `start`; what it makes need not close the plug-ins */
export function loadedConnector(
  plugins: MirrorPlugins,
  make: (plugins: MirrorPlugins) => Promise<SourceConnector>
): SourceConnector {
  return connectorMadeAtStart(
    () => make(plugins),
    () => plugins.close()
  )
}

/** @param make called by `start`; what it makes need not close the plug-ins */
export function loadedTask(plugins: MirrorPlugins, make: (plugins: MirrorPlugins) => Promise<SourceTask>): SourceTask {
  return taskMadeAtStart(
    () => make(plugins),
    () => plugins.close()
  )
}
