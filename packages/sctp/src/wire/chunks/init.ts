import { chunkType, errorDetectionByDtls, parameterType } from "../constants.js";
import {
  readParameters,
  viewOf,
  writeChunk,
  writeParameter,
  type Parameter,
} from "../parameters.js";

/** What INIT and INIT ACK say of their sender (RFC 9260 section 3.3.2 and 3.3.3). */
export interface Init {
  readonly tag: number;
  readonly receiveWindow: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly initialTsn: number;
  readonly features: Features;
  /** Of an INIT ACK alone. */
  readonly cookie?: Uint8Array | undefined;
  /** Parameters that are to be reported back, each whole. */
  readonly unrecognized?: readonly Uint8Array[];
}

/** Extensions that both sides must know to be used. */
export interface Features {
  readonly partialReliability: boolean;
  readonly reconfiguration: boolean;
  readonly interleaving: boolean;
  /** The sender accepts packets without a checksum (RFC 9653). */
  readonly zeroChecksum: boolean;
}

const fixedBytes = 16;
const knownTypes: ReadonlySet<number> = new Set<number>([
  parameterType.stateCookie,
  parameterType.unrecognized,
  parameterType.zeroChecksum,
  parameterType.supportedExtensions,
  parameterType.forwardTsnSupported,
]);

/** The value of an INIT or INIT ACK chunk; undefined when it is malformed. */
export function readInit(value: Uint8Array): Init | undefined {
  if (value.length < fixedBytes) return undefined;
  const parameters = readParameters(value.subarray(fixedBytes));
  if (parameters === undefined) return undefined;
  const view = viewOf(value);
  const init = {
    tag: view.getUint32(0),
    receiveWindow: view.getUint32(4),
    outboundStreams: view.getUint16(8),
    inboundStreams: view.getUint16(10),
    initialTsn: view.getUint32(12),
  };
  // RFC 9260 section 3.3.2: neither may be zero.
  if (init.tag === 0 || init.outboundStreams === 0 || init.inboundStreams === 0) return undefined;
  return {
    ...init,
    features: featuresOf(parameters),
    cookie: parameters.find(({ type }) => type === parameterType.stateCookie)?.value,
    // The second highest bit of a type asks for a report (RFC 9260 section 3.2.1).
    unrecognized: parameters
      .filter(({ type }) => (type & 0x4000) !== 0 && !knownTypes.has(type))
      .map(({ type, value: body }) => writeParameter(type, body)),
  };
}

function featuresOf(parameters: readonly Parameter[]): Features {
  const extensions = parameters.find(({ type }) => type === parameterType.supportedExtensions);
  const supports = (type: number): boolean => extensions?.value.includes(type) === true;
  const zero = parameters.find(({ type }) => type === parameterType.zeroChecksum)?.value;
  return {
    partialReliability:
      supports(chunkType.forwardTsn) ||
      parameters.some(({ type }) => type === parameterType.forwardTsnSupported),
    reconfiguration: supports(chunkType.reconfig),
    interleaving: supports(chunkType.iData) && supports(chunkType.iForwardTsn),
    zeroChecksum: zero?.length === 4 && viewOf(zero).getUint32(0) === errorDetectionByDtls,
  };
}

/** A whole INIT or INIT ACK chunk, padded. */
export function writeInit(type: number, init: Init): Uint8Array {
  const fixed = new Uint8Array(fixedBytes);
  const view = viewOf(fixed);
  view.setUint32(0, init.tag);
  view.setUint32(4, init.receiveWindow);
  view.setUint16(8, init.outboundStreams);
  view.setUint16(10, init.inboundStreams);
  view.setUint32(12, init.initialTsn);
  const { features, cookie, unrecognized = [] } = init;
  const extensions: number[] = [chunkType.reconfig, chunkType.forwardTsn];
  if (features.interleaving) extensions.push(chunkType.iData, chunkType.iForwardTsn);
  const parameters = [
    writeParameter(parameterType.forwardTsnSupported, new Uint8Array(0)),
    writeParameter(parameterType.supportedExtensions, Uint8Array.from(extensions)),
    writeParameter(parameterType.zeroChecksum, Uint8Array.of(0, 0, 0, errorDetectionByDtls)),
    ...(cookie === undefined ? [] : [writeParameter(parameterType.stateCookie, cookie)]),
    ...unrecognized.map((parameter) => writeParameter(parameterType.unrecognized, parameter)),
  ];
  return writeChunk(type, 0, fixed, ...parameters);
}
