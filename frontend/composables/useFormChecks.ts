import { computed, nextTick, ref } from 'vue'

import { useAction } from './useAction.ts'

/** What is wrong with each field, by the id of its control; null for what is right. */
type Checks = Record<string, string | null>

/**
 * A small form: its fields are checked when it is sent and from then on while they are put right; the first wrong one
 * gets the focus; what the forge refuses is told above the form, and nothing that was typed is lost.
 */
export function useFormChecks(check: () => Checks, send: () => Promise<unknown>) {
  const sent = ref<boolean>(false)
  const { busy, error, run } = useAction(send)

  const found = computed(() =>
    Object.entries(check()).flatMap(([id, wrong]) => (wrong === null ? [] : [{ id, wrong }])),
  )
  const errors = computed<Partial<Record<string, string>>>(() =>
    sent.value ? Object.fromEntries(found.value.map(({ id, wrong }) => [id, wrong])) : {},
  )

  /** Whether it went well. */
  async function submit(): Promise<boolean> {
    sent.value = true
    const [firstWrong] = found.value
    if (firstWrong) {
      await nextTick()
      document.getElementById(firstWrong.id)?.focus()
      return false
    }

    const done = await run()
    if (done) sent.value = false
    return done
  }

  return { errors, busy, error, submit }
}
