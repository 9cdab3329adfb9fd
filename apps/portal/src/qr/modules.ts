/** A text as the dark and light squares of a QR code, with the quiet margin that readers need around it. */
import { encodeQR } from 'qr'

export function modulesOf(text: string): readonly (readonly boolean[])[] {
  // The least correction that there is: screens have no stains, and what is saved makes the squares larger.
  return encodeQR(text, 'raw', { ecc: 'low', border: 4 })
}
