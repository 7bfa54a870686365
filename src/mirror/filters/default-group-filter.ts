import { type CheckpointConnectorSettings } from '../mirror-options.ts'
import { type GroupFilter } from './group-filter.ts'
import { compilePatternList } from './pattern-list.ts'

/** Accepts what `groups` matches and `groups.exclude` does not. */
export class DefaultGroupFilter implements GroupFilter {
  readonly #isIncluded: (group: string) => boolean
  readonly #isExcluded: (group: string) => boolean

  /** @throws MirrorError MIRROR_CONFIG_INVALID for a pattern that cannot be obeyed exactly */
  constructor(settings: Pick<CheckpointConnectorSettings, 'groups' | 'groups.exclude'>) {
    this.#isIncluded = compilePatternList(settings.groups)
    this.#isExcluded = compilePatternList(settings['groups.exclude'])
  }

  shouldReplicateGroup(group: string): boolean {
    return this.#isIncluded(group) && !this.#isExcluded(group)
  }
}
