import { expect, test } from 'vitest'
import { destinationOf, linkIn } from './links.ts'

const offer = 'openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffers%2F1'
const request = 'openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fv.example%2F1&request_uri_method=post'

test.each<[string, string | undefined]>([
  [offer, '/wallet/offer'],
  [`  ${offer}\n`, '/wallet/offer'],
  [`haip-vci://?credential_offer=%7B%7D`, '/wallet/offer'],
  [request, '/wallet/request'],
  [`https://city.example/wallet/offer#${offer}`, '/wallet/offer'],
  [`https://city.example/wallet/request?group=g#${request}`, '/wallet/request'],
  ['https://city.example/wallet/offer#javascript:alert(1)', undefined],
  ['https://evil.example/', undefined],
  ['javascript:alert(1)', undefined],
  ['', undefined],
])('%s leads to %s', (text, path) => {
  expect(destinationOf(text)?.path).toBe(path)
})

test('what a link says comes back whole', () => {
  expect(linkIn(destinationOf(request)?.hash ?? '')).toBe(request)
  expect(linkIn('')).toBeUndefined()
})
