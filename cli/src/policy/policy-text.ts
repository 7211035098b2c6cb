import type { PolicyAnswer, PolicyView, UnitRow } from "./ask-controller.ts";

const auditShown = 10;

/** What is in force, for people. */
export function policyText(view: PolicyView): string {
  const limits = view.limits.map(
    ({ vehicleId, rate_bytes, ratePackets }) =>
      `limit       ${vehicleId}  ${rate_bytes} bytes/s, ${ratePackets} packets/s`,
  );
  const out = view.quarantine.map(
    ({ vehicleId, address, since_ms, reason }) =>
      `quarantine  ${[vehicleId, address].filter(Boolean).join(" ")}  since ${instant(since_ms)}: ${reason}`,
  );
  const denied = view.deny.map(({ address }) => `deny        ${address}`);
  const audit = view.audit.slice(0, auditShown).map((entry) => {
    const { at_ms, who, action, subject, why, order } = entry;
    return `${instant(at_ms)}  ${who}  ${action} ${subject}: ${why}${journalText(order)}`;
  });
  return [
    ...(limits.length + out.length + denied.length === 0 ? ["no policies"] : []),
    ...[...limits, ...out, ...denied],
    "",
    `version ${view.version}`,
    ...view.units.map(unitText),
    ...(audit.length === 0 ? [] : ["", "last changes", ...audit]),
  ].join("\n");
}

/** How far a change has come. */
export function changeText(done: string, { version, units }: PolicyAnswer): string {
  return [`${done}; version ${version}`, ...units.map(unitText)].join("\n");
}

/** Whether every unit has it. */
export function isEverywhere({ units }: PolicyAnswer): boolean {
  return units.every(({ behind }) => behind === null);
}

/** Where to look for it on the chain; limits and what units found by themselves are no orders. */
function journalText(order: PolicyView["audit"][number]["order"]): string {
  if (order === undefined) return "";
  return order.event === null
    ? "  (not journalled yet)"
    : `  (event ${order.event.id.slice(0, 12)} of ${order.event.unitId})`;
}

function unitText({ unitId, inForce_ms, behind, cannot }: UnitRow): string {
  const state =
    behind === null
      ? `in force${inForce_ms === null ? "" : ` in ${inForce_ms.toFixed(1)} ms`}`
      : `behind: ${behind}`;
  return [`  ${unitId}  ${state}`, ...cannot.map((one) => `    not done by ${one}`)].join("\n");
}

function instant(at_ms: number): string {
  return new Date(at_ms).toISOString();
}
