/** A file as it was brought: the text of a certificate, or what is attached to a PDF. */
import type { Report } from '@chengxin/audit'
import { isPdf } from '@chengxin/audit/is-pdf'
import { isRefusal } from '@chengxin/kernel'

export interface Taken {
  /** What to check. Of a PDF without one certificate the first line, for whoever checks the text again. */
  readonly text: string
  readonly attachedTo?: Report['attachedTo']
  /** Why there is no certificate in the PDF. */
  readonly refused?: string
}

/** No certificate is larger; what lies beyond is not even read, and the check refuses what is left. */
const mostTextBytes = 2 * 1024 * 1024

export async function takeFile(file: Blob): Promise<Taken> {
  if (!isPdf(await bytesOf(file, 1024))) return { text: (await file.slice(0, mostTextBytes).text()).trim() }
  const { certificateInPdf, mostPdfBytes } = await import('./pdf-core.ts')
  const found = await certificateInPdf(await bytesOf(file, mostPdfBytes + 1))
  return isRefusal(found)
    ? { text: '%PDF', attachedTo: 'pdf', refused: found.refused }
    : { text: found, attachedTo: 'pdf' }
}

async function bytesOf(file: Blob, most: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, most).arrayBuffer())
}
