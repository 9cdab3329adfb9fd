import { expect, test } from 'vitest'
import { sampleActor, sampleNames, samplePrivateKey } from './sample-city.ts'

test('every name has a key and a DID of its own', () => {
  const dids = new Set(sampleNames.map((name) => sampleActor(name).did))
  expect(dids.size).toBe(sampleNames.length)
})

test('keys never change: documents, samples and other programs rely on them', () => {
  expect(sampleActor('registrar').did).toMatchInlineSnapshot(
    `"did:weid:sample:0x83b218833f4e09041ccb863bf55f0fb5ed352b67"`,
  )
  expect(sampleActor('university').did).toMatchInlineSnapshot(
    `"did:weid:sample:0x27d55a3897e326369c3b501ce8f0fc4a9256c927"`,
  )
  expect(samplePrivateKey('registrar', 'EdDSA').x).toMatchInlineSnapshot(
    `"G1592uZglHNSj9eiAqSJeYXdDdMIJmaQkXUctyS0VbU"`,
  )
})
