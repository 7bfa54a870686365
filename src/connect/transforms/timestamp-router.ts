import { MirrorError } from '../../base/errors.ts'
import { string } from '../../config/option-table.ts'
import { builtIn, transformPackage } from '../data/built-in.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'
import { dateFormat } from './option-checks.ts'
import { SimpleDateFormat } from './simple-date-format.ts'

/** A topic made of the topic's name and the record's time. */
export const timestampRouter = builtIn(
  `${transformPackage}TimestampRouter`,
  {
    'topic.format': string({
      default: '${topic}-${timestamp}',
      importance: 'high',
      meaning: 'Name of the topic; `${topic}` and `${timestamp}` are set in.'
    }),
    'timestamp.format': string({
      default: 'yyyyMMdd',
      check: dateFormat,
      importance: 'high',
      meaning: 'How the time is written (SimpleDateFormat), in UTC.'
    })
  },
  (values): Transformation => {
    const topicFormat = values['topic.format']
    const timestampFormat = new SimpleDateFormat(values['timestamp.format'])
    return {
      touches: ['topic', 'timestamp'],
      apply(record) {
        const { timestamp, topic } = record
        if (timestamp === null)
          throw new MirrorError('MIRROR_CONVERSION', 'The record has no timestamp to be routed by')
        const time = timestampFormat.format(Number(timestamp))
        // Each placeholder once, the topic first, as the reference: what a topic's name holds is looked at again.
        const named = topicFormat.replaceAll('${topic}', () => topic).replaceAll('${timestamp}', () => time)
        return named === topic ? record : { ...record, topic: named }
      }
    }
  }
)
