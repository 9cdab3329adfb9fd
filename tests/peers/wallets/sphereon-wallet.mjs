/**
 * Sphereon's client as a wallet, for a test to talk to: one JSON command a line comes in, one JSON answer a line goes out.
 * `receive` redeems an offer, if asked to with a token that is bound to a key of its own.
 */
import { createInterface } from 'node:readline'
import { OpenID4VCIClientV1_0_15 } from '@sphereon/oid4vci-client'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A key that signs tokens, and its public part. */
async function newKey() {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  async function sign({ header, payload }) {
    const input = `${encode(header)}.${encode(payload)}`
    const signature = await crypto.subtle.sign(algorithm, privateKey, Buffer.from(input))
    return `${input}.${Buffer.from(signature).toString('base64url')}`
  }
  return { jwk: { kty, crv, x, y }, sign }
}

const commands = {
  async receive({ offer, txCode, withDpop }) {
    const client = await OpenID4VCIClientV1_0_15.fromURI({
      uri: offer,
      clientId: 'sphereon',
      retrieveServerMetadata: true,
    })
    const [holder, sender] = [await newKey(), await newKey()]
    const createDPoPOpts = {
      jwtIssuer: { alg: 'ES256', jwk: sender.jwk },
      jwtPayloadProps: {},
      dPoPSigningAlgValuesSupported: ['ES256'],
      createJwtCallback: (_, jwt) => sender.sign(jwt),
    }
    const bound = withDpop ? { createDPoPOpts } : {}
    await client.acquireAccessToken({ pin: txCode, ...bound })
    const { credentials, notification_id } = await client.acquireCredentials({
      credentialConfigurationId: 'degree',
      format: 'dc+sd-jwt',
      alg: 'ES256',
      jwk: holder.jwk,
      proofCallbacks: { signCallback: (jwt) => holder.sign(jwt) },
      ...bound,
    })
    return { credentials, notificationId: notification_id, key: holder.jwk }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line)
  try {
    console.log(JSON.stringify(await commands[command](options)))
  } catch (error) {
    console.log(JSON.stringify({ failed: `${error.stack}\n${error.cause?.stack ?? ''}` }))
  }
}
