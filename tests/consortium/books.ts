/** What a test has handed to members and seen committed, held against what each member has. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Person, payIn, signActions, type TestAction } from '../../packages/ledger/src/testing/till-group.ts'
import type { Member } from './consortium.ts'
import type { Outcome, Position } from './member.ts'

export function sign(person: Person, actions: readonly TestAction[]): string {
  return signActions(person, actions, { notAfter: Date.now() + 5 * 60_000 })
}

export function payments(person: Person, count: number): readonly string[] {
  return Array.from({ length: count }, () => sign(person, [payIn(1n)]))
}

export class Books {
  readonly #committed: Outcome[] = []
  /** Logged while nobody was told where. */
  #logged = 0

  /** Hands in, and remembers what got a leaf. */
  async submit(member: Member, transactions: readonly string[]): Promise<readonly Outcome[]> {
    return Promise.all(transactions.map((transaction) => this.#submitOne(member, transaction)))
  }

  /** However long it takes: what is still pending is sent again, which tells its outcome, or that it is logged by now. */
  async #submitOne(member: Member, transaction: string): Promise<Outcome> {
    for (let turn = 0; ; turn++) {
      const outcome = await member.submit(transaction)
      if (outcome.code === 'pending') continue
      this.enter([outcome])
      if (outcome.code !== 'known' || turn === 0) return outcome
      this.#logged++
      return { code: 'ok' }
    }
  }

  enter(outcomes: readonly Outcome[]): void {
    this.#committed.push(...outcomes.filter(({ leafIndex }) => leafIndex !== undefined))
  }

  /** Hands in, and expects every one to be committed. */
  async commit(member: Member, transactions: readonly string[]): Promise<void> {
    for (const { code } of await this.submit(member, transactions)) expect(code).toBe('ok')
  }

  /** Waits until all stand at one height, which idle members do, and expects each to hold the same and nothing else. */
  async expectEqual(members: readonly Member[]): Promise<readonly Position[]> {
    const positions = await settled(members)
    const [first] = positions
    for (const { height, size, hashes } of positions) {
      expect({ height, size, hashes }).toEqual({ height: first?.height, size: first?.size, hashes: first?.hashes })
    }
    expect(first?.size).toBe(this.#committed.length + this.#logged)
    expect(new Set(this.#committed.map(({ leafIndex }) => leafIndex)).size).toBe(this.#committed.length)
    return positions
  }
}

export async function settled(members: readonly Member[]): Promise<readonly Position[]> {
  for (;;) {
    const positions = await Promise.all(members.map((member) => member.position()))
    const heights = positions.map(({ height }) => height)
    if (heights.every((height) => height !== undefined && height === heights[0])) return positions
    await delay(100)
  }
}
