#!/usr/bin/env node
import { asError, MirrorError } from './base/errors.ts'
import { program } from './base/program.ts'
import { runMm2Command } from './driver/mm2-command.ts'
import { mm2Usage, parseMm2CommandLine } from './driver/mm2-command-line.ts'

const exitCodes = { done: 0, failedLater: 1, badInput: 2, noAnswer: 3 } as const

const badInput: readonly string[] = [
  'MIRROR_USAGE',
  'MIRROR_CONFIG_UNREADABLE',
  'MIRROR_CONFIG_INVALID',
  'MIRROR_PLUGIN'
]

let hasPrinted = false

async function main(): Promise<void> {
  const command = parseMm2CommandLine(process.argv.slice(2))
  if (command.command === 'help') {
    process.stdout.write(mm2Usage)
    return
  }
  if (command.command === 'version') {
    process.stdout.write(`${program.version}\n`)
    return
  }
  const ending = new AbortController()
  const end = (): void => {
    ending.abort()
  }
  // Whatever else is interrupted has not done what it was told to: the signal ends it, and its exit code says so.
  if (command.command !== 'translate' && command.follow) {
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  }
  // Whoever reads the output has seen enough: `mm2 ... | head`.
  process.stdout.on('error', end)
  const print = (line: string): void => {
    hasPrinted = true
    process.stdout.write(`${line}\n`)
  }
  await runMm2Command(command, { env: process.env, print, complain, signal: ending.signal })
}

function complain(line: string): void {
  process.stderr.write(`mm2: ${line}\n`)
}

function exitCodeOf(error: MirrorError): number {
  if (badInput.includes(error.code)) return exitCodes.badInput
  return hasPrinted ? exitCodes.failedLater : exitCodes.noAnswer
}

main().catch((thrown: unknown) => {
  const error = asError(thrown)
  const isOurs = error instanceof MirrorError
  // Ended by a signal while the topic was being read: as it was told to.
  if (isOurs && error.code === 'MIRROR_CLOSED') return
  for (const line of (isOurs ? error.message : (error.stack ?? error.message)).split('\n')) complain(line)
  if (isOurs && error.code === 'MIRROR_USAGE') complain('try mm2 --help')
  process.exitCode = isOurs ? exitCodeOf(error) : exitCodes.failedLater
})
