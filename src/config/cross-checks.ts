// What no single value shows: settings that are right each but wrong together.
import { URL_ALLOWED } from './camera-schema.ts';
import type { ConfigDocument } from './config-schema.ts';
import { durationMs } from './duration.ts';
import type { IssueProblem } from './issue-text.ts';
import { pathText, type Path } from './problem.ts';
import { queueChecks } from './queue-checks.ts';
import { cameraSettings, sceneConfigs } from './resolve-config.ts';
import { sceneCoverage } from './scene-coverage.ts';

export interface CrossCheckContext {
  readonly document: ConfigDocument;
  /** Keys written at a path, right or wrong, in the order of the file. */
  readonly keys: (path: Path) => readonly string[];
  /** False when something at or below the path was wrong and is not in the document. */
  readonly isSound: (path: Path) => boolean;
}

interface CrossChecked {
  readonly problems: readonly IssueProblem[];
  readonly warnings: readonly IssueProblem[];
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

const atKey = (path: Path, text: string): IssueProblem => ({
  path,
  at: 'key',
  text: `${pathText(path)}: ${text}`,
});

const atValue = (path: Path, text: string): IssueProblem => ({ ...atKey(path, text), at: 'value' });

const noCamera = ({ keys }: CrossCheckContext): IssueProblem[] =>
  keys(['cameras']).length > 0
    ? []
    : [
        atKey(
          ['cameras'],
          'no camera; add one, such as "gate: { url: rtsp://192.168.1.20/stream2 }"',
        ),
      ];

const missingUrls = ({ document, keys }: CrossCheckContext): IssueProblem[] =>
  Object.keys(document.cameras)
    .filter((id) => !keys(['cameras', id]).some((key) => key === 'url' || key === 'urlFile'))
    .map((id) => atKey(['cameras', id, 'url'], `is missing; allowed: ${URL_ALLOWED}`));

const openToAll = ({ document, keys }: CrossCheckContext): IssueProblem[] => {
  const { host } = document.server;
  const hasToken = keys(['server']).some((key) => key === 'authToken' || key === 'authTokenFile');
  if (hasToken || LOOPBACK.test(host)) return [];
  return [
    atValue(
      ['server', 'host'],
      `value ${JSON.stringify(host)} lets other machines in without a token; set server.authToken or server.authTokenFile, or host 127.0.0.1`,
    ),
  ];
};

const deviceOfOtherEngine = ({ document }: CrossCheckContext): IssueProblem[] => {
  const { kind, device } = document.engine;
  if (kind !== 'tfjs' || device !== 'tensorrt') return [];
  return [
    atValue(
      ['engine', 'device'],
      'value "tensorrt" is of the engine onnx; with engine.kind tfjs: auto, cpu, cuda',
    ),
  ];
};

const precisionOfOtherEngine = ({ document }: CrossCheckContext): IssueProblem[] => {
  const { kind, precision } = document.engine;
  if (kind !== 'tfjs' || precision !== 'int8') return [];
  return [
    atValue(
      ['engine', 'precision'],
      'value "int8" is of the engine onnx; with engine.kind tfjs: auto, float32',
    ),
  ];
};

const droppedBeforeScored = ({ document }: CrossCheckContext): IssueProblem[] => {
  const { maxFrameAge } = document.queue;
  return Object.entries(document.cameras).flatMap(([id, camera]) => {
    const { maxLatency } = cameraSettings(document, camera);
    if (durationMs(maxFrameAge) > durationMs(maxLatency)) return [];
    return [
      atValue(
        ['queue', 'maxFrameAge'],
        `value ${JSON.stringify(maxFrameAge)} is not longer than maxLatency ${JSON.stringify(maxLatency)} of camera ${id}; frames would be dropped before they are scored`,
      ),
    ];
  });
};

/** Where the scenes of a camera are written; undefined when they are the built-in one. */
export const scenesPath = (keys: CrossCheckContext['keys'], camera: string): Path | undefined =>
  [
    ['cameras', camera, 'scenes'],
    ['defaults', 'scenes'],
  ].find((path) => keys(path.slice(0, -1)).includes('scenes'));

/** Ids in the order of the file, of those whose rule is right. */
export const sceneIds = ({ document, keys }: CrossCheckContext, camera: string): string[] => {
  const settings = document.cameras[camera];
  const rules = settings === undefined ? {} : cameraSettings(document, settings).scenes;
  const path = scenesPath(keys, camera);
  const written = path === undefined ? [] : keys(path).filter((id) => Object.hasOwn(rules, id));
  return written.length > 0 ? written : Object.keys(rules);
};

const sceneChecks = (context: CrossCheckContext): CrossChecked => {
  const { document, keys } = context;
  const problems: IssueProblem[] = [];
  const warnings: IssueProblem[] = [];
  for (const [id, camera] of Object.entries(document.cameras)) {
    const path = scenesPath(keys, id);
    if (path === undefined) continue;
    if (keys(path).length === 0)
      problems.push(atKey(path, 'no scene; add one, such as "default: {}"'));
    const ids = sceneIds(context, id);
    if (ids.length === 0 || !context.isSound(path)) continue;
    const rules = cameraSettings(document, camera).scenes;
    const { neverChosen, unwatched } = sceneCoverage(sceneConfigs(rules, ids));
    for (const scene of neverChosen) {
      problems.push(
        atKey(
          [...path, scene.sceneId],
          'is never chosen: the scenes before it always match; put it before them',
        ),
      );
    }
    if (unwatched.length > 0) {
      warnings.push(
        atKey(
          path,
          `no scene matches at ${unwatched.join(' and ')}: that footage is not watched; end with a scene that has no rule`,
        ),
      );
    }
  }
  return { problems, warnings };
};

export const crossChecks = (context: CrossCheckContext): CrossChecked => {
  const scenes = sceneChecks(context);
  return {
    problems: [
      ...noCamera(context),
      ...missingUrls(context),
      ...openToAll(context),
      ...deviceOfOtherEngine(context),
      ...precisionOfOtherEngine(context),
      ...droppedBeforeScored(context),
      ...queueChecks(context.document.queue, context.keys),
      ...scenes.problems,
    ],
    warnings: scenes.warnings,
  };
};
