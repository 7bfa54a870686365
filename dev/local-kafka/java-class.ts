/** Runs a class from the jars of a Kafka release to its end. */
import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { javaCommand, type KafkaJars, requireJava } from './kafka-jars.ts'
import { LocalKafkaError } from './local-kafka-error.ts'
import { spawnOwned } from './owned-process.ts'

export interface JavaOutput {
  readonly stdout: string
  readonly stderr: string
}

export interface JavaClassOptions {
  readonly heapMb?: number
  /** Put before the jars, e.g. a directory of compiled classes. */
  readonly classPath?: string
  readonly timeoutMs?: number
  /** Written to the program's standard input. */
  readonly input?: string
}

/** Start-up counts more than speed for what runs a second or two. */
export const fastStartFlags: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']

/** Starts the class; it ends with its owner at the latest. Standard input, output and error are pipes. */
export function spawnJavaClass(
  jars: KafkaJars,
  className: string,
  args: readonly string[],
  options: Pick<JavaClassOptions, 'heapMb' | 'classPath'> = {}
): ChildProcess {
  const classPath = options.classPath === undefined ? jars.classPath : `${options.classPath}:${jars.classPath}`
  const flags = [`-Xmx${options.heapMb ?? 256}m`, ...fastStartFlags, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
  const command = [...flags, '-cp', classPath, className, ...args]
  return spawnOwned({ command: javaCommand(), args: command }, ['pipe', 'pipe', 'pipe'])
}

/** @throws LocalKafkaError JAVA_MISSING, or TOOL_FAILED with the program's output where it does not exit with 0 */
export async function runJavaClass(
  jars: KafkaJars,
  className: string,
  args: readonly string[],
  options: JavaClassOptions = {}
): Promise<JavaOutput> {
  const child = spawnJavaClass(jars, className, args, options)
  const impatience = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 120_000)
  // A program that ends before it has read its input says why itself.
  child.stdin?.on('error', () => undefined).end(options.input ?? '')
  const [stdout, stderr, [code, signal]] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'exit') as Promise<[number | null, string | null]>
  ])
  clearTimeout(impatience)
  if (code === 0) return { stdout, stderr }
  await requireJava()
  const output = (stderr + stdout).slice(-3_000)
  throw new LocalKafkaError(
    'TOOL_FAILED',
    `${className} ${args.join(' ')} ended with ${code ?? signal ?? ''}: ${output}`
  )
}
