/** Runs a class from the jars of a Kafka release to its end. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { javaCommand, type KafkaJars, requireJava } from './kafka-jars.ts'
import { LocalKafkaError } from './local-kafka-error.ts'

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

const run = promisify(execFile)

/** @throws LocalKafkaError JAVA_MISSING, or TOOL_FAILED with the program's output where it does not exit with 0 */
export async function runJavaClass(
  jars: KafkaJars,
  className: string,
  args: readonly string[],
  options: JavaClassOptions = {}
): Promise<JavaOutput> {
  const classPath = options.classPath === undefined ? jars.classPath : `${options.classPath}:${jars.classPath}`
  const flags = [`-Xmx${options.heapMb ?? 256}m`, ...fastStartFlags, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
  const running = run(javaCommand(), [...flags, '-cp', classPath, className, ...args], {
    maxBuffer: 1024 * 1024 * 1024,
    timeout: options.timeoutMs ?? 120_000,
    killSignal: 'SIGKILL'
  })
  running.child.stdin?.on('error', () => undefined).end(options.input ?? '')
  try {
    return await running
  } catch (cause) {
    await requireJava()
    const output =
      cause instanceof Error && 'stdout' in cause && 'stderr' in cause
        ? String(cause.stderr) + String(cause.stdout)
        : ''
    throw new LocalKafkaError(
      'TOOL_FAILED',
      `java ${className} ${args.join(' ')} failed: ${output.slice(-3_000)}`,
      cause
    )
  }
}
