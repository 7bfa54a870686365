import { type Logger } from '../base/logger.ts'
import { type ClientSettings } from '../config/client-settings.ts'
import { type ForwardingAdmin } from './forwarding-admin.ts'

export interface KafkajsAdminOptions {
  readonly alias: string
  readonly settings: ClientSettings
  readonly logger: Logger
}

/** The default ForwardingAdmin: connects for a call and disconnects afterwards. */
export declare function createKafkajsAdmin(options: KafkajsAdminOptions): ForwardingAdmin
