import { isRefusal } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newDataKey, openContent, sealContent, unwrapDataKey, wrapDataKey } from './seal.ts'

const account = 'account_one'
const prf = (byte: number) => new Uint8Array(32).fill(byte)
const place = { account, credentialId: 'credential-a' }

describe('a sealed vault', () => {
  test('opens with each passkey that the data key was wrapped for, and with the content that went in', async () => {
    const dataKey = newDataKey()
    const first = await wrapDataKey(dataKey, prf(1), place)
    const second = await wrapDataKey(dataKey, prf(2), { account, credentialId: 'credential-b' })
    expect(await unwrapDataKey(first, prf(1), place)).toEqual(dataKey)
    expect(await unwrapDataKey(second, prf(2), { account, credentialId: 'credential-b' })).toEqual(dataKey)
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.string()), fc.nat(), async (content, version) => {
        const sealed = await sealContent(content, dataKey, { account, version })
        expect(await openContent(sealed, dataKey, { account, version })).toEqual(content)
      }),
      { numRuns: 40 },
    )
  })

  test.each<[string, number, { account: string; credentialId: string }]>([
    ['another passkey', 2, place],
    ['another account', 1, { ...place, account: 'account_two' }],
    ['another credential’s name', 1, { ...place, credentialId: 'credential-b' }],
  ])('its key is not opened by %s', async (_what, byte, otherPlace) => {
    const wrapped = await wrapDataKey(newDataKey(), prf(1), place)
    expect(await unwrapDataKey(wrapped, prf(byte), otherPlace)).toEqual({ refused: 'vault_key_not_fitting' })
  })

  test('does not open as another version, for another account, changed, cut, or as no text of base64url', async () => {
    const dataKey = newDataKey()
    const sealed = await sealContent({ name: 'CHAN' }, dataKey, { account, version: 7 })
    const refused = { refused: 'vault_not_opened' }
    expect(await openContent(sealed, dataKey, { account, version: 6 })).toEqual(refused)
    expect(await openContent(sealed, dataKey, { account: 'account_two', version: 7 })).toEqual(refused)
    expect(await openContent(sealed, newDataKey(), { account, version: 7 })).toEqual(refused)
    expect(await openContent(sealed.slice(0, -4), dataKey, { account, version: 7 })).toEqual(refused)
    expect(await openContent(`${sealed}=`, dataKey, { account, version: 7 })).toEqual(refused)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: sealed.length - 1 }), async (at) => {
        const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
        expect(isRefusal(await openContent(changed, dataKey, { account, version: 7 }))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('shows neither what is in it nor how much, up to the next sixteen kilobytes', async () => {
    const dataKey = newDataKey()
    const small = await sealContent({ name: 'CHAN' }, dataKey, { account, version: 1 })
    const larger = await sealContent({ name: 'CHAN'.repeat(3000) }, dataKey, { account, version: 1 })
    expect(small.length).toBe(larger.length)
    expect(await sealContent({ name: 'CHAN' }, dataKey, { account, version: 1 })).not.toBe(small)
  })
})
