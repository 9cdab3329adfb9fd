/**
 * The certificate that is attached to a PDF. What is drawn on the pages is not read at all: anybody can draw anything, and the
 * verdict is of what is attached. Which attachment is meant must be beyond doubt, so a file with two certificates is refused.
 */
import { fromUtf8, type Refusal, refuse } from '@chengxin/kernel'
import { isShortForm } from '../short-form/short-form.ts'
import { isDictionary, isReference, type PdfValue } from './objects.ts'
import { type PdfFile, readPdf } from './read-file.ts'

/** Pages that a resident prints have some hundred kilobytes; what others attach a certificate to may have more. */
export const mostPdfBytes = 16 * 1024 * 1024
/** As `readSdJwt` has it. */
const mostCertificateBytes = 256 * 1024
const mostAttachments = 32

/**
 * Refusals, in the order they are checked: `format_pdf_too_large`, `format_pdf_malformed` (nothing in it leads anywhere, or more
 * than any honest file has), `format_pdf_encrypted`, `format_pdf_several_certificates`, `format_pdf_without_certificate`.
 */
export async function certificateInPdf(bytes: Uint8Array): Promise<string | Refusal> {
  if (bytes.length > mostPdfBytes) return refuse('format_pdf_too_large')
  const file = await readPdf(bytes)
  if (!file || file.objects.size === 0) return refuse('format_pdf_malformed')
  if (file.isEncrypted) return refuse('format_pdf_encrypted')
  const attached = attachmentsOf(file)
  if (attached.length > mostAttachments) return refuse('format_pdf_malformed')
  const certificates = new Set<string>()
  for (const object of attached) {
    const content = await file.streamOf(object, mostCertificateBytes)
    const text = content && fromUtf8(content)?.trim()
    if (text !== undefined && looksLikeCertificate(text)) certificates.add(text)
  }
  const [only] = certificates
  if (certificates.size > 1) return refuse('format_pdf_several_certificates')
  return only ?? refuse('format_pdf_without_certificate')
}

function looksLikeCertificate(text: string): boolean {
  return isShortForm(text) || /^[\w-]+\.[\w-]+\.[\w-]+~/.test(text)
}

/**
 * Numbers of the streams that file specifications (section 7.11.4) embed: of all that is reached from the catalogue, so that
 * what was taken out of a changed file does not count; of all there is where the catalogue is missing.
 */
function attachmentsOf({ objects, root }: PdfFile): readonly number[] {
  const streams = new Set<number>()
  const seen = new Set<number>()
  const catalogue = isReference(root) && objects.has(root.object) ? [root] : undefined
  const waiting: PdfValue[] = [...(catalogue ?? [...objects.values()].map(({ value }) => value))]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (isReference(value)) {
      const found = seen.has(value.object) ? undefined : objects.get(value.object)
      seen.add(value.object)
      if (found) waiting.push(found.value)
    } else if (Array.isArray(value)) for (const each of value as readonly PdfValue[]) waiting.push(each)
    else if (isDictionary(value)) {
      for (const stream of embeddedIn(value.entries.get('EF'))) streams.add(stream)
      for (const each of value.entries.values()) waiting.push(each)
    }
  }
  return [...streams]
}

/** `F` and `UF` name the same stream in every honest file; where they do not, both are looked at. */
function embeddedIn(embedded: PdfValue | undefined): readonly number[] {
  return isDictionary(embedded) ? [...embedded.entries.values()].filter(isReference).map(({ object }) => object) : []
}
