/** A text to be copied, with the button that does it. */
import { useSignal } from '@preact/signals'
import { words } from './state.ts'

const COPIED_MS = 1_500

export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const isCopied = useSignal(false)
  const copy = async (): Promise<void> => {
    await toClipboard(text)
    isCopied.value = true
    setTimeout(() => {
      isCopied.value = false
    }, COPIED_MS)
  }
  return (
    <div class="replay">
      <code>{text}</code>
      <button type="button" onClick={copy}>
        {isCopied.value ? words.value.copied : words.value.copy}
        <span class="vh"> {what}</span>
      </button>
    </div>
  )
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
