/** Asks a wallet on this device through the browser (W3C Digital Credentials API, OpenID4VP 1.0 appendix A). */
import { type OpenedRequest, verifierDesk } from '../../api/verifier.ts'

export function canAskThroughBrowser(): boolean {
  return 'DigitalCredential' in globalThis
}

interface DigitalCredential extends Credential {
  readonly protocol: string
  readonly data: unknown
}

/** Resolves when the wallet's answer has been handed in; rejects with the browser's own error where the holder refused. */
export async function askThroughBrowser({ digital, ticket }: OpenedRequest, office: string): Promise<void> {
  const options = { digital, mediation: 'required' } as CredentialRequestOptions
  const credential = (await navigator.credentials.get(options)) as DigitalCredential | null
  if (credential === null) throw new DOMException('No wallet answered.', 'NotAllowedError')
  const { protocol, data } = credential
  // Browsers differ on whether the answer comes as an object or as its text.
  const content: unknown = typeof data === 'string' ? JSON.parse(data) : data
  await verifierDesk.answerThroughBrowser(office, { ticket, protocol, data: content })
}
