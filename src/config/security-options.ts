import {
  between,
  boolean,
  choice,
  double,
  int,
  javaClass,
  list,
  long,
  password,
  short,
  string,
  type Check,
  type OptionStatus,
  type OptionValues
} from './option-table.ts'

/**
 * `security.protocol`, `ssl.*` and `sasl.*`: together with `bootstrap.servers` the keys that every client of a cluster
 * inherits from its alias and from the top level.
 */
const noJvm: OptionStatus = { ignored: 'there is no JVM to load it' }
const noKerberos: OptionStatus = { later: 'GSSAPI (Kerberos) is not in this release' }
const noOauth: OptionStatus = { later: 'OAUTHBEARER is not in this release' }
const noLogin: OptionStatus = { later: 'credentials do not expire with the mechanisms of this release' }

const nothing = (what: string): Check<string> => ({
  expected: `nothing: ${what} cannot be loaded`,
  holds: (name) => name === ''
})
const refusedClass = (what: string): ReturnType<typeof string<null>> =>
  string({ default: null, check: nothing(what), meaning: `Java class of ${what}; refused.` })

export const securityOptions = {
  'security.protocol': choice({
    words: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    ignoreCase: true,
    default: null,
    importance: 'medium',
    meaning:
      'How brokers are spoken to. Without it PLAINTEXT, unless keys or credentials are given: then it must be said.'
  }),
  'ssl.truststore.type': string({
    default: null,
    meaning: 'PEM or PKCS12. The default of Java is JKS, which is not read; a PKCS12 file is taken for one.'
  }),
  'ssl.truststore.location': string({
    default: null,
    importance: 'high',
    meaning: 'File with the certificates to trust.'
  }),
  'ssl.truststore.password': password({
    default: null,
    importance: 'high',
    meaning: 'Password of that file (PKCS12).'
  }),
  'ssl.truststore.certificates': password({
    default: null,
    importance: 'high',
    meaning: 'The certificates themselves, as PEM, with type PEM.'
  }),
  'ssl.keystore.type': string({ default: null, meaning: 'PEM or PKCS12, as for the trust store.' }),
  'ssl.keystore.location': string({
    default: null,
    importance: 'high',
    meaning: 'File with our certificate and private key.'
  }),
  'ssl.keystore.password': password({ default: null, importance: 'high', meaning: 'Password of that file (PKCS12).' }),
  'ssl.keystore.key': password({
    default: null,
    importance: 'high',
    meaning: 'The private key itself, as PKCS#8 PEM, with type PEM.'
  }),
  'ssl.keystore.certificate.chain': password({
    default: null,
    importance: 'high',
    meaning: 'The certificates that go with it, as PEM.'
  }),
  'ssl.key.password': password({ default: null, importance: 'high', meaning: 'Password of the private key.' }),
  'ssl.enabled.protocols': list({
    default: ['TLSv1.2', 'TLSv1.3'],
    check: {
      expected: 'TLSv1.2, TLSv1.3 or both',
      holds: (names) => names.every((name) => name === 'TLSv1.2' || name === 'TLSv1.3')
    },
    importance: 'medium',
    meaning: 'Versions of TLS.'
  }),
  'ssl.cipher.suites': list({ default: [], meaning: 'Cipher suites; empty for those of Node.' }),
  'ssl.endpoint.identification.algorithm': choice({
    words: ['https', ''],
    ignoreCase: true,
    default: 'https',
    expected: 'https, or nothing to leave the host name unchecked',
    meaning: 'Whether the certificate of a broker must name its host.'
  }),
  'ssl.protocol': string({
    default: 'TLSv1.3',
    status: { ignored: '`ssl.enabled.protocols` says which versions are used' },
    meaning: 'Name of the Java SSL context.'
  }),
  'ssl.engine.factory.class': refusedClass('an SSL engine'),
  'ssl.provider': string({ default: null, status: noJvm, meaning: 'Java security provider.' }),
  'ssl.keymanager.algorithm': string({ default: null, status: noJvm, meaning: 'Java key manager.' }),
  'ssl.trustmanager.algorithm': string({ default: null, status: noJvm, meaning: 'Java trust manager.' }),
  'ssl.secure.random.implementation': string({ default: null, status: noJvm, meaning: 'Java random generator.' }),
  'sasl.mechanism': string({
    default: null,
    importance: 'medium',
    meaning: 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. The default of Java is GSSAPI, so it must be said.'
  }),
  'sasl.jaas.config': password({
    default: null,
    importance: 'medium',
    meaning: 'Login module with `username` and `password`: PlainLoginModule or ScramLoginModule.'
  }),
  'sasl.client.callback.handler.class': refusedClass('a callback handler'),
  'sasl.login.callback.handler.class': refusedClass('a login callback handler'),
  'sasl.login.class': refusedClass('a login'),
  'sasl.kerberos.service.name': string({
    default: null,
    status: noKerberos,
    meaning: 'Kerberos principal of the brokers.'
  }),
  'sasl.kerberos.kinit.cmd': string({ default: '/usr/bin/kinit', status: noKerberos, meaning: 'kinit command.' }),
  'sasl.kerberos.ticket.renew.window.factor': double({
    default: 0.8,
    status: noKerberos,
    meaning: 'When a ticket is renewed.'
  }),
  'sasl.kerberos.ticket.renew.jitter': double({ default: 0.05, status: noKerberos, meaning: 'Random part of that.' }),
  'sasl.kerberos.min.time.before.relogin': long({
    default: 60_000,
    status: noKerberos,
    meaning: 'Shortest time between logins.'
  }),
  'sasl.login.refresh.window.factor': double({
    default: 0.8,
    check: between(0.5, 1),
    status: noLogin,
    meaning: 'When a login is renewed.'
  }),
  'sasl.login.refresh.window.jitter': double({
    default: 0.05,
    check: between(0, 0.25),
    status: noLogin,
    meaning: 'Random part of that.'
  }),
  'sasl.login.refresh.min.period.seconds': short({
    default: 60,
    check: between(0, 900),
    status: noLogin,
    meaning: 'Shortest time between logins.'
  }),
  'sasl.login.refresh.buffer.seconds': short({
    default: 300,
    check: between(0, 3600),
    status: noLogin,
    meaning: 'Time kept in reserve.'
  }),
  'sasl.login.connect.timeout.ms': int({
    default: null,
    status: noOauth,
    meaning: 'Time to connect to the token server.'
  }),
  'sasl.login.read.timeout.ms': int({ default: null, status: noOauth, meaning: 'Time to read from it.' }),
  'sasl.login.retry.backoff.ms': long({ default: 100, status: noOauth, meaning: 'First wait between attempts there.' }),
  'sasl.login.retry.backoff.max.ms': long({ default: 10_000, status: noOauth, meaning: 'Longest wait between them.' }),
  'sasl.oauthbearer.scope.claim.name': string({ default: 'scope', status: noOauth, meaning: 'Claim of the scope.' }),
  'sasl.oauthbearer.sub.claim.name': string({ default: 'sub', status: noOauth, meaning: 'Claim of the subject.' }),
  'sasl.oauthbearer.token.endpoint.url': string({ default: null, status: noOauth, meaning: 'Token server.' }),
  'sasl.oauthbearer.jwks.endpoint.url': string({ default: null, status: noOauth, meaning: 'Key server.' }),
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': long({
    default: 3_600_000,
    status: noOauth,
    meaning: 'How often keys are fetched.'
  }),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': long({
    default: 100,
    status: noOauth,
    meaning: 'First wait between attempts there.'
  }),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': long({
    default: 10_000,
    status: noOauth,
    meaning: 'Longest wait between them.'
  }),
  'sasl.oauthbearer.clock.skew.seconds': int({
    default: 30,
    status: noOauth,
    meaning: 'Difference of clocks that is let pass.'
  }),
  'sasl.oauthbearer.expected.audience': list({ default: [], status: noOauth, meaning: 'Audience that is expected.' }),
  'sasl.oauthbearer.expected.issuer': string({ default: null, status: noOauth, meaning: 'Issuer that is expected.' }),
  'sasl.oauthbearer.header.urlencode': boolean({
    default: false,
    status: noOauth,
    meaning: 'Whether the client id is encoded.'
  }),
  'sasl.oauthbearer.scope': string({ default: null, status: noOauth, meaning: 'Scope that is asked for.' }),
  'sasl.oauthbearer.client.credentials.client.id': string({ default: null, status: noOauth, meaning: 'Client id.' }),
  'sasl.oauthbearer.client.credentials.client.secret': password({
    default: null,
    status: noOauth,
    meaning: 'Client secret.'
  }),
  'sasl.oauthbearer.assertion.algorithm': choice({
    words: ['RS256', 'ES256'],
    default: 'RS256',
    status: noOauth,
    meaning: 'Algorithm of the assertion.'
  }),
  'sasl.oauthbearer.assertion.claim.aud': string({ default: null, status: noOauth, meaning: 'Its audience.' }),
  'sasl.oauthbearer.assertion.claim.exp.seconds': int({
    default: 300,
    check: between(0, 86_400),
    status: noOauth,
    meaning: 'Its life.'
  }),
  'sasl.oauthbearer.assertion.claim.iss': string({ default: null, status: noOauth, meaning: 'Its issuer.' }),
  'sasl.oauthbearer.assertion.claim.jti.include': boolean({
    default: false,
    status: noOauth,
    meaning: 'Whether it has an id.'
  }),
  'sasl.oauthbearer.assertion.claim.nbf.seconds': int({
    default: 60,
    check: between(0, 3600),
    status: noOauth,
    meaning: 'How far back it is valid.'
  }),
  'sasl.oauthbearer.assertion.claim.sub': string({ default: null, status: noOauth, meaning: 'Its subject.' }),
  'sasl.oauthbearer.assertion.file': string({ default: null, status: noOauth, meaning: 'File with an assertion.' }),
  'sasl.oauthbearer.assertion.private.key.file': string({
    default: null,
    status: noOauth,
    meaning: 'Key that signs it.'
  }),
  'sasl.oauthbearer.assertion.private.key.passphrase': password({
    default: null,
    status: noOauth,
    meaning: 'Password of that key.'
  }),
  'sasl.oauthbearer.assertion.template.file': string({ default: null, status: noOauth, meaning: 'Template of it.' }),
  'sasl.oauthbearer.jwt.retriever.class': javaClass({
    default: null,
    accepted: null,
    status: noOauth,
    meaning: 'Java class that fetches tokens.'
  }),
  'sasl.oauthbearer.jwt.validator.class': javaClass({
    default: null,
    accepted: null,
    status: noOauth,
    meaning: 'Java class that checks tokens.'
  })
}

export type SecurityValues = OptionValues<typeof securityOptions>

/** The keys that a cluster hands to all its clients. */
export const clientCommonKeys: readonly string[] = ['bootstrap.servers', ...Object.keys(securityOptions)]
