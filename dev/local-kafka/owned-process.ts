/**
 * Child processes that end with their owner, however the owner ends.
 *
 * The child is started through a shell that leaves a watchdog behind and then *becomes* the program (`exec`), so that
 * pid, exit code and signals are the program's own. The watchdog holds the read end of a pipe whose only write end is
 * in the owner:
 *
 *   owner ends (exit, crash, kill -9) -> kernel closes the write end -> `read` fails -> kill -9 of the program
 *   program ends first                -> owner writes a line          -> `read` succeeds -> the watchdog leaves,
 *                                        so it can never kill a stranger that was given the same pid
 *
 * The group is the program's own (`detached`), so that Ctrl-C in a terminal reaches only the owner, which then stops
 * its children in order.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readSync, fstatSync } from 'node:fs'
import { once } from 'node:events'
import { LocalKafkaError } from './local-kafka-error.ts'

// $0 is the directory to remove with the program, or empty. One second lets the kernel finish the killed program.
const watchdog = `
( read -r line <&3 || { kill -9 $$; [ -z "$0" ] || { sleep 1; rm -rf -- "$0"; }; } ) </dev/null >/dev/null 2>&1 &
exec 3<&-
exec "$@"`

export interface OwnedCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Removed, with all in it, when the owner ends without having stopped the program. */
  readonly removeWithOwner?: string
}

export interface OwnedProcessOptions extends OwnedCommand {
  /** Standard output and error are appended here. */
  readonly logFile: string
}

/** As node:child_process `spawn`, with the watchdog. A command that does not exist ends with code 127. */
export function spawnOwned(owned: OwnedCommand, stdio: readonly [Stdio, Stdio, Stdio]): ChildProcess {
  const { command, args, env, removeWithOwner = '' } = owned
  const child = spawn('/bin/sh', ['-c', watchdog, removeWithOwner, command, ...args], {
    detached: true,
    stdio: [...stdio, 'pipe'],
    env: { ...process.env, ...env }
  })
  child.once('exit', () => {
    const leash = child.stdio[3]
    // A broken pipe only means that the watchdog is gone already.
    if (leash != null && 'end' in leash) leash.on('error', () => undefined).end('done\n')
  })
  return child
}

type Stdio = 'ignore' | 'pipe' | number

export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running program. `exited` settles once it is gone; none of the methods throws when it already is. */
export class OwnedProcess {
  readonly pid: number
  readonly exited: Promise<ProcessExit>
  #exit: ProcessExit | undefined
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child
    this.pid = pid
    this.exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
      this.#exit = {
        code: typeof code === 'number' ? code : null,
        signal: typeof signal === 'string' ? (signal as NodeJS.Signals) : null
      }
      return this.#exit
    })
  }

  static start(options: OwnedProcessOptions): OwnedProcess {
    const log = openSync(options.logFile, 'a')
    try {
      const child = spawnOwned(options, ['ignore', log, log])
      if (child.pid === undefined) throw new LocalKafkaError('START_FAILED', `cannot start ${options.command}`)
      return new OwnedProcess(child, child.pid)
    } finally {
      closeSync(log)
    }
  }

  get running(): boolean {
    return this.#exit === undefined
  }

  /** Undefined while the program runs. */
  get exit(): ProcessExit | undefined {
    return this.#exit
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal)
  }

  /** SIGTERM, then SIGKILL when the program has not ended within `graceMs`. */
  async stop(graceMs = 20_000): Promise<ProcessExit> {
    this.signal('SIGTERM')
    const impatience = setTimeout(() => {
      this.signal('SIGKILL')
    }, graceMs)
    try {
      return await this.exited
    } finally {
      clearTimeout(impatience)
    }
  }

  async kill(): Promise<ProcessExit> {
    this.signal('SIGKILL')
    return await this.exited
  }
}

/** The last `maxBytes` of a log, for error messages; empty when there is no such file. */
export function logTail(logFile: string, maxBytes = 3_000): string {
  if (!existsSync(logFile)) return ''
  const file = openSync(logFile, 'r')
  try {
    const size = fstatSync(file).size
    const tail = Buffer.alloc(Math.min(size, maxBytes))
    const length = readSync(file, tail, 0, tail.length, size - tail.length)
    return tail.toString('utf8', 0, length)
  } finally {
    closeSync(file)
  }
}
