import { InferenceSession, Tensor } from "onnxruntime-node";
import { assert, CodedError, messageOf } from "../../coded-error.ts";

/**
 * A model with one float32 input [rows, columns] and one float32 output [rows, outputs], run by
 * onnxruntime on one thread of the CPU so that the same rows give the same bits.
 */
export class OnnxModel {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** MODEL_UNREADABLE when the bytes are no model that this runtime can run. */
  static async open(o: { name: string; bytes: Uint8Array }): Promise<OnnxModel> {
    try {
      const session = await InferenceSession.create(o.bytes, {
        executionProviders: ["cpu"],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      return new OnnxModel(session);
    } catch (thrown) {
      throw new CodedError({
        code: "MODEL_UNREADABLE",
        message: `${o.name} is no model that can be run: ${messageOf(thrown)}`,
        remedy: "train it again, or leave --model away for the one that is shipped",
        cause: thrown,
      });
    }
  }

  /** The outputs of all rows, row-major. Cost: about 10 µs for one row, far less per row of many. */
  async run(o: { values: Float32Array; rows: number }): Promise<Float32Array> {
    const [input] = this.#session.inputNames;
    const [output] = this.#session.outputNames;
    assert(input !== undefined && output !== undefined, "a model has an input and an output");
    assert(o.rows > 0 && o.values.length % o.rows === 0, "the values fill whole rows");
    const shape = [o.rows, o.values.length / o.rows];
    const result = await this.#session.run({ [input]: new Tensor("float32", o.values, shape) });
    const data = result[output]?.data;
    assert(data instanceof Float32Array, "a model gives float32");
    return data;
  }

  /** Frees the memory that the runtime holds for the model. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}
