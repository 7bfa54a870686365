/** What the demo started, to be undone in reverse order, saying each. */

export class CleanUp {
  readonly #print: (line: string) => void
  readonly #steps: { readonly done: string | undefined; readonly undo: () => Promise<unknown> }[] = []
  #running: Promise<boolean> | undefined

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  /**
   * To be called before the thing is started, or at once after; `undo` waits for a start that is not finished.
   * @param done said when `undo` has resolved, e.g. "stopped cluster A"; undefined: nothing is said
   */
  add(done: string | undefined, undo: () => Promise<unknown>): void {
    this.#steps.push({ done, undo })
  }

  /** Goes on after a step that fails; resolves with whether none did. Later calls join the first. */
  async run(): Promise<boolean> {
    this.#running ??= this.#undoAll()
    return await this.#running
  }

  async #undoAll(): Promise<boolean> {
    let isClean = true
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.undo()
        if (step.done !== undefined) this.#print(step.done)
      } catch (error) {
        isClean = false
        this.#print(`not ${step.done ?? 'closed'}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return isClean
  }
}
