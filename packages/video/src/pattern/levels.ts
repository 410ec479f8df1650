/** Luma of black and of white in the range that video uses (ITU-R BT.601). */
export const black = 16;
export const white = 235;
