// Lines to stdout from a command that runs until it is stopped, whatever becomes of who reads them.
import { standardOutlet } from '../../telemetry/lossy-outlet.ts';

export const openLossyPrint = (): ((text: string) => void) => {
  const outlet = standardOutlet(process.stdout, (count) => `${count} line(s) were lost\n`);
  return (text) => {
    outlet.write(`${text}\n`);
  };
};
