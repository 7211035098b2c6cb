import { floatBytes, ProtobufWriter } from "./protobuf-writer.ts";

/** One attribute of a node, told apart by its type in the file. */
export type OnnxAttribute =
  | { readonly type: "integer"; readonly value: number }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "floats"; readonly values: ArrayLike<number> }
  | { readonly type: "integers"; readonly values: Iterable<number> }
  | { readonly type: "texts"; readonly values: Iterable<string> };

/** Attributes are pairs because their names are another system's. */
export type NamedAttribute = readonly [name: string, attribute: OnnxAttribute];

export interface OnnxNode {
  readonly operator: string;
  /** Empty for the main operator set. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly NamedAttribute[];
}

/** A constant tensor: float32, or int64 where an operator takes counts. */
export interface OnnxConstant {
  readonly name: string;
  readonly type?: "float32" | "int64";
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A graph from "features" [rows, columns] to "estimate" [rows, outputs], both float32. */
export interface OnnxGraph {
  readonly name: string;
  readonly columns: number;
  readonly outputs: number;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

const float32 = 1;
const int64 = 7;
/** Field numbers and type codes as in onnx.proto of IR version 8; operator sets 17 and ai.onnx.ml 3. */
const irVersion = 8;
const mainOperators = 17;
const mlOperators = 3;

/** The bytes of a model file. The same graph gives the same bytes. */
export function onnxModelBytes(graph: OnnxGraph): Uint8Array {
  return new ProtobufWriter()
    .integer(1, irVersion)
    .text(2, "voltfog")
    .message(7, graphMessage(graph))
    .message(8, new ProtobufWriter().text(1, "").integer(2, mainOperators))
    .message(8, new ProtobufWriter().text(1, "ai.onnx.ml").integer(2, mlOperators))
    .finish();
}

function graphMessage(graph: OnnxGraph): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const node of graph.nodes) message.message(1, nodeMessage(node));
  message.text(2, graph.name);
  for (const constant of graph.constants) message.message(5, constantMessage(constant));
  return message
    .message(11, valueMessage("features", graph.columns))
    .message(12, valueMessage("estimate", graph.outputs));
}

function nodeMessage(node: OnnxNode): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(4, node.operator);
  for (const [name, attribute] of node.attributes ?? []) {
    message.message(5, attributeMessage(name, attribute));
  }
  return message.text(7, node.domain ?? "");
}

function attributeMessage(name: string, attribute: OnnxAttribute): ProtobufWriter {
  const message = new ProtobufWriter().text(1, name);
  switch (attribute.type) {
    case "float":
      return message.float(2, attribute.value).integer(20, 1);
    case "integer":
      return message.integer(3, attribute.value).integer(20, 2);
    case "text":
      return message.text(4, attribute.value).integer(20, 3);
    case "floats":
      return message.floats(7, attribute.values).integer(20, 6);
    case "integers":
      return message.integers(8, attribute.values).integer(20, 7);
    case "texts":
      for (const value of attribute.values) message.text(9, value);
      return message.integer(20, 8);
  }
}

function constantMessage({ name, type, shape, values }: OnnxConstant): ProtobufWriter {
  const isWhole = type === "int64";
  return new ProtobufWriter()
    .integers(1, shape)
    .integer(2, isWhole ? int64 : float32)
    .text(8, name)
    .bytes(9, isWhole ? wholeBytes(values) : floatBytes(values));
}

function wholeBytes(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) view.setBigInt64(8 * i, BigInt(values[i] ?? 0), true);
  return new Uint8Array(view.buffer);
}

function valueMessage(name: string, columns: number): ProtobufWriter {
  const shape = new ProtobufWriter()
    .message(1, new ProtobufWriter().text(2, "rows"))
    .message(1, new ProtobufWriter().integer(1, columns));
  const tensor = new ProtobufWriter().integer(1, float32).message(2, shape);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
}
