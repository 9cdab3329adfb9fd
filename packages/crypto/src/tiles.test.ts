import { toHex, toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrontier, createTreeHasher, type NodeReader, treeRoot } from './merkle.ts'
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './merkle-proof.ts'
import { sha256 } from './node/hash.ts'
import {
  createTileReader,
  decodeEntryBundle,
  encodeEntryBundle,
  parseTilePath,
  positionOfNode,
  type Tile,
  tilePath,
  tilesOfTree,
  tilesReadBy,
  widthInTree,
} from './tiles.ts'

const hasher = createTreeHasher(sha256)

test.each<[Tile, string]>([
  [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
  [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
  [{ level: 3, index: 1000, width: 1 }, 'tile/3/x001/000.p/1'],
  [{ level: 63, index: 999, width: 255 }, 'tile/63/999.p/255'],
  [{ level: 'entries', index: 273, width: 112 }, 'tile/entries/273.p/112'],
  [{ level: 'entries', index: 123_456_078, width: 256 }, 'tile/entries/x123/x456/078'],
])('the tile %j is at %s', (tile, path) => {
  expect(tilePath(tile)).toBe(path)
  expect(parseTilePath(path)).toEqual(tile)
})

test.each([
  '',
  'tile/0/0',
  'tile/0/1000',
  'tile/00/000',
  'tile/01/000',
  'tile/64/000',
  'tile/-1/000',
  'tile/data/000',
  'tile/0/x000/001',
  'tile/0/001/002',
  'tile/0/x001/x234',
  'tile/0/x01/067',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/0/000.p/',
  'tile/0/000.p',
  'tile/0/000/',
  '/tile/0/000',
  'tile/0/000\n',
  'tile/0/x999/x999/x999/x999/x999/999',
  'tile/0/../000',
])('the path "%s" names no tile', (path) => {
  expect(parseTilePath(path)).toBeUndefined()
})

test('every tile has one path', () => {
  const level = fc.oneof(fc.nat(63), fc.constant('entries' as const))
  const index = fc.oneof(fc.nat(3000), fc.maxSafeNat())
  fc.assert(
    fc.property(level, index, fc.integer({ min: 1, max: 256 }), (tileLevel, tileIndex, width) => {
      const tile = { level: tileLevel, index: tileIndex, width }
      expect(parseTilePath(tilePath(tile))).toEqual(tile)
    }),
  )
})

test.each<[number, string[]]>([
  [0, []],
  [1, ['tile/0/000.p/1']],
  [255, ['tile/0/000.p/255']],
  [256, ['tile/0/000', 'tile/1/000.p/1']],
  [257, ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']],
])('a tree of %i has the tiles %j', (size, paths) => {
  expect([...tilesOfTree(size)].map(tilePath)).toEqual(paths)
})

test('the specification’s tree of 70,000', () => {
  const tiles = [...tilesOfTree(70_000)].map(tilePath)
  expect(tiles.length).toBe(273 + 1 + 1 + 1 + 1)
  expect(tiles.slice(-5)).toEqual(['tile/0/272', 'tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1'])
  expect(widthInTree('entries', 273, 70_000)).toBe(112)
  expect(widthInTree('entries', 274, 70_000)).toBe(0)
})

describe('a tree kept as tiles', () => {
  const size = 66_000
  const tiles = new Map<string, number[]>()
  const nodes: Uint8Array[][] = []
  const frontier = createFrontier(hasher)
  for (let index = 0; index < size; index++) {
    frontier.append(hasher.leaf(toUtf8(`leaf ${index}`)), (level, at, hash) => {
      nodes[level] ??= []
      nodes[level].push(hash)
      if (level % 8 !== 0) return
      const key = `${level / 8}/${Math.floor(at / 256)}`
      tiles.set(key, [...(tiles.get(key) ?? []), ...hash])
    })
  }
  const readNode: NodeReader = (level, index) => nodes[level]?.[index] as Uint8Array
  const readTile = ({ level, index, width }: Tile) =>
    Uint8Array.from(tiles.get(`${level}/${index}`) as number[]).slice(0, width * 32)

  test('has full tiles whose root is the hash above them', () => {
    const tile = readTile({ level: 0, index: 3, width: 256 })
    const reader = createTileReader(hasher, size, readTile)
    expect(toHex(reader(8, 3))).toBe(toHex(readNode(8, 3)))
    expect(reader(0, 3 * 256)).toEqual(tile.slice(0, 32))
    expect(reader(16, 0)).toEqual(readNode(16, 0))
  })

  test('gives the proofs of the tree itself, at any size that it had', () => {
    const anySize = fc.integer({ min: 1, max: size })
    fc.assert(
      fc.property(anySize, anySize, fc.nat(), (one, other, seed) => {
        const [older, newer] = one < other ? [one, other] : [other, one]
        const index = seed % newer
        const reader = createTileReader(hasher, newer, readTile)
        const head = { size: newer, root: treeRoot(hasher, reader, newer) }
        expect(head.root).toEqual(treeRoot(hasher, readNode, newer))
        const proof = inclusionProof(hasher, reader, index, newer)
        expect(verifyInclusion(hasher, head, { index, leafHash: readNode(0, index), proof })).toBe(true)
        const oldHead = { size: older, root: treeRoot(hasher, readNode, older) }
        const links = consistencyProof(hasher, reader, older, newer)
        expect(verifyConsistency(hasher, oldHead, head, links)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('says beforehand which tiles a proof reads', () => {
    const wanted = tilesReadBy(size, (read) => inclusionProof(hasher, read, 300, size))
    const fetched = new Map(wanted.map((tile) => [tilePath(tile), readTile(tile)]))
    const reader = createTileReader(hasher, size, (tile) => {
      const bytes = fetched.get(tilePath(tile))
      if (!bytes) throw new Error(`not fetched: ${tilePath(tile)}`)
      return bytes
    })
    expect(inclusionProof(hasher, reader, 300, size)).toEqual(inclusionProof(hasher, readNode, 300, size))
    expect(wanted.map(tilePath).sort()).toEqual(['tile/0/001', 'tile/0/257.p/208', 'tile/1/000', 'tile/1/001.p/1'])
  })

  test('refuses to read a node that the tree does not have whole, and a tile cut short', () => {
    expect(() => positionOfNode(0, size, size)).toThrow()
    expect(() => positionOfNode(8, 257, size)).toThrow()
    const short = createTileReader(hasher, size, (tile) => readTile(tile).slice(1))
    expect(() => short(0, 0)).toThrow('tile/0/000')
  })
})

describe('entry bundles', () => {
  test('hold entries of any length up to two bytes of it', () => {
    const entries = [new Uint8Array(0), Uint8Array.of(1), new Uint8Array(256).fill(2), new Uint8Array(65_535).fill(3)]
    const bundle = encodeEntryBundle(entries)
    expect(Array.from(bundle.slice(0, 7))).toEqual([0, 0, 0, 1, 1, 1, 0])
    expect(decodeEntryBundle(bundle, 4)).toEqual(entries)
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow()
  })

  test('are refused when cut, lengthened or of another width', () => {
    const bundle = encodeEntryBundle([toUtf8('one'), toUtf8('two')])
    const malformed = { refused: 'entry_bundle_malformed' }
    for (let end = 0; end < bundle.length; end++) expect(decodeEntryBundle(bundle.slice(0, end), 2)).toEqual(malformed)
    expect(decodeEntryBundle(Uint8Array.of(...bundle, 0), 2)).toEqual(malformed)
    expect(decodeEntryBundle(Uint8Array.of(...bundle, 0, 0), 2)).toEqual(malformed)
    expect(decodeEntryBundle(bundle, 3)).toEqual(malformed)
  })
})
