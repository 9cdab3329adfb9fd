/** Execution by the book: what a leaf is, how hashes chain, what a refusal leaves, when rules change. */
import { createHash } from 'node:crypto'
import { createTreeHasher } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEnvelope, openedOf } from '../admission/envelope.ts'
import { makeTillDisk, type TillApplication, type TillDisk } from '../testing/till-application.ts'
import {
  ann,
  bo,
  eve,
  move,
  payIn,
  signActions,
  startMs,
  type TestAction,
  tillGroup,
  tillHash,
  tillIndex,
} from '../testing/till-group.ts'
import { indexRuleset } from './rules-index.ts'

let disk: TillDisk
let till: TillApplication

beforeEach(() => {
  disk = makeTillDisk()
  till = disk.open()
  till.application.initChain()
})
afterEach(() => disk.remove())

const b64 = (bytes: Uint8Array) => toBase64url(bytes)
/** Bytes of any kind as plain ones: Node's own compare as another type. */
const plain = (bytes: Uint8Array | undefined) => new Uint8Array(bytes ?? [])
const hashOf = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

function run(...signed: string[]) {
  const { height = 0, timeMs = 0 } = till.executor.head ?? {}
  const answer = till.application.finalizeBlock({ height: height + 1, timeMs: timeMs + 1_000, transactions: signed })
  till.application.commit()
  return answer.results
}

const act = (...actions: TestAction[]) => run(signActions(ann, actions))[0]
const tillOf = ({ did }: { did: string }) => {
  const text = till.store.row(`till/tills/${did}`)
  return text === undefined ? undefined : JSON.parse(text)
}

describe('a leaf', () => {
  test('is what the contract says, to the byte, and its hashes chain', () => {
    const before = till.store.head()?.stateHash as Uint8Array
    const jws = signActions(ann, [payIn(7n, 'rent')])
    const [result] = run(jws)
    const text = `{"amount":"7","notes":["rent"],"owner":"${ann.did}"}`
    const events = `[{"amount":"7","did":"${ann.did}","note":"rent","type":"till.paidIn"}]`
    const writesHash = hashOf(canonicalize([[`till/tills/${ann.did}`, text]]))
    const leaf = canonicalize({
      v: 1,
      height: 1,
      timeMs: startMs + 1_000,
      position: 0,
      jws,
      code: 'ok',
      eventsHash: b64(hashOf(events)),
      writesHash: b64(writesHash),
    })
    expect(result).toMatchObject({ code: 'ok', leafIndex: 0, events, types: 'till.payIn', principals: '' })
    const stored = till.store.leaf(0)
    expect(Buffer.from(stored?.leaf ?? []).toString()).toBe(leaf)
    expect(Buffer.from(stored?.events ?? []).toString()).toBe(events)
    expect(till.store.row(`till/tills/${ann.did}`)).toBe(text)

    const head = till.store.head()
    const stateHash = hashOf(before, writesHash)
    expect(plain(head?.stateHash)).toEqual(stateHash)
    expect(plain(head?.root)).toEqual(createTreeHasher(sha256).leaf(toUtf8(leaf)))
    const agreed = {
      size: 1,
      root: b64(head?.root ?? new Uint8Array()),
      stateHash: b64(stateHash),
      stateRoot: null,
      ruleset: tillHash,
    }
    expect(b64(head?.agreedHash ?? new Uint8Array())).toBe(b64(hashOf(canonicalize(agreed))))
  })

  test('of genesis there is none: its writes found the chain of state hashes', () => {
    const rows = [ann, bo, eve].map(({ did }) => [`people/people/${did}`, till.store.row(`people/people/${did}`)])
    const writesHash = hashOf(canonicalize(rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))))
    expect(plain(till.store.head()?.stateHash)).toEqual(hashOf('chengxin-state-v1', writesHash))
    expect(b64(till.store.head()?.root ?? new Uint8Array())).toBe(b64(hashOf('')))
  })

  test('of a refusal has its code, uses the nonce and changes nothing else', () => {
    act(payIn(5n))
    const { stateHash } = till.store.head() ?? {}
    const jws = signActions(ann, [payIn(1n), move(bo.did, 1n)])
    expect(run(jws)).toMatchObject([{ code: 'till_not_found', leafIndex: 1, events: '[]' }])
    const { eventsHash, writesHash } = JSON.parse(Buffer.from(till.store.leaf(1)?.leaf ?? []).toString())
    expect([eventsHash, writesHash]).toEqual([b64(hashOf('[]')), b64(hashOf('[]'))])
    expect(till.store.head()?.stateHash).toEqual(stateHash)
    expect(tillOf(ann)).toMatchObject({ amount: '5' })
    expect(run(jws)).toMatchObject([{ code: 'nonce_reused' }])
  })
})

describe('actions', () => {
  test('see each other, and happen together or not at all', () => {
    expect(act(payIn(3n), move(ann.did, 3n), { type: 'till.empty', args: {} }, payIn(2n))?.code).toBe('ok')
    expect(tillOf(ann)).toMatchObject({ amount: '2', notes: [] })
    expect(act(payIn(100n), { type: 'till.empty', args: {} }, move(ann.did, 1n))?.code).toBe('till_not_found')
    expect(tillOf(ann)).toMatchObject({ amount: '2' })
  })

  test('of another domain are run on its authority, and their events stand where the rule put them', () => {
    run(signActions(bo, [payIn(10n)]))
    const buy = (price: bigint) => ({ type: 'shop.buy', args: { from: bo.did, price: String(price) } })
    expect(JSON.parse(act(buy(4n))?.events ?? '')).toEqual([
      { type: 'shop.sold', by: ann.did, price: '4' },
      { type: 'till.moved', from: bo.did, to: ann.did, amount: '4' },
    ])
    expect(act(payIn(1n), buy(7n))?.code).toBe('till_too_low')
    expect(tillOf(ann)).toMatchObject({ amount: '4' })
    expect(act({ type: 'till.take', args: { from: bo.did, amount: '1' } })).toEqual({ code: 'unknown_action' })
  })

  test('for another need a delegation that holds at the time of the block', () => {
    const forBo = { ...payIn(1n), for: bo.did }
    expect(act(forBo)).toMatchObject({ code: 'delegation_missing', leafIndex: 0 })
    run(signActions(bo, [{ type: 'people.nameAgent', args: { agent: ann.did, untilMs: startMs + 4_000 } }]))
    expect(act(forBo)).toMatchObject({ code: 'ok', principals: bo.did })
    expect(act(forBo)?.code).toBe('delegation_expired')
    expect(act({ ...payIn(1n), for: ann.did })).toMatchObject({ code: 'ok', principals: '' })
    expect(tillOf(bo)).toMatchObject({ amount: '1' })
  })
})

describe('at execution everything but the signature is judged again', () => {
  test('and a signature that nobody has looked at is checked then', () => {
    const forged = `${signActions(ann, [payIn(1n)]).slice(0, -86)}${'A'.repeat(86)}`
    expect(run(forged, signActions(ann, [payIn(1n)]))).toMatchObject([
      { code: 'signature_invalid' },
      { code: 'ok', leafIndex: 0 },
    ])
  })

  test('so a vouched key that state no longer has does not count', () => {
    const envelope = openEnvelope(signActions(ann, [payIn(1n)]), tillGroup)
    if (isRefusal(envelope)) throw new Error(envelope.refused)
    const vouched = { ...openedOf(envelope), jws: envelope.jws.replace(/.$/, 'A'), keyName: 'a key that was' }
    till.executor.begin(1, startMs + 1)
    expect(till.executor.execute(vouched, 0).code).toMatch(/signature_invalid|envelope_malformed/)
    till.executor.discard()
  })

  test('and what fails leaves the positions of others as they are', () => {
    const results = run(
      'nonsense',
      signActions(ann, [payIn(1n)]),
      signActions(ann, [payIn(1n)], { notAfter: startMs }),
      signActions(bo, [payIn(1n)]),
    )
    expect(results.map(({ code }) => code)).toEqual(['envelope_malformed', 'ok', 'expired', 'ok'])
    const positions = [0, 1].map(
      (index) => JSON.parse(Buffer.from(till.store.leaf(index)?.leaf ?? []).toString()).position,
    )
    expect(positions).toEqual([1, 3])
  })
})

describe('a nonce', () => {
  const at = startMs + 10_000
  const sign = (amount: bigint, change = {}) =>
    signActions(ann, [payIn(amount)], { nonce: 'the-one-and-only', notAfter: at, ...change })

  test('is used once until its transaction would have expired, and then is free', () => {
    expect(run(sign(1n), sign(2n)).map(({ code }) => code)).toEqual(['ok', 'nonce_reused'])
    expect(run(sign(2n, { notAfter: at + 5_000 }))[0]?.code).toBe('nonce_reused')
    till.application.finalizeBlock({ height: 3, timeMs: at - 1, transactions: [] })
    till.application.commit()
    const later = sign(2n, { notAfter: at + 60_000 })
    const answer = till.application.finalizeBlock({ height: 4, timeMs: at, transactions: [later] })
    expect(answer.results).toMatchObject([{ code: 'ok' }])
  })

  test('is remembered over a restart', () => {
    run(sign(1n))
    till = disk.open()
    expect(run(sign(2n))[0]?.code).toBe('nonce_reused')
  })
})

describe('state roots', () => {
  test('are taken at boundaries and enter the agreed hash half an interval later', () => {
    const seen: [number, number | undefined][] = []
    for (let block = 0; block < 14; block++) {
      run(...Array.from({ length: 3 }, () => signActions(ann, [payIn(1n)], { notAfter: startMs + 100_000 })))
      const { size = 0, stateRoot } = till.store.head() ?? {}
      seen.push([size, stateRoot?.size])
      if (block === 6) till = disk.open()
    }
    // Every 16 leaves: the blocks end at 18, 33; half of 16 later than 16 and 32 they are agreed on.
    expect(seen.map(([size, root]) => `${size}:${root ?? '-'}`).join(' ')).toBe(
      '3:- 6:- 9:- 12:- 15:- 18:- 21:- 24:18 27:18 30:18 33:18 36:18 39:18 42:33',
    )
    expect(plain(till.store.stateRootAt(33))).toEqual(plain(till.store.head()?.stateRoot?.root))
  })
})

describe('rules', () => {
  const nextHash = 'B'.repeat(42) + 'A'
  const next = indexRuleset({ ...tillIndex.ruleset, version: '2.0.0-test' }, nextHash)
  const schedule = (fromLeaf: number) => ({ type: 'people.scheduleRules', args: { hash: nextHash, fromLeaf } })

  test('change at the stated leaf, inside a block, and stay after a restart', () => {
    disk.remove()
    disk = makeTillDisk({ rulesOf: (hash) => (hash === nextHash ? next : tillIndex) })
    till = disk.open()
    till.application.initChain()
    run(signActions(ann, [schedule(3)]))
    const versions: string[] = []
    till.application.finalizeBlock({
      height: 2,
      timeMs: startMs + 5_000,
      transactions: [signActions(ann, [payIn(1n)])],
    })
    versions.push(till.executor.rules.ruleset.version)
    const four = Array.from({ length: 4 }, () => signActions(ann, [payIn(1n)]))
    till.application.finalizeBlock({ height: 2, timeMs: startMs + 5_000, transactions: four })
    versions.push(till.executor.rules.ruleset.version)
    till.application.commit()
    till = disk.open()
    versions.push(till.executor.rules.ruleset.version)
    expect(versions).toEqual(['1.0.0-test', '2.0.0-test', '2.0.0-test'])
    expect(b64(till.store.head()?.rulesetHash ?? new Uint8Array())).toBe(nextHash)
    expect(tillOf(ann)).toMatchObject({ amount: '4' })
  })

  test('that this node does not carry stop it, and the block before stands', () => {
    disk.remove()
    disk = makeTillDisk({
      rulesOf: (hash) => {
        if (hash === nextHash) throw new Error(`Install ${hash}.`)
        return tillIndex
      },
    })
    till = disk.open()
    till.application.initChain()
    run(signActions(ann, [schedule(1)]))
    expect(() => run(signActions(ann, [payIn(1n)]))).toThrow(nextHash)
    expect(till.store.head()?.size).toBe(1)
  })

  test('are held to what the kit promises', () => {
    const { ruleset } = tillIndex
    const [people, ...others] = ruleset.domains
    if (people === undefined) throw new Error('There are no rules.')
    expect(() => indexRuleset({ ...ruleset, domains: [people, people] }, '')).toThrow('Two domains')
    expect(() => indexRuleset({ ...ruleset, domains: [...others, people].reverse() }, '')).toThrow('not listed before')
    expect(() => indexRuleset({ ...ruleset, domains: [{ ...people, name: 'crowd' }] }, '')).toThrow(
      'listed by the domain',
    )
    expect(() => indexRuleset({ ...ruleset, domains: [{ ...people, verbs: [] }] }, '')).toThrow('without verbs')
  })
})
