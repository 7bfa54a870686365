/** What this program calls itself before brokers and clients. A test holds the version against the package's. */
export const program = { name: 'connect-mirror-maker', version: '0.1.0' } as const
