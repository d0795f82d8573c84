/** The languages of lessons, of the pages' own words, and of what is said of violations. */
export const LANGUAGES = ['en', 'zh'] as const

export type Language = (typeof LANGUAGES)[number]

/** A text in each of them. */
export type InLanguages = Readonly<Record<Language, string>>

/** Makes it by a function that knows each. */
export const inLanguages = (tell: (language: Language) => string): InLanguages => ({ en: tell('en'), zh: tell('zh') })
