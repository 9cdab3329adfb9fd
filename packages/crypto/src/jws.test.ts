import { expectOk, fromUtf8, isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import type { PublicJwk } from './jwk.ts'
import { joinJws, jwsSigningInput, parseCompactJws } from './jws.ts'
import { createVerifier } from './node/verify.ts'
import { normaliseLowS, refuseSignature } from './strict-signature.ts'

const { verify } = createVerifier()
const roomy = { maxBytes: 10_000 }
const encode = (text: string) => toBase64url(toUtf8(text))

test('RFC 7515 A.3: the ES256 example parses and verifies, once its s is the low one', () => {
  const key: PublicJwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  }
  const text =
    'eyJhbGciOiJFUzI1NiJ9' +
    '.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ' +
    '.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q'
  const jws = expectOk(parseCompactJws(text, roomy))
  expect(jws.header).toEqual({ alg: 'ES256' })
  expect(fromUtf8(jws.payload)).toBe('{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}')
  expect(refuseSignature('ES256', jws.signature)).toEqual({ refused: 'signature_s_high' })
  expect(verify(key, jws.signingInput, jws.signature)).toBe(false)
  expect(verify(key, jws.signingInput, normaliseLowS(jws.signature))).toBe(true)
})

test('RFC 8037 A.4 and A.5: the EdDSA example parses, verifies and is made again', () => {
  const key: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  const text =
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc' +
    '.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'
  const jws = expectOk(parseCompactJws(text, roomy))
  expect(verify(key, jws.signingInput, jws.signature)).toBe(true)
  const signingInput = jwsSigningInput('{"alg":"EdDSA"}', toUtf8('Example of Ed25519 signing'))
  expect(joinJws(signingInput, jws.signature)).toBe(text)
})

const header = encode('{"alg":"ES256"}')

test.each<[string, string, string]>([
  ['one character over the limit', 'A'.repeat(10_001), 'jws_too_large'],
  ['the empty text', '', 'jws_malformed'],
  ['one part', header, 'jws_malformed'],
  ['two parts', `${header}.AAAA`, 'jws_malformed'],
  ['four parts', `${header}.AAAA.AAAA.AAAA`, 'jws_malformed'],
  ['five parts, as JWE has', `${header}.AAAA.AAAA.AAAA.AAAA`, 'jws_malformed'],
  ['padding', `${header}.AA==.AAAA`, 'jws_malformed'],
  ['stray trailing bits', `${header}.AB.AAAA`, 'jws_malformed'],
  ['plain base64', `${header}.AA+/.AAAA`, 'jws_malformed'],
  ['a line break', `${header}.AAAA.AAAA\n`, 'jws_malformed'],
  ['a character beyond ASCII', `${header}.AAAé.AAAA`, 'jws_malformed'],
  ['a header that is no JSON', `${encode('alg')}.AAAA.AAAA`, 'jws_header_malformed'],
  ['a header that is a list', `${encode('[]')}.AAAA.AAAA`, 'jws_header_malformed'],
  ['a header that is null', `${encode('null')}.AAAA.AAAA`, 'jws_header_malformed'],
  ['no header', '.AAAA.AAAA', 'jws_header_malformed'],
  ['a name twice', `${encode('{"alg":"none","alg":"ES256"}')}.AAAA.AAAA`, 'jws_header_malformed'],
  ['a name twice, escaped', `${encode('{"alg":"none","\\u0061lg":"ES256"}')}.AAAA.AAAA`, 'jws_header_malformed'],
  ['crit', `${encode('{"alg":"ES256","crit":["exp"]}')}.AAAA.AAAA`, 'jws_header_malformed'],
  ['b64', `${encode('{"alg":"ES256","b64":false}')}.AAAA.AAAA`, 'jws_header_malformed'],
  ['a header that is not UTF-8', `${toBase64url(Uint8Array.of(0x7b, 0xff, 0x7d))}.AAAA.AAAA`, 'jws_header_malformed'],
])('%s is refused', (_case, text, code) => {
  expect(parseCompactJws(text, roomy)).toEqual({ refused: code })
})

test('a header with white space, and an empty payload and signature, are form enough here', () => {
  const jws = parseCompactJws(`${encode('{ "alg" : "ES256" }')}..`, roomy)
  expect(isRefusal(jws)).toBe(false)
})
