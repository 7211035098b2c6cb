/** Brings what the address points at into view, once it is there; for {@attach}. */
export function pointedAt(isPointedAt: boolean): (element: HTMLElement) => void {
  return (element) => {
    if (!isPointedAt) return;
    // After the router, which takes every new page to its top.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => element.scrollIntoView({ block: "center" })),
    );
  };
}
