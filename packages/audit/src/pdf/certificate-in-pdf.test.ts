/** PDFs as they are written, changed and forged: one attached certificate is found, and nothing else is ever taken for one. */
import { deflateSync } from 'node:zlib'
import { isRefusal, toUtf8 } from '@chengxin/kernel'
import { nowMs, scene } from '@chengxin/testkit/certificate-scene'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auditFile } from '../audit-file.ts'
import { certificateInPdf } from './certificate-in-pdf.ts'
import { isPdf } from './is-pdf.ts'

const { text, texts, bundle, pins } = scene()
const second = texts[1] as string

type Part = string | Uint8Array

function file(...parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))))
}

function stream(object: number, entries: string, content: Part, length: string | number = content.length): Part[] {
  return [`${object} 0 obj\n<< ${entries} /Length ${length} >>\nstream\n`, content, '\nendstream\nendobj\n']
}

const packed = (content: Part) => deflateSync(Buffer.from(content as string, 'latin1'))
const filter = '/Filter /FlateDecode'
const catalogue =
  '1 0 obj\n<< /Type /Catalog /Names << /EmbeddedFiles << /Names [(c) 3 0 R] >> >> /AF [3 0 R] >>\nendobj\n'
const specification = '3 0 obj\n<< /Type /Filespec /F (c) /UF (c) /EF << /F 4 0 R /UF 4 0 R >> >>\nendobj\n'
const trailer = 'trailer\n<< /Root 1 0 R >>\n%%EOF\n'
const attached = (content: Part, entries = filter): Part[] =>
  stream(4, `/Type /EmbeddedFile ${entries}`, entries === filter ? packed(content) : content)

const good = file('%PDF-1.7\n', catalogue, specification, ...attached(text), trailer)

async function found(bytes: Uint8Array): Promise<string> {
  const answer = await certificateInPdf(bytes)
  return isRefusal(answer) ? answer.refused : answer === text ? 'the certificate' : answer
}

/** The file specification, the catalogue and a number in a stream of objects. */
function objectStream(): Part[] {
  const objects = [
    [1, '<< /Type /Catalog /AF [3 0 R] >>'],
    [3, '<< /Type /Filespec /EF << /F 4 0 R >> >>'],
  ] as const
  let at = 0
  const places = objects.map(([object, body]) => {
    const place = `${object} ${at}`
    at += body.length + 1
    return place
  })
  const header = `${places.join(' ')}\n`
  const body = header + objects.map(([, each]) => `${each}\n`).join('')
  return stream(7, `/Type /ObjStm /N 2 /First ${header.length} ${filter}`, packed(body))
}

describe('is found', () => {
  test.each<[string, Uint8Array]>([
    ['as it is written', good],
    [
      'not compressed',
      file('%PDF-1.7\n', catalogue, specification, ...attached(text, '/Subtype /text#2Fplain'), trailer),
    ],
    [
      'with its length in another object, after it',
      file(
        '%PDF-1.7\n',
        catalogue,
        specification,
        ...stream(4, filter, packed(text), '9 0 R'),
        `9 0 obj ${packed(text).length} endobj\n`,
        trailer,
      ),
    ],
    ['with a length that lies', file('%PDF-1.7\n', catalogue, specification, ...stream(4, '', text, 3), trailer)],
    [
      'among objects that are packed',
      file(
        '%PDF-1.7\n',
        ...objectStream(),
        ...attached(text),
        '8 0 obj\n<< /Type /XRef /Root 1 0 R /Length 0 >>\nstream\n\nendstream\nendobj\n',
      ),
    ],
    [
      'where tables and trailer are cut off',
      file('%PDF-1.7\n', catalogue, specification, ...attached(text), 'xref\n0 9\n00000'),
    ],
    [
      'beside an attachment that is no certificate',
      file(
        '%PDF-1.7\n',
        catalogue.replace('/AF [3 0 R]', '/AF [3 0 R 5 0 R]'),
        specification,
        ...attached(text),
        '5 0 obj\n<< /EF << /F 6 0 R >> >>\nendobj\n',
        ...stream(6, '', 'A letter.'),
        trailer,
      ),
    ],
    [
      'twice the same',
      file(
        '%PDF-1.7\n',
        catalogue.replace('/AF [3 0 R]', '/AF [3 0 R 5 0 R]'),
        specification,
        ...attached(text),
        '5 0 obj\n<< /EF << /F 6 0 R >> >>\nendobj\n',
        ...stream(6, '', text),
        trailer,
      ),
    ],
    [
      'in a file that was changed later',
      file(file('%PDF-1.7\n', catalogue, specification, ...attached(second), trailer), ...attached(text), trailer),
    ],
    [
      'where what was attached before was taken out',
      file(
        '%PDF-1.7\n',
        catalogue,
        specification,
        ...attached(text),
        '5 0 obj\n<< /EF << /F 6 0 R >> >>\nendobj\n',
        ...stream(6, '', second),
        trailer,
      ),
    ],
    [
      'by way of circles',
      file(
        '%PDF-1.7\n',
        '1 0 obj << /Type /Catalog /Pages 2 0 R /AF [3 0 R] >> endobj\n2 0 obj << /Kids [2 0 R 1 0 R] /Parent 2 0 R >> endobj\n',
        specification,
        ...attached(text),
        trailer,
      ),
    ],
    [
      'behind words that look like its end',
      file(
        '%PDF-1.7\n',
        catalogue,
        ...stream(2, '', 'endstream endobj 4 0 obj (x) endobj'),
        specification,
        ...attached(text),
        trailer,
      ),
    ],
  ])('%s', async (_case, bytes) => {
    expect(isPdf(bytes)).toBe(true)
    expect(await found(bytes)).toBe('the certificate')
  })
})

const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024))
const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
const drawn = 'BT (Faculty of Engineering, first class honours) Tj ET'

describe('is refused', () => {
  test.each<[string, string, Uint8Array]>([
    ['a file too large', 'format_pdf_too_large', new Uint8Array(16 * 1024 * 1024 + 1)],
    ['nothing but its first line', 'format_pdf_malformed', file('%PDF-1.7\n')],
    ['beginnings without end', 'format_pdf_malformed', file('%PDF-1.7\n', '1 0 obj('.repeat(100_000))],
    [
      'more objects than any page has',
      'format_pdf_malformed',
      file('%PDF-1.7\n', ...Array.from({ length: 50_002 }, (_, index) => `${index} 0 obj 1 endobj\n`)),
    ],
    [
      'a locked file',
      'format_pdf_encrypted',
      file('%PDF-1.7\n', catalogue, specification, ...attached(text), 'trailer << /Root 1 0 R /Encrypt 9 0 R >>'),
    ],
    [
      'two certificates',
      'format_pdf_several_certificates',
      file(
        '%PDF-1.7\n',
        catalogue.replace('/AF [3 0 R]', '/AF [3 0 R 5 0 R]'),
        specification,
        ...attached(text),
        '5 0 obj\n<< /EF << /F 6 0 R >> >>\nendobj\n',
        ...stream(6, '', second),
        trailer,
      ),
    ],
    [
      'two under one name',
      'format_pdf_several_certificates',
      file(
        '%PDF-1.7\n',
        catalogue,
        specification.replace('/UF 4 0 R', '/UF 6 0 R'),
        ...attached(text),
        ...stream(6, '', second),
        trailer,
      ),
    ],
    [
      'a page that was drawn, and no more',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', '1 0 obj << /Type /Catalog >> endobj\n', ...stream(2, '', drawn), trailer),
    ],
    [
      'a certificate on the page',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', '1 0 obj << /Type /Catalog /Metadata 2 0 R >> endobj\n', ...stream(2, '', text), trailer),
    ],
    [
      'another file attached',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', catalogue, specification, ...attached('A letter.'), trailer),
    ],
    [
      'an attachment that swells',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', catalogue, specification, ...stream(4, filter, bomb), trailer),
    ],
    [
      'an attachment packed in another way',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', catalogue, specification, ...stream(4, '/Filter /LZWDecode', text), trailer),
    ],
    [
      'objects that swell',
      'format_pdf_without_certificate',
      file(
        '%PDF-1.7\n',
        '1 0 obj << /AF [3 0 R] >> endobj\n',
        ...stream(7, `/Type /ObjStm /N 1 /First 4 ${filter}`, bomb),
        trailer,
      ),
    ],
    [
      'a specification that names itself',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', catalogue, '3 0 obj << /EF << /F 3 0 R >> >> endobj\n', trailer),
    ],
    [
      'depth without end',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', catalogue, `3 0 obj ${nested} endobj\n`, trailer),
    ],
    [
      'streams that do not end',
      'format_pdf_without_certificate',
      file('%PDF-1.7\n', catalogue, '5 0 obj<<>>stream '.repeat(100_000)),
    ],
    ['digits without end', 'format_pdf_without_certificate', file('%PDF-1.7\n', catalogue, '1'.repeat(4_000_000))],
  ])('%s: %s', async (_case, code, bytes) => {
    expect(await found(bytes)).toBe(code)
  })
})

test('the verdict is of what is attached, whatever the page says', async () => {
  const page = stream(2, '', drawn)
  const forged = file('%PDF-1.7\n', catalogue, ...page, specification, ...attached(text), trailer)
  const report = await auditFile(await certificateInPdf(forged), { bundle, pins, nowMs, attachedTo: 'pdf' })
  expect(report).toMatchObject({ verdict: 'valid', attachedTo: 'pdf' })
  expect(JSON.stringify(report)).not.toContain('first class honours')
  const none = await auditFile(await certificateInPdf(file('%PDF-1.7\n', ...page)), {
    bundle,
    pins,
    nowMs,
    attachedTo: 'pdf',
  })
  expect(none).toMatchObject({ verdict: 'not_valid', nextStep: 'choose_certificate', attachedTo: 'pdf' })
  expect(none.checks.find(({ name }) => name === 'format')?.code).toBe('format_pdf_without_certificate')
})

test('a file that was damaged anywhere gives this certificate, another text that fails the check, or a refusal', async () => {
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(good.length), async (changes, length) => {
      const bytes = good.slice(0, Math.max(8, length))
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
      const answer = await certificateInPdf(bytes)
      if (isRefusal(answer)) expect(answer.refused).toMatch(/^format_pdf_/)
      else expect(answer).toBe(text)
    }),
    { numRuns: 300 },
  )
})

test('what is no PDF is not taken for one', () => {
  expect([text, '', 'CX1:ABC'].map((each) => isPdf(toUtf8(each)))).toEqual([false, false, false])
})
