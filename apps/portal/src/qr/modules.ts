/** A text as the dark and light squares of a QR code, with the quiet margin that readers need around it. */
import { encodeQR } from 'qr'

/** Of the alphabet of capitals: what the largest code holds, version 40. */
export const mostInOneCode = 4296
/** What a code of version 30 holds with more correction. */
const fewOnPaper = 1991

export function modulesOf(text: string, onPaper = false): readonly (readonly boolean[])[] {
  // The least correction that there is: screens have no stains, and what is saved makes the squares larger. Paper has some.
  return encodeQR(text, 'raw', { ecc: onPaper && text.length <= fewOnPaper ? 'medium' : 'low', border: 4 })
}
