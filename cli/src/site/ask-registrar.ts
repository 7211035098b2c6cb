import { request } from "node:https";
import { complaint } from "../complaint.ts";

const limit_ms = 30_000;
const answerMax_bytes = 1_048_576;

/**
 * Asks `voltfog enrol serve` for something, as JSON; gives the fields of its answer. Throws a complaint
 * with the given code and the registrar's own where it refuses, REGISTRAR_UNREACHABLE where nobody of the
 * site's authority answers, or not as a registrar does. What it gives has a certificate.
 */
export async function askRegistrar(
  path: string,
  asked: { url: string; authority: string; body: object },
  otherwise: { code: string; remedy: string },
): Promise<Readonly<Record<string, string>>> {
  const { status, text } = await post(new URL(path, asked.url), asked).catch((thrown: unknown) => {
    throw complaint({
      code: "REGISTRAR_UNREACHABLE",
      what: `${asked.url}: ${String(thrown)}`,
      remedy: "ask the operator to run voltfog enrol serve, and check url and authority",
    });
  });
  const told = fieldsOf(text);
  if (status === 201 && told?.["certificate"] !== undefined) return told;
  if (told?.["code"] === undefined) {
    throw complaint({
      code: "REGISTRAR_UNREACHABLE",
      what: `${asked.url} answers ${status} and nothing that a registrar says`,
      remedy: "check the url: it is where voltfog enrol serve listens",
    });
  }
  throw complaint({ ...otherwise, what: `${told["code"]}: ${told["message"]}` });
}

/** Whatever holds a certificate of the site may answer, and not everything that does is a registrar. */
function fieldsOf(text: string): Readonly<Record<string, string>> | undefined {
  try {
    const told: unknown = JSON.parse(text);
    const isRecord = typeof told === "object" && told !== null;
    const isText = isRecord && Object.values(told).every((value) => typeof value === "string");
    return isText ? (told as Readonly<Record<string, string>>) : undefined;
  } catch {
    return undefined;
  }
}

function post(
  url: URL,
  { body, authority }: { body: object; authority: string },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      ca: authority,
      servername: "registrar",
      timeout: limit_ms,
      headers: { "content-type": "application/json" },
    };
    const sent = request(url, options, (response) => {
      const parts: Buffer[] = [];
      let length_bytes = 0;
      response.on("data", (part: Buffer) => {
        length_bytes += part.length;
        if (length_bytes > answerMax_bytes) sent.destroy(new Error("an answer without end"));
        else parts.push(part);
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
      );
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${limit_ms / 1000} s`)));
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}
