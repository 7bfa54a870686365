import { asError } from '../base/errors.ts'
import { type Findings } from '../config/findings.ts'
import { PluginError, type PluginLoader, type PluginShape } from '../config/plugin-loader.ts'
import { type RestExtension } from '../connect/rest-extension.ts'

const key = 'rest.api.extensions'
const shape: PluginShape<RestExtension> = { noun: 'a REST extension', methods: ['register'] }

/** Makes what `rest.api.extensions` names; what is not to be had is a problem of that key. */
export async function loadRestExtensions(
  value: string,
  loader: PluginLoader,
  findings: Findings
): Promise<readonly RestExtension[]> {
  const extensions: RestExtension[] = []
  for (const reference of value.split(',').map((each) => each.trim())) {
    if (reference === '') continue
    try {
      const Loaded = await loader.load<[], RestExtension>(key, reference, shape)
      extensions.push(new Loaded())
    } catch (thrown) {
      const isRefused = thrown instanceof PluginError
      const expected = isRefused
        ? thrown.problem.expected
        : `${shape.noun} that can be made: ${asError(thrown).message}`
      findings.problem(key, reference, expected)
    }
  }
  return extensions
}
