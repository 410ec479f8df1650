/** Of {@link AssociationOptions}. */
export const defaults = {
  port: 5_000,
  initialPacketBytes: 1_188,
  maxMessageBytes: 262_144,
  receiveWindowBytes: 4_194_304,
} as const;
