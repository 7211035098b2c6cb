/** The page's wall clock; ages re-render once a second. */
class PageClock {
  now_ms: number = $state(Date.now());

  constructor() {
    setInterval(() => {
      this.now_ms = Date.now();
    }, 1000);
  }
}

export const pageClock: PageClock = new PageClock();
