/** Verifies signatures in a loop for a while, on one thread: the limit that everything else is measured against. */
import { parentPort, workerData } from 'node:worker_threads'
import { createSigner, createVerifier, generatePrivateJwk } from '@chengxin/crypto/node'

export interface VerifyTask {
  readonly algorithm: 'EdDSA' | 'ES256'
  readonly seconds: number
  readonly messageBytes: number
}

export interface VerifyTally {
  readonly verified: number
  readonly seconds: number
  readonly backend: string
}

const keys = 256

function verifyFor({ algorithm, seconds, messageBytes }: VerifyTask): VerifyTally {
  const samples = Array.from({ length: keys }, (_, index) => {
    const signer = createSigner(generatePrivateJwk(algorithm))
    const message = new Uint8Array(messageBytes).fill(index)
    return { jwk: signer.jwk, message, signature: signer.sign(message) }
  })
  const verifier = createVerifier()
  for (const { jwk, message, signature } of samples) verifier.verify(jwk, message, signature)
  const started = performance.now()
  const end = started + seconds * 1000
  let verified = 0
  while (performance.now() < end) {
    for (const { jwk, message, signature } of samples) {
      if (!verifier.verify(jwk, message, signature)) throw new Error('A good signature was refused.')
      verified++
    }
  }
  return { verified, seconds: (performance.now() - started) / 1000, backend: verifier.backends[algorithm] }
}

parentPort?.postMessage(verifyFor(workerData as VerifyTask))
