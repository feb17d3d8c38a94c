import { onMounted, onUnmounted, shallowRef } from 'vue'

const KEY = 'forge-draft'
const LIFE_MS = 3_600_000

interface Draft {
  place: string
  userId: string
  /** Epoch ms. */
  keptAt: number
  content: unknown
}

const current = shallowRef<{ place: string; read: () => unknown } | null>(null)

/** Whether what is typed on this page outlives a journey to an identity provider. */
export const hasDraft = () => current.value !== null

/** Says what is to be kept when the person has to leave for a sign-in. Nothing of it may be secret. @param place names the form */
export function useDraft(place: string, read: () => unknown): void {
  const mine = { place, read }
  onMounted(() => (current.value = mine))
  onUnmounted(() => {
    if (current.value === mine) current.value = null
  })
}

/** Keeps it, for this person in this tab alone. */
export function keepDraft(userId: string): void {
  if (current.value === null) return
  const { place, read } = current.value
  const draft: Draft = { place, userId, keptAt: Date.now(), content: read() }
  sessionStorage.setItem(KEY, JSON.stringify(draft))
}

/** What was kept for a form, once: it is gone from the tab afterwards. */
export function takeDraft<Content>(place: string, userId: string): Content | null {
  const text = sessionStorage.getItem(KEY)
  if (text === null) return null
  sessionStorage.removeItem(KEY)

  const draft = readDraft(text)
  const fits = draft?.place === place && draft.userId === userId && Date.now() - draft.keptAt < LIFE_MS
  return fits ? (draft.content as Content) : null
}

function readDraft(text: string): Draft | null {
  try {
    return JSON.parse(text) as Draft
  } catch {
    return null
  }
}
