// Public files, each odd in its own way: each gives frames with right times, or one clear line. They are too many
// megabytes for the repository: where they are absent the tests are shown as skipped.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { never, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

const FOLDER = process.env['PATCHWATCH_ODD_FILES'] ?? '';

/** Frames, media time of the first and of the last (ms). Versions of ffmpeg differ in what they save of broken ends. */
const PLAYED = [
  ['bbb_176x144_192kbps_15fps_mpeg4.mp4', 15, 0, 933],
  ['bt601.mp4', 30, 0, 968],
  ['edit_list_positive_shift.mp4', 270, 1000, 9967],
  ['h265_bframes.mp4', 30, 0, 967],
  ['iibbibb_editlist_videoonly.mp4', 12, 0, 11000],
  ['sample_rotate_and_reflect.mp4', 30, 0, 968],
  ['sample_edit_list_only_preroll_sync_sample.mp4', 16, 0, 500],
  ['sample_fragmented.mp4', 30, 67, 1034],
  ['sample_fragmented_variable_length_sgpd.mp4', 864, 0, 34520],
  ['sample_mdat_too_long.mp4', 30, 0, 968],
  ['sample_missing_stsd.mp4', 30, 0, 968],
  ['sample_partially_fragmented.mp4', 30, 67, 1034],
  ['sample_sef_super_slow_motion.mp4', 435, 0, 14467],
  ['sample_with_invalid_nalu.mp4', 29, 0, 968],
  ['sample_with_it35_track.mp4', 30, 0, 969],
  ['sample_with_increasing_timestamps.mp4', 30, 0, 967],
  ['silent-black-10s.mp4', 300, 0, 9967],
  ['sample_with_multiple_key_frames.mkv', 30, 0, 967],
  ['sample_h264_iframes_only.ts', 30, 0, 967],
  ['sample_h264_no_access_unit_delimiters.ts', 3, 0, 67],
  ['sample_h265_rps_pred.ts', 16, 0, 1000],
  ['sample_h263.ts', 25, 0, 960],
  ['sample.flv', 30, 0, 967],
  ['sample-with-large-length.avi', 58, 100, 2000],
  ['video.mp4', 30, 0, 967],
  ['h264_10bits.mp4', 30, 0, 967],
  ['h265_10bits.mp4', 30, 0, 967],
  ['h265_video.mp4', 10, 0, 900],
  ['av1_video.mkv', 125, 0, 4960],
  ['Error_I_P.264', 6, 0, 200],
  ['BA_MW_D_IDR_LOST.264', 70, 1080, 3840],
  ['BA_MW_D_P_LOST.264', 99, 0, 3920],
  ['BA_MW_D.264', 100, 0, 3960],
  ['MPS_MW_A.264', 150, 0, 5960],
  ['Static.264', 10, 0, 360],
] as const;

const REFUSED = [
  ['sample_fragmented_uuid.mp4', /not a video that ffmpeg can read|found no frame in it/],
  ['sample_malformed_free_box.mp4', /truncated or still being written \(moov atom not found\)/],
  ['sample_vvc.mp4', /this ffmpeg can not decode it; install a full build/],
  ['sample_audio_only_15s.mp4', /there is no video in it; name a source with a video stream/],
  ['sample_with_sdt.ts', /found no frame in it|not a video that ffmpeg can read/],
  ['sps_subsetsps_bothVUI.264', /not a video that ffmpeg can read; check that it plays elsewhere/],
] as const;

const isWithin = (value: number, expected: number, tolerance: number): boolean =>
  Math.abs(value - expected) <= tolerance;

describe.skipIf(!existsSync(FOLDER))('odd files (PATCHWATCH_ODD_FILES)', () => {
  it.each(PLAYED)('%s gives %i frames from %i to %i ms', async (file, count, firstMs, lastMs) => {
    const sink = new RecordingSink();
    await openSource({ url: join(FOLDER, file) }).play(sink, never());
    const times = sink.mediaTimesMs;
    expect(times.every((time, index) => index === 0 || time > times[index - 1]!)).toBe(true);
    expect(times).toSatisfy(() => isWithin(times.length, count, 3));
    expect(times[0]).toSatisfy((time: number) => isWithin(time, firstMs, 100));
    expect(times.at(-1)).toSatisfy((time: number) => isWithin(time, lastMs, 100));
  });

  it.each(REFUSED)('%s is refused in one clear line', async (file, message) => {
    const playing = openSource({ url: join(FOLDER, file) }).play(new RecordingSink(), never());
    const failure: unknown = await playing.catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(message) as string,
    });
    expect(String(failure)).not.toContain('\n');
  });
});
