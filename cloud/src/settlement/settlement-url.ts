import { readFileSync } from "node:fs";
import { CodedError, messageOf } from "@voltfog/runtime";
import type { MariadbAddress } from "./mariadb-connection.ts";

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);
const usualPort = 3306;

/**
 * Where the operators' database is: mariadb://host:port/database, with user and password in a file of their
 * own. Plain on this machine; anywhere else over TLS with a certificate of the named authority.
 * CONFIG_INVALID.
 */
export function readSettlementUrl(config: {
  readonly settlementUrl: string;
  readonly settlementLogin: string;
  readonly settlementAuthority: string;
}): MariadbAddress {
  const { settlementUrl, settlementLogin, settlementAuthority } = config;
  const url = URL.canParse(settlementUrl) ? new URL(settlementUrl) : undefined;
  const database = url?.pathname.slice(1) ?? "";
  if (url?.protocol !== "mariadb:" || url.hostname === "" || !/^\w{1,64}$/.test(database)) {
    throw invalid(
      `settlementUrl: ${JSON.stringify(settlementUrl)}`,
      "write mariadb://host:port/database",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(
      "settlementUrl holds a login",
      "put user:password into the file of settlementLogin",
    );
  }
  const isHere = loopback.has(url.hostname);
  if (!isHere && settlementAuthority === "") {
    const remedy = "name the authority of the server's certificate in settlementAuthority";
    throw invalid(`settlementUrl is on another machine: ${url.hostname}`, remedy);
  }
  const [user = "", ...rest] = readSetting("settlementLogin", settlementLogin).split(":");
  return {
    host: url.hostname.replaceAll(/[[\]]/g, ""),
    port: url.port === "" ? usualPort : Number(url.port),
    ...{ database, user, password: rest.join(":") },
    authority:
      settlementAuthority === ""
        ? undefined
        : readSetting("settlementAuthority", settlementAuthority),
  };
}

function readSetting(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (thrown) {
    throw invalid(`${name}: ${messageOf(thrown)}`, "name a file that this process may read");
  }
}

function invalid(message: string, remedy: string): CodedError {
  return new CodedError({ code: "CONFIG_INVALID", message, remedy });
}
