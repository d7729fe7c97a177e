// The table of wrong configurations and exactly what is said about each; `FILE` stands for the file's path.

export interface BadConfig {
  readonly name: string;
  readonly yaml: string;
  readonly problems: readonly string[];
}

const CAMERA = 'cameras: { gate: { url: gate.mp4 } }\n';
const URLS =
  'rtsp://…, rtsps://…, http://…, https://… (write / ? # @ % in a password as %2F %3F %23 %40 %25), file:///…, a video file, a folder of frames, /dev/video0';
const CAMERA_KEYS =
  'url, urlFile, enabled, transport, realtime, loop, decode, lowres, fps, staticGate, profile, change, motion, stay, backbone, seed, maxLatency, stallTimeout, smoothing, ignore, scenes, alert';
const NO_CAMERA = 'no camera; add one, such as "gate: { url: rtsp://192.168.1.20/stream2 }"';

export const BAD_CONFIGS: readonly BadConfig[] = [
  {
    name: 'an unknown key with a near name',
    yaml: 'cameras:\n  gate:\n    url: gate.mp4\n    fsp: 5\n',
    problems: ['FILE:4:5: cameras.gate.fsp: unknown key; did you mean fps?'],
  },
  {
    name: 'a key in another spelling',
    yaml: `defaults:\n  stall_timeout: 20s\n${CAMERA}`,
    problems: ['FILE:2:3: defaults.stall_timeout: unknown key; did you mean stallTimeout?'],
  },
  {
    name: 'a known key in the wrong place',
    yaml: `fps: 5\nport: 80\nbudget: 1\n${CAMERA}`,
    problems: [
      'FILE:1:1: fps: unknown key; did you mean fps under defaults or a camera?',
      'FILE:2:1: port: unknown key; did you mean server.port?',
      'FILE:3:1: budget: unknown key; did you mean alert.budget under defaults or a camera?',
    ],
  },
  {
    name: 'an unknown key like no other',
    yaml: `log: { verbosityMode: 3 }\n${CAMERA}`,
    problems: ['FILE:1:8: log.verbosityMode: unknown key; allowed: level, format'],
  },
  {
    name: 'a number out of bounds',
    yaml: 'cameras:\n  gate:\n    url: gate.mp4\n    fps: 90\n',
    problems: [
      'FILE:4:10: cameras.gate.fps: value 90 is not allowed; allowed: a number from 0.1 to 30',
    ],
  },
  {
    name: 'a number that is not whole',
    yaml: `server: { port: 80.5 }\n${CAMERA}`,
    problems: [
      'FILE:1:17: server.port: value 80.5 is not allowed; allowed: a whole number from 0 to 65535',
    ],
  },
  {
    name: 'not a number at all',
    yaml: `engine: { threads: .nan, batchFrames: [] }\n${CAMERA}`,
    problems: [
      'FILE:1:20: engine.threads: value NaN is not allowed; allowed: a whole number from 0 to 256',
      'FILE:1:39: engine.batchFrames: value (a list) is not allowed; allowed: auto, a whole number from 1 to 128',
    ],
  },
  {
    name: 'none of the choices',
    yaml: `log: { level: loud }\ndefaults: { transport: TCP, profile: papers }\n${CAMERA}`,
    problems: [
      'FILE:1:15: log.level: value "loud" is not allowed; allowed: trace, debug, info, warn, error',
      'FILE:2:24: defaults.transport: value "TCP" is not allowed; allowed: tcp, udp',
      'FILE:2:38: defaults.profile: value "papers" is not allowed; allowed: surveillance, paper',
    ],
  },
  {
    name: 'yes instead of true',
    yaml: `defaults: { loop: yes }\n${CAMERA}`,
    problems: ['FILE:1:19: defaults.loop: value "yes" is not allowed; allowed: true, false'],
  },
  {
    name: 'durations without unit, with an unknown one, and out of bounds',
    yaml: `queue: { maxFrameAge: 10 }\ndefaults: { maxLatency: 1sec, alert: { cooldown: 25h } }\n${CAMERA}`,
    problems: [
      'FILE:1:23: queue.maxFrameAge: value 10 is not allowed; allowed: a duration from 100ms to 1h, such as 500ms, 10s, 2m or 1h',
      'FILE:2:25: defaults.maxLatency: value "1sec" is not allowed; allowed: a duration from 50ms to 1m, such as 500ms, 10s, 2m or 1h',
      'FILE:2:50: defaults.alert.cooldown: value "25h" is not allowed; allowed: a duration from 0s to 24h, such as 500ms, 10s, 2m or 1h',
    ],
  },
  {
    name: 'a size without unit',
    yaml: `engine: { sceneMemory: 512 }\n${CAMERA}`,
    problems: [
      'FILE:1:24: engine.sceneMemory: value 512 is not allowed; allowed: a size from 1MB to 1000GB, such as 64MB or 1.5GB',
    ],
  },
  {
    name: 'a threshold that is neither',
    yaml: `defaults:\n  alert:\n    threshold: none\n${CAMERA}`,
    problems: [
      'FILE:3:16: defaults.alert.threshold: value "none" is not allowed; allowed: auto, a number above 0',
    ],
  },
  {
    name: 'a key without value',
    yaml: `defaults:\n  fps:\n${CAMERA}`,
    problems: [
      'FILE:2:7: defaults.fps: value (nothing) is not allowed; allowed: a number from 0.1 to 30',
    ],
  },
  {
    name: 'no cameras',
    yaml: 'log: { level: info }\n',
    problems: [`FILE:1:1: cameras: ${NO_CAMERA}`],
  },
  {
    name: 'cameras with nothing in it',
    yaml: 'log: { level: info }\ncameras:\n',
    problems: [`FILE:2:1: cameras: ${NO_CAMERA}`],
  },
  {
    name: 'a camera without url',
    yaml: 'cameras:\n  gate:\n    fps: 5\n  door:\n',
    problems: [
      `FILE:2:3: cameras.gate.url: is missing; allowed: ${URLS}`,
      `FILE:4:3: cameras.door.url: is missing; allowed: ${URLS}`,
    ],
  },
  {
    name: 'a camera that is not a map',
    yaml: 'cameras:\n  gate: rtsp://viewer:hunter2@192.168.1.20/stream2\n',
    problems: [
      `FILE:2:9: cameras.gate: value "rtsp://***@192.168.1.20/stream2" is not allowed; allowed: a map with ${CAMERA_KEYS}`,
    ],
  },
  {
    name: 'addresses that are none',
    yaml: 'cameras:\n  a: { url: "ftp://u:hunter2@host/x" }\n  b: { url: "rtsp:/u:hunter2@host" }\n  c: { url: "rtsp//u:hunter2@host" }\n  d: { url: "" }\n',
    problems: [
      `FILE:2:13: cameras.a.url: value "ftp://***@host/x" is not allowed; allowed: ${URLS}`,
      `FILE:3:13: cameras.b.url: value "***@host" is not allowed; allowed: ${URLS}`,
      `FILE:4:13: cameras.c.url: value "***@host" is not allowed; allowed: ${URLS}`,
      `FILE:5:13: cameras.d.url: value "" is not allowed; allowed: ${URLS}`,
    ],
  },
  {
    name: 'ids that can be no file name',
    yaml: 'cameras:\n  front door: { url: a.mp4 }\n  gate: { url: a.mp4, scenes: { a/b: {} } }\n  _x: { url: a.mp4 }\n',
    problems: [
      'FILE:2:3: cameras: id "front door" is not allowed; allowed: letters, digits, _ and -, beginning with a letter or digit, at most 63',
      'FILE:3:33: cameras.gate.scenes: id "a/b" is not allowed; allowed: letters, digits, _ and -, beginning with a letter or digit, at most 63',
      'FILE:4:3: cameras: id "_x" is not allowed; allowed: letters, digits, _ and -, beginning with a letter or digit, at most 63',
    ],
  },
  {
    name: 'polygons in pixels, and of two points',
    yaml: 'cameras:\n  a:\n    url: a.mp4\n    ignore: [[[0, 0], [640, 0], [640, 480]]]\n  b:\n    url: b.mp4\n    ignore: [[[0, 0], [1, 1]]]\n',
    problems: [
      'FILE:4:24: cameras.a.ignore[0][1][0]: value 640 is not allowed; allowed: points [x, y] in fractions of the picture, 0 to 1',
      'FILE:4:34: cameras.a.ignore[0][2][0]: value 640 is not allowed; allowed: points [x, y] in fractions of the picture, 0 to 1',
      'FILE:4:39: cameras.a.ignore[0][2][1]: value 480 is not allowed; allowed: points [x, y] in fractions of the picture, 0 to 1',
      'FILE:7:14: cameras.b.ignore[0]: value (a list) is not allowed; allowed: a list of polygons, each a list of 3 or more points [x, y]',
    ],
  },
  {
    name: 'scene times that are none',
    yaml: 'cameras:\n  gate:\n    url: a.mp4\n    scenes:\n      day: { between: ["6:00-25:00"] }\n      night: { light: dark }\n',
    problems: [
      'FILE:5:24: cameras.gate.scenes.day.between[0]: value "6:00-25:00" is not allowed; allowed: times such as "22:00-06:00"',
      'FILE:6:23: cameras.gate.scenes.night.light: value "dark" is not allowed; allowed: color, infrared',
    ],
  },
  {
    name: 'a scene that never gets its turn',
    yaml: 'cameras:\n  gate:\n    url: a.mp4\n    scenes:\n      day: {}\n      night: { light: infrared }\n',
    problems: [
      'FILE:6:7: cameras.gate.scenes.night: is never chosen: the scenes before it always match; put it before them',
    ],
  },
  {
    name: 'no scene',
    yaml: 'cameras:\n  gate:\n    url: a.mp4\n    scenes: {}\n',
    problems: ['FILE:4:5: cameras.gate.scenes: no scene; add one, such as "default: {}"'],
  },
  {
    name: 'open to all',
    yaml: `server:\n  host: 0.0.0.0\n${CAMERA}`,
    problems: [
      'FILE:2:9: server.host: value "0.0.0.0" lets other machines in without a token; set server.authToken or server.authTokenFile, or host 127.0.0.1',
    ],
  },
  {
    name: 'frames dropped before they are scored',
    yaml: `queue: { maxFrameAge: 1s }\n${CAMERA}`,
    problems: [
      'FILE:1:23: queue.maxFrameAge: value "1s" is not longer than maxLatency "1s" of camera gate; frames would be dropped before they are scored',
    ],
  },
  {
    name: 'a token that is no text',
    yaml: `server: { authToken: 12345678 }\n${CAMERA}`,
    problems: [
      'FILE:1:22: server.authToken: value *** is not allowed; allowed: text without spaces',
    ],
  },
  {
    name: 'a token twice, and one in a file that is not there',
    yaml: `server:\n  authToken: hunter2\n  authTokenFile: token\n${CAMERA}`,
    problems: [
      'FILE:3:18: server.authTokenFile: not allowed beside server.authToken; remove one of them',
    ],
  },
  {
    name: 'a secret file that is not there',
    yaml: `server:\n  authTokenFile: none/token\ncameras: { gate: { urlFile: none/url } }\n`,
    problems: [
      'FILE:2:18: server.authTokenFile: the file "none/token" does not exist; create it or correct the path',
      'FILE:3:29: cameras.gate.urlFile: the file "none/url" does not exist; create it or correct the path',
    ],
  },
  {
    name: 'variables that are not set, or not closed',
    yaml: 'cameras:\n  gate:\n    url: rtsp://u:${GATE_PASSWORD}@host/${STREAM}\n    fps: ${FPS}\n  door:\n    url: a${b\n',
    problems: [
      'FILE:3:10: cameras.gate.url: the environment variable GATE_PASSWORD is not set; set it, or write ${GATE_PASSWORD:-fallback}',
      'FILE:3:10: cameras.gate.url: the environment variable STREAM is not set; set it, or write ${STREAM:-fallback}',
      'FILE:4:10: cameras.gate.fps: the environment variable FPS is not set; set it, or write ${FPS:-fallback}',
      'FILE:6:10: cameras.door.url: ${ is not closed, or holds no variable name; write $${ for a literal ${',
    ],
  },
  {
    name: 'a variable with a value that is not allowed',
    yaml: `server: { port: "\${SECRET}", authToken: "\${SPACED}" }\n${CAMERA}`,
    problems: [
      'FILE:1:17: server.port: value "${SECRET}" (from the environment) is not allowed; allowed: a whole number from 0 to 65535',
      'FILE:1:41: server.authToken: value ${SPACED} is not allowed; allowed: text without spaces',
    ],
  },
  {
    name: 'a key given twice',
    yaml: 'cameras:\n  gate: { url: a.mp4 }\n  gate: { url: b.mp4 }\n',
    problems: ['FILE:3:3: YAML syntax: the key is given twice; remove one of them'],
  },
  {
    name: 'tabs',
    yaml: 'cameras:\n\tgate:\n\t\turl: a.mp4\n',
    problems: [
      'FILE:2:1: YAML syntax: a tab as indentation; use spaces',
      'FILE:3:1: YAML syntax: a tab as indentation; use spaces',
    ],
  },
  {
    name: 'an open quote, after a password',
    yaml: 'server:\n  authToken: "hunter2\n',
    problems: ['FILE:3:1: YAML syntax: a closing quote, bracket, comma or colon is missing'],
  },
  {
    name: 'a password that is taken for an alias',
    yaml: `server:\n  authToken: *hunter2\n${CAMERA}`,
    problems: [
      'FILE:2:14: YAML syntax: * starts an alias here, and no such anchor (&name) comes before; if none is meant, put the value in quotes',
    ],
  },
  {
    name: 'two documents',
    yaml: `${CAMERA}---\n${CAMERA}`,
    problems: ['FILE:2:1: YAML syntax: a second document begins here (---); keep one a file'],
  },
  {
    name: 'an empty file',
    yaml: '',
    problems: ['FILE:1:1: no settings; a map with cameras is expected, see config/example.yaml'],
  },
  {
    name: 'a list',
    yaml: '- gate\n',
    problems: ['FILE:1:1: no settings; a map with cameras is expected, see config/example.yaml'],
  },
  {
    name: 'aliases that multiply',
    yaml: `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n`,
    problems: ['FILE: aliases (*name) stand for too many values; write the settings out'],
  },
  {
    name: 'a key that is special to JavaScript',
    yaml: `__proto__: { polluted: 1 }\n${CAMERA}`,
    problems: ['FILE:1:1: __proto__: is not allowed as a key'],
  },
  {
    name: 'bullmq without a way to Redis',
    yaml: `queue: { kind: bullmq }\n${CAMERA}`,
    problems: [
      'FILE:1:10: queue.kind: bullmq needs queue.redis: no way to Redis; add one, such as url: redis://127.0.0.1:6379',
    ],
  },
  {
    name: 'bullmq with a Redis that is nowhere',
    yaml: `queue: { kind: bullmq, redis: { namespace: plant } }\n${CAMERA}`,
    problems: [
      'FILE:1:24: queue.redis: no way to Redis; add one, such as url: redis://127.0.0.1:6379',
    ],
  },
  {
    name: 'two ways to Redis, sentinels without a name, half a certificate',
    yaml: `queue:\n  kind: bullmq\n  redis:\n    url: redis://h\n    sentinels: ["h:26379"]\n    tls: { keyFile: key.pem }\n${CAMERA}`,
    problems: [
      'FILE:5:5: queue.redis.sentinels: not allowed beside url; remove one of them',
      'FILE:5:5: queue.redis.sentinels: need sentinelName, the name of the master they watch',
      'FILE:6:12: queue.redis.tls.keyFile: needs certFile beside it',
    ],
  },
  {
    name: 'an address of Redis that is none, with a password in it',
    yaml: `queue: { kind: bullmq, redis: { url: "http://u:hunter2@h", cluster: [h] } }\n${CAMERA}`,
    problems: [
      'FILE:1:38: queue.redis.url: value "http://***@h" is not allowed; allowed: redis://host:6379, or rediss://host:6379 with TLS',
      'FILE:1:70: queue.redis.cluster[0]: value "h" is not allowed; allowed: a list of host:port',
    ],
  },
  {
    name: 'settings of the other engine',
    yaml: `engine: { kind: tfjs, device: tensorrt, precision: int8 }\n${CAMERA}`,
    problems: [
      'FILE:1:31: engine.device: value "tensorrt" is of the engine onnx; with engine.kind tfjs: auto, cpu, cuda',
      'FILE:1:52: engine.precision: value "int8" is of the engine onnx; with engine.kind tfjs: auto, float32',
    ],
  },
];
