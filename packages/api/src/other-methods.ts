/** An address that is there says which methods it has to whoever comes with another (RFC 9110, 15.5.6). */
import type { Endpoint } from './endpoint.ts'

/** The methods at a path, or undefined where nothing is. */
export function createMethodList(endpoints: readonly Endpoint[]): (path: string) => readonly string[] | undefined {
  const patterns = endpoints.map((endpoint) => ({ pattern: patternOf(endpoint), methods: methodsOf(endpoint) }))
  return (path) => {
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).flatMap((here) => here.methods)
    return methods.length === 0 ? undefined : [...new Set(methods)]
  }
}

function methodsOf({ method, stream }: Endpoint): readonly string[] {
  return method === 'GET' && stream === undefined ? ['GET', 'HEAD'] : [method]
}

function patternOf({ path, rest }: Endpoint): RegExp {
  const parts = path.split(/\{([A-Za-z]+)\}/)
  const spelled = parts.map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return part === rest ? '.*' : '[^/]+'
  })
  return new RegExp(`^${spelled.join('')}$`)
}
