/** What a code says, and what whoever sent the transaction can do. */
export interface CodeWords {
  readonly meaning: string;
  readonly remedy: string | null;
}
