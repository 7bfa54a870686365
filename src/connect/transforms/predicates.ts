import { parseJavaPattern } from '../../config/java-regex/java-pattern.ts'
import { required, string } from '../../config/option-table.ts'
import { type Predicate } from '../data/plugin-interfaces.ts'
import { type BuiltIn, builtIn, byName } from '../data/built-in.ts'
import { javaPattern } from './option-checks.ts'

const prefix = 'org.apache.kafka.connect.transforms.predicates.'
const filled = { expected: 'a name', holds: (text: string) => text !== '' }

const topicNameMatches = builtIn(
  `${prefix}TopicNameMatches`,
  {
    pattern: string({
      default: required,
      check: javaPattern,
      importance: 'high',
      meaning: 'Regular expression that the whole name of the topic has to match.'
    })
  },
  ({ pattern }): Predicate => {
    const { whole } = parseJavaPattern(pattern)
    return { touches: ['topic'], test: ({ topic }) => whole.test(topic) }
  }
)

const hasHeaderKey = builtIn(
  `${prefix}HasHeaderKey`,
  {
    name: string({ default: required, check: filled, importance: 'high', meaning: 'Name of the header to look for.' })
  },
  ({ name }): Predicate => ({ touches: ['headers'], test: ({ headers }) => headers.some(({ key }) => key === name) })
)

const recordIsTombstone = builtIn(`${prefix}RecordIsTombstone`, {}, (): Predicate => ({
  touches: ['value'],
  test: ({ value }) => value === null
}))

export const builtInPredicates: readonly BuiltIn<Predicate>[] = [topicNameMatches, hasHeaderKey, recordIsTombstone]

export const predicatesByName = byName(builtInPredicates, 'Predicate')
