import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateJwkFrom } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { toUtf8 } from '@chengxin/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EngineHome, type EngineKeys, peerId, writeEngineHome } from './engine-home.ts'
import { enginePart, findEngine } from './engine-program.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-engine-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const key = (name: string) => privateJwkFrom('EdDSA', sha256(toUtf8(name)))
const keys = { validator: key('validator'), node: key('node') } as EngineKeys

function homeIn(change: Partial<EngineHome> = {}): EngineHome {
  return {
    directory: join(directory, 'home'),
    moniker: 'member "first"',
    chain: { chainId: 'a'.repeat(43), genesisTimeMs: 1_750_000_000_123 },
    validators: [{ key: keys.validator.x, power: 10 }],
    keys,
    abci: { path: join(directory, 'abci.sock') },
    rpc: { socketPath: join(directory, 'rpc.sock') },
    listen: { host: '127.0.0.1', port: 18_199 },
    peers: [{ id: 'ab', host: 'other.example', port: 26_656 }],
    queue: { transactions: 1_000, bytes: 1_000_000 },
    ...change,
  }
}

const read = (path: string): string => readFileSync(join(directory, 'home', path), 'utf8')

describe('the home of an engine', () => {
  test('names the chain, its founding and its validators', () => {
    writeEngineHome(homeIn())
    expect(JSON.parse(read('config/genesis.json'))).toMatchObject({
      chain_id: 'a'.repeat(43),
      genesis_time: '2025-06-15T15:06:40.123Z',
      initial_height: '1',
      validators: [{ power: '10', address: peerId(keys.validator).toUpperCase() }],
    })
  })

  test('holds keys for their owner alone', () => {
    writeEngineHome(homeIn())
    for (const path of ['config/node_key.json', 'config/priv_validator_key.json', 'config/config.toml']) {
      expect(statSync(join(directory, 'home', path)).mode & 0o077).toBe(0)
    }
    const { priv_key: written } = JSON.parse(read('config/node_key.json')) as { priv_key: { value: string } }
    const bytes = Buffer.from(written.value, 'base64')
    expect(bytes.subarray(0, 32).toString('base64url')).toBe(keys.node.d)
    expect(bytes.subarray(32).toString('base64url')).toBe(keys.node.x)
  })

  test('is written again with other settings, and never touches what was signed last', () => {
    writeEngineHome(homeIn())
    const signed = '{"height":"7","round":1,"step":3}'
    writeFileSync(join(directory, 'home/data/priv_validator_state.json'), signed)
    writeEngineHome(homeIn({ timing: { heartbeatMs: 60_000 }, peers: [] }))
    expect(read('data/priv_validator_state.json')).toBe(signed)
    expect(read('config/config.toml')).toContain('create_empty_blocks_interval = "60000ms"')
  })

  test.each<[string, Partial<EngineHome>]>([
    ['another chain', { chain: { chainId: 'another', genesisTimeMs: 1 } }],
    ['another validator key', { keys: { ...keys, validator: keys.node } }],
    ['another node key', { keys: { ...keys, node: keys.validator } }],
  ])('is not turned into that of %s', (_case, change) => {
    writeEngineHome(homeIn())
    expect(() => writeEngineHome(homeIn(change))).toThrow('another chain or has other keys')
  })

  test('an idle chain is silent but for its heartbeat, and peers are filtered', () => {
    writeEngineHome(homeIn())
    const config = read('config/config.toml')
    for (const line of [
      'filter_peers = true',
      'create_empty_blocks = false',
      'pex = false',
      'type = "flood"',
      'indexer = "null"',
      'discard_abci_responses = false',
      'persistent_peers = "ab@other.example:26656"',
      `moniker = ${JSON.stringify('member "first"')}`,
    ]) {
      expect(config.split('\n')).toContain(line)
    }
  })
})

describe('the program', () => {
  function program(path: string, version: string): string {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, `#!/bin/sh\n[ "$1" = version ] && echo ${version} || { echo started; exit 3; }\n`)
    chmodSync(path, 0o755)
    return path
  }

  test.each(['0.38.25', 'v0.39.4', '0.40.0'])('of version %s is understood', (version) => {
    const path = program(join(directory, 'bin/cometbft'), version)
    expect(findEngine({ PATH: join(directory, 'bin') })).toEqual({ path, version: version.replace('v', '') })
  })

  test.each(['0.37.18', '1.0.1', '2.0.0-rc1', ''])('of version "%s" is not, and how to get one is said', (version) => {
    const named = program(join(directory, 'cometbft'), version)
    expect(findEngine({ CHENGXIN_COMETBFT: named })).toEqual({
      missing: expect.stringContaining('go install github.com/'),
    })
  })

  test('that is missing is one sentence', () => {
    const none = { PATH: directory, GOPATH: directory }
    expect(findEngine(none)).toEqual({
      missing: expect.stringMatching(/^CometBFT is not installed: .*go install.*\.$/),
    })
    const named = join(directory, 'nowhere')
    expect(findEngine({ ...none, CHENGXIN_COMETBFT: named })).toEqual({ missing: expect.stringContaining(named) })
  })

  test('is found where Go installs programs', () => {
    const path = program(join(directory, 'go/bin/cometbft'), '0.38.25')
    expect(findEngine({ PATH: '', GOPATH: join(directory, 'go') })).toMatchObject({ path })
  })

  test('that ends says how, and its last words', async () => {
    const path = program(join(directory, 'cometbft'), '0.38.25')
    const lines: string[] = []
    const part = enginePart({
      path,
      home: directory,
      rpc: { host: '127.0.0.1', port: 1 },
      onLine: (line) => lines.push(line),
    })
    const running = await part.start()
    expect(await running.ended).toEqual({ sentence: 'CometBFT ended by code 3. Its last words: started' })
    expect(lines).toEqual(['started'])
    await running.stop()
  })

  test.each<[string, string, object]>([
    [
      'disagrees',
      'CONSENSUS FAILURE!!! err="+2/3 prevoted: wrong Block.Header.AppHash. Expected 01"',
      { isFinal: true },
    ],
    ['finds another hash at its start', 'panic: state.AppHash does not match AppHash after replay.', { isFinal: true }],
    ['fails otherwise', 'CONSENSUS FAILURE!!! err="failed to apply block; error EOF"', {}],
  ])('that %s is ended where it would stay', async (_case, words, end) => {
    const path = join(directory, 'cometbft')
    const harmless = 'prevoting nil err="wrong Block.Header.AppHash"'
    writeFileSync(path, `#!/bin/sh\necho '${harmless}'\necho '${words}'\nexec sleep 600\n`, { mode: 0o755 })
    const running = await enginePart({ path, home: directory, rpc: { host: '127.0.0.1', port: 1 } }).start()
    expect(await running.ended).toEqual({ sentence: expect.stringContaining(words), ...end })
  })

  test('that cannot be run ends at once', async () => {
    const part = enginePart({ path: join(directory, 'none'), home: directory, rpc: { host: '127.0.0.1', port: 1 } })
    expect((await (await part.start()).ended).sentence).toMatch(/could not be started/)
  })
})

const engine = findEngine()

// The engine itself is the judge of what it is given, where it is there.
test.skipIf(!('path' in engine))('the real engine reads the home and names the same keys', () => {
  if (!('path' in engine)) return
  writeEngineHome(homeIn())
  const ask = (...words: string[]) =>
    execFileSync(engine.path, [...words, '--home', join(directory, 'home')], { encoding: 'utf8' }).trim()
  expect(ask('show-node-id')).toBe(peerId(keys.node))
  expect(JSON.parse(ask('show-validator'))).toMatchObject({
    value: Buffer.from(keys.validator.x, 'base64url').toString('base64'),
  })
})
