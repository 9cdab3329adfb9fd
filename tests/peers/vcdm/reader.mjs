/**
 * Digital Bazaar's libraries as holder and verifier of W3C credentials, for a test to talk to: one JSON command a line comes
 * in, one JSON answer a line goes out. `derive` makes a presentation of chosen fields, `verify` judges one, `canonize` tells
 * how rdf-canonize spells statements.
 */
import { createInterface } from 'node:readline'
import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import { createDiscloseCryptosuite, createVerifyCryptosuite } from '@digitalbazaar/ecdsa-sd-2023-cryptosuite'
import * as vc from '@digitalbazaar/vc'
import rdfCanonize from 'rdf-canonize'

/** Serves contexts from the library and documents from the command: nothing is fetched. */
function loaderOf(documents) {
  return async (url) => {
    if (documents[url] !== undefined) return { documentUrl: url, document: documents[url], contextUrl: null }
    return vc.defaultDocumentLoader(url)
  }
}

const commands = {
  async derive({ credential, pointers, documents }) {
    const suite = new DataIntegrityProof({ cryptosuite: createDiscloseCryptosuite({ selectivePointers: pointers }) })
    return {
      credential: await vc.derive({ verifiableCredential: credential, suite, documentLoader: loaderOf(documents) }),
    }
  },

  async verify({ credential, documents, now }) {
    const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() })
    const documentLoader = loaderOf(documents)
    // Only the proof is in question here; the library knows no token status lists.
    const checkStatus = async () => ({ verified: true })
    const options = { credential, suite, documentLoader, checkStatus, now: new Date(now) }
    const { verified, error } = await vc.verifyCredential(options)
    return { verified, errors: error?.errors?.map(({ message }) => message) ?? (error ? [error.message] : []) }
  },

  async canonize({ nquads }) {
    const format = 'application/n-quads'
    const options = { algorithm: 'RDFC-1.0', inputFormat: format, format, maxWorkFactor: Number.POSITIVE_INFINITY }
    return { nquads: await rdfCanonize.canonize(nquads, options) }
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
