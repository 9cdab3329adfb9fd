/**
 * The same presentations before the reader that others wrote (@sd-jwt), where it is installed. It checks less: no ledger, so
 * no anchor, receipt, quorum or issuer's right at that time; no X.509 chain; the key binding's audience and age are left to
 * the caller; and it opens the status list anew for each certificate, which is told apart.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { PublicJwk } from '@chengxin/crypto'
import { parseCompactJws } from '@chengxin/crypto'
import { isRefusal } from '@chengxin/kernel'
import type { Shown, ShownCertificates } from './certificates.ts'
import type { BenchRow, MissingRow } from './row.ts'

const name = 'certificates.sd-jwt-js'

interface Reader {
  verify(text: string, options: { readonly keyBindingNonce: string }): Promise<unknown>
}
type ReaderClass = new (options: object) => Reader

export async function benchSdJwtJs(given: ShownCertificates, count: number): Promise<BenchRow | MissingRow> {
  const plain = await classOf('@sd-jwt/core', 'SDJwtInstance')
  const withStatus = await classOf('@sd-jwt/sd-jwt-vc', 'SDJwtVcInstance')
  if (!plain || !withStatus) return { name, missing: '@sd-jwt/sd-jwt-vc (npm ci with development dependencies)' }
  const fewer = Math.max(8, Math.round(count / 20))
  const perSecond = await rateOf(plain, given, count)
  return {
    name,
    perSecond,
    how: '@sd-jwt/core on one thread, same presentations and verifier: signature, disclosures, holder’s signature and nonce; no ledger, no chain, no audience, no age',
    facts: { withStatusList: Math.round(await rateOf(withStatus, given, fewer)) },
  }
}

/** Found at run time: it is no part of the program. */
async function classOf(module: string, member: string): Promise<ReaderClass | undefined> {
  try {
    const found = (await import(module)) as { readonly [name: string]: ReaderClass }
    return found[member]
  } catch {
    return undefined
  }
}

async function rateOf(Class: ReaderClass, { bundle, shown }: ShownCertificates, count: number): Promise<number> {
  const readers = shown.map((each) => readerOf(Class, each, bundle))
  const started = performance.now()
  for (let index = 0; index < count; index++) {
    const at = index % shown.length
    await readers[at]?.verify((shown[at] as Shown).text, { keyBindingNonce: 'nonce' })
  }
  return count / ((performance.now() - started) / 1000)
}

function readerOf(Class: ReaderClass, { text, holderKey }: Shown, bundle: ShownCertificates['bundle']): Reader {
  const jws = parseCompactJws(text.split('~')[0] ?? '', { maxBytes: 256 * 1024 })
  const kid = isRefusal(jws) ? undefined : jws.header['kid']
  const issuerKey = typeof kid === 'string' ? bundle.issuerKey(kid)?.key.jwk : undefined
  if (issuerKey === undefined) throw new Error('The issuer of a certificate of this bench has no key.')
  return new Class({
    hasher: (data: string | ArrayBuffer) =>
      new Uint8Array(
        createHash('sha256')
          .update(typeof data === 'string' ? data : new Uint8Array(data))
          .digest(),
      ),
    hashAlg: 'sha-256',
    verifier: checkBy(issuerKey),
    kbVerifier: checkBy(holderKey),
    statusVerifier: checkBy(issuerKey),
    statusListFetcher: (uri: string) => Promise.resolve(bundle.statusLists.find((list) => list.uri === uri)?.token),
  })
}

function checkBy(jwk: PublicJwk) {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  return (data: string, signature: string) =>
    Promise.resolve(
      verify('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
    )
}
