import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { startI18n } from './i18n/i18n.ts'
import { registerOffline } from './offline/register.ts'
import { startAppearance } from './theme/appearance.ts'
import './theme/base.css'

startAppearance()
registerOffline()
await startI18n()

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no place for the portal.')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
