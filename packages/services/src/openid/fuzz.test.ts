/** Requests that were changed anywhere: answered with a refusal that is listed, never with an exception, and never heeded. */

import {
  answerRequest,
  firstOptions,
  openRequest,
  optionsFor,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
} from '@chengxin/holder'
import { expectOk } from '@chengxin/kernel'
import { vct } from '@chengxin/testkit/certificate-city'
import { createOpenidScene } from '@chengxin/testkit/openid-scene'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openidCodes } from './codes.ts'
import type { OpenidRequest } from './exchange.ts'
import type { ExpiringStore } from './expiring-store.ts'
import { createPreAuthorizedOffer, offerLink } from './vci/offer.ts'
import { startPresentation } from './vp/request.ts'

const claims = [{ path: ['degree'] }, { path: ['anchor'] }]
const query = { credentials: [{ id: 'degree', format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims }] }

/** A store that forgets nothing and holds nothing against anybody, so that each request is judged as if it were the first. */
function everlasting<T>(): ExpiringStore<T> {
  const entries = new Map<string, T>()
  return {
    add: async (key, value) => entries.set(key, value).has(key),
    get: async (key) => entries.get(key),
    take: async (key) => {
      const value = entries.get(key)
      return value === undefined ? undefined : { value, untilMs: Number.MAX_SAFE_INTEGER }
    },
  }
}

/** Every request of a whole round that carries something. */
async function recorded(encrypted: boolean) {
  const scene = createOpenidScene({
    issuer: { stores: { preAuthorized: everlasting(), used: everlasting() } },
    verifier: { stores: { sessions: everlasting(), results: everlasting() } },
  })
  const { issuer, wallet, verifier, sent } = scene
  const offer = await createPreAuthorizedOffer(issuer, { subject: 'chan', configurationIds: ['degree'] })
  const read = expectOk(await readOffer(wallet, offerLink(offer)))
  const access = expectOk(await redeemPreAuthorized(wallet, read, offer.txCode))
  const held = expectOk(await requestCertificates(wallet, access, 'degree', 2)) as Received
  const opened = expectOk(await startPresentation(verifier, { query, encrypted }))
  const asked = expectOk(await openRequest(wallet, opened.link))
  const options = firstOptions(expectOk(optionsFor(asked, held.certificates)))
  expectOk(await answerRequest(wallet, asked, options))
  return { scene, requests: sent.filter(({ method, body }) => method === 'POST' && body !== '') }
}

function changed(text: string, at: number, put: string, removed: number): string {
  const place = at % (text.length + 1)
  return text.slice(0, place) + put + text.slice(place + removed)
}

/** What a body says, whatever its spelling: white space between the parts of JSON says nothing. */
function meaningOf({ headers, body }: OpenidRequest): unknown {
  if (headers['content-type'] === 'application/json') return JSON.parse(body)
  const { vp_token: token, ...rest } = Object.fromEntries(new URLSearchParams(body))
  return token === undefined ? rest : { ...rest, vp_token: JSON.parse(token) as unknown }
}

test.each([true, false])('a changed body, proof or token is refused, encrypted %s', async (encrypted) => {
  const { scene, requests } = await recorded(encrypted)
  expect(requests.map(({ url }) => new URL(url).pathname.split('/')[2])).toEqual([
    'token',
    'credential',
    'requests',
    'responses',
  ])
  for (const request of requests) expect((await scene.send(request)).status, request.url).toBe(200)
  const marks = fc.constantFrom('&', '=', '%', '~', '.', '"', '\\', '{', '[', 'null', '\u0000')
  const put = fc.oneof(fc.string({ maxLength: 3 }), marks)
  await fc.assert(
    fc.asyncProperty(fc.nat(3), fc.nat(), put, fc.nat(4), fc.boolean(), async (which, at, text, removed, inHeader) => {
      const request = requests[which] as OpenidRequest
      const names = ['dpop', 'authorization'].filter((name) => request.headers[name] !== undefined)
      const name = inHeader ? names[at % names.length] : undefined
      const broken: OpenidRequest =
        name === undefined
          ? { ...request, body: changed(request.body, at, text, removed) }
          : {
              ...request,
              headers: { ...request.headers, [name]: changed(request.headers[name] ?? '', at, text, removed) },
            }
      const answer = await scene.send(broken)
      if (answer.status >= 400) {
        expect(Object.keys(openidCodes)).toContain((JSON.parse(answer.body) as { code: string }).code)
        return
      }
      // A wallet's own nonce may be any; everything else that is answered says what it said before.
      if (request.url.includes('/requests/')) return
      expect(broken.headers).toEqual(request.headers)
      expect(meaningOf(broken)).toEqual(meaningOf(request))
    }),
    { numRuns: 300 },
  )
})
