import { required, string } from '../../src/config/option-table.ts'
import { type ConfigProblem } from '../../src/connect/source-connector-plugin.ts'
import { type ConnectorRegistration } from '../../src/connect/plugins/plugin-registry.ts'

/** A connector class that can be described and validated, and not be made. Its one key of its own is `color`. */
export function toyConnector(className: string): ConnectorRegistration {
  const unmade = (): never => {
    throw new Error(`${className} is not to be made`)
  }
  return {
    plugin: {
      className,
      type: 'source',
      version: '1.0',
      taskClassName: className.replace(/Connector$/, 'Task'),
      createConnector: unmade,
      createTask: unmade,
      checkOffset: unmade,
      validate({ color }): readonly ConfigProblem[] {
        if (color === undefined) return [{ key: 'color', message: 'color: missing' }]
        return color === 'grey'
          ? ['no colour', 'sad'].map((what) => ({ key: 'color', message: `grey is ${what}` }))
          : []
      }
    },
    options: { color: string({ default: required, meaning: 'What it looks like.' }) }
  }
}
