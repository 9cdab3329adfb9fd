/**
 * RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 2024) for one graph: which name each blank node gets, so that
 * everybody who reads the same statements gives the same names. Section numbers are the Recommendation's.
 */
import { sha256 } from '@chengxin/crypto/node'
import { toHex, toUtf8 } from '@chengxin/kernel'
import type { Quad } from './quads.ts'

/** Orders of more blank nodes that look alike than this are not tried: a document could be made to take for ever. */
const maxAlike = 6
/** Nor is more work than this done to tell nodes apart: each level of nesting multiplies it. */
const maxComparisons = 20_000

const isBlank = (term: string) => term.startsWith('_:')
const hashOf = (text: string) => toHex(sha256(toUtf8(text)))

/** By code points, as the Recommendation sorts; JavaScript would sort characters beyond U+FFFF before some below. */
export function compareCodePoints(left: string, right: string): number {
  const [leftPoints, rightPoints] = [[...left], [...right]]
  for (let at = 0; at < leftPoints.length && at < rightPoints.length; at++) {
    const difference = (leftPoints[at]?.codePointAt(0) ?? 0) - (rightPoints[at]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return leftPoints.length - rightPoints.length
}

export function lineOf({ subject, predicate, object }: Pick<Quad, 'subject' | 'predicate' | 'object'>): string {
  return `${subject} ${predicate} ${object} .\n`
}

/** Names in the order in which they are given out (section 4.6). */
class Issuer {
  readonly names: Map<string, string>
  readonly #prefix: string

  constructor(prefix: string, names: ReadonlyMap<string, string> = new Map()) {
    this.#prefix = prefix
    this.names = new Map(names)
  }

  issue(node: string): string {
    const known = this.names.get(node)
    if (known !== undefined) return known
    const name = `_:${this.#prefix}${this.names.size}`
    this.names.set(node, name)
    return name
  }

  copy(): Issuer {
    return new Issuer(this.#prefix, this.names)
  }
}

/** The canonical name of each blank node, such as `_:c14n0`; `undefined` where too many look alike. */
export function canonicalLabels(quads: readonly Quad[]): ReadonlyMap<string, string> | undefined {
  try {
    return new Canonicalizer(quads).run()
  } catch (thrown) {
    if (thrown instanceof TooAlike) return undefined
    throw thrown
  }
}

class TooAlike extends Error {}

class Canonicalizer {
  readonly #canonical = new Issuer('c14n')
  readonly #quadsOf = new Map<string, Quad[]>()
  readonly #firstHashes = new Map<string, string>()
  #comparisons = 0

  constructor(quads: readonly Quad[]) {
    for (const quad of quads) {
      for (const node of new Set([quad.subject, quad.object].filter(isBlank))) {
        const list = this.#quadsOf.get(node) ?? []
        list.push(quad)
        this.#quadsOf.set(node, list)
      }
    }
  }

  /** Section 4.4.3. */
  run(): ReadonlyMap<string, string> {
    const byHash = new Map<string, string[]>()
    for (const node of this.#quadsOf.keys()) append(byHash, this.#firstHash(node), node)
    const sorted = [...byHash].sort(([left], [right]) => compareCodePoints(left, right))
    for (const [, nodes] of sorted) if (nodes.length === 1) this.#canonical.issue(nodes[0] as string)
    for (const [, nodes] of sorted) {
      if (nodes.length === 1) continue
      const results: { hash: string; issuer: Issuer }[] = []
      for (const node of nodes) {
        if (this.#canonical.names.has(node)) continue
        const issuer = new Issuer('b')
        issuer.issue(node)
        results.push(this.#deepHash(node, issuer))
      }
      results.sort((left, right) => compareCodePoints(left.hash, right.hash))
      for (const { issuer } of results) for (const node of issuer.names.keys()) this.#canonical.issue(node)
    }
    return this.#canonical.names
  }

  /** Section 4.6.3: what is said of a node, with every other blank node called the same. */
  #firstHash(node: string): string {
    const known = this.#firstHashes.get(node)
    if (known !== undefined) return known
    const named = (term: string) => (isBlank(term) ? (term === node ? '_:a' : '_:z') : term)
    const lines = (this.#quadsOf.get(node) ?? []).map(({ subject, predicate, object }) =>
      lineOf({ subject: named(subject), predicate, object: named(object) }),
    )
    const hash = hashOf(lines.sort(compareCodePoints).join(''))
    this.#firstHashes.set(node, hash)
    return hash
  }

  /** Section 4.7.3: how another node is seen from here. */
  #relatedHash(related: string, { predicate }: Quad, issuer: Issuer, position: 's' | 'o'): string {
    const name = this.#canonical.names.get(related) ?? issuer.names.get(related)
    return hashOf(`${position}${predicate}${name ?? this.#firstHash(related)}`)
  }

  /** Section 4.8.3: nodes that look alike are told apart by what they are tied to, in the order that reads smallest. */
  #deepHash(node: string, given: Issuer): { hash: string; issuer: Issuer } {
    if (++this.#comparisons > maxComparisons) throw new TooAlike()
    let issuer = given
    const byHash = new Map<string, string[]>()
    for (const quad of this.#quadsOf.get(node) ?? []) {
      for (const [term, position] of [[quad.subject, 's'] as const, [quad.object, 'o'] as const]) {
        if (isBlank(term) && term !== node) append(byHash, this.#relatedHash(term, quad, issuer, position), term)
      }
    }
    let data = ''
    for (const [hash, related] of [...byHash].sort(([left], [right]) => compareCodePoints(left, right))) {
      if (related.length > maxAlike) throw new TooAlike()
      let chosen: { path: string; issuer: Issuer } | undefined
      for (const order of permutations(related)) {
        const tried = this.#path(order, issuer.copy(), chosen?.path)
        if (tried && (!chosen || compareCodePoints(tried.path, chosen.path) < 0)) chosen = tried
      }
      data += hash + (chosen?.path ?? '')
      issuer = chosen?.issuer ?? issuer
    }
    return { hash: hashOf(data), issuer }
  }

  #path(
    order: readonly string[],
    given: Issuer,
    best: string | undefined,
  ): { path: string; issuer: Issuer } | undefined {
    let issuer = given
    let path = ''
    const isWorse = () => best !== undefined && path.length >= best.length && compareCodePoints(path, best) > 0
    const open: string[] = []
    for (const node of order) {
      const name = this.#canonical.names.get(node)
      if (name === undefined && !issuer.names.has(node)) open.push(node)
      path += name ?? issuer.issue(node)
      if (isWorse()) return undefined
    }
    for (const node of open) {
      const result = this.#deepHash(node, issuer)
      path += `${issuer.issue(node)}<${result.hash}>`
      issuer = result.issuer
      if (isWorse()) return undefined
    }
    return { path, issuer }
  }
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  map.set(key, [...(map.get(key) ?? []), value])
}

function* permutations(list: readonly string[]): Generator<readonly string[]> {
  if (list.length < 2) {
    yield list
    return
  }
  for (const [at, first] of list.entries()) {
    for (const rest of permutations(list.toSpliced(at, 1))) yield [first, ...rest]
  }
}
