/** The text of the worker of the playground. */
export function workerText(): Promise<string>
