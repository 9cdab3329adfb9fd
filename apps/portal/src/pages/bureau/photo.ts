/**
 * A photograph made fit for the bureau: drawn anew and written as a JPEG, so that place, time and owner that the camera wrote
 * beside the picture stay on the phone, and not larger than a document can be read at.
 */
const longestSide = 1600
const limitBytes = 1_400_000

export async function photoOf(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file)
  const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  for (const quality of [0.85, 0.7, 0.5, 0.3]) {
    const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
    if (jpeg !== null && jpeg.size <= limitBytes) return jpeg
  }
  throw new Error('The picture cannot be made small enough.')
}
