/**
 * Lies in the data folder of a unit that came back from a backup: its log may be older than what the
 * unit signed, so it is never written on. The unit takes the mark away once it has opened a new log.
 */
export const restoredMark: { readonly file: string; readonly text: string } = {
  file: "RESTORED",
  text: "This unit was restored from a backup. Its log may lack what it signed later, so it is not written on: at its next start the unit keeps it under earlier/ and opens a new log that names it.\n",
};
