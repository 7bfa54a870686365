/** Real clusters for a vitest file; each is destroyed when the file has ended. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { LocalCluster, type LocalClusterOptions } from '../../dev/local-kafka/local-cluster.ts'

/** Time for hooks that start clusters: the first use of a version downloads it. */
export const clusterTimeoutMs = 180_000

/** Keeps what `register` gets until the file ends, then destroys it, newest first. */
export function cleanUpAfterFile(): (release: () => Promise<unknown>) => void {
  const releases: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    const failures: unknown[] = []
    for (const release of releases.reverse()) await release().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'clean-up failed')
  }, clusterTimeoutMs)
  return (release) => {
    releases.push(release)
  }
}

/**
 * To be called at the top of a file or in a `describe`: gives a function that starts clusters.
 *
 *   const startCluster = realClusters()
 *   let source: LocalCluster
 *   beforeAll(async () => { source = await startCluster() }, clusterTimeoutMs)
 */
export function realClusters(): (options?: LocalClusterOptions) => Promise<LocalCluster> {
  const register = cleanUpAfterFile()
  return async (options) => {
    const cluster = await LocalCluster.start(options)
    register(async () => {
      await cluster.destroy()
    })
    return cluster
  }
}

/** A directory that is removed when the file has ended. */
export function temporaryDirectories(): () => Promise<string> {
  const register = cleanUpAfterFile()
  return async () => {
    const dir = await mkdtemp(join(tmpdir(), 'mirror-test-'))
    register(async () => {
      await rm(dir, { recursive: true, force: true })
    })
    return dir
  }
}
