/**
 * Go's checksum-database packages read what our code writes: checkpoint, cosignature, tiles and entry bundles, of a tree
 * large enough to have every kind of tile, from a directory and over HTTP; and they refuse it when a byte is changed.
 */
import { execFile, spawnSync } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  addSignatures,
  checkpointBody,
  cosign,
  createFrontier,
  createNoteKey,
  createTreeHasher,
  type Ed25519PublicJwk,
  encodeEntryBundle,
  encodeVkey,
  type NoteSignatureType,
  type NoteSigner,
  noteSignatureTypes,
  signCheckpoint,
  type Tile,
  tilePath,
  tilesOfTree,
  tileWidth,
  widthInTree,
} from '@chengxin/crypto'
import { createSigner, generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { concatBytes, expectOk, toUtf8 } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWitnessScene, sceneOrigin, signersOf } from '../../packages/testkit/src/witness-scene.ts'
import { requirePeer } from './require-peer.ts'

const goEnvironment = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOTOOLCHAIN: 'local' }
const source = join(import.meta.dirname, 'go/sumdb-check/main.go')

// Which of the two it is depends on whether the package meets the tile before or within a proof.
const untrue = /downloaded inconsistent tile|invalid transparency proof/

const hasGo = requirePeer(
  'Go with golang.org/x/mod/sumdb',
  () => spawnSync('go', ['list', 'golang.org/x/mod/sumdb/tlog'], { env: goEnvironment }).status === 0,
  'apt install golang-go golang-golang-x-mod-dev',
)

describe.skipIf(!hasGo)('Go’s sumdb', () => {
  const size = 70_000
  const olderSize = 65_700
  const origin = 'city.example/v1/groups/sample/log'
  const [first, second] = [newSigner(origin, noteSignatureTypes.ed25519), newSigner(origin, noteSignatureTypes.ed25519)]
  const cosigner = newSigner('member1.example', noteSignatureTypes.cosignature)
  const keys = ['-vkey', encodeVkey(first.key), '-vkey', encodeVkey(second.key), '-cosigner', encodeVkey(cosigner.key)]
  let work: string
  let log: string

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'chengxin-sumdb-'))
    log = join(work, 'log')
    await writeLog(log)
    const build = await run('go', ['build', '-o', join(work, 'sumdb-check'), source])
    expect(build.failed, build.output).toBe(false)
  })

  afterAll(async () => rm(work, { recursive: true, force: true }))

  test('accepts a log of 70,000 leaves in a directory, and that it continues an older checkpoint', async () => {
    const { output, failed } = await check(log, '-older', join(log, 'older-checkpoint'))
    expect(failed, output).toBe(false)
    const report = JSON.parse(output) as Record<string, unknown>
    expect(report).toMatchObject({ origin, size, signatures: 3, olderChecked: true })
    expect(report.inclusions).toBeGreaterThan(50)
    expect(report.entries).toBe(report.inclusions)
    expect(report.consistency).toBeGreaterThan(15)
  })

  test('accepts it over HTTP under the prefix of a group', async () => {
    const prefix = '/v1/groups/sample/log/'
    const server = createServer((request, response) => {
      const file = join(log, request.url?.slice(prefix.length) ?? '')
      if (!request.url?.startsWith(prefix) || !existsSync(file)) response.writeHead(404).end()
      else createReadStream(file).pipe(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { output, failed } = await check(`http://127.0.0.1:${port}${prefix}`)
    await new Promise((resolve) => server.close(resolve))
    expect(failed, output).toBe(false)
    expect(JSON.parse(output)).toMatchObject({ origin, size })
  })

  test.each<[string, (copy: string) => Promise<void>, RegExp]>([
    ['a leaf hash', (copy) => flip(join(copy, 'tile/0/000'), 100), untrue],
    ['a hash in a partial tile', (copy) => flip(join(copy, 'tile/0/273.p/112'), 5), untrue],
    ['a hash of level 1', (copy) => flip(join(copy, 'tile/1/000'), 0), untrue],
    ['an entry', (copy) => flip(join(copy, 'tile/entries/000'), 10), /the entry in the bundle has another hash/],
    ['the size', (copy) => replace(join(copy, 'checkpoint'), '\n70000\n', '\n69999\n'), /invalid signature/],
    ['a signature', (copy) => replace(join(copy, 'checkpoint'), /(.)=\n$/, 'x=\n'), /invalid signature/],
    ['the older checkpoint', forgeOlder, /the log does not continue the older checkpoint/],
  ])('refuses a log with %s changed', async (_case, change, reason) => {
    const copy = await mkdtemp(join(work, 'copy-'))
    await cp(log, copy, { recursive: true })
    await change(copy)
    const { output, failed } = await check(copy, '-older', join(copy, 'older-checkpoint'))
    expect(failed).toBe(true)
    expect(output).toMatch(reason)
    await rm(copy, { recursive: true })
  })

  test('misses a key that did not sign', async () => {
    const { output, failed } = await check(log, '-vkey', encodeVkey(newSigner(origin, 1).key))
    expect(failed).toBe(true)
    expect(output).toContain('3 of 4 keys signed')
  })

  test('accepts a checkpoint that four members cosigned for each other, asked for all four', async () => {
    const members = ['member_a', 'member_b', 'member_c', 'member_d']
    const scene = await openWitnessScene(members, members.length)
    try {
      const texts = ['one', 'two', 'three']
      for (const member of scene.logs) member.append(...texts)
      expect(await scene.nodes[0]?.receipt('three', 60_000)).toBeTypeOf('string')
      const copy = await mkdtemp(join(work, 'witnessed-'))
      const entries = texts.map(toUtf8)
      const hasher = createTreeHasher(sha256)
      await put(copy, 'tile/0/000.p/3', concatBytes(...entries.map((entry) => hasher.leaf(entry))))
      await put(copy, 'tile/entries/000.p/3', encodeEntryBundle(entries))
      await put(copy, 'checkpoint', toUtf8(scene.nodes[0]?.checkpoint() ?? ''))
      const signers = members.map(signersOf)
      const options = signers.flatMap(({ cosigner: { key } }) => ['-cosigner', encodeVkey(key)])
      const logVkey = encodeVkey((signers[0] as (typeof signers)[number]).log.key)
      const { output, failed } = await run(join(work, 'sumdb-check'), ['-vkey', logVkey, ...options, copy])
      expect(failed, output).toBe(false)
      expect(JSON.parse(output)).toMatchObject({ origin: sceneOrigin, size: 3, signatures: 5 })
    } finally {
      await scene.close()
    }
  })

  function check(place: string, ...options: string[]) {
    return run(join(work, 'sumdb-check'), [...keys, ...options, place])
  }

  function newSigner(name: string, type: NoteSignatureType): NoteSigner {
    const signer = createSigner(generatePrivateJwk('EdDSA'))
    return { key: createNoteKey(sha256, name, type, signer.jwk as Ed25519PublicJwk), sign: signer.sign }
  }

  /** A validly signed checkpoint of a history that never was: what a member that lies would show. */
  async function forgeOlder(copy: string): Promise<void> {
    await writeFile(join(copy, 'older-checkpoint'), signedCheckpoint(olderSize, new Uint8Array(32).fill(1)))
  }

  function signedCheckpoint(leaves: number, root: Uint8Array): string {
    const checkpoint = { origin, size: leaves, root, extensions: [] }
    const signed = signCheckpoint(checkpoint, [first, second])
    return expectOk(addSignatures(signed, [cosign(checkpointBody(checkpoint), cosigner, 1_800_000_000)]))
  }

  async function writeLog(directory: string): Promise<void> {
    const hasher = createTreeHasher(sha256)
    const frontier = createFrontier(hasher)
    const levels: Uint8Array[][] = []
    const entries: Uint8Array[] = []
    for (let index = 0; index < size; index++) {
      if (index === olderSize)
        await put(directory, 'older-checkpoint', toUtf8(signedCheckpoint(index, frontier.root())))
      const entry = toUtf8(`{"height":${index},"code":"ok"}`)
      entries.push(entry)
      frontier.append(hasher.leaf(entry), (level, _index, hash) => {
        if (level % 8 !== 0) return
        levels[level / 8] ??= []
        levels[level / 8]?.push(hash)
      })
    }
    for (const tile of tilesOfTree(size)) {
      await put(directory, tilePath(tile), concatBytes(...slice(levels[tile.level] as Uint8Array[], tile)))
    }
    for (let index = 0; widthInTree('entries', index, size) > 0; index++) {
      const bundle: Tile = { level: 'entries', index, width: widthInTree('entries', index, size) }
      await put(directory, tilePath(bundle), encodeEntryBundle(slice(entries, bundle)))
    }
    await put(directory, 'checkpoint', toUtf8(signedCheckpoint(size, frontier.root())))
  }
})

function slice(values: readonly Uint8Array[], { index, width }: Tile): Uint8Array[] {
  return values.slice(index * tileWidth, index * tileWidth + width)
}

async function put(directory: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(directory, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
}

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file)
  bytes[at] = (bytes[at] as number) ^ 1
  await writeFile(file, bytes)
}

async function replace(file: string, before: string | RegExp, after: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  expect(text.replace(before, after)).not.toBe(text)
  await writeFile(file, text.replace(before, after))
}

async function run(program: string, options: string[]): Promise<{ output: string; failed: boolean }> {
  try {
    const { stdout } = await promisify(execFile)(program, options, { env: goEnvironment })
    return { output: stdout, failed: false }
  } catch (error) {
    return { output: (error as { stderr?: string }).stderr ?? String(error), failed: true }
  }
}
