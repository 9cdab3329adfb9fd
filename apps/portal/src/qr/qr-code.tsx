/** A text as a QR code, or as several that follow each other where it is too long for one. */
import { type ReactElement, useEffect, useMemo, useState } from 'react'
import { framesOf } from './frames.ts'
import { modulesOf } from './modules.ts'
import './qr.css'

export interface QrCodeProps {
  readonly text: string
  /** What scanning it does, for those who hear it. */
  readonly label: string
}

/** How long each of a series stands: a camera must have seen it whole. */
const frameMs = 280

export function QrCode({ text, label }: QrCodeProps): ReactElement {
  const [frames, setFrames] = useState<readonly string[]>([])
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let isCurrent = true
    void framesOf(text).then((made) => isCurrent && setFrames(made))
    return () => {
      isCurrent = false
    }
  }, [text])
  useEffect(() => {
    if (frames.length < 2) return
    const timer = setInterval(() => setTurn((before) => before + 1), frameMs)
    return () => clearInterval(timer)
  }, [frames])
  const frame = frames[turn % Math.max(1, frames.length)]
  return (
    <div className="qr" role="img" aria-label={label} data-testid="qr" data-frames={frames.length}>
      {frame !== undefined && <Drawing text={frame} />}
    </div>
  )
}

/** One code that stands still, such as on paper. */
export function Drawing({
  text,
  onPaper = false,
}: {
  readonly text: string
  readonly onPaper?: boolean
}): ReactElement {
  const { size, path } = useMemo(() => drawingOf(modulesOf(text, onPaper)), [text, onPaper])
  return (
    <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" aria-hidden="true">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

/** Dark squares that stand beside each other are one stroke: fewer of them, and no seams between. */
function drawingOf(rows: readonly (readonly boolean[])[]): { readonly size: number; readonly path: string } {
  let path = ''
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      const from = x
      while (row[x] === true) x++
      if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`
    }
  }
  return { size: rows.length, path }
}
