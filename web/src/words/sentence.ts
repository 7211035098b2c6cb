/** Settings of a unit's functions that events name by their identifiers. */
const settingNames: Readonly<Record<string, string>> = {
  earlier_degC: "head start of cooling",
  margin_degC: "margin below the heat limits",
  currentShare: "share of the charging current",
  imbalanceMin: "least imbalance that is balanced",
  doubtMin_ms: "time before an estimate is doubted",
  rate_Hz: "samples seen each second",
};

/**
 * An event's sentence for a reader: units as they are written, settings by what they are. The record
 * keeps the sentence as the unit signed it, which is what a proof shows.
 */
export function readable(sentence: string): string {
  return sentence
    .replaceAll(/\b[a-zA-Z]+(?:_[a-zA-Z]+|Share|Min)\b/g, (word) => settingNames[word] ?? word)
    .replaceAll(/ degC\b/g, "\u2009°C")
    .replaceAll(/(^|[\s,(])-(?=\d)/g, "$1−");
}
