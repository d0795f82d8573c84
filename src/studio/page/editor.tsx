/** The editor: CodeMirror with TypeScript, in the colours of the page. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { Decoration, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { look, picked, text } from './state.ts'

/** So long after the last key the code is run. */
const SETTLE_MS = 300

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.modifier], color: 'var(--o5)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--o4)' },
  { tag: [tags.comment], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.className], color: 'var(--valid-ink)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--o0)' },
])

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', backgroundColor: 'var(--card)', color: 'var(--ink)' },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
    lineHeight: '1.5',
  },
  '.cm-content': { caretColor: 'var(--ink)', padding: '10px 0' },
  '.cm-gutters': { backgroundColor: 'var(--card)', color: 'var(--soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--lane)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': {
    backgroundColor: 'var(--valid-bg)',
  },
  '.cm-sender': { backgroundColor: 'var(--violated-bg)' },
})

const sender = Decoration.line({ class: 'cm-sender' })

/** The line that sent the message that was clicked. */
const sending = EditorView.decorations.of((view) => {
  const site = picked.value === null ? undefined : look.value?.story.messages[picked.value]?.site
  const line = Number(/:(\d+)$/.exec(site ?? '')?.[1] ?? 0)
  const { doc } = view.state
  return line < 1 || line > doc.lines ? Decoration.none : Decoration.set([sender.range(doc.line(line).from)])
})

export function Editor() {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let timer = 0
    const view = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: text.value,
        extensions: [
          lineNumbers(),
          history(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          javascript({ typescript: true }),
          syntaxHighlighting(colours),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': 'The code under test' }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return
            clearTimeout(timer)
            timer = setTimeout(() => {
              text.value = view.state.doc.toString()
            }, SETTLE_MS)
          }),
          theme,
          sending,
        ],
      }),
    })
    // Long code scrolls by keyboard, too.
    view.scrollDOM.tabIndex = 0
    const follow = effect(() => {
      const wanted = text.value
      if (view.state.doc.toString() !== wanted)
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: wanted } })
    })
    const mark = effect(() => {
      void [picked.value, look.value]
      view.dispatch({})
    })
    return () => {
      follow()
      mark()
      view.destroy()
    }
  }, [])
  return <div class="editor" ref={box} />
}
