import { isAbsolute, join } from "node:path";
import { type RunningValidator, runValidator } from "@voltfog/fog-rsu";
import { createJsonLogger, systemClock, systemRandom } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { runUntilStopped } from "../process-lifetime.ts";
import { type NodePaths, readLogSettings, readNodeConfig } from "./node-folder.ts";
import { lockNode, requireNotLeft } from "./node-lock.ts";
import { RotatingLog } from "./rotating-log.ts";

/**
 * Runs a node's validator until SIGTERM or Ctrl-C; `onRunning` is called once it serves. NODE_LEFT,
 * NODE_IN_USE.
 */
export async function runNode(options: {
  paths: NodePaths;
  context: CommandContext;
  onRunning?: (validator: RunningValidator) => void;
}): Promise<number> {
  const { paths, context, onRunning } = options;
  const config = readNodeConfig(paths, context.environment);
  requireNotLeft(paths);
  const { level, folder, fileMax_bytes, filesKept } = readLogSettings(paths);
  const logs = isAbsolute(folder) ? folder : join(paths.root, folder);
  const path = join(logs, "validator.log");
  const destination = new RotatingLog({ path, fileMax_bytes, filesKept });
  const logger = createJsonLogger({ process: config.id, level, destination });
  const start = async (): Promise<RunningValidator> => {
    const running = await runValidator(config, {
      logger,
      clock: systemClock,
      random: systemRandom,
    });
    context.terminal.note(`${config.id} runs; its log is ${path}`);
    onRunning?.(running);
    return running;
  };
  const release = lockNode(paths);
  try {
    return await runUntilStopped({ start, logger });
  } finally {
    release();
  }
}
