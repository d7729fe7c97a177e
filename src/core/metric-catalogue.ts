// Every metric the daemon exports: the one place where they are declared (docs/ref/metrics.md lists
// the same, tested). Label values are bounded by the configuration: camera ids, reasons, phases.

interface MetricDeclaration {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

export const METRICS = {
  patchwatch_frames_captured_total: {
    type: 'counter',
    help: 'Frames taken from the camera after sampling.',
    labels: ['camera'],
  },
  patchwatch_frames_scored_total: {
    type: 'counter',
    help: 'Frames scored against their scene model.',
    labels: ['camera'],
  },
  patchwatch_frames_dropped_total: {
    type: 'counter',
    help: 'Frames given up before scoring, by reason.',
    labels: ['camera', 'reason'],
  },
  patchwatch_frames_in_flight: {
    type: 'gauge',
    help: 'Frames captured and neither scored nor dropped yet.',
    labels: ['camera'],
  },
  patchwatch_queue_frames: {
    type: 'gauge',
    help: 'Frames waiting in the queue or leased to a worker.',
    labels: [],
  },
  patchwatch_queue_oldest_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest frame waiting in the queue.',
    labels: [],
  },
  patchwatch_queue_backlog_frames: {
    type: 'gauge',
    help: 'Frames that wait here because Redis does not take them; only with the bullmq queue.',
    labels: [],
  },
  patchwatch_redis_up: {
    type: 'gauge',
    help: '1 while Redis is connected, else 0; only with the bullmq queue.',
    labels: [],
  },
  patchwatch_redis_set_aside_total: {
    type: 'counter',
    help: 'Entries in Redis that did not read as what Patchwatch writes; only with the bullmq queue.',
    labels: ['kind'],
  },
  patchwatch_redis_round_trip_seconds: {
    type: 'gauge',
    help: 'How long Redis takes to answer this process, lately; only with the bullmq queue.',
    labels: [],
  },
  patchwatch_camera_up: {
    type: 'gauge',
    help: '1 while frames arrive from the camera, else 0.',
    labels: ['camera'],
  },
  patchwatch_camera_failed: {
    type: 'gauge',
    help: '1 while something that the camera needs beside its stream is missing or does not fit, else 0.',
    labels: ['camera'],
  },
  patchwatch_tap_skipped_total: {
    type: 'counter',
    help: 'Frames that a tap did not see because it takes more time than it may.',
    labels: ['tap'],
  },
  patchwatch_tap_failures_total: {
    type: 'counter',
    help: 'Failures of a tap of captured frames; the frames went on.',
    labels: ['tap'],
  },
  patchwatch_camera_reconnects_total: {
    type: 'counter',
    help: 'Attempts to open the camera again after it failed or stalled.',
    labels: ['camera'],
  },
  patchwatch_camera_last_frame_timestamp_seconds: {
    type: 'gauge',
    help: 'Wall clock of the last frame received, seconds since the epoch.',
    labels: ['camera'],
  },
  patchwatch_score: {
    type: 'gauge',
    help: 'Frame score of the last scored frame (maximum of its smoothed anomaly map).',
    labels: ['camera'],
  },
  patchwatch_score_threshold: {
    type: 'gauge',
    help: 'Alert threshold of the scene model in use.',
    labels: ['camera'],
  },
  patchwatch_events_total: {
    type: 'counter',
    help: 'Events put into the log, by kind.',
    labels: ['kind'],
  },
  patchwatch_event_log_durable: {
    type: 'gauge',
    help: '1 while events reach the disk before they are told, 0 while the disk refuses them.',
    labels: [],
  },
  patchwatch_event_consumer_lag: {
    type: 'gauge',
    help: 'Events in the log that a consumer has not been told yet.',
    labels: ['consumer'],
  },
  patchwatch_event_consumer_failures_total: {
    type: 'counter',
    help: 'Failures of a consumer to take events; they are told again.',
    labels: ['consumer'],
  },
  patchwatch_event_consumer_skipped_total: {
    type: 'counter',
    help: 'Events that were given up before a consumer was told them.',
    labels: ['consumer'],
  },
  patchwatch_alerts_total: {
    type: 'counter',
    help: 'Alerts opened.',
    labels: ['camera'],
  },
  patchwatch_alert_open: {
    type: 'gauge',
    help: '1 while an alert of the camera is open, else 0.',
    labels: ['camera'],
  },
  patchwatch_view_held: {
    type: 'gauge',
    help: "1 while a verdict on the camera's view holds its alerts, else 0.",
    labels: ['camera'],
  },
  patchwatch_latency_seconds: {
    type: 'histogram',
    help: 'Time from capture of a frame to its score.',
    labels: ['camera'],
    buckets: SECONDS,
  },
  patchwatch_scoring_seconds: {
    type: 'histogram',
    help: 'Time the scorer takes for one frame, averaged over its batch.',
    labels: [],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  },
  patchwatch_scorer_batch_frames: {
    type: 'histogram',
    help: 'Frames in a batch sent to the scorer.',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32],
  },
  patchwatch_scorer_batch_limit_frames: {
    type: 'gauge',
    help: 'Frames that the engine is given in one go, at most: configured, or found at start.',
    labels: [],
  },
  patchwatch_scorer_batch_wait_seconds: {
    type: 'gauge',
    help: 'How long a batch may wait for more frames while the engine is busy with another.',
    labels: [],
  },
  patchwatch_scorer_measured_frames_per_second: {
    type: 'gauge',
    help: 'Frames a second that the backbone embedded when it was measured at start.',
    labels: [],
  },
  patchwatch_scorer_restarts_total: {
    type: 'counter',
    help: 'Restarts of the scoring process after a crash.',
    labels: [],
  },
  patchwatch_scorer_bad_messages_total: {
    type: 'counter',
    help: 'Messages of the scoring process that could not be read; each ends it.',
    labels: [],
  },
  patchwatch_scorer_up: {
    type: 'gauge',
    help: '1 while the scoring process is ready, else 0.',
    labels: [],
  },
  patchwatch_workers: {
    type: 'gauge',
    help: 'Workers alive whose scoring process is ready.',
    labels: [],
  },
  patchwatch_scene_models: {
    type: 'gauge',
    help: 'Scene models in memory.',
    labels: [],
  },
  patchwatch_scene_model_bytes: {
    type: 'gauge',
    help: 'Memory that scene models take.',
    labels: [],
  },
  patchwatch_scene_model_load_seconds: {
    type: 'histogram',
    help: 'Time to read a scene model and make it ready.',
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  patchwatch_scene_model_load_failures_total: {
    type: 'counter',
    help: 'Scene models that could not be loaded.',
    labels: [],
  },
  patchwatch_scene_model_evictions_total: {
    type: 'counter',
    help: 'Scene models given up to keep within the bound of memory.',
    labels: [],
  },
  patchwatch_event_loop_delay_max_seconds: {
    type: 'gauge',
    help: 'Longest stall of the daemon’s event loop since the last scrape.',
    labels: [],
  },
  patchwatch_http_refused_total: {
    type: 'counter',
    help: 'Sockets cut off and answers refused to keep the server in bounds, by reason.',
    labels: ['reason'],
  },
  patchwatch_websocket_clients: {
    type: 'gauge',
    help: 'WebSocket clients connected.',
    labels: [],
  },
  patchwatch_websocket_dropped_total: {
    type: 'counter',
    help: 'Messages not sent to a slow WebSocket client, by topic.',
    labels: ['topic'],
  },
  patchwatch_log_lines_lost_total: {
    type: 'counter',
    help: 'Log lines that could be written nowhere: a full disk, a reader that is gone or too slow.',
    labels: [],
  },
  patchwatch_build_info: {
    type: 'gauge',
    help: 'Always 1; the version and the role of the process are in the labels.',
    labels: ['version', 'role'],
  },
} as const satisfies Record<string, MetricDeclaration>;

export type MetricName = keyof typeof METRICS;
