import type { OwnUser } from '@contract/host.ts'
import { readonly, ref, shallowRef } from 'vue'

import * as api from '../api.ts'
import { isSessionEnded, onSessionEnded, type RenewalReason } from '../http.ts'

const user = shallowRef<OwnUser | null>(null)
/** Why a call waits for the person to sign in again; null while none does. */
const renewing = ref<RenewalReason | null>(null)
let settleRenewal: ((renewed: boolean) => void) | null = null
let renewal: Promise<boolean> | null = null

/** Who is signed in, and the ways in and out. There is one session per page load, so the state is the module's. */
export function useSession() {
  return {
    user: readonly(user),
    renewing: readonly(renewing),
    load,
    signIn,
    signOut,
    resume,
    resumeElsewhere,
    refuse,
    giveUp,
  }
}

/** Asks the forge who is signed in; null for nobody. @throws {Refusal} when the forge does not answer */
async function load(): Promise<OwnUser | null> {
  try {
    user.value = await api.getUser()
  } catch (error) {
    if (!isSessionEnded(error)) throw error
    user.value = null
  }
  return user.value
}

async function signIn(username: string, password: string): Promise<void> {
  await api.signIn({ username, password })
  await load()
}

/** @returns where the browser has to go to sign out of the identity provider too; null where nowhere */
async function signOut(): Promise<string | null> {
  const answer = await api.signOut()
  user.value = null
  return answer?.next ?? null
}

/** Signs the same person in again, and lets the calls that waited for it go on. */
async function resume(password: string): Promise<void> {
  const before = user.value
  if (before === null) return giveUp()

  await api.signIn({ username: before.username, password })
  await load()
  settle(true)
}

/** The same after a sign-in at the host: whether it is the same person who is there now. */
async function resumeElsewhere(): Promise<boolean> {
  const before = user.value
  const now = await api.getUser().catch((error: unknown) => {
    if (isSessionEnded(error)) return null
    throw error
  })
  if (before === null || now?.id !== before.id) return false

  user.value = now
  settle(true)
  return true
}

/** Lets the waiting calls fail; whoever is signed in stays so. */
function refuse(): void {
  settle(false)
}

/** The same for a session that has ended. */
function giveUp(): void {
  user.value = null
  settle(false)
}

/** One dialog for all calls that want a new sign-in at the same time. */
function renew(reason: RenewalReason): Promise<boolean> {
  if (user.value === null) return Promise.resolve(false)

  renewal ??= new Promise<boolean>((resolve) => {
    settleRenewal = resolve
    renewing.value = reason
  })
  return renewal
}

function settle(renewed: boolean): void {
  renewing.value = null
  settleRenewal?.(renewed)
  settleRenewal = null
  renewal = null
}

onSessionEnded(renew)
