/** Blocks that no honest member proposes, and blocks that are odd and yet must be borne. */
import { limits } from '@chengxin/kernel'
import type { Random } from './random.ts'
import { type Pool, startMs } from './town.ts'

export interface Dishonest {
  readonly kind: string
  readonly transactions: readonly string[]
  /** What all honest members owe it; absent where it may be either, as long as all answer the same. */
  readonly owed?: 'accept' | 'reject'
}

export interface ProposalScene {
  readonly random: Random
  readonly pool: Pool
  readonly timeMs: number
  /** Texts of decided blocks, and texts that wait at a member. */
  readonly logged: readonly string[]
  readonly waiting: readonly string[]
}

type Make = (scene: ProposalScene) => Dishonest

/** Good texts that this block's time admits. */
function timely({ random, pool, timeMs }: ProposalScene, count: number, texts = pool.plain): string[] {
  const admits = ({ notAfterMs }: { readonly notAfterMs: number }) =>
    notAfterMs > timeMs && notAfterMs <= timeMs + limits.notAfterAheadMs
  return Array.from({ length: count * 4 }, () => random.pick(texts))
    .filter(admits)
    .slice(0, count)
    .map(({ jws }) => jws)
}

const makes: readonly Make[] = [
  ({ random, waiting }) => ({
    kind: 'garbage',
    transactions: [...waiting.slice(0, 2), random.pick(['', '.', '..', 'a.b.c', '\u00ff\u0000', '{}', 'ey.ey.ey'])],
    owed: 'reject',
  }),
  (scene) => {
    const [one] = timely(scene, 1)
    if (one === undefined) return { kind: 'empty', transactions: [] }
    return { kind: 'twice', transactions: [one, ...timely(scene, 1), one], owed: 'reject' }
  },
  ({ random, pool, timeMs }) => {
    const late = pool.plain.find(
      ({ notAfterMs }) => notAfterMs <= timeMs || notAfterMs > timeMs + limits.notAfterAheadMs,
    )
    const text = late ?? random.pick(pool.plain)
    return { kind: 'untimely', transactions: [text.jws], ...(late && { owed: 'reject' as const }) }
  },
  ({ random, pool }) => {
    const { jws } = random.pick(pool.plain)
    const at = random.below(jws.length)
    const spoilt = random.pick([
      jws.slice(0, at),
      `${jws} `,
      `${jws}=`,
      jws.slice(0, at) + jws.slice(at + 1),
      `${jws.slice(0, -2)}AA`,
      `${jws.split('.').slice(0, 2).join('.')}.`,
    ])
    return { kind: 'spoilt', transactions: [spoilt] }
  },
  ({ random, pool }) => ({
    kind: 'oversized',
    transactions: [random.pick(pool.plain).jws.padEnd(limits.transactionBytes + 1, 'A')],
    owed: 'reject',
  }),
  ({ random, logged }) => ({
    kind: 'logged',
    transactions: logged.length === 0 ? [] : [random.pick(logged), random.pick(logged)].slice(0, random.between(1, 2)),
  }),
  (scene) => {
    const { random, pool } = scene
    const kinds = random.shuffled([pool.forged, pool.again, pool.unknown, pool.replaced, pool.replacements])
    const texts = kinds.slice(0, random.between(1, 4)).flatMap((kind) => timely(scene, 1, kind))
    return { kind: 'unfit', transactions: [...new Set(texts)] }
  },
  // Nobody has seen these at the door: their signatures are first looked at while the block runs.
  (scene) => ({ kind: 'unseen', transactions: [...new Set(timely(scene, scene.random.between(1, 24)))] }),
]

export function dishonestProposal(scene: ProposalScene): Dishonest {
  return scene.random.pick(makes)(scene)
}

/** The heartbeat of an idle group, and blocks in a hurry. */
export const stepsOfTimeMs = [1, 40, 700, 3_000, 20_000, 90_000] as const
export const firstBlockMs = startMs + 1_000
