// Which onnxruntime runs, for reports.
import { env } from 'onnxruntime-node';

export const onnxVersion = (): string => env.versions.node ?? env.versions.common;
