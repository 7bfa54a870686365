import { type SourceConnectorSettings } from '../mirror-options.ts'
import { compilePatternList } from './pattern-list.ts'
import { type TopicFilter } from './topic-filter.ts'

/** Accepts what `topics` matches and `topics.exclude` does not. */
export class DefaultTopicFilter implements TopicFilter {
  readonly #isIncluded: (topic: string) => boolean
  readonly #isExcluded: (topic: string) => boolean

  /** @throws MirrorError MIRROR_CONFIG_INVALID for a pattern that cannot be obeyed exactly */
  constructor(settings: Pick<SourceConnectorSettings, 'topics' | 'topics.exclude'>) {
    this.#isIncluded = compilePatternList(settings.topics)
    this.#isExcluded = compilePatternList(settings['topics.exclude'])
  }

  shouldReplicateTopic(topic: string): boolean {
    return this.#isIncluded(topic) && !this.#isExcluded(topic)
  }
}
