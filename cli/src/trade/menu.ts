import { complaintLine } from "../complaint.ts";
import type { FieldValues, Operation } from "./operation.ts";

/** A person at a terminal. */
export interface Dialogue {
  /** The answer to a question; undefined once there will be no more. */
  ask(question: string): Promise<string | undefined>;
  say(text: string): void;
}

/** Operations under one heading of the menu. */
export interface MenuPart<Session> {
  readonly title: string;
  readonly operations: readonly Operation<Session>[];
}

const leaving = new Set(["q", "quit", "exit"]);

/**
 * Leads a person through operations: shows what there is, explains the one that is chosen, asks for what it
 * needs, says what became of it, and begins anew until the person leaves. A refusal is said with its code
 * and ends nothing.
 */
export async function runMenu<Session>(options: {
  parts: readonly MenuPart<Session>[];
  session: Session;
  dialogue: Dialogue;
  /** Said before the list each time: who is logged in, and what to do first. */
  greeting: (session: Session) => string;
}): Promise<void> {
  const { parts, session, dialogue } = options;
  const operations = parts.flatMap((part) => part.operations);
  for (;;) {
    dialogue.say(`\n${options.greeting(session)}\n${menuText(parts)}`);
    const choice = (await dialogue.ask("Number or name, q to leave"))?.trim();
    if (choice === undefined || leaving.has(choice)) return;
    if (choice === "") continue;
    const chosen = operations.find(({ name }) => name === choice) ?? operations[Number(choice) - 1];
    if (chosen === undefined) {
      dialogue.say(`There is no ${choice} here.`);
      continue;
    }
    if (!(await carryOut({ chosen, session, dialogue }))) return;
  }
}

/** False where the person left in the middle. */
async function carryOut<Session>(o: {
  chosen: Operation<Session>;
  session: Session;
  dialogue: Dialogue;
}): Promise<boolean> {
  const { chosen, session, dialogue } = o;
  dialogue.say(`\n${chosen.explanation}`);
  const values = await askFields(chosen, dialogue);
  if (values === undefined) return false;
  try {
    dialogue.say((await chosen.run(session, values)).text);
  } catch (thrown) {
    dialogue.say(complaintLine(thrown).replace(/^voltfog: /, ""));
  }
  return true;
}

async function askFields<Session>(
  { fields }: Operation<Session>,
  dialogue: Dialogue,
): Promise<FieldValues | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const { name, question, fallback } of fields) {
    const usual = fallback === undefined || fallback === "" ? "" : ` [${fallback}]`;
    let text: string | undefined;
    do {
      text = (await dialogue.ask(`${question}${usual}`))?.trim();
      if (text === undefined) return undefined;
    } while (text === "" && fallback === undefined);
    values[name] = text === "" ? fallback : text;
  }
  return values;
}

function menuText<Session>(parts: readonly MenuPart<Session>[]): string {
  const lines: string[] = [];
  let number = 0;
  for (const { title, operations } of parts) {
    lines.push(title);
    for (const { name, summary } of operations) {
      number++;
      lines.push(`  ${String(number).padStart(2)}  ${name.padEnd(14)} ${summary}`);
    }
  }
  return lines.join("\n");
}
