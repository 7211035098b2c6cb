/**
 * Lies in the data folder of a unit that came back from a backup: its log may be older than what the
 * unit signed, so the next start puts it aside and goes on with the next one.
 */
export const restoredMark: { readonly file: string; readonly text: string } = {
  file: "RESTORED",
  text: "This unit was restored from a backup. Its log may lack what it signed later, so at its next start the unit puts that log aside (earlier/) and opens a new one that names it by its last final size.\n",
};
