/** Slack's limits for Block Kit, as documented or measured; every builder here cuts to them, so that no card is refused. */
export const blockLimits = {
  blocks: 50,
  /** Slack refuses at about 13,200 characters of content without documenting it: stay clear of it. */
  contentChars: 10_000,
  text: 3_800,
  header: 150,
  sectionText: 3_000,
  fields: 10,
  fieldText: 2_000,
  contextElements: 10,
  contextText: 2_000,
  buttons: 25,
  buttonText: 75,
  buttonValue: 2_000,
  spoken: 75,
  url: 3_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  overflowOptions: 5,
  optionText: 75,
  optionValue: 75,
  blockId: 255,
  chartTitle: 50,
  chartLabel: 20,
  chartPoints: 20,
  tableRows: 100,
  tableCells: 20,
  tableChars: 10_000,
  planTitle: 250,
  taskTitle: 250,
  taskDetail: 500,
  steps: 20,
  modalTitle: 24,
  modalButton: 24,
  privateMetadata: 3_000,
} as const;

/** Cuts and says that it did. */
export function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, Math.floor(chars) - 1)}…`;
}

/** Cuts mrkdwn without leaving half of a `<mention>` or of an escaped `&amp;` behind. */
export function cutMarkup(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const head = text
    .slice(0, chars - 1)
    .replace(/<[^>]*$/, "")
    .replace(/&[a-z]{0,4}$/, "");
  return `${head}…`;
}
