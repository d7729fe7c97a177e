// A backbone's TensorFlow.js model from its two files: the graph (`model.json` of a graph model) and its weights.
import { PatchwatchError, toError } from '../core/errors.ts';
import type { GraphModel, ModelArtifacts, TensorFlow } from '../tfjs/tensor-flow.ts';
import { readGraph, type TfjsGraph } from './backbone-catalogue.ts';

interface GraphModelFile {
  readonly modelTopology: ModelArtifacts['modelTopology'];
  readonly weightsManifest: readonly { readonly weights: ModelArtifacts['weightSpecs'] }[];
}

/** @throws PatchwatchError BACKBONE_CORRUPT */
export const readGraphModel = async (tf: TensorFlow, graph: TfjsGraph): Promise<GraphModel> => {
  const topology = await readGraph(graph);
  const weights = await readGraph(graph.weights);
  try {
    const file = JSON.parse(Buffer.from(topology).toString('utf8')) as GraphModelFile;
    return await tf.loadGraphModel(
      tf.io.fromMemory({
        modelTopology: file.modelTopology,
        weightSpecs: file.weightsManifest.flatMap((part) => part.weights),
        weightData: Uint8Array.from(weights).buffer,
      }),
    );
  } catch (error) {
    throw new PatchwatchError(
      'BACKBONE_CORRUPT',
      `backbone file ${graph.path} is no graph model for TensorFlow.js (${toError(error).message.split('\n')[0] ?? ''}): export the backbone again`,
      { cause: error },
    );
  }
};
