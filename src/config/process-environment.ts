import { type Environment } from './config-providers.ts'

/** For what is configured by an application, which hands in no environment: placeholders of EnvVarConfigProvider. */
export const processEnvironment: Environment = process.env
