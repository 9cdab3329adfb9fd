/**
 * A button for what nobody can take back: it asks once more, in a dialog that holds the keyboard, begins at the harmless
 * answer, is left by Escape, and gives the focus back to the button.
 */
import { type ReactElement, type ReactNode, useId, useRef } from 'react'
import './button.css'
import './sure-button.css'

export interface SureButtonProps {
  readonly className: string
  readonly disabled: boolean
  readonly testId: string
  /** What will happen, as a question. */
  readonly question: string
  readonly yes: string
  readonly no: string
  readonly onSure: () => void
  readonly children: ReactNode
}

export function SureButton(props: SureButtonProps): ReactElement {
  const { className, disabled, testId, question, yes, no, onSure, children } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const questionId = useId()
  const close = () => dialog.current?.close()
  return (
    <>
      <button
        type="button"
        className={className}
        disabled={disabled}
        aria-haspopup="dialog"
        onClick={() => dialog.current?.showModal()}
        data-testid={testId}
      >
        {children}
      </button>
      <dialog ref={dialog} className="sure no-print" role="alertdialog" aria-labelledby={questionId}>
        <p id={questionId}>{question}</p>
        <div className="button-row">
          <button type="button" className="plain-button" onClick={close} data-testid={`${testId}-not`}>
            {no}
          </button>
          <button
            type="button"
            className="plain-button danger"
            onClick={() => {
              close()
              onSure()
            }}
            data-testid={`${testId}-sure`}
          >
            {yes}
          </button>
        </div>
      </dialog>
    </>
  )
}
