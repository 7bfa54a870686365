/** The replicator, embedded in another process. The command `connect-mirror-maker` is made of the same parts. */
export { type AdjustableLogger, createLogger } from './base/create-logger.ts'
export { type Logger, silentLogger } from './base/logger.ts'
export { type LogLevel, type LoggerLevels } from './base/logger-levels.ts'
export { type ErrorCode, MirrorError } from './base/errors.ts'
export { createMirrorMaker, type MirrorMakerOptions } from './driver/create-mirror-maker.ts'
export { type MirrorMaker } from './driver/mirror-maker.ts'
