/** Small choices remembered on this device. Storage may be forbidden (private windows): then they last for the visit. */
const visit = new Map<string, string>()

export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`chengxin.${name}`) ?? visit.get(name)
  } catch {
    return visit.get(name)
  }
}

export function remember(name: string, value: string): void {
  visit.set(name, value)
  try {
    localStorage.setItem(`chengxin.${name}`, value)
  } catch {
    // The choice then holds until the page is closed, which is all this device allows.
  }
}
