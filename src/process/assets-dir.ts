// Where the package keeps its backbones, graphs and the demo clip: beside src and dist alike.
import { fileURLToPath } from 'node:url';

export const ASSETS_DIR: string = fileURLToPath(new URL('../../assets', import.meta.url));
