/** A wallet as a stranger's program: it reaches the issuer over HTTP alone and makes its keys itself. */
import { publicPart } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk } from '@chengxin/crypto/node'
import { expectOk } from '@chengxin/kernel'
import {
  type HolderKey,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
  requestDeferredCertificates,
  type Wallet,
} from '@chengxin/services/openid'

/** A wallet that keeps its connections, as wallets behind one agent do. */
export function benchWallet(): Wallet {
  return {
    async send({ method, url, headers, body }) {
      const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const answer = await fetch(url, { method, headers: given, ...(method === 'POST' && { body }) })
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
    },
    newKey: async () => newKey(),
    anchors: [],
    nowMs: Date.now,
  }
}

function newKey(): HolderKey {
  const privateJwk = generatePrivateJwk('ES256')
  const { sign } = createSigner(privateJwk)
  return { jwk: publicPart(privateJwk), sign: async (bytes) => sign(bytes) }
}

/** The whole exchange, until the certificate is there. */
export async function receive(holder: Wallet, link: string, typeId: string): Promise<Received> {
  const access = expectOk(await redeemPreAuthorized(holder, expectOk(await readOffer(holder, link))))
  let answer = expectOk(await requestCertificates(holder, access, typeId))
  while ('transactionId' in answer) answer = expectOk(await requestDeferredCertificates(holder, access, answer))
  return answer
}
