/**
 * The one rule from the reference's MBean names to Prometheus names: domain, group without a trailing `-metrics`, attribute;
 * joined by `_`, in lower case, whatever is no letter or digit becoming `_`. Tags become labels by the same spelling.
 */
export function prometheusName(domain: string, group: string, attribute: string): string {
  return spelled(`${domain}_${group.replace(/-metrics$/, '')}_${attribute}`)
}

export function prometheusLabel(name: string): string {
  return spelled(name)
}

function spelled(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '_')
}

/** `a="x",b="y"`, without braces. */
export function labelsText(labels: Iterable<readonly [string, string]>): string {
  const parts: string[] = []
  for (const [name, value] of labels) parts.push(`${prometheusLabel(name)}="${escaped(value)}"`)
  return parts.join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

export function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
