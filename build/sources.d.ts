/** The source of each built-in lock as one file, by its name; `folder` is `src`. */
export function sources(folder: string): Readonly<Record<string, string>>
