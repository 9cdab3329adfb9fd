/** Reads QR codes with the camera, series of them included, or out of a picture for who has no camera at hand. */
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/icon.tsx'
import { type Assembly, createAssembler } from './frames.ts'
import { openReader, type ReadCodes } from './read-codes.ts'
import './qr.css'

export interface QrScannerProps {
  /** Told once, with the whole text. */
  readonly onText: (text: string) => void
  readonly onClose: () => void
}

type State = 'starting' | 'looking' | 'no_camera' | 'refused' | 'nothing_found'

/** Between two looks: faster than the codes of a series change. */
const lookEveryMs = 90

export function QrScanner({ onText, onClose }: QrScannerProps): ReactElement {
  const { t } = useTranslation('scan')
  const video = useRef<HTMLVideoElement>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const [state, setState] = useState<State>('starting')
  const [assembly, setAssembly] = useState<Assembly>()
  const told = useRef(onText)
  useEffect(() => {
    told.current = onText
  })

  const view = useRef<HTMLElement>(null)
  // On a phone the camera's picture would open below the fold. Newer browsers answer with a promise, which is no clean-up.
  useEffect(() => {
    view.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' })
  }, [])

  useEffect(() => {
    const stop = new AbortController()
    const seen = (found: Assembly) => {
      if (stop.signal.aborted) return
      setAssembly(found)
      if (found.text === undefined) return
      stop.abort()
      told.current(found.text)
    }
    watch(video.current, seen, () => setState('looking'), stop.signal).catch((problem: unknown) => {
      if (!stop.signal.aborted) setState(nameOf(problem) === 'NotAllowedError' ? 'refused' : 'no_camera')
    })
    return () => stop.abort()
  }, [])

  const readPicture = async (file: File | undefined) => {
    if (file === undefined) return
    const found = await textIn(file).catch(() => undefined)
    if (found === undefined) setState('nothing_found')
    else told.current(found)
  }
  const isWatching = state === 'starting' || state === 'looking'
  return (
    <section ref={view} className="scanner" aria-label={t('label')} data-testid="scanner" data-state={state}>
      <div className={isWatching ? 'scanner-view' : 'scanner-view scanner-view-off'}>
        {/* What the camera sees has no sound and no words. */}
        <video ref={video} muted playsInline aria-hidden="true" />
        <span className="scanner-frame" aria-hidden="true" />
      </div>
      <p className="scanner-words" role="status">
        {assembly !== undefined && assembly.of > 1
          ? t('parts', { have: assembly.have, of: assembly.of })
          : t(`state.${state}`)}
      </p>
      <div className="scanner-actions">
        <button type="button" className="plain-button" onClick={() => chooser.current?.click()}>
          <Icon name="upload" size={18} />
          {t('picture')}
        </button>
        <button type="button" className="plain-button" onClick={onClose}>
          <Icon name="cross" size={18} />
          {t('close')}
        </button>
      </div>
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={t('picture')}
        data-testid="scanner-picture"
        onChange={({ target }) => {
          void readPicture(target.files?.[0])
          target.value = ''
        }}
      />
    </section>
  )
}

async function watch(
  video: HTMLVideoElement | null,
  seen: (assembly: Assembly) => void,
  started: () => void,
  signal: AbortSignal,
): Promise<void> {
  if (video === null || navigator.mediaDevices === undefined) throw new Error('There is no camera.')
  const wish = { video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false }
  const [stream, read] = await Promise.all([navigator.mediaDevices.getUserMedia(wish), openReader()])
  const end = () => {
    for (const track of stream.getTracks()) track.stop()
  }
  // The page may have been left while the camera was opening: its light must go out all the same.
  if (signal.aborted) return end()
  signal.addEventListener('abort', end, { once: true })
  video.srcObject = stream
  await video.play()
  started()
  await look(video, read, seen, signal)
}

async function look(
  video: HTMLVideoElement,
  read: ReadCodes,
  seen: (assembly: Assembly) => void,
  signal: AbortSignal,
): Promise<void> {
  const assemble = createAssembler()
  while (!signal.aborted) {
    for (const code of await read(video).catch(() => [])) seen(await assemble(code))
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

async function textIn(file: File): Promise<string | undefined> {
  const [read, picture] = await Promise.all([openReader(), createImageBitmap(file)])
  const assemble = createAssembler()
  for (const code of await read(picture)) {
    const { text } = await assemble(code)
    if (text !== undefined) return text
  }
  return undefined
}

function nameOf(problem: unknown): string {
  return problem instanceof Error ? problem.name : ''
}
