/**
 * Lies in the data folder of a unit that came back from a backup: its log may be older than what the
 * unit signed, so it is never written on.
 */
export const restoredMark: { readonly file: string; readonly text: string } = {
  file: "RESTORED",
  text: "This unit was restored from a backup. Its log may lack what it signed later, so the unit does not start on it. The log can be read, checked (voltfog log fsck) and proven from; a unit that goes on with a new log which names this one is not built yet.\n",
};
