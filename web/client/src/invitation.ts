// A guest's viewer lives as long as the invitation: the server says at once when it is over, and the slide is left.

/** Leaves the page for the guest's own when the invitation, or the session, has ended. */
export function whileInvited(): void {
  const leave = (): void => location.replace("/guest");
  const stream = new EventSource("/guest/standing");
  stream.addEventListener("over", leave);
  // A cut link is found again by itself; a stream that is refused is not.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) leave();
  });
}
