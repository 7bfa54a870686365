export interface CertificateFiles {
  readonly pkcs12: string
}
export interface Certificates {
  readonly password: string
  readonly ca: CertificateFiles
  readonly broker: CertificateFiles
}
export async function createCertificates(dir: string): Promise<Certificates> {
  return await Promise.reject(new Error(`not yet: ${dir}`))
}
