/** Finds elements as people and screen readers do: by what they are and what they are called. */

const ROLES: Record<string, string> = {
  button: 'button, [role="button"]',
  link: 'a[href]',
  heading: 'h1, h2, h3',
  checkbox: 'input[type="checkbox"]',
  radio: 'input[type="radio"]',
  field: 'input, textarea, select',
  article: 'article',
  row: 'tbody tr',
  group: '[role="group"]',
  image: '[role="img"]',
  tab: '[role="tab"]',
  alert: '[role="alert"]',
  status: '[role="status"]',
  dialog: '[role="dialog"], [role="alertdialog"]',
  region: 'section[aria-labelledby], section[aria-label]',
}

/** The one element with this role and name. @throws {Error} that lists what there is instead */
export function find(role: keyof typeof ROLES, name: string | RegExp): HTMLElement {
  const all = findAll(role)
  const [found] = all.filter((element) => matches(nameOf(element), name))
  if (found) return found
  throw new Error(`no ${role} called ${String(name)}; there are: ${all.map(nameOf).join(' | ')}`)
}

export function has(role: keyof typeof ROLES, name: string | RegExp): boolean {
  return findAll(role).some((element) => matches(nameOf(element), name))
}

export function field(label: string | RegExp): HTMLInputElement {
  const element = find('field', label)
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) return element as HTMLInputElement
  throw new Error(`${String(label)} is no text field`)
}

/** Everything that can be read on the page. */
export const pageText = (): string => tidy(document.body.textContent)

/** The text that describes an element: its hint and its error. */
export const descriptionOf = (element: Element): string => textOfIds(element.getAttribute('aria-describedby'))

function findAll(role: keyof typeof ROLES): HTMLElement[] {
  return [...document.body.querySelectorAll<HTMLElement>(ROLES[role] ?? '')]
}

function nameOf(element: Element): string {
  const label = element.getAttribute('aria-label')
  if (label !== null) return label
  if (element.hasAttribute('aria-labelledby')) return textOfIds(element.getAttribute('aria-labelledby'))
  if (element instanceof HTMLInputElement || element.matches('textarea, select')) {
    const own = document.querySelector(`label[for="${element.id}"]`) ?? element.closest('label')
    return tidy(own?.textContent)
  }
  return tidy(element.textContent)
}

function textOfIds(ids: string | null): string {
  return tidy(
    (ids ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '')
      .join(' '),
  )
}

const tidy = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim()

const matches = (text: string, wanted: string | RegExp): boolean =>
  typeof wanted === 'string' ? text === wanted : wanted.test(text)
