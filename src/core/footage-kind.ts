/** `video`: consecutive frames of a live scene; `stills`: pictures taken apart from each other. */
export type FootageKind = 'video' | 'stills';
