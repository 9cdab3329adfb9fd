/** When a member starts its engine again to be rid of one that belongs to nobody any more, and that one is away at a time. */
import { expect, test } from 'vitest'
import { CutOff, turnMs } from './cut-off.ts'

const lookEveryMs = 3_000

interface Played {
  readonly atMs: number
  readonly by: string
}

/** Members that look every three seconds, out of step, at a network in which everybody is connected to who is there. */
class Town {
  readonly restarts: Played[] = []
  readonly #listed: readonly string[]
  readonly #former: readonly string[]
  readonly #members: readonly { readonly self: string; readonly cutOff: CutOff; connected: Set<string> }[]
  readonly #backAtMs = new Map<string, number>()
  readonly down = new Set<string>()
  nowMs = 0
  isAtHead = true

  constructor(listed: string, former: string, downMs = 1_500) {
    this.#listed = [...listed]
    this.#former = [...former]
    this.#members = this.#listed.map((self) => {
      const member = {
        self,
        connected: new Set(this.#former),
        cutOff: new CutOff({
          self,
          clock: () => this.nowMs,
          isAtHead: () => this.isAtHead,
          restart: (ids) => {
            expect(ids).toEqual(this.#former)
            this.restarts.push({ atMs: this.nowMs, by: self })
            this.#backAtMs.set(self, this.nowMs + downMs)
            member.connected = new Set()
          },
        }),
      }
      return member
    })
  }

  isAway(self: string): boolean {
    return this.down.has(self) || (this.#backAtMs.get(self) ?? 0) > this.nowMs
  }

  get away(): number {
    return this.#listed.filter((self) => this.isAway(self)).length
  }

  connect(self: string, id: string): void {
    this.#members.find((one) => one.self === self)?.connected.add(id)
  }

  /** Lets time go on; at each step no more than so many are away. */
  play(milliseconds: number, mostAway = 1): void {
    for (const end = this.nowMs + milliseconds; this.nowMs < end; this.nowMs += 100) {
      for (const [index, { self, cutOff, connected }] of this.#members.entries()) {
        if ((this.nowMs + index * 700) % lookEveryMs !== 0 || this.isAway(self)) continue
        const others = this.#listed.filter((one) => one !== self && !this.isAway(one))
        cutOff.look([...others, ...connected], { listed: this.#listed, former: this.#former })
      }
      expect(this.away).toBeLessThanOrEqual(mostAway)
    }
  }
}

const rounds = (count: number, members: number) => count * members * turnMs

test.each([
  ['three', 'abc'],
  ['four', 'abcd'],
  ['seven', 'abcdefg'],
])('of %s each restarts once, one after the other, within one round', (_count, listed) => {
  const town = new Town(listed, 'x')
  town.play(rounds(1, listed.length))
  expect(town.restarts.map(({ by }) => by).join('')).toBe(listed)
  town.play(rounds(5, listed.length))
  expect(town.restarts).toHaveLength(listed.length)
})

test('who needs longer than its turn to be back holds the next one up, where the group needs both', () => {
  const town = new Town('abc', 'x', 1.5 * turnMs)
  town.play(rounds(4, 3))
  expect(town.restarts.map(({ by }) => by).sort()).toEqual(['a', 'b', 'c'])
})

test('nobody restarts while nobody is connected who may not be, or while it has not caught up', () => {
  const quiet = new Town('abcd', '')
  quiet.play(rounds(3, 4))
  expect(quiet.restarts).toEqual([])
  const behind = new Town('abcd', 'x')
  behind.isAtHead = false
  behind.play(rounds(3, 4))
  expect(behind.restarts).toEqual([])
})

test('who is a member no more itself sends nobody away', () => {
  const sent: string[] = []
  const cutOff = new CutOff({ self: 'x', clock: () => 0, isAtHead: () => true, restart: (ids) => sent.push(...ids) })
  cutOff.look(['a', 'b', 'y'], { listed: ['a', 'b'], former: ['x', 'y'] })
  expect(sent).toEqual([])
})

test('with one of four down the others wait for it some turns, and then do it all the same', () => {
  const town = new Town('abcd', 'x')
  town.down.add('b')
  town.play(rounds(5, 4), 1)
  expect(town.restarts).toEqual([])
  town.play(rounds(4, 4), 2)
  expect(town.restarts.map(({ by }) => by).sort()).toEqual(['a', 'c', 'd'])
})

test('with two of four down nobody makes it three', () => {
  const town = new Town('abcd', 'x')
  town.down.add('b').add('c')
  town.play(rounds(20, 4), 2)
  expect(town.restarts).toEqual([])
})

test('with one of seven down nobody waits: the rest go on without either', () => {
  const town = new Town('abcdefg', 'x')
  town.down.add('b')
  town.play(rounds(1, 7), 2)
  expect(town.restarts.map(({ by }) => by).join('')).toBe('acdefg')
})

test('one that comes back although it is refused is cut off again, and not at once', () => {
  const town = new Town('abc', 'x')
  town.play(rounds(1, 3))
  town.connect('a', 'x')
  town.play(rounds(10, 3))
  expect(town.restarts).toHaveLength(3)
  town.play(rounds(12, 3))
  expect(town.restarts.map(({ by }) => by).join('')).toBe('abca')
})
