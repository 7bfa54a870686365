import { parseArgs } from 'node:util'
import { type ProgramName } from './mirror-programs.ts'

export interface BenchArguments {
  /** Names of workloads and of the steady measures, in upper case; empty means all. */
  readonly only: ReadonlySet<string>
  readonly programs: readonly ProgramName[]
  readonly runs: number
  readonly tasksMax: number
  readonly isQuick: boolean
  /** Of the data of each workload. */
  readonly share: number
  readonly writesReadme: boolean
  readonly builds: boolean
  readonly keepsLogs: boolean
  readonly nodeFlags: readonly string[]
}

export const usage = `Usage: npm run bench -- [options]
  --only W1,W2,W3,W4,W5,LATENCY,IDLE,STARTUP,SCALE,FAILOVER,MAPCOST   what to measure (default: all)
  --runs N          runs of each program (default: 3)
  --quick           a fiftieth of the data, one run: shows that everything works, measures nothing
  --share X         that share of the data only, e.g. 0.2
  --programs LIST   ours,mm2 (default: both, alternately)
  --tasks N         tasks.max of both (default: 1)
  --write           puts the table into bench/README.md
  --no-build        measures what the last bench has built
  --keep-logs       leaves properties and logs of all runs in a directory, and says where
  --node-flags LIST flags of Node for our program, e.g. --node-flags=--cpu-prof,--cpu-prof-dir=/tmp/profiles`

const quickShare = 1 / 50
const names = ['W1', 'W2', 'W3', 'W4', 'W5', 'LATENCY', 'IDLE', 'STARTUP', 'SCALE', 'FAILOVER', 'MAPCOST']

/** @throws Error that says what is wrong */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '3' },
      tasks: { type: 'string', default: '1' },
      share: { type: 'string', default: '1' },
      programs: { type: 'string', default: 'ours,mm2' },
      'node-flags': { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      'keep-logs': { type: 'boolean', default: false }
    }
  })
  const only = list(values.only.toUpperCase())
  const unknown = only.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new Error(`--only ${unknown.join()}: expected some of ${names.join()}`)
  return {
    only: new Set(only),
    programs: list(values.programs).map(programName),
    runs: values.quick ? 1 : positive('--runs', values.runs),
    tasksMax: positive('--tasks', values.tasks),
    isQuick: values.quick,
    share: values.quick ? quickShare : shareOf(values.share),
    writesReadme: values.write,
    builds: !values['no-build'],
    keepsLogs: values['keep-logs'],
    nodeFlags: list(values['node-flags'])
  }
}

function list(text: string): string[] {
  return text.split(',').filter((part) => part !== '')
}

function programName(text: string): ProgramName {
  if (text === 'ours' || text === 'mm2') return text
  throw new Error(`--programs ${text}: expected ours or mm2`)
}

function shareOf(text: string): number {
  const share = Number(text)
  if (!(share > 0 && share <= 1)) throw new Error(`--share ${text}: expected a number above 0 and up to 1`)
  return share
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${option} ${text}: expected a whole number from 1 on`)
  return value
}
