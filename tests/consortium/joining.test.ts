/**
 * Members as operators run them: a fifth is admitted and begins with a snapshot of the others, serves what it has while it
 * fetches the rest, and then answers for the oldest entry as they do; and one that was away says so until it has caught up.
 */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { action, governance } from '@chengxin/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasEngine } from './engine.ts'
import { Hosts } from './hosts.ts'

const names = ['bank', 'bureau', 'court', 'university']
const newcomer = 'transport'

interface Health {
  readonly groups: readonly [
    {
      readonly ledger: { readonly status: string; readonly code?: string }
      readonly lacking?: { readonly toHeight: number }
      readonly consensus: { readonly state: string }
    },
  ]
}

/** Ten programs on one machine: a busy one takes long to start them all. */
const patienceMs = 1_200_000

describe.skipIf(!hasEngine)('joining a group that has gone on', { timeout: patienceMs }, () => {
  let hosts: Hosts
  let oldest: readonly string[]

  beforeAll(async () => {
    hosts = new Hosts({ names, firstPort: 18_100, stateRootEvery: 16 })
    await hosts.found()
    oldest = await hosts.fill('bank', 24, 'old')
  }, patienceMs)

  afterAll(async () => {
    await hosts?.remove()
  }, patienceMs)

  const health = async (name: string) => {
    const answer = await fetch(`${hosts.url(name)}/health`)
    return { ...((await answer.json()) as Health), status: answer.status }
  }
  const head = async (name: string) =>
    JSON.parse((await hosts.get(name, '')).text) as { readonly height: number; readonly head: object }

  test('four keep snapshots, sign them and show them', async () => {
    await hosts.fill('bureau', 16, 'more')
    for (const name of names) {
      for (;;) {
        const { snapshots } = JSON.parse((await hosts.get(name, '/snapshots')).text) as {
          readonly snapshots: readonly { readonly signed?: { readonly state: string } }[]
        }
        if (snapshots.some(({ signed }) => signed?.state.startsWith('city.example/groups/records#state\n'))) break
        await delay(200)
      }
      const metrics = await (await fetch(`${hosts.url(name)}/metrics`)).text()
      expect(metrics).toMatch(/chengxin_snapshots\{group="[^"]+"\} [12]\n/)
    }
  })

  test('a fifth begins with a snapshot, and fetches what is older', async () => {
    await hosts.init(newcomer)
    const offers = [...names, newcomer].map((name) => hosts.offer(name))
    await hosts.run(
      ...['consortium', 'admission', '--group', hosts.groupId, '--data', hosts.at(newcomer)],
      ...['--certificate', hosts.at('certificates', `member_${newcomer}.pem`), '--out', hosts.at('admission.json')],
      hosts.offer(newcomer),
    )
    const change = JSON.parse(readFileSync(hosts.at('admission.json'), 'utf8'))
    const proposalId = 'proposal_newcomer'
    const [proposed] = await hosts.send('bank', [action(governance.proposeChange, { proposalId, change })])
    expect(proposed).toMatchObject({ status: 'committed' })
    for (const name of ['court', 'university']) {
      const approved = await hosts.send(name, [action(governance.approveChange, { proposalId })])
      expect(approved).toMatchObject([{ status: 'committed' }])
    }
    await hosts.run(
      ...['consortium', 'join', '--from-snapshot', '--group', 'records', '--genesis', hosts.at('genesis.json')],
      ...['--data', hosts.at(newcomer), ...offers],
    )
    const node = await hosts.start(newcomer)
    expect(node.output()).toContain('Joining records by the snapshot of block')
    expect(existsSync(hosts.at(newcomer, 'groups', 'records', 'joined.json'))).toBe(true)
    // What it does not have it does not deny; when it has it, it answers as the others do.
    for (const id of [oldest[0], oldest.at(-1)] as readonly string[]) {
      for (;;) {
        const { status, text, headers } = await hosts.get(newcomer, `/receipts/${id}`)
        if (status === 200) break
        expect(JSON.parse(text)).toMatchObject({
          code: expect.stringMatching(/^(catching_up|receipt_quorum_pending)$/),
        })
        expect(headers.get('chengxin-as-of')).toMatch(/^\d+$/)
        await delay(200)
      }
    }
    for (;;) {
      const { groups } = await health(newcomer)
      if (groups[0].lacking === undefined) break
      await delay(200)
    }
    const entries = await Promise.all(['bank', newcomer].map((name) => hosts.get(name, '/log/tile/entries/000.p/40')))
    expect(entries[1]?.status).toBe(200)
    expect(entries[1]?.text).toBe(entries[0]?.text)
    const raw = await Promise.all(['bank', newcomer].map((name) => hosts.get(name, '/log/raw/0/digest?count=8')))
    expect(raw[1]?.text).toBe(raw[0]?.text)
    await hosts.client(newcomer).readModelReached((await head(newcomer)).height)
    const listed = await hosts.get(newcomer, `/transactions/${oldest[0]}`)
    expect(JSON.parse(listed.text)).toMatchObject({ id: oldest[0], status: expect.stringMatching(/committed|refused/) })
  })

  test('it votes with the others, and takes snapshots as they do', async () => {
    await hosts.fill('court', 24, 'newer')
    for (;;) {
      const [{ snapshots: ours }, { snapshots: theirs }] = (await Promise.all(
        [newcomer, 'bank'].map(
          async (name) =>
            JSON.parse((await hosts.get(name, '/snapshots')).text) as { snapshots: readonly { hash: string }[] },
        ),
      )) as [{ snapshots: readonly { hash: string }[] }, { snapshots: readonly { hash: string }[] }]
      if (ours[0] !== undefined && ours[0].hash === theirs[0]?.hash) break
      await delay(200)
    }
    for (let turn = 0; ; turn++) {
      const { consensus } = JSON.parse((await hosts.get('bank', '')).text) as {
        readonly consensus: {
          readonly validators: readonly { readonly member: string; readonly signedHeight?: number }[]
        }
      }
      if (consensus.validators.find(({ member }) => member === `member_${newcomer}`)?.signedHeight !== undefined) break
      await hosts.fill('bank', 1, `turn-${turn}`)
    }
  })

  test('one that was away serves what it has, says as of when, and catches up', async () => {
    const away = 'university'
    await hosts.nodes.get(away)?.stop()
    for (let block = 0; block < 24; block++) await hosts.fill('bank', 1, `away-${block}`)
    const before = await head('bank')
    // Nobody tells it anything until it has been looked at.
    const others = ['bank', 'bureau', 'court', newcomer]
    for (const name of others) hosts.halt(name, true)
    const starting = hosts.start(away)
    try {
      for (;;) {
        const answer = await hosts.get(away, '').catch(() => undefined)
        if (answer?.headers.get('chengxin-catching-up') === 'true') {
          const shown = JSON.parse(answer.text) as {
            readonly height: number
            readonly health: object
            readonly consensus: { readonly behind: number }
          }
          expect(shown.height).toBeLessThan(before.height)
          expect(answer.headers.get('chengxin-as-of')).toBe(String(shown.height))
          // Its engine may be starting still; what counts is what it says when it has heard the others.
          if (shown.consensus.behind >= 20) {
            expect(shown.health).toMatchObject({ status: 'read_only', code: 'catching_up' })
            break
          }
        }
        await delay(100)
      }
      const receipt = await hosts.get(away, `/log/checkpoint`)
      expect(receipt.status).toBe(200)
      expect((await health(away)).status).toBe(503)
    } finally {
      for (const name of others) hosts.halt(name, false)
    }
    await starting
    for (;;) {
      const [ours, theirs] = await Promise.all([head(away), head('bank')])
      if (ours.height === theirs.height) {
        expect(ours.head).toEqual(theirs.head)
        break
      }
      await delay(200)
    }
    expect((await hosts.get(away, '')).headers.get('chengxin-catching-up')).toBeNull()
  })
})
