/** The results section of bench/README.md. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { javaCommand } from '../dev/local-kafka/kafka-jars.ts'

const readme = new URL('README.md', import.meta.url)
const section = /(<!-- results -->\n)[^]*(<!-- \/results -->)/

/** Machine, date and versions in one line. */
export async function circumstances(kafkaVersion: string): Promise<string> {
  const { stderr } = await promisify(execFile)(javaCommand(), ['-version'])
  const java = /version "([^"]*)"/.exec(stderr)?.[1] ?? 'unknown'
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const memory = Math.round(totalmem() / 2 ** 30)
  const machine = `${cpus().length} cores of ${model}, ${memory} GB, Linux ${release()}`
  const date = new Date().toISOString().slice(0, 10)
  return `${date}. ${machine}. Node ${process.versions.node}, Java ${java}, Apache Kafka and MirrorMaker ${kafkaVersion}.`
}

export async function writeResults(results: string): Promise<void> {
  const text = await readFile(readme, 'utf8')
  if (!section.test(text))
    throw new Error('bench/README.md has no section between <!-- results --> and <!-- /results -->')
  await writeFile(
    readme,
    text.replace(section, (_, start: string, end: string) => `${start}\n${results}\n\n${end}`)
  )
}
