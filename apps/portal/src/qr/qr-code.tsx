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

/** One code that stands still, such as on paper: a text of one frame at most. */
export function Drawing({ text }: { readonly text: string }): ReactElement {
  const { size, path } = useMemo(() => drawingOf(text), [text])
  return (
    <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" aria-hidden="true">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

function drawingOf(text: string): { readonly size: number; readonly path: string } {
  const rows = modulesOf(text)
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return { size: rows.length, path }
}
