// The exact command that installs ffmpeg on this machine, for the remedy of an error.

const COMMAND_BY_DISTRIBUTION: Readonly<Partial<Record<string, string>>> = {
  debian: 'sudo apt-get install -y ffmpeg',
  ubuntu: 'sudo apt-get install -y ffmpeg',
  alpine: 'sudo apk add ffmpeg',
  arch: 'sudo pacman -S --noconfirm ffmpeg',
  fedora: 'sudo dnf install -y ffmpeg-free',
  suse: 'sudo zypper install -y ffmpeg',
};

/** `osRelease` is the text of /etc/os-release, empty where there is none. */
export const ffmpegInstallCommand = (platform: string, osRelease: string): string => {
  if (platform === 'darwin') return 'brew install ffmpeg';
  if (platform === 'win32') return 'winget install ffmpeg';
  const names = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap((match) =>
    (match[1] ?? '').replaceAll(/["']/g, '').split(/\s+/),
  );
  for (const name of names) {
    const command = COMMAND_BY_DISTRIBUTION[name];
    if (command !== undefined) return command;
  }
  return 'install ffmpeg 4 or newer from https://ffmpeg.org/download.html';
};
