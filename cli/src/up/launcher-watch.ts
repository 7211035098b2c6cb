import { parentOf } from "../supervisor/process-identity.ts";

const step_ms = 500;

/**
 * Resolves when the npm that started this process has ended. npm hands a signal on to a shell between
 * the two, which dies of it and hands on nothing; so the loss of either counts as being told to stop.
 * Never resolves for a process that npm did not start: that one may outlive its parent.
 */
export function launcherGone(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (!Object.hasOwn(environment, "npm_execpath")) return new Promise(() => {});
  const launchers = JSON.stringify(launchersNow());
  return new Promise((resolve) => {
    const look = (): void => {
      if (JSON.stringify(launchersNow()) !== launchers) resolve("npm has ended");
      // Watching must not be what keeps a stopped site's command from ending: npm waits for it.
      else setTimeout(look, step_ms).unref();
    };
    look();
  });
}

/** The parent, and where that is a shell the shell's parent. */
function launchersNow(): readonly number[] {
  const shell = parentOf(process.ppid);
  const isShell = shell !== undefined && /^(ba|da|z)?sh$/.test(shell.name);
  return isShell ? [process.ppid, shell.parent] : [process.ppid];
}
