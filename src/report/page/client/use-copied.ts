/** Copying a text, and that it was copied a moment ago. */
import { useSignal } from '@preact/signals'

const COPIED_MS = 1_500

/** Whether the text was just copied, and what copies it. */
export function useCopied(text: string): readonly [isCopied: boolean, copy: () => Promise<void>] {
  const isCopied = useSignal(false)
  const copy = async (): Promise<void> => {
    await toClipboard(text)
    isCopied.value = true
    setTimeout(() => {
      isCopied.value = false
    }, COPIED_MS)
  }
  return [isCopied.value, copy]
}

/** Pages from the disk may have no clipboard. */
async function toClipboard(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    document.execCommand('copy')
    area.remove()
  }
}
