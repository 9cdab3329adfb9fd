/** Finds QR codes in a picture: by the browser where it can, else by our own copy of a reader, fetched when it is needed. */
export type ReadCodes = (picture: HTMLVideoElement | ImageBitmap) => Promise<readonly string[]>

interface Detector {
  detect(source: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>
}
interface DetectorClass {
  new (options: { readonly formats: readonly string[] }): Detector
  getSupportedFormats(): Promise<readonly string[]>
}

/** Larger pictures are made smaller: a code that fills a third of them is still read. */
const longestSide = 1280

export async function openReader(): Promise<ReadCodes> {
  const Built = (globalThis as { readonly BarcodeDetector?: DetectorClass }).BarcodeDetector
  const formats: readonly string[] = (await Built?.getSupportedFormats().catch(() => [])) ?? []
  if (Built !== undefined && formats.includes('qr_code')) {
    const detector = new Built({ formats: ['qr_code'] })
    return async (picture) => (await detector.detect(picture)).map(({ rawValue }) => rawValue)
  }
  const { decodeQR } = await import('qr/decode.js')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async (picture) => {
    const [width, height] = sizeOf(picture)
    if (context === null || width === 0 || height === 0) return []
    const scale = Math.min(1, longestSide / Math.max(width, height))
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    context.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    try {
      return [decodeQR({ width: canvas.width, height: canvas.height, data }, { timeLimit: 250 })]
    } catch {
      // There is no code in this picture; the next one may have one.
      return []
    }
  }
}

function sizeOf(picture: HTMLVideoElement | ImageBitmap): readonly [number, number] {
  return picture instanceof HTMLVideoElement
    ? [picture.videoWidth, picture.videoHeight]
    : [picture.width, picture.height]
}
