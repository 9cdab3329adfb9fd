/** Challenges that this desk gave out: random, for one purpose, good once and for five minutes. */
import { sha256 } from '@chengxin/crypto/node'
import { toBase64url, toUtf8 } from '@chengxin/kernel'
import { createMemoryStore } from '../openid/expiring-store.ts'
import { randomSecret } from '../openid/secrets.ts'

export type ChallengePurpose = 'sign-in' | 'registration'

export interface GivenChallenge {
  readonly purpose: ChallengePurpose
  /** The bytes whose hash the challenge is. */
  readonly statement: Uint8Array
  readonly userHandle: string
}

export interface Challenges {
  give(purpose: ChallengePurpose, userHandle?: string): Promise<string | undefined>
  take(purpose: ChallengePurpose, challenge: string): Promise<GivenChallenge | undefined>
}

const lifetimeMs = 5 * 60_000

export function createChallenges(origin: string, nowMs: () => number): Challenges {
  const open = createMemoryStore<GivenChallenge>({ nowMs })
  return {
    async give(purpose, userHandle = '') {
      const statement = toUtf8(`chengxin-${purpose}-v1\n${origin}\n${randomSecret()}`)
      const challenge = toBase64url(sha256(statement))
      const isKept = await open.add(challenge, { purpose, statement, userHandle }, nowMs() + lifetimeMs)
      return isKept ? challenge : undefined
    },
    async take(purpose, challenge) {
      const given = (await open.take(challenge))?.value
      return given?.purpose === purpose ? given : undefined
    },
  }
}
