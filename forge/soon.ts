/** A value that is there, or that has to be waited for. What a host may have for a promise is made one where it comes in. */
export type Soon<Value> = Value | Promise<Value>

/**
 * Goes on with a value, at once where it is there: promises of what is in memory took a tenth of an introspection. What
 * `next` throws is thrown then, and rejects otherwise.
 */
export function soon<Value, Result>(value: Soon<Value>, next: (value: Value) => Soon<Result>): Soon<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** Does the work. What it throws, at once or later, `onError` is told of, and it is thrown on. */
export function telling<Result>(onError: (error: unknown) => void, work: () => Soon<Result>): Soon<Result> {
  const fail = (error: unknown): never => {
    onError(error)
    throw error
  }
  try {
    const result = work()
    return result instanceof Promise ? result.catch(fail) : result
  } catch (error) {
    return fail(error)
  }
}
