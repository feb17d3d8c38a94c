let element: HTMLElement | undefined

/** Where dialogs and announcements are drawn: one element above the host's page, with our styles and no others'. */
export function above(): HTMLElement {
  if (element?.isConnected) return element

  element = document.createElement('div')
  element.className = 'forge-pat forge-pat-above'
  document.body.append(element)
  return element
}
