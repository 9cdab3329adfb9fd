/** A certificate as organisations hand it to each other: PEM (RFC 7468). */
import { readFile } from 'node:fs/promises'
import { FoundingFault } from './founding.ts'

/** The DER of the first certificate in the file. Throws `FoundingFault` where there is none. */
export async function readPem(file: string): Promise<Uint8Array> {
  const text = await readFile(file, 'utf8')
  const [, body] = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(text) ?? []
  if (body === undefined) throw new FoundingFault(`${file} holds no certificate (PEM).`)
  return Buffer.from(body, 'base64')
}
