// Kills a child when this process exits, so that no ffmpeg outlives the daemon. (After a kill -9 of
// the daemon, ffmpeg ends by itself: its pipe is broken, or its socket times out.)
import type { ChildProcess } from 'node:child_process';

/** Guards the child until the returned function is called. */
export const guardChild = (child: ChildProcess): (() => void) => {
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  // One listener a camera is no leak, whatever Node's default limit of ten suspects.
  process.setMaxListeners(process.getMaxListeners() + 1);
  process.on('exit', kill);
  return () => {
    process.off('exit', kill);
    process.setMaxListeners(process.getMaxListeners() - 1);
  };
};
