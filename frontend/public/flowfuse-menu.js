/**
 * Adds "Access tokens" to the menu in which FlowFuse's people find their own settings. It is a script of FlowFuse's pages,
 * not of ours, and is added to them by whoever runs both: docs/admin/flowfuse.md.
 *
 * It relies on how FlowFuse marks that menu and its first entry. Where it does not find them, it does nothing.
 */
;(function addAccessTokens() {
  'use strict'

  const script = document.currentScript
  if (!script || !script.src) return
  const address = new URL('.', script.src).pathname
  const label = 'Access tokens'

  /** The entry that ours is made like, and stands behind; FlowFuse has one such menu for wide and one for narrow pages. */
  function findSettings(menu) {
    const item = menu.querySelector('[data-nav="user-settings"]') || menu.querySelector(':scope > .ff-nav-item')
    const text = item && item.querySelector('label')
    return text ? item : null
  }

  /** A link that looks like another entry. */
  function linkLike(item) {
    const link = document.createElement('a')
    link.className = item.className
    link.href = address
    if (item.closest('[role="menu"]')) link.setAttribute('role', 'menuitem')
    link.dataset.nav = 'forge-pat'
    link.style.textDecoration = 'none'
    for (const child of item.children) link.append(child.cloneNode(true))
    // Not what FlowFuse counts there, such as invitations.
    link.querySelectorAll('[data-el="notification-pill"], .ff-notification-pill').forEach((pill) => pill.remove())
    link.querySelector('label').textContent = label
    return link
  }

  function addTo(menu) {
    if (menu.querySelector('[data-nav="forge-pat"]')) return
    const item = findSettings(menu)
    if (!item) return

    const option = item.closest('.ff-dropdown-option')
    const link = linkLike(item)
    if (!option || !menu.contains(option)) return item.after(link)

    const ours = option.cloneNode(false)
    ours.removeAttribute('id')
    if (link.hasAttribute('role')) ours.setAttribute('role', 'none')
    ours.append(link)
    option.after(ours)
  }

  const observer = new MutationObserver(look)
  function look() {
    try {
      document.querySelectorAll('[data-action="user-options"]').forEach(addTo)
    } catch {
      observer.disconnect()
    }
  }
  observer.observe(document.documentElement, { childList: true, subtree: true })
  look()
})()
