/** A text to be copied, with the button that does it. */

import { words } from './state.ts'
import { useCopied } from './use-copied.ts'

export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [isCopied, copy] = useCopied(text)
  return (
    <div class="replay">
      <code>{text}</code>
      <button type="button" onClick={copy}>
        {isCopied ? words.value.copied : words.value.copy}
        <span class="vh"> {what}</span>
      </button>
    </div>
  )
}
