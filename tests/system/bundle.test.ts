/**
 * Two people who sit on a committee sign a trust bundle together, by the built programs alone: one drafts and signs, the other
 * compares with the node and signs, and the node takes the bundle then and not before.
 */
import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openBundle } from '@chengxin/audit'
import { createNodeClient } from '@chengxin/client'
import { makeKey } from '@chengxin/client/node'
import { canonicalize, expectOk, type GroupId } from '@chengxin/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../apps/node/src/bench/free-port.ts'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { foundOwnCity, type OwnCity } from './own-city.ts'

const program = join(home, 'apps/cli/bin/chengxin.mjs')
const place = temporaryData()
const at = (...parts: readonly string[]) => join(place.path, ...parts)
const draft = at('bundle.json')

/** Dozens of programs start here, each with a key to derive from a passphrase. */
const patienceMs = 900_000

let city: OwnCity
let node: RunningNode
let group: string
let dids: readonly string[]

interface Answer {
  readonly [fact: string]: unknown
}

/** What a command prints, also where it ends with a code that says no. */
async function chengxin(...args: readonly string[]): Promise<Answer> {
  const { environment } = city
  const env = { ...process.env, ...environment, CHENGXIN_HOME: at('data'), CHENGXIN_URL: node.url }
  const said = await promisify(execFile)(process.execPath, [program, ...args, '--json'], { env }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  )
  const line = said.stdout.trim().split('\n').at(-1) ?? ''
  return line.startsWith('{') ? (JSON.parse(line) as Answer) : { said: said.stdout + said.stderr }
}

/** A group beside the city's, which shows itself to members only, and whose member sends two people into the committee. */
async function foundPair(): Promise<void> {
  const passphrase = readFileSync(at('passphrase'), 'utf8').trim()
  const admin = await city.key('admin')
  const second = expectOk(
    await makeKey(at('data', 'keys'), { name: 'second', algorithm: 'EdDSA', chainId: 'porto' }, passphrase),
  )
  dids = [admin, second].map(({ did = '' }) => did)
  const { members, identities, ...rest } = JSON.parse(readFileSync(at('genesis.json'), 'utf8')) as {
    readonly members: readonly { readonly memberId: string }[]
    readonly identities: readonly object[]
  }
  const pair = {
    ...rest,
    ...{ name: 'Pair', origin: 'localhost/groups/pair', committee: { dids, threshold: 2 } },
    members: members.map((member) => ({ ...member, adminDids: dids })),
    identities: [...identities, { did: second.did, key: second.jwk, sponsor: 'member_city' }],
  }
  writeFileSync(at('pair.json'), canonicalize(pair))
  const offer = at('offer', 'member_city.offer.json')
  city.run('consortium', 'install', '--group', 'pair', '--alone', '--genesis', at('pair.json'), offer)
}

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--if-changed'], { cwd: home })
  const port = await freePort()
  city = await foundOwnCity(place.path, port)
  await foundPair()
  node = await startNode({ data: at('data'), port, env: city.environment })
  const groups = await createNodeClient({ url: node.url }).groups()
  group = groups.find(({ name }) => name === 'Pair')?.id as string
}, patienceMs)

afterAll(async () => {
  await node?.stop()
  place.remove()
})

const held = () => createNodeClient({ url: node.url }).group(group).getText('/trust-bundle')

test('a draft is collected, by who may read the group, and written over nothing', { timeout: patienceMs }, async () => {
  const stranger = await chengxin('bundle', 'draft', '--group', group, '--out', draft)
  expect(String(stranger['said'])).toContain('answered')
  const drafted = await chengxin('bundle', 'draft', '--group', group, '--key', 'admin', '--out', draft)
  expect(drafted).toMatchObject({ file: draft, group, sequence: 1, threshold: 2, missing: [] })
  expect(await chengxin('bundle', 'draft', '--group', group, '--key', 'admin', '--out', draft)).toHaveProperty('said')
  expect(await chengxin('bundle', 'show', draft)).toMatchObject({
    complete: false,
    committees: [{ signed: [], open: dids, needed: 2 }],
  })
  copyFileSync(draft, at('copy.json'))
})

test('one signature of two is not published', { timeout: patienceMs }, async () => {
  const signed = await chengxin('bundle', 'sign', draft, '--key', 'admin')
  expect(signed).toMatchObject({ compared: true, complete: false, committees: [{ signed: [dids[0]], needed: 2 }] })
  expect(String((await chengxin('bundle', 'sign', draft, '--key', 'admin'))['said'])).toContain(
    'signed this bundle before',
  )
  expect(String((await chengxin('bundle', 'sign', draft, '--key', 'log'))['said'])).toContain('cannot be used')
  expect(String((await chengxin('bundle', 'publish', draft))['said'])).toContain('1 of 2 signed, 2 needed')
  await expect(held()).rejects.toThrow()
})

test('a payload that is not as the node says is not signed, unless nobody is asked', {
  timeout: patienceMs,
}, async () => {
  const { payload } = JSON.parse(readFileSync(at('copy.json'), 'utf8')) as { readonly payload: string }
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as object
  const changed = Buffer.from(canonicalize({ ...said, logKeys: [] })).toString('base64url')
  const forged = at('forged.json')
  writeFileSync(forged, canonicalize({ payload: changed, signatures: [] }))
  expect(String((await chengxin('bundle', 'sign', forged, '--key', 'second'))['said'])).toContain(
    'otherwise of: logKeys',
  )
  expect(await chengxin('bundle', 'show', forged)).toMatchObject({ committees: [{ signed: [] }] })
  const unasked = await chengxin('bundle', 'sign', forged, '--key', 'second', '--offline')
  expect(unasked).toMatchObject({ compared: false, committees: [{ signed: [dids[1]] }] })
  expect(String((await chengxin('bundle', 'publish', draft, forged))['said'])).toContain('payload differs')
})

test('copies that two signed apart are published together, and any reader takes them', {
  timeout: patienceMs,
}, async () => {
  const copy = at('copy.json')
  expect(await chengxin('bundle', 'sign', copy, '--key', 'second')).toMatchObject({ compared: true, newerSince: [] })
  expect(await chengxin('bundle', 'publish', draft, copy)).toMatchObject({
    published: true,
    sequence: 1,
    complete: true,
  })
  const opened = await openBundle(await held(), { pins: { group: group as GroupId } })
  expect(opened).toMatchObject({ sequence: 1, signedBy: dids })

  // The next has the next number, and both may sign one after the other with one command.
  const next = at('next.json')
  expect(await chengxin('bundle', 'draft', '--group', group, '--key', 'admin', '--out', next)).toMatchObject({
    sequence: 2,
  })
  expect(await chengxin('bundle', 'sign', next, '--key', 'admin', '--key', 'second')).toMatchObject({ complete: true })
  expect(await chengxin('bundle', 'publish', next)).toMatchObject({ sequence: 2 })
  expect(String((await chengxin('bundle', 'publish', draft, copy))['said'])).toContain('bundle_rolled_back')
})
