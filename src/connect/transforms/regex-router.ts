import { asError } from '../../base/errors.ts'
import { JavaReplacement } from '../../config/java-regex/java-replacement.ts'
import { parseJavaPattern } from '../../config/java-regex/java-pattern.ts'
import { required, string } from '../../config/option-table.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'
import { builtIn, type Refuse, transformPackage } from '../data/built-in.ts'
import { javaPattern } from './option-checks.ts'

/** Another topic where the whole name matches. */
export const regexRouter = builtIn(
  `${transformPackage}RegexRouter`,
  {
    regex: string({
      default: required,
      check: javaPattern,
      importance: 'high',
      meaning: 'Regular expression that the whole name of the topic has to match.'
    }),
    replacement: string({
      default: required,
      importance: 'high',
      meaning: 'What the first match is replaced by; `$1` or `${name}` is a group, `\\$` a dollar sign.'
    })
  },
  ({ regex, replacement }, refuse): Transformation => {
    const replace = replacementOf(regex, replacement, refuse)
    return {
      touches: ['topic'],
      apply(record) {
        const topic = replace.apply(record.topic)
        return topic === undefined || topic === record.topic ? record : { ...record, topic }
      }
    }
  }
)

function replacementOf(regex: string, replacement: string, refuse: Refuse): JavaReplacement {
  try {
    return new JavaReplacement(parseJavaPattern(regex), replacement)
  } catch (thrown) {
    throw refuse('replacement', `a replacement that fits the regex: ${asError(thrown).message}`)
  }
}
