import { CodedError } from "@voltfog/runtime";

/** Refused here, before any validator was asked. */
export class MarketRefusal extends CodedError {
  readonly statusCode: number;

  constructor(options: { statusCode: number; code: string; message: string }) {
    super(options);
    this.statusCode = options.statusCode;
  }
}
