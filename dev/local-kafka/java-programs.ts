/** The Java programs of the folder `java`, compiled once per Kafka version and source text into the cache. */
import { type ChildProcess, execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runJavaClass, type JavaClassOptions, type JavaOutput, spawnJavaClass } from './java-class.ts'
import { javaCommand, type KafkaJars } from './kafka-jars.ts'
import { LocalKafkaError } from './local-kafka-error.ts'

export type JavaProgram =
  | 'ReadTopic'
  | 'ProduceRecords'
  | 'LoadTopics'
  | 'ProbeLatency'
  | 'SteadyProducer'
  | 'ConnectStores'
  | 'ReadInGroup'
  | 'MirrorReaders'
  | 'BusyPartitions'

const sourceDir = fileURLToPath(new URL('java/', import.meta.url))
const run = promisify(execFile)

/** @throws LocalKafkaError JAVA_MISSING, TOOL_FAILED */
export async function runJavaProgram(
  jars: KafkaJars,
  program: JavaProgram,
  args: readonly string[],
  options: JavaClassOptions = {}
): Promise<JavaOutput> {
  return await runJavaClass(jars, program, args, { ...options, classPath: await compiled(jars, program) })
}

/** As `spawnJavaClass`. */
export async function spawnJavaProgram(
  jars: KafkaJars,
  program: JavaProgram,
  args: readonly string[]
): Promise<ChildProcess> {
  return spawnJavaClass(jars, program, args, { classPath: await compiled(jars, program) })
}

/** Compiles beside the final place and renames: two processes may do so at once. */
async function compiled(jars: KafkaJars, program: JavaProgram): Promise<string> {
  const source = join(sourceDir, `${program}.java`)
  const hash = createHash('sha256')
  // A class that several use is compiled with each.
  for (const file of [source, join(sourceDir, 'InputEnd.java')]) hash.update(await readFile(file))
  const classes = join(jars.cacheDir, `${program}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(classes)) return classes
  await mkdir(jars.cacheDir, { recursive: true })
  const partial = await mkdtemp(join(jars.cacheDir, 'compile-'))
  try {
    await run(javaCommand('javac'), ['-nowarn', '-d', partial, '-cp', jars.classPath, '-sourcepath', sourceDir, source])
    await rename(partial, classes).catch((error: unknown) => {
      if (!existsSync(classes)) throw error
    })
  } catch (cause) {
    throw new LocalKafkaError(
      'TOOL_FAILED',
      `cannot compile ${source} (a JDK is needed, not only a JRE): ${String(cause)}`,
      cause
    )
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return classes
}
