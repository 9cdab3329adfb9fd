/**
 * A fifth joins four by a snapshot, with a real CometBFT at each: beside honest members, ones that serve chunks that are
 * not those they took, or a snapshot of their own making. It holds what the others hold, goes on with them, and fetches
 * the part of the log that is older than its snapshot.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Ed25519PublicJwk, publicPart } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ClaimedSnapshot,
  type EndorsedBoundary,
  endorsedBoundaries,
} from '../../packages/ledger/src/joining/endorsed-boundaries.ts'
import { provenHeader } from '../../packages/ledger/src/joining/engine-commit.ts'
import { JoinFailed, joinBySnapshot } from '../../packages/ledger/src/joining/join-by-snapshot.ts'
import type { JoinStep } from '../../packages/ledger/src/joining/snapshot-join.ts'
import { CometClient } from '../../packages/ledger/src/ordering/cometbft/engine-client.ts'
import { peerId } from '../../packages/ledger/src/ordering/cometbft/engine-home.ts'
import { ann, bo, eve, tillGenesis, tillGroup } from '../../packages/ledger/src/testing/till-group.ts'
import { Books, payments, settled } from './books.ts'
import { type Consortium, type Member, startConsortium } from './consortium.ts'
import { enginePath, hasEngine } from './engine.ts'
import type { SnapshotManners } from './member.ts'
import { logKeyOf } from './snapshot-manners.ts'

const { verify } = createVerifier()

describe.skipIf(!hasEngine)('joining by a snapshot', () => {
  let consortium: Consortium
  const books = new Books()
  const manners: readonly SnapshotManners[] = ['honest', 'honest', 'honest', 'honest']

  beforeAll(async () => {
    consortium = await startConsortium(enginePath(), 4, { guests: 1, snapshots: manners })
    await Promise.all(consortium.members.map((member) => member.ready()))
  })

  afterAll(async () => {
    await consortium?.remove()
  })

  const known = () =>
    consortium.members.map(({ settings }) => {
      const memberId = settings.home.moniker
      return { memberId, logKey: publicPart(logKeyOf(memberId)) as Ed25519PublicJwk }
    })

  /** The newest boundary that the members have signed, once there is one. */
  async function endorsed(): Promise<readonly EndorsedBoundary[]> {
    for (;;) {
      const claims: ClaimedSnapshot[] = []
      for (const member of consortium.members) claims.push(...(await member.snapshots()))
      const found = endorsedBoundaries(claims, { origin: tillGenesis.origin, members: known(), sha256, verify })
      if (found.length > 0) return found
      await delay(100)
    }
  }

  async function trusted(height: number): Promise<string> {
    const [first] = consortium.members as readonly [Member]
    const client = new CometClient(first.settings.home.rpc)
    try {
      const answer = await client.ask('commit', { height: String(height) })
      const validators = first.settings.home.validators.map(({ key }) => key)
      const hash = 'result' in answer && provenHeader(answer.result, { chainId: tillGroup, height, validators, verify })
      if (!hash) throw new Error(`The header of block ${height} is not proven: ${JSON.stringify(answer)}`)
      return hash
    } finally {
      client.close()
    }
  }

  /** Tries to join by these members alone; ends when it is done, or at a step that is waited for. */
  async function tryToJoin(
    guest: Member,
    by: readonly Member[],
    until?: (step: JoinStep) => boolean,
    outdated?: readonly EndorsedBoundary[],
  ) {
    const steps: JoinStep[] = []
    const stop = new AbortController()
    const signed = await endorsed()
    const boundaries = outdated ?? signed
    const trustHeight = signed[0]?.height as number
    const stateSync = {
      rpcServers: consortium.members.map(({ settings }) => rpcUrl(settings.home.rpc)),
      trustHeight,
      trustHash: await trusted(trustHeight),
    }
    const { home } = guest.settings
    const ids = by.map(({ settings }) => peerId(settings.home.keys.node))
    const joined = joinBySnapshot({
      directory: guest.ledgerDirectory,
      group: tillGroup,
      program: { path: enginePath() },
      home: { ...home, stateSync, peers: home.peers.filter(({ id }) => ids.includes(id)) },
      boundaries,
      ...(outdated && { askAgain: endorsed }),
      onStep: (step) => {
        steps.push(step)
        if (until?.(step)) stop.abort()
      },
      signal: stop.signal,
    })
    await (until || outdated ? expect(joined).rejects.toBeInstanceOf(JoinFailed) : joined)
    return steps
  }

  test('four take snapshots at the same boundaries, with the same contents', async () => {
    const [first, second] = consortium.members as readonly [Member, Member]
    for (let round = 0; round < 4; round++) {
      await books.commit(first, payments(ann, 10))
      await books.commit(second, payments(bo, 5))
    }
    const [boundary] = await endorsed()
    expect(boundary?.signedBy.length).toBeGreaterThanOrEqual(3)
  })

  test.each<[SnapshotManners, object]>([
    ['truncates', { step: 'chunk', answer: 'retry', code: 'snapshot_chunk_altered' }],
    ['swaps', { step: 'chunk', answer: 'retry', code: 'snapshot_chunk_altered' }],
    ['oversizes', { step: 'chunk', answer: 'retry', code: 'snapshot_chunk_altered' }],
    ['renames', { step: 'offered', answer: 'reject_sender', code: 'snapshot_not_named' }],
    ['forges', { step: 'chunk', answer: 'reject_snapshot', code: 'snapshot_state_differs' }],
  ])('from members of whom each %s nothing is taken, and nothing remains', async (manners, expected) => {
    const [guest] = consortium.guests as readonly [Member]
    const hostile = consortium.members.slice(1)
    for (const member of hostile) await member.serveSnapshots(manners)
    const steps = await tryToJoin(guest, hostile, (step) => 'code' in step)
    expect(steps.at(-1)).toMatchObject(expected)
    expect(existsSync(join(guest.ledgerDirectory, 'state'))).toBe(false)
  })

  test('what was signed when it began is pruned: it asks again, and begins anew with what is signed by then', async () => {
    const [guest] = consortium.guests as readonly [Member]
    for (const member of consortium.members) await member.serveSnapshots('honest')
    const pruned = (await endorsed()).map((boundary) => ({ ...boundary, height: 1 }))
    // Without an answer to its question it would wait for ever: every offer is turned away, and offered once.
    const steps = await tryToJoin(guest, consortium.members, undefined, pruned)
    expect(steps.length).toBeGreaterThan(0)
    for (const step of steps) expect(step).toMatchObject({ answer: 'reject', code: 'snapshot_not_endorsed' })
  })

  test('with one honest member among them it has the state of the others, and goes on with them', async () => {
    const [, second, third, fourth] = consortium.members as readonly [Member, Member, Member, Member]
    await second.serveSnapshots('truncates')
    await third.serveSnapshots('swaps')
    await fourth.serveSnapshots('forges')
    const [guest] = consortium.guests as readonly [Member]
    const steps = await tryToJoin(guest, consortium.members)
    expect(steps.at(-1)).toMatchObject({ step: 'complete' })
    guest.start()
    await guest.ready()
    await books.commit(guest, payments(eve, 3))
    const [newest, ...others] = await settled([...consortium.members, guest])
    for (const { height, size, hashes } of others) {
      expect({ height, size, newest: hashes.at(-1) }).toEqual({
        height: newest?.height,
        size: newest?.size,
        newest: newest?.hashes.at(-1),
      })
    }
  })
})

function rpcUrl(rpc: { readonly socketPath: string } | { readonly host: string; readonly port: number }): string {
  return 'socketPath' in rpc ? `unix://${rpc.socketPath}` : `http://${rpc.host}:${rpc.port}`
}
