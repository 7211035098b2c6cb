import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClassQueue, type TrafficClass, trafficClasses } from "./class-queue.ts";

function drain<T>(queue: ClassQueue<T>): T[] {
  const items: T[] = [];
  for (let item = queue.poll(); item !== undefined; item = queue.poll()) items.push(item);
  return items;
}

describe("a queue of classes", () => {
  it("gives alerts before commands before telemetry before bulk", () => {
    const queue = new ClassQueue<string>();
    for (const trafficClass of trafficClasses.toReversed()) {
      queue.offer({ trafficClass, flow: trafficClass, item: trafficClass });
    }
    expect(drain(queue)).toEqual(["alert", "command", "telemetry", "bulk"]);
  });

  it("lets the alert of one device wait for one of another's flood of alerts at most", () => {
    const queue = new ClassQueue<string>();
    for (let i = 0; i < 1000; i++) {
      queue.offer({ trafficClass: "alert", flow: "flood", item: `flood ${i}` });
    }
    queue.offer({ trafficClass: "alert", flow: "other", item: "other" });
    expect(drain(queue).indexOf("other")).toBe(1);
  });

  it("keeps the order of a flow, also where its class changes", () => {
    const queue = new ClassQueue<number>();
    const classes: TrafficClass[] = ["bulk", "telemetry", "bulk", "telemetry"];
    for (const [item, trafficClass] of classes.entries()) {
      queue.offer({ trafficClass, flow: "one", item });
    }
    queue.offer({ trafficClass: "telemetry", flow: "two", item: 9 });
    expect(drain(queue)).toEqual([9, 0, 1, 2, 3]);
  });

  it("gives the lowest class a turn under an endless flood of the highest", () => {
    const queue = new ClassQueue<string>();
    queue.offer({ trafficClass: "bulk", flow: "b", item: "bulk" });
    const polled: (string | undefined)[] = [];
    for (let i = 0; i < 200; i++) {
      queue.offer({ trafficClass: "alert", flow: `a${i % 7}`, item: "alert" });
      polled.push(queue.poll());
    }
    expect(polled.indexOf("bulk")).toBe(64);
  });

  it("gives each item exactly once, and each flow in its order", () => {
    const offer = fc.record({
      trafficClass: fc.constantFrom(...trafficClasses),
      flow: fc.constantFrom("a", "b", "c"),
    });
    fc.assert(
      fc.property(fc.array(fc.option(offer, { nil: undefined }), { maxLength: 300 }), (steps) => {
        const queue = new ClassQueue<{ flow: string; at: number }>();
        const given: { flow: string; at: number }[] = [];
        for (const [at, step] of steps.entries()) {
          if (step !== undefined) queue.offer({ ...step, item: { flow: step.flow, at } });
          else given.push(...[queue.poll()].filter((item) => item !== undefined));
        }
        given.push(...drain(queue));
        expect(given).toHaveLength(steps.filter((step) => step !== undefined).length);
        for (const flow of ["a", "b", "c"]) {
          const order = given.filter((one) => one.flow === flow).map(({ at }) => at);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
        expect(queue.size).toBe(0);
      }),
    );
  });
});
