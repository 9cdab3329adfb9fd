import { readFileSync } from 'node:fs'
import { concatBytes, fromHex, toHex, toUtf8 } from '@chengxin/kernel'
import { describe, expect, test } from 'vitest'
import { sha256 as portableSha256 } from './hash.ts'
import { createFrontier, createTreeHasher, type NodeReader, readFrontier, treeRoot } from './merkle.ts'
import {
  consistencyProof,
  createInclusionChecker,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from './merkle-proof.ts'
import { sha256 } from './node/hash.ts'

const hasher = createTreeHasher(sha256)

/** A tree in memory: every complete node by level and index, and the root at every size. */
function growTree(leaves: readonly Uint8Array[]): { read: NodeReader; roots: Uint8Array[] } {
  const nodes: Uint8Array[][] = []
  const frontier = createFrontier(hasher)
  const roots = [frontier.root()]
  for (const leaf of leaves) {
    frontier.append(hasher.leaf(leaf), (level, index, hash) => {
      nodes[level] ??= []
      if (nodes[level].length !== index) throw new Error('Nodes of a level complete from left to right.')
      nodes[level].push(hash)
    })
    roots.push(frontier.root())
  }
  const read: NodeReader = (level, index) => {
    const hash = nodes[level]?.[index]
    if (!hash) throw new Error(`No node ${index} at level ${level}.`)
    return hash
  }
  return { read, roots }
}

const goLeaves = Array.from({ length: 130 }, (_, index) => toUtf8(`leaf ${index}`))
const { read, roots } = growTree(goLeaves)
const root = (size: number) => roots[size] as Uint8Array
const leafHash = (index: number) => hasher.leaf(goLeaves[index] as Uint8Array)

test('the roots of the Certificate Transparency reference tree', () => {
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const reference = growTree(leaves.map((leaf) => fromHex(leaf) as Uint8Array))
  expect(reference.roots.map(toHex)).toEqual([
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ])
})

describe('Go’s tlog, on up to 130 leaves', () => {
  interface GoSizes {
    sizes: { size: number; root: string; inclusion: string; consistency: string }[]
  }
  const path = new URL('../../../vectors/crypto/go-tlog.json', import.meta.url)
  const { sizes } = JSON.parse(readFileSync(path, 'utf8')) as GoSizes
  const digest = (proofs: Uint8Array[][]) =>
    toHex(sha256(concatBytes(...proofs.flatMap((proof) => [Uint8Array.of(proof.length), ...proof]))))

  test('has the same roots', () => {
    expect(sizes.length).toBe(130)
    expect(sizes.map(({ size }) => toHex(root(size)))).toEqual(sizes.map((entry) => entry.root))
    expect(sizes.map(({ size }) => toHex(treeRoot(hasher, read, size)))).toEqual(sizes.map((entry) => entry.root))
  })

  test('makes the same inclusion proofs', () => {
    for (const { size, inclusion } of sizes) {
      const proofs = Array.from({ length: size }, (_, index) => inclusionProof(hasher, read, index, size))
      expect(digest(proofs)).toBe(inclusion)
    }
  })

  test('makes the same consistency proofs', () => {
    for (const { size, consistency } of sizes) {
      const proofs = Array.from({ length: size }, (_, older) => consistencyProof(hasher, read, older + 1, size))
      expect(digest(proofs)).toBe(consistency)
    }
  })
})

test('every leaf of every tree is proved, and by no changed proof, index, size, leaf or root', () => {
  for (let size = 1; size <= 40; size++) {
    const head = { size, root: root(size) }
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(hasher, read, index, size)
      const honest = { index, leafHash: leafHash(index), proof }
      expect(verifyInclusion(hasher, head, honest)).toBe(true)
      for (let at = 0; at < proof.length; at++) {
        expect(verifyInclusion(hasher, head, { ...honest, proof: flipped(proof, at) })).toBe(false)
        expect(verifyInclusion(hasher, head, { ...honest, proof: proof.toSpliced(at, 1) })).toBe(false)
      }
      expect(verifyInclusion(hasher, head, { ...honest, proof: [...proof, root(3)] })).toBe(false)
      expect(verifyInclusion(hasher, head, { ...honest, leafHash: leafHash(index + 1) })).toBe(false)
      expect(verifyInclusion(hasher, { size, root: root(size + 1) }, honest)).toBe(false)
      for (const other of [index - 1, index + 1, size, size + index, -1, 0.5, Number.NaN]) {
        expect(verifyInclusion(hasher, head, { ...honest, index: other })).toBe(false)
      }
    }
  }
})

test('every tree is proved to continue every earlier one, and by no changed proof or root', () => {
  for (let newer = 0; newer <= 40; newer++) {
    for (let older = 0; older <= newer; older++) {
      const proof = consistencyProof(hasher, read, older, newer)
      const [from, to] = [
        { size: older, root: root(older) },
        { size: newer, root: root(newer) },
      ]
      expect(verifyConsistency(hasher, from, to, proof)).toBe(true)
      for (let at = 0; at < proof.length; at++) {
        expect(verifyConsistency(hasher, from, to, flipped(proof, at))).toBe(false)
        expect(verifyConsistency(hasher, from, to, proof.toSpliced(at, 1))).toBe(false)
      }
      expect(verifyConsistency(hasher, from, to, [...proof, root(3)])).toBe(false)
      expect(verifyConsistency(hasher, { ...from, root: root(older + 1) }, to, proof)).toBe(false)
      expect(verifyConsistency(hasher, from, { ...to, root: root(newer + 1) }, proof)).toBe(
        // From the empty tree everything follows, so there is nothing to prove.
        older === 0 && newer > 0,
      )
      if (older < newer) expect(verifyConsistency(hasher, to, from, proof)).toBe(false)
    }
  }
})

function flipped(proof: readonly Uint8Array[], at: number): Uint8Array[] {
  const changed = proof.map((hash) => hash.slice())
  const hash = changed[at] as Uint8Array
  hash[at % 32] = (hash[at % 32] as number) ^ 1
  return changed
}

test('many leaves checked together get the verdicts they get alone, in any order, wrong ones among them', () => {
  for (const size of [1, 2, 3, 7, 64, 65, 100, 130]) {
    const head = { size, root: root(size) }
    const check = createInclusionChecker(hasher, head)
    const order = Array.from({ length: size }, (_, at) => (at * 37) % size)
    for (const index of order) {
      const honest = { index, leafHash: leafHash(index), proof: inclusionProof(hasher, read, index, size) }
      const wrong = [
        { ...honest, leafHash: leafHash(129 - index) },
        { ...honest, index: (index + 1) % size },
        { ...honest, index: size },
        { ...honest, proof: [...honest.proof, root(5)] },
        { ...honest, proof: honest.proof.slice(1) },
        ...honest.proof.map((_, at) => ({ ...honest, proof: flipped(honest.proof, at) })),
      ]
      for (const inclusion of [...wrong, honest, ...wrong]) {
        expect(check(inclusion)).toBe(verifyInclusion(hasher, head, inclusion))
      }
    }
  }
})

test('checking all leaves of a tree together hashes each node once', () => {
  let hashes = 0
  const counting = createTreeHasher((bytes) => {
    hashes++
    return sha256(bytes)
  })
  const check = createInclusionChecker(counting, { size: 128, root: root(128) })
  hashes = 0
  for (let index = 0; index < 128; index++) {
    expect(check({ index, leafHash: leafHash(index), proof: inclusionProof(hasher, read, index, 128) })).toBe(true)
  }
  // The leaf before is known as a sibling, so every other leaf costs nothing, every fourth one hash less, and so on.
  expect(hashes).toBe(127)
})

test('a frontier put away and taken up again, or read from nodes, grows into the same tree', () => {
  for (let size = 0; size <= 66; size++) {
    const stored = readFrontier(read, size)
    const frontier = createFrontier(hasher, stored)
    expect(frontier.root()).toEqual(root(size))
    for (let index = size; index < 70; index++) frontier.append(leafHash(index))
    expect(frontier.size).toBe(70)
    expect(frontier.root()).toEqual(root(70))
    expect(createFrontier(hasher, frontier.state()).root()).toEqual(root(70))
    expect(createFrontier(hasher, stored).root()).toEqual(root(size))
  }
  expect(() => createFrontier(hasher, { size: 3, hashes: [root(1)] })).toThrow()
})

test('trees beyond 2^32 leaves are proved: the arithmetic does not shift', () => {
  // Every leaf is the same, so every complete subtree of one height is, and a huge tree needs one hash a level.
  const levels = [hasher.leaf(new Uint8Array(0))]
  for (let level = 1; level < 54; level++) {
    const below = levels[level - 1] as Uint8Array
    levels.push(hasher.node(below, below))
  }
  const uniform: NodeReader = (level) => levels[level] as Uint8Array
  const [small, large] = [2 ** 33 + 5, 2 ** 52 + 2 ** 32 + 3]
  const head = { size: large, root: treeRoot(hasher, uniform, large) }
  for (const index of [0, 2 ** 31, 2 ** 32, 2 ** 33 + 1, 2 ** 52, large - 1]) {
    const proof = inclusionProof(hasher, uniform, index, large)
    expect(verifyInclusion(hasher, head, { index, leafHash: levels[0] as Uint8Array, proof })).toBe(true)
    expect(createInclusionChecker(hasher, head)({ index, leafHash: levels[0] as Uint8Array, proof })).toBe(true)
  }
  const older = { size: small, root: treeRoot(hasher, uniform, small) }
  const proof = consistencyProof(hasher, uniform, small, large)
  expect(verifyConsistency(hasher, older, head, proof)).toBe(true)
  expect(verifyConsistency(hasher, { ...older, size: small + 1 }, head, proof)).toBe(false)
  const frontier = createFrontier(hasher, readFrontier(uniform, large))
  frontier.append(levels[0] as Uint8Array)
  expect(frontier.root()).toEqual(treeRoot(hasher, uniform, large + 1))
})

test('asking for what no tree has is a fault of the caller', () => {
  expect(() => inclusionProof(hasher, read, 5, 5)).toThrow()
  expect(() => inclusionProof(hasher, read, -1, 5)).toThrow()
  expect(() => consistencyProof(hasher, read, 6, 5)).toThrow()
})

test('either hash makes the same tree', () => {
  const portable = createTreeHasher(portableSha256)
  const frontier = createFrontier(portable)
  for (const leaf of goLeaves.slice(0, 70)) frontier.append(portable.leaf(leaf))
  expect(frontier.root()).toEqual(root(70))
})
