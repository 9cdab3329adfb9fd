/** A group that shows itself to its members only. */
import { type ApiScene, openApiScene } from '@chengxin/testkit/api-scene'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const nowMs = 1_760_000_000_000
const nowSeconds = nowMs / 1000
let scene: ApiScene
beforeAll(async () => {
  scene = await openApiScene({ readPolicy: 'members', now: () => nowMs })
  scene.ledger.tiles.set('tile/0/000', new Uint8Array(8192))
  scene.ledger.tiles.set('tile/entries/000', new Uint8Array(100))
}, 60_000)
afterAll(() => scene.close())

const ask = (path: string, authorization?: string) =>
  scene.ask('GET', scene.base + path, authorization === undefined ? {} : { headers: { authorization } })
const good = () => ({ aud: scene.ledger.groupId, exp: nowSeconds + 300 })

describe('what anybody may read', () => {
  test.each(['', '/genesis', '/log/checkpoint', '/log/tile/0/000', '/shop/accounts/acct_genesis'])(
    '"%s"',
    async (path) => {
      expect((await ask(path)).statusCode).toBe(200)
    },
  )
})

describe('what members may read', () => {
  test.each(['/transactions', '/blocks', '/blocks/0', '/log/tile/entries/000', '/search?q=0', '/shop/accounts'])(
    '"%s"',
    async (path) => {
      const without = await ask(path)
      expect(without.json()).toMatchObject({ status: 401, code: 'read_token_missing' })
      expect(without.headers['www-authenticate']).toMatch(/^Bearer /)
      const answer = await ask(path, `Bearer ${scene.member.token(good())}`)
      expect(answer.statusCode).toBe(200)
      expect(answer.headers['cache-control']).not.toContain('public')
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    },
  )

  test.each<[string, () => string, string]>([
    ['of another group', () => scene.member.token({ ...good(), aud: 'other' }), 'read_token_invalid'],
    ['expired', () => scene.member.token({ ...good(), exp: nowSeconds }), 'read_token_invalid'],
    ['that would last too long', () => scene.member.token({ ...good(), exp: nowSeconds + 601 }), 'read_token_invalid'],
    ['with a float for its end', () => scene.member.token({ ...good(), exp: nowSeconds + 0.5 }), 'read_token_invalid'],
    ['of another type', () => scene.member.token(good(), { typ: 'chengxin-tx+jws' }), 'read_token_invalid'],
    ['with no algorithm', () => scene.member.token(good(), { alg: 'none' }), 'read_token_invalid'],
    ['with another algorithm than its key', () => scene.member.token(good(), { alg: 'ES256' }), 'read_token_invalid'],
    ['with a further header', () => scene.member.token(good(), { jku: 'x' }), 'read_token_invalid'],
    ['of an unknown key', () => scene.member.token(good(), { kid: `${scene.member.did}#key-2` }), 'read_token_invalid'],
    [
      'signed by another',
      () => scene.stranger.token(good(), { kid: `${scene.member.did}#key-1` }),
      'read_token_invalid',
    ],
    [
      'changed after signing',
      () => scene.member.token(good()).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
      'read_token_invalid',
    ],
    ['that is none', () => 'x.y', 'read_token_invalid'],
    ['that is very long', () => 'x'.repeat(5000), 'read_token_invalid'],
    ['of a DID without a member', () => scene.stranger.token(good()), 'read_not_allowed'],
  ])('a token %s', async (_case, token, code) => {
    expect((await ask('/transactions', `Bearer ${token()}`)).json()['code']).toBe(code)
  })

  test('a live stream ends with the token it was opened by', async () => {
    const address = await scene.app.listen({ port: 0, host: '127.0.0.1' })
    const authorization = `Bearer ${scene.member.token({ ...good(), exp: nowSeconds + 1 })}`
    const stream = await fetch(`${address}${scene.base}/events`, { headers: { authorization } })
    expect(stream.status).toBe(200)
    // Nothing else would end it: text() comes back, with an error for a connection that was cut.
    await stream.text().catch(() => undefined)
    expect((await fetch(`${address}${scene.base}/events`)).status).toBe(401)
  })

  test('another scheme is no token', async () => {
    expect((await ask('/transactions', 'Basic eDp5')).json()['code']).toBe('read_token_missing')
  })

  test('sending transactions needs no token: they carry their own signature', async () => {
    const answer = await scene.ask('POST', `${scene.base}/transactions`, { body: { transactions: ['x'] } })
    expect(answer.json()).toMatchObject({ code: 'envelope_malformed' })
  })
})
