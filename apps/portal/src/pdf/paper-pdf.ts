/** A printed form as a PDF with its certificate attached; fetched by those who save one. */
import { toUtf8 } from '@chengxin/kernel'
import { type Language, tagOf } from '../i18n/languages.ts'
import { modulesOf, mostInOneCode } from '../qr/modules.ts'
import { layOut, type Painter, type PaperContent } from './lay-out.ts'
import { writePdf } from './write-pdf.ts'

export interface PaperPdf {
  readonly content: Omit<PaperContent, 'code'>
  /** The certificate itself, as it is checked. */
  readonly certificate: string
  /** As on the sheet: one code with all of it, or several. */
  readonly codes: readonly string[]
  readonly description: string
  readonly madeAtMs: number
}

/** As `dc+sd-jwt` is registered (RFC 9901 and SD-JWT VC). */
const mediaType = 'application/dc+sd-jwt'
const attachedName = 'certificate.sd-jwt'

export async function paperPdf(paper: PaperPdf, painter: Painter): Promise<Uint8Array> {
  const { content, certificate, codes, description, madeAtMs } = paper
  const [only, ...more] = codes
  const isOne = only !== undefined && more.length === 0 && only.length <= mostInOneCode
  const pages = layOut({ ...content, ...(isOne && { code: modulesOf(only, true) }) }, painter)
  return writePdf({
    title: content.title.join(' · '),
    language: tagOf(content.languages[0] as Language),
    madeAtMs,
    pages,
    attachment: { fileName: attachedName, mediaType, content: toUtf8(certificate), description },
  })
}
