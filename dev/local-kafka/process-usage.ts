/** CPU time and memory of a process, from Linux's /proc. */
import { readFile } from 'node:fs/promises'
import { LocalKafkaError } from './local-kafka-error.ts'

export interface ProcessUsage {
  /** User and system time of all threads since the process started. */
  readonly cpuSeconds: number
  readonly rssBytes: number
  /** The highest resident set so far (VmHWM). */
  readonly peakRssBytes: number
}

// The kernel tells user space its times in 1/100 s on every architecture that Node runs on.
const ticksPerSecond = 100

/** @throws LocalKafkaError TOOL_FAILED where the process has ended, or there is no /proc */
export async function processUsage(pid: number): Promise<ProcessUsage> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8')
    ])
    // The second field, the program's name, may hold spaces and parentheses; after it, time is the 12th and 13th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    return { cpuSeconds, rssBytes: statusBytes(status, 'VmRSS'), peakRssBytes: statusBytes(status, 'VmHWM') }
  } catch (cause) {
    throw new LocalKafkaError('TOOL_FAILED', `cannot read the usage of process ${pid}: ${String(cause)}`, cause)
  }
}

function statusBytes(status: string, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`no ${field}`)
  return Number(kilobytes) * 1024
}
