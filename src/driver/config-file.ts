import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asError, MirrorError } from '../base/errors.ts'
import { loadConfigProviders, type LoadedConfigProviders } from '../config/config-providers.ts'
import { type Findings } from '../config/findings.ts'
import { parseIniFile } from '../config/ini-file.ts'
import { PluginLoader } from '../config/plugin-loader.ts'
import { parsePropertiesFile } from '../config/properties-file.ts'
import { type Properties } from '../config/traced-properties.ts'

export interface ConfigFile {
  readonly properties: Properties
  /** Finds the classes that the file names. */
  readonly loader: PluginLoader
  readonly loadedProviders: LoadedConfigProviders
}

/** @throws MirrorError MIRROR_CONFIG_UNREADABLE */
export async function readConfigFile(path: string, findings: Findings): Promise<ConfigFile> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (thrown) {
    const cause = asError(thrown)
    throw new MirrorError('MIRROR_CONFIG_UNREADABLE', `${path} cannot be read: ${cause.message}`, { cause })
  }
  const properties = path.endsWith('.ini') ? parseIniFile(bytes) : parsePropertiesFile(bytes, findings)
  const loader = new PluginLoader(dirname(path))
  return { properties, loader, loadedProviders: await loadConfigProviders(properties, loader) }
}
