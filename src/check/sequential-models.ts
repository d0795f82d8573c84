/** The objects whose histories other tools record: a mutex, a register with compare-and-set, a text that grows under a key. */
import type { SequentialModel } from './linearize.ts'

/** Values are texts; null is the value before the first write, and what it reads as. */
export type MutexInput = { readonly op: 'acquire' | 'release' }

export const MUTEX: SequentialModel<'free' | 'held', MutexInput> = {
  initial: 'free',
  step: (state, { op }) =>
    op === 'acquire' ? (state === 'free' ? 'held' : undefined) : state === 'held' ? 'free' : undefined,
  key: (state) => state,
}

export type RegisterInput =
  | { readonly op: 'read' | 'write'; readonly value: string | null }
  /** `isDone`: whether it said that it had changed the value. Null: it said nothing. */
  | { readonly op: 'cas'; readonly from: string | null; readonly to: string | null; readonly isDone: boolean | null }

/** The value of a register of which no operation has said what is in it. */
export const UNBOUND: unique symbol = Symbol('unbound')

export type RegisterState = string | null | typeof UNBOUND

/** A register with compare-and-set, which may never be used. Unbound it holds whatever the first answer says that it does. */
export const register = (initial: RegisterState): SequentialModel<RegisterState, RegisterInput> => ({
  initial,
  step(state, input) {
    switch (input.op) {
      case 'read':
        return state === UNBOUND || input.value === state ? input.value : undefined
      case 'write':
        return input.value
      case 'cas':
        if (state === UNBOUND) return input.isDone === false ? state : input.to
        if (state === input.from) return input.isDone === false ? undefined : input.to
        return input.isDone === true ? undefined : state
    }
  },
  key: (state) => (state === null ? '' : state === UNBOUND ? '?' : `=${state}`),
  // A read of an unbound register binds it.
  isQuery: (input) => initial !== UNBOUND && (input.op === 'read' || (input.op === 'cas' && input.isDone === false)),
})

export type TextInput = { readonly op: 'get' | 'put' | 'append'; readonly value: string }

/** One key of a key-value store: what is not there yet is empty. */
export const TEXT: SequentialModel<string, TextInput> = {
  initial: '',
  step(state, { op, value }) {
    switch (op) {
      case 'get':
        return value === state ? state : undefined
      case 'put':
        return value
      case 'append':
        return state + value
    }
  },
  key: (state) => state,
  isQuery: ({ op }) => op === 'get',
}
