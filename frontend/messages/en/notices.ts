export const notices = {
  noticeItem: {
    unread: 'Unread',
    markNamedAsRead: (title: string) => `Mark as read: ${title}`,
    markAsRead: 'Mark as read',
  },
  noticesWords: {
    decide: 'Decide',
    goToYourTokens: 'Go to your tokens',
    goToTheToken: 'Go to the token',
  },
  noticesLink: {
    notices: 'Notices',
    noticesUnread: (unread: string) => `Notices, ${unread} unread`,
  },
  noticesPage: {
    notices: 'Notices',
    whatHappenedToYour: 'What happened to your tokens, and what you are asked to decide.',
    markAllAsRead: 'Mark all as read',
    loadingYourNotices: 'Loading your notices…',
    nothingToTellYou: 'Nothing to tell you',
    whenATokenOf:
      'When a token of yours is about to end, is used after it was replaced, or somebody else changes what it may do, you read it here.',
    showOlderNotices: 'Show older notices',
    markedAsRead: 'Marked as read.',
    allNoticesAreMarked: 'All notices are marked as read.',
  },
}
