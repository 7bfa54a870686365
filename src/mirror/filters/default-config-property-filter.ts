import { type SourceConnectorSettings } from '../mirror-options.ts'
import { compilePatternList } from './pattern-list.ts'
import { type ConfigPropertyFilter } from './topic-filter.ts'

/** Copies every topic setting that `config.properties.exclude` does not match. */
export class DefaultConfigPropertyFilter implements ConfigPropertyFilter {
  readonly #isExcluded: (property: string) => boolean
  readonly #copiesDefaults: boolean

  /** @throws MirrorError MIRROR_CONFIG_INVALID for a pattern that cannot be obeyed exactly */
  constructor(settings: Pick<SourceConnectorSettings, 'config.properties.exclude' | 'use.defaults.from'>) {
    this.#isExcluded = compilePatternList(settings['config.properties.exclude'])
    this.#copiesDefaults = settings['use.defaults.from'] === 'source'
  }

  shouldReplicateConfigProperty(property: string): boolean {
    return !this.#isExcluded(property)
  }

  shouldReplicateSourceDefault(): boolean {
    return this.#copiesDefaults
  }
}
