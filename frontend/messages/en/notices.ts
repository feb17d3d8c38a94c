export const notices = {
  noticeItem: {
    unread: 'Unread',
    markAsRead: (title: string) => `Mark as read: ${title}`,
    markAsRead2: 'Mark as read',
  },
}
