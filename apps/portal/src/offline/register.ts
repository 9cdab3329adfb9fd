/** The service worker is registered after the page stands, so that it never competes with the first paint. */
export function registerOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  addEventListener('load', () => {
    navigator.serviceWorker.register('/service-worker.js').catch(() => {
      // Private windows and plain http refuse it; everything but offline use works without.
    })
  })
}
