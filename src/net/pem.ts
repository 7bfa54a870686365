export interface PemBlock {
  /** What stands behind BEGIN, such as `CERTIFICATE` or `ENCRYPTED PRIVATE KEY`. */
  readonly label: string
  /** The block in the form that OpenSSL reads. */
  readonly pem: string
}

const blockPattern = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g

/**
 * The blocks of a PEM text, in order. A value in a properties file often has spaces where the line ends were; Java
 * takes that, OpenSSL does not, so the Base64 is broken into lines anew.
 */
export function pemBlocks(text: string): PemBlock[] {
  return Array.from(text.matchAll(blockPattern), ([whole, label = '', body = '']) => {
    // Header lines (RFC 1421: Proc-Type, DEK-Info) are bound to their line ends.
    if (body.includes(':')) return { label, pem: `${whole}\n` }
    return { label, pem: toPem(label, body.replaceAll(/\s+/g, '')) }
  })
}

export function toPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
