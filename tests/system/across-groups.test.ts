/**
 * A right given in one group and used in another, by the built programs alone: one organisation keeps two groups on one
 * node, the rules run in the realm, and all that passes between the groups passes through HTTP and the command line.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { action, buildTransaction, createNodeClient, type GroupClient, governance, type Signer } from '@chengxin/client'
import { openSigner } from '@chengxin/client/node'
import { expectOk, type GroupId } from '@chengxin/kernel'
import { publishBundle } from '@chengxin/services'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../apps/node/src/bench/free-port.ts'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { foundOwnCity, type OwnCity } from './own-city.ts'

const program = join(home, 'apps/cli/bin/chengxin.mjs')
const typeId = 'type_driving-licence'
const hash = `${'h'.repeat(42)}A`
const member = 'member_city'
const place = temporaryData()
const at = (...parts: readonly string[]) => join(place.path, ...parts)

/** Dozens of programs start here, each with a key to derive from a passphrase. */
const patienceMs = 900_000

let city: OwnCity
let node: RunningNode
let admin: Signer
let licences: GroupClient
let campus: GroupClient
let proposals = 0

interface Answer {
  readonly [fact: string]: unknown
}

/** What a command prints, also where it ends with a code that says no. */
async function chengxin(...args: readonly string[]): Promise<Answer> {
  const { environment } = city
  const env = { ...process.env, ...environment, CHENGXIN_HOME: environment['CHENGXIN_DATA'], CHENGXIN_URL: node.url }
  const said = await promisify(execFile)(process.execPath, [program, ...args, '--json'], { env }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  )
  const line = said.stdout.trim().split('\n').at(-1) ?? ''
  return line.startsWith('{') ? (JSON.parse(line) as Answer) : { said: said.stdout + said.stderr }
}

/** The outcome; of one that is refused, its code out of the sentence that a person reads. */
async function send(group: GroupClient, type: string, args: string | object): Promise<Answer> {
  const answer = await chengxin(
    ...['tx', 'send', type, '--group', group.groupId, '--as', 'admin'],
    ...['--args', typeof args === 'string' ? args : JSON.stringify(args)],
  )
  const [, code] = /not committed: (\w+)\./.exec(String(answer['said'])) ?? []
  return code === undefined ? answer : { status: 'refused', code }
}

async function decide(group: GroupClient, change: object): Promise<void> {
  const proposalId = `proposal_across-${String(++proposals).padStart(4, '0')}`
  expect(await send(group, 'governance.proposeChange', { proposalId, change })).toMatchObject({ status: 'committed' })
}

/** Founds another group of the same organisation, beside those that it keeps. */
function found(name: string, ...more: readonly string[]): void {
  const created = `${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}Z`
  const [genesis, offer] = [at(`${name}.genesis.json`), at('offer', `${member}.offer.json`)]
  const facts = ['--name', name, '--origin', `localhost/groups/${name}`, '--at', created, '--threshold', '1']
  const papers = ['--ca', at('ca.pem'), '--certificates', place.path, '--out', genesis, '--read', 'public']
  city.run('consortium', 'genesis', ...facts, ...papers, ...more, offer)
  city.run('consortium', 'install', '--group', name, '--alone', '--genesis', genesis, offer)
}

/** Entries that change nothing, since their rule refuses them, in blocks enough that a root is taken and then agreed on. */
async function grow(group: GroupClient): Promise<void> {
  for (let block = 0; block < 4; block++) await refuseSome(group)
}

async function refuseSome(group: GroupClient): Promise<void> {
  const transactions: string[] = []
  for (let entry = 0; entry < 10; entry++) {
    const proposalId = `proposal_none-${String(++proposals).padStart(4, '0')}` as const
    const actions = [action(governance.approveChange, { proposalId })]
    transactions.push((await buildTransaction({ group: group.groupId as GroupId, actions }, admin)).jws)
  }
  for (const { status } of await group.submit(transactions)) expect(status).toBe('refused')
}

beforeAll(async () => {
  const port = await freePort()
  city = await foundOwnCity(place.path, port)
  found('licences', '--state-root-every', '16')
  found('campus')
  const { environment } = city
  node = await startNode({ data: environment['CHENGXIN_DATA'] as string, port, env: environment })
  admin = expectOk(await openSigner(at('data', 'keys'), 'admin', 'a passphrase of this test alone'))
  const client = createNodeClient({ url: node.url })
  const groups = await client.groups()
  const named = (name: string) => client.group(groups.find((group) => group.name === name)?.id as string)
  ;[licences, campus] = [named('licences'), named('campus')]
  for (const group of [licences, campus]) {
    await decide(group, { kind: 'grantRole', role: 'issuer_authority', did: admin.did, member })
    const type = { typeId, schemaHash: hash, displayHash: hash }
    expect(await send(group, 'credentials.defineType', type)).toMatchObject({ status: 'committed' })
  }
}, patienceMs)

afterAll(async () => {
  await node?.stop()
  place.remove()
})

const right = () => [
  ...['across', 'right', '--group', licences.groupId, '--issuer', admin.did, '--type', typeId],
  ...['--url', node.url],
]

/** The proof that the right holds, in a file. */
async function proven(name: string): Promise<string> {
  const proof = await chengxin(...right())
  expect(proof).toMatchObject({ group: licences.groupId, issuer: admin.did, typeId })
  writeFileSync(at(name), JSON.stringify(proof))
  return `@${at(name)}`
}

test('a right that no signed state shows yet is not proved', { timeout: patienceMs }, async () => {
  const given = await send(licences, 'credentials.authoriseIssuer', { issuer: admin.did, typeId })
  expect(given).toMatchObject({ status: 'committed' })
  expect(await chengxin(...right())).toHaveProperty('said')
})

test('it is believed by a pin, and lets its issuer anchor', { timeout: patienceMs }, async () => {
  await grow(licences)
  const directory = place.path
  const publicGroupUrl = `${node.url}/v1/groups/${licences.groupId}`
  await publishBundle(licences, { directory, publicGroupUrl, nowMs: Date.now(), signers: [admin] })
  const early = await proven('early.json')
  expect(await send(campus, 'credentials.acceptIssuer', early)).toMatchObject({ code: 'issuer_group_not_pinned' })

  const pin = await chengxin(
    ...['across', 'pin', '--bundle', at('bundle.json'), '--group', licences.groupId],
    ...['--types', typeId, '--hours', '1'],
  )
  expect(pin).toMatchObject({ kind: 'pinGroup', group: licences.groupId, maxAgeMs: 3_600_000 })
  await decide(campus, pin)
  await grow(licences)
  const fresh = await proven('fresh.json')
  expect(await send(campus, 'credentials.acceptIssuer', fresh)).toMatchObject({ status: 'committed' })
  const batch = { batchId: 'batch_across', typeId, root: hash, count: 1 }
  expect(await send(campus, 'credentials.anchorBatch', batch)).toMatchObject({ status: 'committed' })
})

test('a proof ends with its age, and a newer one is taken again', { timeout: patienceMs }, async () => {
  const pin = (maxAgeMs: number) =>
    chengxin(...['across', 'pin', '--bundle', at('bundle.json'), '--group', licences.groupId, '--types', typeId]).then(
      (change) => decide(campus, { ...change, maxAgeMs }),
    )
  // The shortest age that there is.
  await pin(60_000)
  for (;;) {
    const { code } = await send(campus, 'credentials.acceptIssuer', `@${at('fresh.json')}`)
    if (code === 'proof_too_old') break
    expect(code).toBe('proof_not_newer')
    await delay(2_000)
  }
  await pin(24 * 3_600_000)
  await grow(licences)
  const newer = await send(campus, 'credentials.acceptIssuer', await proven('newer.json'))
  expect(newer).toMatchObject({ status: 'committed' })
})

test('what is withdrawn there is proved here no more', { timeout: patienceMs }, async () => {
  const withdrawn = await send(licences, 'credentials.withdrawIssuer', { issuer: admin.did, typeId })
  expect(withdrawn).toMatchObject({ status: 'committed' })
  await grow(licences)
  const proof = await proven('over.json')
  expect(await send(campus, 'credentials.acceptIssuer', proof)).toMatchObject({ code: 'right_not_in_force' })
})
