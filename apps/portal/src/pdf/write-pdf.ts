/**
 * Writes a PDF (ISO 32000-2) of what a printed form needs and no more: pages of text, rules and one code, and a file attached
 * to them. A line of text is a picture of itself, drawn by the browser with the fonts of the device, with its letters
 * invisible on top of it, so that it can be searched, copied and read aloud; no font has to be sent along.
 */
import { concatBytes, toUtf8 } from '@chengxin/kernel'

/** Points, from the upper left corner of the page. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** One bit a square, rows of whole bytes, set where there is ink. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly bits: Uint8Array
}

/** From 0 to 1. */
export type Ink = readonly [red: number, green: number, blue: number]

export type Mark =
  | ({ readonly kind: 'picture'; readonly picture: Picture; readonly ink: Ink } & Place & Size & Spoken)
  | ({ readonly kind: 'box'; readonly ink: Ink } & Place & Size)
  | ({ readonly kind: 'squares'; readonly rows: readonly (readonly boolean[])[]; readonly side: number } & Place)

interface Size {
  readonly width: number
  readonly height: number
}

interface Spoken {
  /** Where the picture shows words: each, with the blank behind it, and where in the picture it begins and how wide it is. */
  readonly words?: readonly { readonly text: string; readonly from: number; readonly width: number }[]
}

export interface Attachment {
  readonly fileName: string
  readonly mediaType: string
  readonly content: Uint8Array
  readonly description: string
}

export interface PdfDocument {
  readonly title: string
  /** As RFC 5646 writes it. */
  readonly language: string
  readonly madeAtMs: number
  /** Of A4. */
  readonly pages: readonly (readonly Mark[])[]
  readonly attachment: Attachment
}

export const a4 = { width: 595.28, height: 841.89 } as const

export async function writePdf(document: PdfDocument): Promise<Uint8Array> {
  const objects = new Objects()
  const { attachment, pages } = document
  const [catalogue, tree, info] = [objects.reserve(), objects.reserve(), objects.reserve()]
  const letters = new Letters(document)
  const drawn = []
  for (const marks of pages) drawn.push(await pageOf(objects, { marks, letters, tree }))
  await letters.write(objects)
  const specification = await attach(objects, attachment, document.madeAtMs)
  const name = hexOf(attachment.fileName)
  objects.write(
    catalogue,
    `<< /Type /Catalog /Version /2.0 /Pages ${tree} 0 R /Lang ${literal(document.language)} /PageMode /UseAttachments`,
    `/ViewerPreferences << /DisplayDocTitle true >> /AF [${specification} 0 R]`,
    `/Names << /EmbeddedFiles << /Names [${name} ${specification} 0 R] >> >> >>`,
  )
  objects.write(
    tree,
    `<< /Type /Pages /Count ${drawn.length} /Kids [${drawn.map((page) => `${page} 0 R`).join(' ')}] >>`,
  )
  objects.write(
    info,
    `<< /Title ${hexOf(document.title)} /CreationDate ${dateOf(document.madeAtMs)} /Producer (Chengxin) >>`,
  )
  return objects.file(catalogue, info)
}

/** The objects of the file by their numbers, which are given out before what they stand for is known. */
class Objects {
  readonly #bodies: (Uint8Array | undefined)[] = []

  reserve(): number {
    return this.#bodies.push(undefined)
  }

  write(object: number, ...lines: readonly string[]): void {
    this.#bodies[object - 1] = toUtf8(lines.join('\n'))
  }

  async stream(object: number, entries: string, content: Uint8Array): Promise<void> {
    const packed = await deflate(content)
    const head = toUtf8(`<< ${entries} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`)
    this.#bodies[object - 1] = concatBytes(head, packed, toUtf8('\nendstream'))
  }

  file(catalogue: number, info: number): Uint8Array {
    // The second line tells programs that carry files that this one is not text.
    const parts = [concatBytes(toUtf8('%PDF-2.0\n%'), Uint8Array.of(0xe5, 0x9f, 0x8e, 0xe4), toUtf8('\n'))]
    let at = parts[0]?.length ?? 0
    const places = this.#bodies.map((body, index) => {
      if (body === undefined) throw new Error(`Nothing was written for object ${index + 1} of the PDF.`)
      const place = at
      const part = concatBytes(toUtf8(`${index + 1} 0 obj\n`), body, toUtf8('\nendobj\n'))
      parts.push(part)
      at += part.length
      return `${String(place).padStart(10, '0')} 00000 n \n`
    })
    const count = places.length + 1
    const trailer = `trailer\n<< /Size ${count} /Root ${catalogue} 0 R /Info ${info} 0 R >>\nstartxref\n${at}\n%%EOF\n`
    parts.push(toUtf8(`xref\n0 ${count}\n0000000000 65535 f \n${places.join('')}${trailer}`))
    return concatBytes(...parts)
  }
}

async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(packed).arrayBuffer())
}

/** An embedded file (section 7.11.4), associated with the document (14.13) as the data that the pages were drawn from. */
async function attach(objects: Objects, attachment: Attachment, madeAtMs: number): Promise<number> {
  const { fileName, mediaType, content, description } = attachment
  const [file, specification] = [objects.reserve(), objects.reserve()]
  const subtype = mediaType.replaceAll(
    /[^A-Za-z0-9.-]/g,
    (sign) => `#${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  const facts = `/Params << /Size ${content.length} /ModDate ${dateOf(madeAtMs)} >>`
  await objects.stream(file, `/Type /EmbeddedFile /Subtype /${subtype} ${facts}`, content)
  objects.write(
    specification,
    `<< /Type /Filespec /F ${literal(fileName)} /UF ${hexOf(fileName)} /Desc ${hexOf(description)}`,
    `/AFRelationship /Data /EF << /F ${file} 0 R /UF ${file} 0 R >> >>`,
  )
  return specification
}

interface PageParts {
  readonly marks: readonly Mark[]
  readonly letters: Letters
  readonly tree: number
}

async function pageOf(objects: Objects, { marks, letters, tree }: PageParts): Promise<number> {
  const [page, content] = [objects.reserve(), objects.reserve()]
  const pictures: string[] = []
  const drawing: string[] = []
  for (const mark of marks) {
    if (mark.kind !== 'picture') {
      drawing.push(mark.kind === 'box' ? boxOf(mark) : squaresOf(mark))
      continue
    }
    const picture = objects.reserve()
    const { width, height, bits } = mark.picture
    const entries = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ImageMask true /BitsPerComponent 1`
    await objects.stream(picture, `${entries} /Decode [1 0]`, bits)
    pictures.push(`/P${picture} ${picture} 0 R`)
    drawing.push(`q ${inkOf(mark.ink)} ${matrixOf(mark)} cm /P${picture} Do Q`, ...letters.spoken(mark))
  }
  await objects.stream(content, '', toUtf8(drawing.join('\n')))
  objects.write(
    page,
    `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 ${a4.width} ${a4.height}] /Contents ${content} 0 R`,
    `/Resources << /XObject << ${pictures.join(' ')} >> /Font << ${letters.resources(objects)} >> >> >>`,
  )
  return page
}

function boxOf({ x, y, width, height, ink }: Mark & { readonly kind: 'box' }): string {
  return `q ${inkOf(ink)} ${short(x)} ${short(a4.height - y - height)} ${short(width)} ${short(height)} re f Q`
}

/** Dark squares that stand beside each other are one box: fewer of them, and no seams between. */
function squaresOf({ x, y, rows, side }: Mark & { readonly kind: 'squares' }): string {
  const unit = side / rows.length
  const boxes: string[] = []
  for (const [down, row] of rows.entries()) {
    for (let across = 0; across < row.length; across++) {
      const from = across
      while (row[across] === true) across++
      if (across > from) boxes.push(`${from} ${rows.length - 1 - down} ${across - from} 1 re`)
    }
  }
  const [left, bottom] = [short(x), short(a4.height - y - side)]
  return `q 0 g ${unit.toFixed(5)} 0 0 ${unit.toFixed(5)} ${left} ${bottom} cm ${boxes.join(' ')} f Q`
}

function inkOf(ink: Ink): string {
  return `${ink.map((part) => part.toFixed(3)).join(' ')} rg`
}

function matrixOf({ x, y, width, height }: Place & Size): string {
  return `${short(width)} 0 0 ${short(height)} ${short(x)} ${short(a4.height - y - height)}`
}

function short(points: number): string {
  return points.toFixed(2)
}

/**
 * Fonts of letters that draw nothing (Type 3, section 9.6.4): each has a number in one of them and says which letter it is, and
 * a line of them is stretched to the width of its picture.
 */
class Letters {
  readonly #codes = new Map<string, number>()
  readonly #fonts: number[] = []

  constructor({ pages }: PdfDocument) {
    for (const mark of pages.flat()) {
      if (mark.kind !== 'picture') continue
      for (const letter of (mark.words ?? []).flatMap(({ text }) => [...text])) {
        if (!this.#codes.has(letter)) this.#codes.set(letter, this.#codes.size)
      }
    }
  }

  resources(objects: Objects): string {
    while (this.#fonts.length * 256 < this.#codes.size) this.#fonts.push(objects.reserve())
    return this.#fonts.map((font, index) => `/F${index} ${font} 0 R`).join(' ')
  }

  /** In mode 3 nothing is drawn, whatever a reader makes of the font. */
  spoken({ words = [], x, y, height }: Mark & { readonly kind: 'picture' }): readonly string[] {
    const baseline = short(a4.height - y - 0.78 * height)
    // Smaller than the line, so that readers do not take two lines for one.
    const size = height / 1.5
    return words.map(({ text, from, width }) => {
      const letters = [...text]
      const stretch = (100 * width) / (letters.length * size)
      return `BT 3 Tr ${short(stretch)} Tz 1 0 0 1 ${short(x + from)} ${baseline} Tm ${this.#shown(letters, size)} ET`
    })
  }

  #shown(letters: readonly string[], size: number): string {
    const shown: string[] = []
    let font = -1
    for (const letter of letters) {
      const code = this.#codes.get(letter) ?? 0
      if (code >> 8 !== font) {
        if (font >= 0) shown.push('> Tj ')
        font = code >> 8
        shown.push(`/F${font} ${short(size)} Tf <`)
      }
      shown.push((code & 255).toString(16).padStart(2, '0'))
    }
    return `${shown.join('')}> Tj`
  }

  async write(objects: Objects): Promise<void> {
    const all = [...this.#codes.keys()]
    for (const [index, font] of this.#fonts.entries()) {
      const letters = all.slice(index * 256, (index + 1) * 256)
      const [glyph, meaning] = [objects.reserve(), objects.reserve()]
      await objects.stream(glyph, '', toUtf8('1000 0 d0'))
      await objects.stream(meaning, '', toUtf8(meaningsOf(letters)))
      const last = letters.length - 1
      objects.write(
        font,
        '<< /Type /Font /Subtype /Type3 /FontBBox [0 -200 1000 800] /FontMatrix [0.001 0 0 0.001 0 0] /Resources << >>',
        `/FirstChar 0 /LastChar ${last} /Widths [${letters.map(() => 1000).join(' ')}] /ToUnicode ${meaning} 0 R`,
        `/CharProcs << /g ${glyph} 0 R >>`,
        `/Encoding << /Type /Encoding /Differences [0 ${letters.map(() => '/g').join(' ')}] >> >>`,
      )
    }
  }
}

/** A CMap (section 9.10.3): what each number of a font means, in UTF-16. At most a hundred lines stand in one block. */
function meaningsOf(letters: readonly string[]): string {
  const lines = letters.map((letter, code) => `<${code.toString(16).padStart(2, '0')}> <${utf16(letter)}>`)
  const blocks: string[] = []
  for (let at = 0; at < lines.length; at += 100) {
    const block = lines.slice(at, at + 100)
    blocks.push(`${block.length} beginbfchar`, ...block, 'endbfchar')
  }
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def /CMapName /Letters def /CMapType 2 def',
    '1 begincodespacerange <00> <ff> endcodespacerange',
    ...blocks,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n')
}

function utf16(text: string): string {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0')).join('')
}

function hexOf(text: string): string {
  return `<feff${utf16(text)}>`
}

/** Of ASCII. */
function literal(text: string): string {
  return `(${text.replaceAll(/[\\()]/g, (sign) => `\\${sign}`).replaceAll(/[^ -~]/g, '_')})`
}

function dateOf(timeMs: number): string {
  return `(D:${new Date(timeMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z)`
}
