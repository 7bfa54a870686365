/** What a `sasl.jaas.config` says: one login module with its options. */
export interface JaasEntry {
  readonly loginModule: string
  readonly options: ReadonlyMap<string, string>
}

/**
 * Parses `module.Class required name="value" ...;`. Quoted values know backslash escapes, as in Java's tokenizer.
 * Null when the text is anything else, more than one module included.
 */
export function parseJaasConfig(text: string): JaasEntry | null {
  const tokens = tokenize(text)
  if (tokens === null) return null
  const [loginModule, flag, ...rest] = tokens
  if (loginModule?.type !== 'word' || flag?.type !== 'word') return null
  if (!controlFlags.includes(flag.text.toLowerCase())) return null
  const options = parseModuleOptions(rest)
  return options === null ? null : { loginModule: loginModule.text, options }
}

/** `name=value` up to a `;` that ends the tokens. */
function parseModuleOptions(tokens: readonly Token[]): Map<string, string> | null {
  const options = new Map<string, string>()
  for (let at = 0; at < tokens.length; at += 3) {
    const [name, equals, value] = tokens.slice(at, at + 3)
    if (name?.type === ';') return at === tokens.length - 1 ? options : null
    if (name?.type !== 'word' || equals?.type !== '=') return null
    if (value?.type !== 'word' && value?.type !== 'quoted') return null
    options.set(name.text, value.text)
  }
  return null
}

const controlFlags = ['required', 'requisite', 'sufficient', 'optional']

interface Token {
  readonly type: 'word' | 'quoted' | '=' | ';'
  readonly text: string
}

const tokenPattern =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|([=;])|"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'|([^\s=;"']+)/y

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = []
  const pattern = new RegExp(tokenPattern)
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) return null
    const [, sign, double, single, word] = match
    const quoted = double ?? single
    if (sign === '=' || sign === ';') tokens.push({ type: sign, text: sign })
    else if (quoted !== undefined) tokens.push({ type: 'quoted', text: unescape(quoted) })
    else if (word !== undefined) tokens.push({ type: 'word', text: word })
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\u000b'
}

function unescape(quoted: string): string {
  return quoted.replace(/\\([0-3][0-7]{0,2}|[4-7][0-7]?|[\s\S])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8)) : (escapes[escaped] ?? escaped)
  )
}
