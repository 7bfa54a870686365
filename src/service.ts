/** The replicator, embedded in another process. The command `connect-mirror-maker` is made of the same parts. */
export { createLogger, type Logger, type LogLevel, silentLogger } from './base/logger.ts'
export { type ErrorCode, MirrorError } from './base/errors.ts'
export { createMirrorMaker, type MirrorMakerOptions } from './driver/create-mirror-maker.ts'
export { type MirrorMaker } from './driver/mirror-maker.ts'
