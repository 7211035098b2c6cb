export { OnnxModel } from "./onnx-model.ts";
