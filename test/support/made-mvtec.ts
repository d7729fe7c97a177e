// A small made-up category in MVTec's layout: discs, some with a bright patch.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import sharp from 'sharp';

const SIDE = 300;

const svg = (content: string, ground: string): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="${ground}"/>${content}</svg>`,
  );

const disc = (index: number): string => {
  const shift = (index % 5) - 2;
  return `<circle cx="${150 + shift}" cy="${150 - shift}" r="${90 + (index % 3)}" fill="rgb(90,${50 + (index % 4)},30)"/><circle cx="150" cy="150" r="45" fill="rgb(150,90,40)"/>`;
};

const patch = (index: number, colour: string): string => {
  const angle = index * 1.3;
  const x = 140 + 65 * Math.cos(angle);
  const y = 143 + 65 * Math.sin(angle);
  return `<rect x="${x}" y="${y}" width="20" height="14" fill="${colour}"/>`;
};

const save = async (content: string, path: string, ground = 'rgb(200,200,190)'): Promise<void> => {
  await sharp(svg(content, ground)).png().toFile(path);
};

/** `root/disc` with 24 training pictures, 6 normal and 6 broken ones. */
export const makeMvtec = async (root: string): Promise<void> => {
  const folder = join(root, 'disc');
  for (const part of ['train/good', 'test/good', 'test/broken', 'ground_truth/broken']) {
    await mkdir(join(folder, part), { recursive: true });
  }
  for (let index = 0; index < 24; index++) {
    await save(disc(index), join(folder, 'train/good', `${index}.png`));
  }
  for (let index = 0; index < 6; index++) {
    await save(disc(index + 2), join(folder, 'test/good', `${index}.png`));
    const broken = disc(index) + patch(index, 'rgb(230,220,210)');
    await save(broken, join(folder, 'test/broken', `${index}.png`));
    const mask = join(folder, 'ground_truth/broken', `${index}_mask.png`);
    await save(patch(index, 'white'), mask, 'black');
  }
};
