/**
 * The jars of an Apache Kafka release: `KAFKA_HOME/libs` where that variable names a release of the version asked for,
 * else a cache outside the work tree, filled from Maven Central by pom.xml.
 *
 *   $KAFKA_CACHE/kafka-<version>/libs/*.jar      (default of KAFKA_CACHE: ~/.cache/connect-mirror-maker)
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LocalKafkaError } from './local-kafka-error.ts'

const defaultKafkaVersion = '4.3.1'

export interface KafkaJars {
  readonly version: string
  /** As `java -cp` takes it. */
  readonly classPath: string
  /** Where compiled test programs of this version are kept. */
  readonly cacheDir: string
}

const pom = fileURLToPath(new URL('pom.xml', import.meta.url))
const run = promisify(execFile)

/**
 * Finds or downloads the jars. Without `version`: what KAFKA_HOME holds, else the default version.
 * @throws LocalKafkaError MAVEN_MISSING, DOWNLOAD_FAILED
 */
export async function kafkaJars(version?: string): Promise<KafkaJars> {
  const home = process.env['KAFKA_HOME']
  if (home !== undefined && home !== '') {
    const libs = join(home, 'libs')
    const found = existsSync(libs) ? clientsVersion(libs) : undefined
    if (found === undefined) {
      throw new LocalKafkaError(
        'START_FAILED',
        `KAFKA_HOME=${home} has no libs/kafka-clients-*.jar; correct or unset it`
      )
    }
    if (version === undefined || version === found) {
      return { version: found, classPath: join(libs, '*'), cacheDir: cacheDir(found) }
    }
  }
  const wanted = version ?? defaultKafkaVersion
  const dir = cacheDir(wanted)
  const libs = join(dir, 'libs')
  if (!existsSync(libs)) await download(wanted, dir)
  return { version: wanted, classPath: join(libs, '*'), cacheDir: dir }
}

/** The `java` (or `javac`, `keytool`) of JAVA_HOME where that is set, else of the PATH. */
export function javaCommand(program: 'java' | 'javac' | 'keytool' = 'java'): string {
  const home = process.env['JAVA_HOME']
  const inHome = home === undefined || home === '' ? undefined : join(home, 'bin', program)
  return inHome !== undefined && existsSync(inHome) ? inHome : program
}

/** @throws LocalKafkaError JAVA_MISSING where `java -version` cannot be run */
export async function requireJava(): Promise<void> {
  try {
    await run(javaCommand(), ['-version'])
  } catch (cause) {
    throw new LocalKafkaError(
      'JAVA_MISSING',
      'Java 17 or newer is needed to run Apache Kafka, and `java` cannot be run',
      cause
    )
  }
}

function cacheDir(version: string): string {
  const base = process.env['KAFKA_CACHE'] ?? join(homedir(), '.cache', 'connect-mirror-maker')
  return join(base, `kafka-${version}`)
}

function clientsVersion(libs: string): string | undefined {
  for (const name of readdirSync(libs)) {
    const version = /^kafka-clients-(\d[\w.-]*)\.jar$/.exec(name)?.[1]
    if (version !== undefined) return version
  }
  return undefined
}

/**
 * Downloads beside the final place and renames, so that `libs` is either absent or complete. Of two processes that
 * download at once the second finds the place taken and uses what is there.
 */
async function download(version: string, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  const partial = await mkdtemp(join(dir, 'download-'))
  try {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies'
    const settings = [`-Dkafka.version=${version}`, `-DoutputDirectory=${partial}`, '-DincludeScope=runtime']
    await run('mvn', ['-q', '-B', '-f', pom, ...settings, goal], { maxBuffer: 16 * 1024 * 1024 })
    if (clientsVersion(partial) !== version) throw new Error('the download holds no kafka-clients jar')
    await rename(partial, join(dir, 'libs')).catch((error: unknown) => {
      if (!existsSync(join(dir, 'libs'))) throw error
    })
  } catch (cause) {
    throw isMissing(cause)
      ? new LocalKafkaError(
          'MAVEN_MISSING',
          `Maven is needed to download Apache Kafka ${version}, and \`mvn\` cannot be run`,
          cause
        )
      : new LocalKafkaError('DOWNLOAD_FAILED', `cannot download Apache Kafka ${version}: ${text(cause)}`, cause)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

/** Maven reports on standard output. */
function text(cause: unknown): string {
  const output = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).trim() : ''
  return output === '' ? String(cause) : output.slice(-2_000)
}
