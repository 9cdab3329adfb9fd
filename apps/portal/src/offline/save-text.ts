/** Gives the reader a text, or bytes, as a file. */
export function saveText(fileName: string, text: string): void {
  save(fileName, new Blob([text], { type: 'text/plain;charset=utf-8' }))
}

export function saveBytes(fileName: string, bytes: Uint8Array, mediaType: string): void {
  save(fileName, new Blob([bytes as BlobPart], { type: mediaType }))
}

function save(fileName: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  // The browser has taken the bytes by the next turn of its loop.
  setTimeout(() => URL.revokeObjectURL(address), 0)
}
