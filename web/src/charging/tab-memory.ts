/**
 * What one tab remembers over a reload. A browser may refuse all storage: then it is forgotten with the page,
 * which is all that is lost.
 */
export const tabMemory: {
  get(key: string): string | undefined;
  set(key: string, text: string | undefined): void;
} = {
  get(key) {
    try {
      return sessionStorage.getItem(`voltfog.${key}`) ?? undefined;
    } catch {
      return undefined;
    }
  },
  set(key, text) {
    try {
      if (text === undefined) sessionStorage.removeItem(`voltfog.${key}`);
      else sessionStorage.setItem(`voltfog.${key}`, text);
    } catch {
      // As above.
    }
  },
};
