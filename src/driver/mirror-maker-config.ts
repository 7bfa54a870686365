import { type ConfigInput, type MirrorMakerConfig } from './route-config.ts'

/**
 * Reads the file and resolves everything it says about every route.
 * @throws MirrorError MIRROR_CONFIG_UNREADABLE, or ConfigError with every problem there is
 */
export function loadMirrorMakerConfig(input: ConfigInput): Promise<MirrorMakerConfig> {
  return Promise.reject(new Error(input.path))
}
