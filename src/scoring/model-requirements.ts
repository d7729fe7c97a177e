// What a camera's configuration asks of its scene models.
import type { EngineSetting } from '../core/engine-setting.ts';
import type { ModelRequirements } from '../core/ports/model-store.ts';
import { findGraph, readBackbone, type Backbone } from '../engine/backbone-catalogue.ts';
import { profileNamed, type Profile } from '../padim/profile.ts';
import { backboneFolders } from '../engine/backbone-folders.ts';
import { chosenPrecision } from '../engine/open-engine.ts';

export interface ModelSetting {
  readonly profile: string;
  readonly backbone: string;
  /** Cues that video is judged by, as far as the profile has them. */
  readonly change: boolean;
  readonly motion: boolean;
}

export interface ResolvedSetting {
  readonly profile: Profile;
  readonly backbone: Backbone;
  readonly requirements: ModelRequirements;
}

/** @throws PatchwatchError BACKBONE_UNKNOWN */
export const resolveModelSetting = async (
  setting: ModelSetting,
  engine: Omit<EngineSetting, 'threads'>,
): Promise<ResolvedSetting> => {
  const shipped = profileNamed(setting.profile);
  const profile = {
    ...shipped,
    cues: {
      change: shipped.cues.change && setting.change,
      motion: shipped.cues.motion && setting.motion,
    },
  };
  const backbone = await readBackbone(backboneFolders(), setting.backbone);
  const wanted = { ...profile, precision: chosenPrecision(engine) };
  const { sha256 } = findGraph(backbone, wanted);
  return {
    profile,
    backbone,
    requirements: {
      profile: profile.name,
      backbone: backbone.name,
      backboneSha256: sha256,
      stageChannels: backbone.stageChannels,
    },
  };
};
